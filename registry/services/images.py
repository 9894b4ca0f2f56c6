"""Images of verified versions at the site's registry: asked for, pushed by a worker, removed.

The image of the verdict in force has the tag of its version; what is pushed again moves the tag.
An entry keeps the repository of its first image whatever it is called later, and no other entry
gets it: who may pull is asked of the entry, so two must never share one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from registry import dispatch
from registry.image_annotations import annotations_of
from registry.models import ModelEntry, ModelVersion, PushedImage
from registry.models.entries import Visibility
from registry.models.pulling import ImageState
from registry.selectors.citations import version_cited
from registry.selectors.images import images_unwanted, repository_of_entry
from registry.selectors.runs import run_image, verdict_run
from registry.services.resending import rows_resend
from registry.services.text import cut

# A registry that is down is not asked at every turn: a worker has more to do.
# REPRISE_RESEND_SECONDS come on top.
WAIT_AFTER_FAULT = timedelta(minutes=8)
LACKED_MOST = 30
LACKED = (
    "No worker's engine holds this image any more. Verify the version again: the image of that run "
    "will be pushed."
)
_PART = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class ImageToPush:
    """An image that is to be pushed: its id on the engine that built it, and under which name.

    `annotations` are what its manifest says of it (OCI image specification).
    """

    run_id: int
    image: str
    repository: str
    tag: str
    annotations: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class UnwantedImage:
    """An image that is to be removed from the registry."""

    run_id: int
    repository: str
    digest: str


def image_ask(*, version: ModelVersion) -> int | None:
    """Note that the image of a version's verdict is to be pushed, unless it is there or under way.

    In the transaction that changed the verdict or published the version, with the entry locked.
    The id of its run; None when nothing is to be done. Nothing is sent: the worker of the run has
    the image and knows, and what waits longer is sent by images_resend.
    """
    if not settings.REGISTRY or version.published_at is None:
        return None
    run = verdict_run(version)
    if run is None or not run_image(run.pk):
        return None
    now = timezone.now()
    repository = repository_of_entry(version.entry) or _repository_named(version.entry)
    defaults = {"repository": repository, "asked_at": now, "sent_at": now}
    _, is_new = PushedImage.objects.get_or_create(run_id=run.pk, defaults=defaults)
    again = PushedImage.objects.filter(pk=run.pk, tag="").exclude(state=ImageState.PENDING)
    if is_new or again.update(state=ImageState.PENDING, failure="", tries=0, sent_at=now):
        return run.pk
    return None


def image_to_push(*, run_id: int) -> ImageToPush | None:
    """What is to be pushed of a run; None when nothing is (any more)."""
    if not settings.REGISTRY:
        return None
    waiting = PushedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    row = waiting.select_related("run__version__entry__owner").defer("run__report").first()
    if row is None:
        return None
    version, entry = row.run.version, row.run.version.entry
    now = verdict_run(version)
    if entry.visibility == Visibility.WITHDRAWN or now is None or now.pk != run_id:
        waiting.update(state=ImageState.READY if row.digest else ImageState.REMOVED)
        return None
    return ImageToPush(
        run_id=run_id,
        image=run_image(run_id),
        repository=row.repository,
        tag=f"v{version.number}",
        annotations=annotations_of(version_cited(entry=entry, version=version)),
    )


def image_pushed(*, wanted: ImageToPush, digest: str, size: int) -> None:
    """Note that an image is there under a digest, and that its version's tag leads to it now."""
    with transaction.atomic():
        version = ModelVersion.objects.get(runs=wanted.run_id)
        ModelEntry.objects.select_for_update().get(pk=version.entry_id)
        others = PushedImage.objects.filter(run__version=version).exclude(pk=wanted.run_id)
        others.filter(tag=wanted.tag).update(tag="")
        PushedImage.objects.filter(pk=wanted.run_id).update(
            state=ImageState.READY,
            tag=wanted.tag,
            digest=digest,
            size=size,
            failure="",
            pushed_at=timezone.now(),
        )
        # Another run may have come into force meanwhile, and its tag been overtaken by this one.
        image_ask(version=version)


def image_push_failed(*, run_id: int, reason: str) -> None:
    """Note what kept the engine or the registry from it; it waits, and is tried for good."""
    waiting = PushedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    waiting.update(failure=cut(reason, 1000), sent_at=timezone.now() + WAIT_AFTER_FAULT)


def image_lacked(*, run_id: int) -> None:
    """Note that a worker's engine lacks it; it fails once all must have been asked."""
    waiting = PushedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    waiting.update(tries=F("tries") + 1)
    lost = waiting.filter(tries__gte=LACKED_MOST)
    lost.filter(digest="").update(state=ImageState.FAILED, failure=LACKED)
    # What is there already, and was only to have the tag again, stays there.
    lost.update(state=ImageState.READY)


def images_resend(*, resend_after_seconds: float) -> int:
    """Send again what waits for so long that its message must be lost; how many."""
    if not settings.REGISTRY:
        return 0
    waiting = PushedImage.objects.filter(state=ImageState.PENDING)
    return rows_resend(waiting, task=dispatch.PUSH_IMAGE, after_seconds=resend_after_seconds)


def images_to_remove(*, keep_days: int) -> list[UnwantedImage]:
    """What is to be removed: of withdrawn entries, and what was superseded `keep_days` ago."""
    if not settings.REGISTRY:
        return []
    before = timezone.now() - timedelta(days=keep_days)
    unwanted = images_unwanted(superseded_before=before)
    return [
        UnwantedImage(run_id=row.pk, repository=row.repository, digest=row.digest)
        for row in unwanted
    ]


def image_removed(*, run_id: int) -> None:
    """Note that an image is gone from the registry. Doing it twice changes nothing."""
    PushedImage.objects.filter(pk=run_id, state=ImageState.READY).update(
        state=ImageState.REMOVED, tag=""
    )


def _repository_named(entry: ModelEntry) -> str:
    """`owner/name` in small letters where a registry takes that and no other entry ever had it.

    Else the number makes it one that is certain to be this entry's alone: a name has no slash.
    """
    parts = (entry.owner.username.lower(), entry.name.lower())
    named = "/".join(parts)
    is_taken = PushedImage.objects.filter(repository=named).exists()
    if all(_PART.fullmatch(part) for part in parts) and not is_taken:
        return named
    return "/".join([*(_fitted(part) for part in parts), str(entry.pk)])


def _fitted(part: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", part).strip("-") or "model"
