"""Changes of versions: asked for, read, corrected by people, frozen."""

import re
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from registry import dispatch
from registry.models import Citation, ModelEntry, ModelVersion
from registry.models.entries import CitationKind, VersionState, Visibility
from registry.services.errors import ServiceError
from registry.services.filters import entry_filters_set, terms_of_version_write
from registry.services.resending import rows_resend
from registry.services.search import search_refresh
from registry.services.text import as_json, cut, typed
from registry.services.uploads import (
    SentArchive,
    StoredArchive,
    archive_store,
    upload_create,
    upload_refused,
)
from registry.spec.evidence import Failure
from registry.spec.ladder import Origin, is_told
from registry.spec.manifest import Article, Description, Inspection, Manifest

# Fields of a spec Description that an entry shows, with the most characters a column takes.
ENTRY_TEXTS = {"title": 300, "summary": 1000, "description": 100_000, "container_image": 500}
ADDRESS_CHARACTERS = 2000
ARTICLE_TEXTS = {
    "title": 1000, "journal": 300, "volume": 50, "pages": 50, "doi": 300, "url": ADDRESS_CHARACTERS,
}  # fmt: skip
REF_CHARACTERS = 300
FOLDER_CHARACTERS = 500
# A version whose label is the tag that its commit bears.
_TAGGED = {"version": Origin.GIT.value}
_USER_IN_ADDRESS = re.compile(r"^[a-zA-Z+]+://[^/]*@")
Target = tuple[str, str, str]
"""What is to be inspected: address, ref and folder, as a person typed them."""


@dataclass(frozen=True, kw_only=True)
class SourceTyped:
    """Where a version is to be read from: an address, or an archive that is kept already."""

    address: str
    ref: str
    folder: str
    archive: StoredArchive | None = None


def version_create(
    *,
    entry: ModelEntry,
    address: str = "",
    ref: str = "",
    folder: str = "",
    archive: SentArchive | None = None,
    tag: str = "",
) -> ModelVersion:
    """A further version of an entry, to be read from its repository or from an archive.

    `tag` is the tag that its commit bears, by which it is called.
    Raises ServiceError when a version of the entry is still unpublished.
    """
    source = source_typed(address, ref, folder, archive, entry=entry)
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        waiting = locked.versions.filter(published_at=None).first()
        if waiting:
            raise ServiceError(
                "version_unpublished",
                f"Version {waiting.number} of this entry is not published yet.",
                "Publish it first, or change where it is read from.",
            )
        last = locked.versions.aggregate(last=Max("number"))["last"] or 0
        return version_ask(entry=locked, number=last + 1, source=source, tag=tag)


def version_ask(
    *, entry: ModelEntry, number: int, source: SourceTyped, tag: str = ""
) -> ModelVersion:
    """Write a pending version and, after commit, ask for its inspection."""
    now = timezone.now()
    address, ref, folder = _target(entry, source)
    version = ModelVersion.objects.create(
        entry=entry,
        number=number,
        address=address,
        ref=ref,
        folder=folder,
        label=cut(tag, 100),
        description_origins=_TAGGED if tag else {},
        created_at=now,
        sent_at=now,
    )
    dispatch.send_after_commit(dispatch.INSPECT, version.pk)
    return version


def version_retarget(
    *,
    version: ModelVersion,
    address: str = "",
    ref: str = "",
    folder: str = "",
    archive: SentArchive | None = None,
    tag: str = "",
) -> ModelVersion:
    """Read an unpublished version again, from another place or from the same.

    Raises ServiceError when it is published or being verified.
    """
    source = source_typed(address, ref, folder, archive, entry=version.entry)
    with transaction.atomic():
        target = _target(version.entry, source)
        locked = unpublished_locked(version)
        refuse_while_verified(locked)
        locked.address, locked.ref, locked.folder = target
        locked.state, locked.failure = VersionState.PENDING, None
        locked.commit = locked.tree_swhid = ""
        locked.committed_at = None
        locked.sent_at = timezone.now()
        _tag(locked, tag)
        locked.save()
        # What a form showed before is not what is read now.
        ModelEntry.objects.filter(pk=locked.entry_id).update(revision=F("revision") + 1)
        dispatch.send_after_commit(dispatch.INSPECT, locked.pk)
    return locked


def version_tagged(*, entry: ModelEntry, commit: str, tag: str) -> bool:
    """Call the version that waits with this commit by its tag; False when none does."""
    with transaction.atomic():
        same = entry.versions.filter(Q(commit=commit) | Q(ref=commit), published_at=None)
        version = same.select_for_update().first()
        if version is None:
            return False
        _tag(version, tag)
        version.save(update_fields=["label", "description_origins"])
    return True


def _tag(version: ModelVersion, tag: str) -> None:
    """Call a version by a tag in place of the one before, unless a person has named it."""
    if is_told(_called_by(version)):
        return
    if tag:
        version.label = cut(tag, 100)
        version.description_origins |= _TAGGED
    elif _called_by(version) == Origin.GIT:
        version.description_origins.pop("version")


