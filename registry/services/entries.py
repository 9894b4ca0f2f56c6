"""Changes of entries: drafted, described, published, withdrawn."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from registry import dispatch
from registry.licences import licence_normalised
from registry.models import Membership, ModelEntry, ModelVersion, User, VerificationRun
from registry.models.entries import Role, VersionState, Visibility
from registry.models.runs import Trigger
from registry.selectors.entries import entry_is_edited_by
from registry.selectors.runs import run_that_carries_over
from registry.services.aliases import alias_keep
from registry.services.audit import audit_record
from registry.services.deliveries import event_tell
from registry.services.editors import editors_tell
from registry.services.errors import ServiceError
from registry.services.filters import entry_filters_set
from registry.services.following import followers_tell_version
from registry.services.images import image_ask
from registry.services.obstacles import entry_obstacles
from registry.services.runs import run_queue
from registry.services.search import search_refresh
from registry.services.text import as_json, typed
from registry.services.uploads import SentArchive
from registry.services.verdicts import entry_copies_write
from registry.services.versions import (
    ARTICLE_TEXTS,
    ENTRY_TEXTS,
    SourceTyped,
    article_write,
    entry_fill,
    software_write,
    source_typed,
    unpublished_locked,
    version_ask,
    version_manifest_edit,
)
from registry.services.vocabularies import terms_write
from registry.spec.events import Event
from registry.spec.identifiers import name_from_title, name_is_valid
from registry.spec.ladder import Origin
from registry.spec.manifest import Article, Manifest, Person

NAME_CHARACTERS = 96
NAME_ATTEMPTS = 20
_ARCHIVE_ENDING = re.compile(r"(\.tar)?\.(zip|tar|gz|tgz|bz2|tbz2?|xz|txz)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class EntryFields:
    """What a person changes of an entry and of its unpublished version; None leaves a field be.

    `terms` are vocabularies (slug) with the names of what fits of each. `label`, `licence`,
    `authors`, `article` and `manifest` belong to the version and freeze with it. `licence` is an
    SPDX expression; NONE states that there is no licence. An empty Article states that no article
    published the model.
    """

    name: str | None = None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    container_image: str | None = None
    keywords: tuple[str, ...] | None = None
    terms: Mapping[str, tuple[str, ...]] | None = None
    visibility: Visibility | None = None
    label: str | None = None
    licence: str | None = None
    authors: tuple[Person, ...] | None = None
    article: Article | None = None
    manifest: Manifest | None = None


def entry_draft_create(
    *,
    owner: User,
    address: str = "",
    ref: str = "",
    folder: str = "",
    name: str = "",
    archive: SentArchive | None = None,
) -> ModelEntry:
    """A draft whose first version is to be read from a repository or an archive.

    Without a name, it gets one made from the folder, the address or the archive's name, and not
    yet used by the owner. Raises ServiceError.
    """
    name = _name_typed(name) if name else ""
    source = source_typed(address, ref, folder, archive)
    if name:
        return _draft_named(owner, name, source)
    for candidate in _free_names(owner, _name_of(source)):
        try:
            return _draft_named(owner, candidate, source)
        except ServiceError as taken:  # by a second request of the same moment
            refused = taken
    raise refused


def entry_update(
    *,
    entry: ModelEntry,
    fields: EntryFields,
    revision: int | None = None,
    origin: str = Origin.FORM,
    actor: User | None = None,
) -> ModelEntry:
    """Change what a person may change; each changed field is marked as written by hand.

    `actor` is who does it: what a curator corrects of other people's is recorded and told, and so
    is who sees it from now on. None is for the portal itself.

    `origin` names the record of another portal where it was taken from there. `revision` is the
    one that the person saw; None is for who changes single fields and saw none.
    Raises ServiceError when it is no longer that, when a value does not fit, or belongs to a
    version that is published.
    """
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        before = {name: getattr(locked, name) for name in ("visibility", "name", *ENTRY_TEXTS)}
        _bump(locked, seen=revision)
        _change_visibility(locked, fields.visibility)
        _change_page(locked, fields, origin)
        _change_version(locked, fields, origin)
        if fields.terms is not None:
            terms_write(entry=locked, terms=fields.terms, origin=origin)
        _saved(locked)
        if actor is not None:
            _record_change(locked, before, actor)
    return locked


def entry_publish(*, entry: ModelEntry, requested_by: User) -> VerificationRun:
    """Publish the newest version and have it verified.

    1. Refuse, with the first obstacle, what is not ready (entry_obstacles gives them all).
    2. Freeze the version with its citation, and make it the entry's current one.
    3. Show the entry to all; a private one stays private.
    4. Take over the verdict of a dry run of this very version (run_that_carries_over) and have its
       image pushed, or queue a run, or return the one that is already under way.
    """
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        obstacles = entry_obstacles(entry=locked)
        if obstacles:
            raise obstacles[0]
        version = unpublished_locked(locked.versions.get(published_at=None))
        entry_fill(entry=locked, version=version)
        _freeze(locked, version)
        _bump(locked)
        if locked.visibility == Visibility.DRAFT:
            locked.visibility = Visibility.PUBLIC
        locked.current_version = version
        _saved(locked)
        entry_copies_write(entry=locked)
        followers_tell_version(entry=locked, version=version, publisher=requested_by)
        said = {"version": {"number": version.number, "commit": version.commit}}
        event_tell(
            event=Event.VERSION_PUBLISHED, cause=f"version-{version.pk}", entry=locked, detail=said
        )
        carried = run_that_carries_over(version=version)
        if carried is None:
            return run_queue(
                version=version, trigger=Trigger.PUBLICATION, requested_by=requested_by
            )
        if waiting := image_ask(version=version):
            dispatch.send_after_commit(dispatch.PUSH_IMAGE, waiting)
        return carried


def entry_withdraw(*, entry: ModelEntry, reason: str, actor: User) -> ModelEntry:
    """Take an entry down. Its page stays as a tombstone that gives the reason.

    When a curator does it, those whose model it is are told. An offer of it ends.
    """
    kept = typed(reason, limit=1000, what="reason")
    if not kept:
        raise ServiceError(
            "reason_missing", "A withdrawal needs a reason.", "Say in a sentence why."
        )
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        locked.visibility, locked.withdrawn_reason = Visibility.WITHDRAWN, kept
        _saved(locked)
        locked.transfers.filter(ended_at=None).update(ended_at=timezone.now(), accepted=False)
        said = {"reason": kept}
        audit_record(
            actor=actor,
            action="entry.withdrawn",
            subject=locked.full_name,
            entry=locked,
            detail=said,
        )
        cause = f"withdrawn-{timezone.now().timestamp()}"
        event_tell(event=Event.ENTRY_WITHDRAWN, cause=cause, entry=locked, detail=said)
        if actor.pk != locked.owner_id:
            sentence = f"A curator has withdrawn “{locked.title or locked.name}”."
            editors_tell(entry=locked, sentence=sentence, detail=kept)
    return locked


def _name_of(source: SourceTyped) -> str:
    """A name for an entry, from the last part of what names its source."""
    archive = _ARCHIVE_ENDING.sub("", source.archive.name) if source.archive else ""
    named = source.folder or archive or source.address
    return name_from_title(re.split(r"[/:]", named.rstrip("/"))[-1])


def _draft_named(owner: User, name: str, source: SourceTyped) -> ModelEntry:
    now = timezone.now()
    try:
        with transaction.atomic():
            entry = ModelEntry.objects.create(
                owner=owner, name=name, created_at=now, updated_at=now
            )
            Membership.objects.create(entry=entry, user=owner, role=Role.OWNER)
            entry.current_version = version_ask(entry=entry, number=1, source=source)
            entry.save(update_fields=["current_version"])
            search_refresh(entry=entry)
    except IntegrityError as error:
        raise _name_taken(name) from error
    return entry


def _free_names(owner: User, wanted: str) -> list[str]:
    """`wanted`, `wanted-2`, … without those that the owner has already."""
    stem = wanted[: NAME_CHARACTERS - 8]
    numbered = [wanted, *(f"{stem}-{number}" for number in range(2, 1000))]
    taken = {name.lower() for name in owner.entries.values_list("name", flat=True)}
    free = [name for name in numbered if name.lower() not in taken and name_is_valid(name)]
    return free[:NAME_ATTEMPTS]


def _name_taken(name: str) -> ServiceError:
    return ServiceError(
        "name_taken", f"You already have an entry called “{name}”.", "Choose another short name."
    )


def _name_typed(name: str) -> str:
    name = name.strip()
    if not name_is_valid(name):
        raise ServiceError(
            "name_invalid",
            f"“{name[:100]}” cannot be the name of an entry.",
            "Use up to 96 letters, digits, “-”, “_” and “.”, without “--” and “..”.",
        )
    return name


def _record_change(entry: ModelEntry, before: Mapping[str, Any], actor: User) -> None:
    """Note who sees it from now on, and what a curator corrected of other people's."""
    name = entry.full_name
    if entry.visibility != before["visibility"]:
        said = {"before": before["visibility"], "now": entry.visibility}
        audit_record(actor=actor, action="entry.visibility", subject=name, entry=entry, detail=said)
    if entry_is_edited_by(user=actor, entry=entry):
        return
    changed = [column for column, value in before.items() if getattr(entry, column) != value]
    said = {"fields": ", ".join(changed) or "of its version"}
    audit_record(actor=actor, action="entry.corrected", subject=name, entry=entry, detail=said)
    sentence = f"A curator corrected what “{entry.title or entry.name}” says of itself."
    editors_tell(entry=entry, sentence=sentence)


