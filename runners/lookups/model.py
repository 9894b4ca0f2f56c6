"""The description of a model at another portal, by the address of its page."""

from dataclasses import replace

from registry.imports import modeldb
from registry.imports.document import parsed
from registry.imports.formats import model_read
from registry.imports.model import ImportedModel
from registry.imports.places import document_address
from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.lookups.asking import Asking, hinted, is_absent

_AS_FILE = "Save the description as a file and choose it here instead."
_ARTICLE_MISSED = "The record of its article could not be had: complete the article by hand."


def look_up_model(address: str, asking: Asking) -> ImportedModel:
    """What the record behind a model's page says. Raises RepositoryFault, PlatformFault."""
    url = document_address(address)
    try:
        content, _ = asking.document(url, accept="application/json, text/yaml, text/*, */*")
    except RepositoryFault as fault:
        raise _explained(fault, address) from fault
    try:
        found = model_read(content, at=url)
    except ValueError as error:
        raise RepositoryFault(Cause.DATA, str(error), hint=_AS_FILE) from error
    return _with_article(found, asking) if found.article_at else found


def _explained(fault: RepositoryFault, address: str) -> RepositoryFault:
    """The fault as one of the page that somebody named."""
    if not is_absent(fault):
        return hinted(fault, _AS_FILE)
    return RepositoryFault(
        Cause.DATA,
        f"There is no public description of a model behind {address[:300]}.",
        hint=f"Open the address in a browser and look for a misspelling. {_AS_FILE}",
    )


def _with_article(found: ImportedModel, asking: Asking) -> ImportedModel:
    """The model with the whole of its article, where the portal keeps that apart."""
    try:
        content, _ = asking.document(found.article_at, accept="application/json")
        told = modeldb.article(parsed(content))
    except (RepositoryFault, ValueError):
        told = None
    if told is None:
        return replace(found, left_out=(*found.left_out, _ARTICLE_MISSED))
    return replace(found, article=told)