def _called_by(version: ModelVersion) -> str:
    return str(version.description_origins.get("version", ""))


def version_to_inspect(*, version_id: int) -> Target | None:
    """Where a pending version is to be read; None when nobody waits for it any more."""
    pending = ModelVersion.objects.filter(pk=version_id, state=VersionState.PENDING)
    return pending.values_list("address", "ref", "folder").first()


def version_inspected(
    *, version_id: int, inspection: Inspection, target: Target | None = None
) -> bool:
    """Keep what was read of a pending version; False when nobody waits for it any more.

    `target` is what version_to_inspect gave: a version that was sent elsewhere since then waits
    for another inspection. None means: whatever the version names now.

    1. Make sure that the version still asks for what was inspected.
    2. Fill the version, and its citations, with what no person has written.
    3. Fill a draft's page likewise; a published page changes only when the version is published.
    """
    with transaction.atomic():
        version = _pending_locked(version_id, target)
        if version is None:
            return False
        _fill_version(version, inspection)
        _fill_citations(version, inspection.description)
        entry = version.entry
        if entry.visibility == Visibility.DRAFT:
            entry_fill(entry=entry, version=version)
    return True


def version_inspection_failed(
    *, version_id: int, failure: Failure, target: Target | None = None
) -> bool:
    """Keep why a pending version cannot be read; False when nobody waits for it any more."""
    pending = _pending(version_id, target)
    return pending.update(state=VersionState.FAILED, failure=as_json(failure)) == 1


def versions_resend(*, resend_after_seconds: float) -> int:
    """Ask again for inspections that were asked for so long ago that the message must be lost."""
    waiting = ModelVersion.objects.filter(state=VersionState.PENDING)
    return rows_resend(waiting, task=dispatch.INSPECT, after_seconds=resend_after_seconds)