def _bump(entry: ModelEntry, *, seen: int | None = None) -> None:
    """Count a change by a person. Raises ServiceError when it rests on what is no longer there."""
    same = ModelEntry.objects.filter(pk=entry.pk)
    if seen is not None:
        same = same.filter(revision=seen)
    if not same.update(revision=F("revision") + 1):
        raise ServiceError(
            "stale",
            "The model was changed in the meantime, by somebody else or in another window.",
            "Compare the two below, and choose.",
        )
    entry.refresh_from_db(fields=["revision"])


def _saved(entry: ModelEntry) -> None:
    entry.updated_at = timezone.now()
    entry_filters_set(entry=entry)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        raise _name_taken(entry.name) from error
    search_refresh(entry=entry)


def _change_visibility(entry: ModelEntry, wanted: Visibility | None) -> None:
    """Public to private and back; publishing and withdrawing are services of their own."""
    if wanted is None or wanted == entry.visibility:
        return
    open_or_closed = {Visibility.PUBLIC, Visibility.PRIVATE}
    if wanted not in open_or_closed or entry.visibility not in open_or_closed:
        raise ServiceError(
            "visibility",
            f"A {entry.visibility} entry cannot be made {wanted} like this.",
            "Publish a draft to show it; withdraw an entry to take it down.",
        )
    entry.visibility = wanted


