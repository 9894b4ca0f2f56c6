"""The article of a DOI, by content negotiation (https://www.doi.org, CrossCite)."""

import json
from urllib.parse import quote

from registry.references import article_from_csl
from registry.spec.ladder import Cause
from registry.spec.manifest import Article
from runners.faults import RepositoryFault
from runners.lookups.asking import Asking, hinted, is_absent
from runners.source.download import Refused

_CSL = "application/vnd.citationstyles.csl+json"
_PASTE = "Paste its BibTeX or RIS instead, or fill in the fields yourself."
_UNSAFE = "/:;().,-_~!$&'*+=@"
_NOT_OFFERED = 406


def look_up_article(doi: str, asking: Asking) -> Article:
    """What the registrar of a DOI says of its article. Raises RepositoryFault, PlatformFault."""
    url = f"{asking.doi_url.rstrip('/')}/{quote(doi, safe=_UNSAFE)}"
    try:
        content, _ = asking.document(url, accept=_CSL)
    except RepositoryFault as fault:
        raise _explained(fault, doi) from fault
    try:
        article = article_from_csl(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise RepositoryFault(
            Cause.DATA,
            f"The registrar's answer for {doi} does not describe an article.",
            hint=_PASTE,
        ) from error
    return article


def _explained(fault: RepositoryFault, doi: str) -> RepositoryFault:
    """The fault as one of the DOI that somebody typed."""
    if is_absent(fault):
        sentence = f"No registrar knows the DOI {doi}."
        hint = f"Look for a misspelling in it. If it is right, it may be too new. {_PASTE}"
        return RepositoryFault(Cause.DATA, sentence, hint=hint)
    if isinstance(fault, Refused) and fault.status == _NOT_OFFERED:
        sentence = f"The registrar of {doi} does not describe it in a form that can be read here."
        return RepositoryFault(Cause.DATA, sentence, hint=_PASTE)
    return hinted(fault, _PASTE)