def version_manifest_edit(*, version: ModelVersion, manifest: Manifest) -> None:
    """Put a person's manifest in place of the repository's, on a locked, unpublished version."""
    new, old = _manifest_json(manifest), version.manifest
    changed = [name for name in new if new[name] != old.get(name)]
    if changed:
        refuse_while_verified(version)
        version.manifest, version.manifest_digest = new, manifest.digest
        version.manifest_origins = version.manifest_origins | dict.fromkeys(
            changed, Origin.FORM.value
        )


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as its column holds it: no page could read one back that breaks its types."""
    written: dict[str, Any] = as_json(manifest)
    try:
        msgspec.convert(written, Manifest)
    except msgspec.ValidationError as error:
        raise ServiceError(
            "manifest_invalid", f"How it is run cannot be kept: {error}.", "Correct that field."
        ) from error
    return written


def entry_fill(*, entry: ModelEntry, version: ModelVersion) -> None:
    """Give an entry's page what a version's repository says, but for what somebody told."""
    for name, value in _entry_texts(version).items():
        if value and not is_told(entry.origins.get(name, "")):
            setattr(entry, name, value)
            entry.origins[name] = version.description_origins.get(name, Origin.DEFAULT.value)
    entry.updated_at = timezone.now()
    entry_filters_set(entry=entry)
    entry.save()
    terms_of_version_write(entry=entry, version=version)
    search_refresh(entry=entry)


def _entry_texts(version: ModelVersion) -> dict[str, Any]:
    said = version.description
    texts = {name: said.get(name, "")[:limit] for name, limit in ENTRY_TEXTS.items()}
    return texts | {"keywords": said.get("keywords", [])}


def source_typed(
    address: str,
    ref: str,
    folder: str,
    archive: SentArchive | None,
    *,
    entry: ModelEntry | None = None,
) -> SourceTyped:
    """What people typed or sent, made plain; of an archive, the bytes are kept.

    Raises ServiceError on an empty address, on one with a secret, which must reach no row or log,
    and on the address of an archive that belongs to another entry.
    """
    address = typed(address, limit=ADDRESS_CHARACTERS, what="address")
    ref = typed(ref, limit=REF_CHARACTERS, what="branch, tag or commit")
    folder = typed(folder, limit=FOLDER_CHARACTERS, what="folder").strip("/")
    if archive:
        if address or ref:
            raise ServiceError(
                "source_twice",
                "There is an address, branch, tag or commit beside an archive.",
                "Give either the archive or the address of a repository.",
            )
        stored = archive_store(archive=archive)
        return SourceTyped(address="", ref="", folder=folder, archive=stored)
    refusal = _address_refused(address) or upload_refused(entry=entry, address=address, ref=ref)
    if refusal:
        raise refusal
    return SourceTyped(address=address, ref=ref, folder=folder)


def _address_refused(address: str) -> ServiceError | None:
    if not address:
        return ServiceError(
            "address_missing",
            "There is no repository address.",
            "Paste the address that you would give to `git clone`, or send an archive.",
        )
    if _USER_IN_ADDRESS.search(address):
        return ServiceError(
            "address_secret",
            "The address holds a user name, a password or a token.",
            "Remove everything up to the “@”; the portal reads public repositories only.",
        )
    return None


def _target(entry: ModelEntry, source: SourceTyped) -> Target:
    """What a version of the entry is read from; an archive becomes an upload of the entry."""
    if source.archive is None:
        return source.address, source.ref, source.folder
    upload = upload_create(entry=entry, archive=source.archive)
    return entry.upload_address, f"upload-{upload.number}", source.folder


def unpublished_locked(version: ModelVersion) -> ModelVersion:
    """The version, locked against other writers. Raises ServiceError when it is published."""
    locked = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if locked.published_at is not None:
        raise ServiceError(
            "version_published",
            f"Version {locked.number} is published and never changes.",
            "Make a new version instead.",
        )
    return locked


def refuse_while_verified(version: ModelVersion) -> None:
    """Raise ServiceError while a run of the version goes on: it would verify something else."""
    if version.runs.exclude(state="finished").exists():
        raise ServiceError(
            "version_being_verified",
            f"Version {version.number} is being verified.",
            "Wait for the end of the run, or cancel it.",
        )


def _pending(version_id: int, target: Target | None) -> QuerySet[ModelVersion]:
    pending = ModelVersion.objects.filter(pk=version_id, state=VersionState.PENDING)
    if target is None:
        return pending
    address, ref, folder = target
    return pending.filter(address=address, ref=ref, folder=folder)


def _pending_locked(version_id: int, target: Target | None) -> ModelVersion | None:
    # The entry first: the order in which every service locks.
    entry = ModelEntry.objects.select_for_update().filter(versions__pk=version_id).first()
    version = _pending(version_id, target).select_for_update().first()
    if version and entry:
        version.entry = entry
    return version


def _fill_version(version: ModelVersion, inspection: Inspection) -> None:
    said, kept = inspection.description, _kept(version)
    version.address = cut(inspection.address, ADDRESS_CHARACTERS)
    version.folder = cut(inspection.folder, FOLDER_CHARACTERS)
    version.commit, version.tree_swhid = inspection.commit, inspection.tree_swhid
    version.committed_at = parse_datetime(inspection.committed_at)
    version.readme_path = cut(inspection.readme or "", 500)
    if "licence" not in kept:
        version.licence = cut(inspection.licence or said.licence, 200)
    if "version" not in kept:
        version.label = cut(said.version, 100)
    if "authors" not in kept:
        version.authors = as_json(said.authors)
    version.description = as_json(replace(said, origins={}))
    version.description_origins = as_json(said.origins) | kept
    _fill_manifest(version, inspection)
    version.plan = as_json(inspection.plan)
    version.state = VersionState.READY
    version.save()


def _kept(version: ModelVersion) -> dict[str, str]:
    """What no inspection overwrites: what a person wrote, and the tag it is called by."""
    tagged = _TAGGED if _called_by(version) == Origin.GIT else {}
    return _told(version.description_origins) | tagged


def _told(origins: dict[str, str]) -> dict[str, str]:
    return {name: origin for name, origin in origins.items() if is_told(origin)}


def _fill_manifest(version: ModelVersion, inspection: Inspection) -> None:
    kept = _told(version.manifest_origins)
    names = {part.name for part in dataclass_fields(Manifest)} & set(kept)
    corrected = {name: version.manifest[name] for name in names}
    manifest = msgspec.convert(as_json(inspection.read.manifest) | corrected, Manifest)
    version.manifest, version.manifest_digest = as_json(manifest), manifest.digest
    version.manifest_origins = as_json(inspection.read.origins) | kept
    version.manifest_missing = as_json(inspection.read.missing)


def _fill_citations(version: ModelVersion, said: Description) -> None:
    software_write(version=version, title=said.title, released=said.released)
    if "article" not in _told(version.description_origins):
        article_write(version=version, article=said.article or Article())


def software_write(*, version: ModelVersion, title: str, released: str) -> None:
    """Say how an unpublished version itself is cited."""
    year = released[:4] if released[:4].isdecimal() else ""
    committed = version.committed_at.year if version.committed_at else None
    Citation.objects.update_or_create(
        version=version,
        kind=CitationKind.SOFTWARE,
        defaults={
            "title": cut(title, 300),
            "authors": version.authors,
            "year": int(year) if year else committed,
            "url": "" if version.is_upload else version.address,
        },
    )


def article_write(*, version: ModelVersion, article: Article) -> None:
    """Say which article published an unpublished version; of none, when all of it is empty."""
    if article == Article():
        Citation.objects.filter(version=version, kind=CitationKind.ARTICLE).delete()
        return
    said = {name: cut(getattr(article, name), limit) for name, limit in ARTICLE_TEXTS.items()}
    Citation.objects.update_or_create(
        version=version,
        kind=CitationKind.ARTICLE,
        defaults={**said, "authors": as_json(article.authors), "year": article.year},
    )