def _change_page(entry: ModelEntry, fields: EntryFields, origin: str) -> None:
    if fields.name is not None and fields.name.strip() != entry.name:
        alias_keep(entry=entry)
        entry.name = _name_typed(fields.name)
    changed: dict[str, Any] = {
        name: typed(value, limit=limit, what=name.replace("_", " "))
        for name, limit in ENTRY_TEXTS.items()
        if (value := getattr(fields, name)) is not None
    }
    if fields.keywords is not None:
        changed["keywords"] = as_json(fields.keywords)
    for name, value in changed.items():
        if value != getattr(entry, name):
            setattr(entry, name, value)
            entry.origins[name] = str(origin)


def _change_version(entry: ModelEntry, fields: EntryFields, origin: str) -> None:
    newest = entry.versions.order_by("-number").first()
    if newest is None or not _differs(newest, fields):
        return
    version = unpublished_locked(newest)
    _change_details(version, fields, origin)
    if fields.manifest is not None:
        version_manifest_edit(version=version, manifest=fields.manifest)
    version.save()


def _change_details(version: ModelVersion, fields: EntryFields, origin: str) -> None:
    """Label, licence, authors, article; and note who told the changed ones."""
    written = _wanted_details(fields)
    current = _details_of(version)
    changed = [name for name, value in written.items() if value != current[name]]
    if "label" in changed:
        version.label = written["label"]
    if "licence" in changed:
        version.licence = _spdx(written["licence"])
    if "authors" in changed:
        version.authors = written["authors"]
    if "article" in changed:
        article_write(version=version, article=written["article"])
    named = ["version" if name == "label" else name for name in changed]
    version.description_origins |= dict.fromkeys(named, str(origin))


def _wanted_details(fields: EntryFields) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if fields.label is not None:
        wanted["label"] = typed(fields.label, limit=100, what="version's label")
    if fields.licence is not None:
        wanted["licence"] = typed(fields.licence, limit=200, what="licence")
    if fields.authors is not None:
        wanted["authors"] = as_json(fields.authors)
    if fields.article is not None:
        wanted["article"] = _article_typed(fields.article)
    return wanted


def _spdx(licence: str) -> str:
    try:
        return licence_normalised(licence)
    except ValueError as error:
        raise ServiceError("licence_unknown", str(error)) from error


def _article_typed(article: Article) -> Article:
    said: dict[str, Any] = {
        name: typed(getattr(article, name), limit=limit, what=f"article's {name}")
        for name, limit in ARTICLE_TEXTS.items()
    }
    return replace(article, **said)


def _details_of(version: ModelVersion) -> dict[str, Any]:
    return {
        "label": version.label,
        "licence": version.licence,
        "authors": version.authors,
        "article": version.article or Article(),
    }


def _differs(version: ModelVersion, fields: EntryFields) -> bool:
    """Whether a form changes anything of the version: forms send back what they showed."""
    current = _details_of(version)
    wanted = _wanted_details(fields)
    manifest = fields.manifest is not None and as_json(fields.manifest) != version.manifest
    return manifest or any(value != current[name] for name, value in wanted.items())


def _freeze(entry: ModelEntry, version: ModelVersion) -> None:
    """Write the citation as it stands, then the moment that freezes all of the version."""
    software_write(
        version=version, title=entry.title, released=version.description.get("released", "")
    )
    ready = ModelVersion.objects.filter(pk=version.pk, state=VersionState.READY, published_at=None)
    if ready.update(published_at=Now(), citation=_citation_snapshot(entry, version)) != 1:
        raise ServiceError(
            "version_changed", "The version changed meanwhile.", "Look at it again, then publish."
        )
    version.refresh_from_db()


def _citation_snapshot(entry: ModelEntry, version: ModelVersion) -> dict[str, Any]:
    """Everything a citation of this version says, whatever becomes of the entry later."""
    return {
        "accession": entry.accession,
        "name": entry.full_name,
        "title": entry.title,
        "authors": version.authors,
        "version": version.label or str(version.number),
        "licence": version.licence,
        "commit": version.commit,
        "address": version.address,
        "folder": version.folder,
        "published": timezone.now().date().isoformat(),
        "article": as_json(version.article),
    }
