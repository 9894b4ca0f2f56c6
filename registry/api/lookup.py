"""Finding what an address names, as far as the caller may know of it."""

from django.http import Http404
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from registry.api.base import person, viewer
from registry.api.problems import Gone
from registry.models import ModelEntry, ModelVersion, ResearchGroup, User, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.entries import (
    entry_get,
    entry_may_edit,
    entry_may_withdraw,
    entry_versions,
)
from registry.selectors.people import person_get
from registry.selectors.runs import run_get
from registry.selectors.sharing import group_get

_NOT_YOURS = "Only the owner and the maintainers of this entry may do this."
_NOT_OWNED = "Only the owner of this entry may do this."


def entry_seen(request: Request, accession: int) -> ModelEntry:
    """The entry, be it a tombstone. Raises Http404."""
    entry = entry_get(user=viewer(request), accession=accession)
    if entry is None:
        raise Http404
    return entry


def entry_open(request: Request, accession: int) -> ModelEntry:
    """The entry, if what belongs to it is given out. Raises Http404, Gone."""
    entry = entry_seen(request, accession)
    _refuse_withdrawn(request, entry)
    return entry


def entry_editable(request: Request, accession: int) -> ModelEntry:
    """The entry, if the caller may change it. Raises Http404, PermissionDenied, Gone."""
    entry = entry_seen(request, accession)
    _refuse_other_people(request, entry)
    if entry.visibility == Visibility.WITHDRAWN:
        raise Gone(f"This entry was withdrawn: {entry.withdrawn_reason}")
    return entry


def entry_owned(request: Request, accession: int) -> ModelEntry:
    """The entry, if the caller may share it or hand it over. Raises as entry_editable."""
    entry = entry_editable(request, accession)
    if not entry_may_withdraw(user=person(request), entry=entry):
        raise PermissionDenied(_NOT_OWNED, code="not_yours")
    return entry


def curator(request: Request) -> User:
    """The curator who asks. Raises Http404: to others the door is not there."""
    user = viewer(request)
    if not isinstance(user, User) or not user.is_staff:
        raise Http404
    return user


def somebody(username: str) -> User:
    """Somebody with an open account. Raises Http404."""
    found = person_get(username)
    if found is None or not found.is_active:
        raise Http404
    return found


def group_named(name: str) -> ResearchGroup:
    """A group. Raises Http404."""
    found = group_get(name)
    if found is None:
        raise Http404
    return found


def version_open(request: Request, accession: int, number: int) -> ModelVersion:
    """A version of an entry; unpublished ones for editors only. Raises Http404, Gone."""
    entry = entry_open(request, accession)
    versions = entry_versions(user=viewer(request), entry=entry).select_related("entry")
    version = versions.prefetch_related("citations").filter(number=number).first()
    if version is None:
        raise Http404
    return version


def run_open(request: Request, run_id: int) -> VerificationRun:
    """A run of an entry that is given out. Raises Http404, Gone."""
    run = run_get(user=viewer(request), run_id=run_id)
    if run is None:
        raise Http404
    _refuse_withdrawn(request, run.version.entry)
    return run


def run_editable(request: Request, run_id: int) -> VerificationRun:
    """A run that the caller may end or repeat. Raises Http404, Gone, PermissionDenied."""
    run = run_open(request, run_id)
    _refuse_other_people(request, run.version.entry)
    return run


def _refuse_withdrawn(request: Request, entry: ModelEntry) -> None:
    withdrawn = entry.visibility == Visibility.WITHDRAWN
    if withdrawn and not entry_may_edit(user=viewer(request), entry=entry):
        raise Gone(f"This entry was withdrawn: {entry.withdrawn_reason}")


def _refuse_other_people(request: Request, entry: ModelEntry) -> None:
    if not entry_may_edit(user=person(request), entry=entry):
        raise PermissionDenied(_NOT_YOURS, code="not_yours")
