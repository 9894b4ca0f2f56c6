"""Changes of people."""

from registry.models import User
from registry.services.errors import ServiceError
from registry.services.text import typed
from registry.spec.identifiers import orcid_normalised


def user_update(
    *, user: User, first_name: str, last_name: str, orcid: str, affiliation: str
) -> User:
    """Change what a person says of themselves. Raises ServiceError on a wrong ORCID iD."""
    user.first_name = typed(first_name, limit=150, what="given name")
    user.last_name = typed(last_name, limit=150, what="family name")
    user.affiliation = typed(affiliation, limit=300, what="affiliation")
    user.orcid = _orcid(orcid)
    user.save(update_fields=["first_name", "last_name", "affiliation", "orcid"])
    return user


def _orcid(text: str) -> str:
    try:
        return orcid_normalised(text) if text.strip() else ""
    except ValueError as error:
        raise ServiceError(
            "orcid", str(error), "Copy it from your page at orcid.org, or leave it empty."
        ) from error
