"""Images of runs as files: asked for by people, written by a worker, kept for some days."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from registry import dispatch
from registry.models import Blob, SavedImage, User, VerificationRun
from registry.models.pulling import ImageState
from registry.selectors.runs import run_image
from registry.services.blobs import blob_store
from registry.services.errors import ServiceError
from registry.services.resending import rows_resend
from registry.services.text import cut

ASKED_A_DAY = 20
TRIES = 3
# A message for a row that somebody is at just now changes nothing; after so long nobody is.
LONGEST = timedelta(hours=1)
LACKED = "The image is no longer on this portal's engine. Verify the version again, then ask anew."
TOO_LARGE = (
    "The image is larger than this portal gives out as one file. Build it from the run's RO-Crate."
)


@dataclass(frozen=True, kw_only=True)
class ImageToSave:
    """The id of an image that is to be written to a file, and the machine that ran it."""

    image: str
    host: str


def saved_image_ask(*, run: VerificationRun, user: User) -> SavedImage:
    """Note that somebody wants the image of a run as a file, unless it is there or under way.

    Raises ServiceError where the run has none, or where they asked for many today.
    """
    if not run_image(run.pk):
        raise ServiceError(
            "image_none", "This run has built no image.", "Take a run that has; its report says so."
        )
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        row = SavedImage.objects.filter(pk=run.pk).first()
        if row is not None and row.state in {ImageState.PENDING, ImageState.READY}:
            return row
        _refuse_too_many(person)
        now = timezone.now()
        columns = {"asked_by": person, "asked_at": now, "sent_at": now, "tries": 0, "failure": ""}
        row, _ = SavedImage.objects.update_or_create(
            run_id=run.pk, defaults={"state": ImageState.PENDING, **columns}
        )
        dispatch.send_after_commit(dispatch.SAVE_IMAGE, run.pk)
    return row


def saved_image_file(*, run: VerificationRun) -> Blob:
    """The image of a run as a file. Raises ServiceError while there is none."""
    row = SavedImage.objects.filter(pk=run.pk).select_related("blob").first()
    if row is None or row.state == ImageState.REMOVED:
        raise ServiceError(
            "image_unasked",
            "This image is not kept as a file.",
            "Ask for it: POST to this address, or the button on the model's Use page.",
        )
    if row.state == ImageState.PENDING:
        raise ServiceError("image_pending", "This image is being written.", "Ask in a minute.")
    if row.blob is None:
        raise ServiceError("image_failed", row.failure)
    return row.blob


def saved_image_claim(*, run_id: int) -> ImageToSave | None:
    """What is to be saved; None when nothing is, or when another worker is at it just now."""
    now = timezone.now()
    waiting = SavedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    waiting.filter(tries__gte=TRIES, sent_at__lte=now).update(
        state=ImageState.FAILED, failure="It could not be written. Ask for it again later."
    )
    if not waiting.filter(sent_at__lte=now).update(tries=F("tries") + 1, sent_at=now + LONGEST):
        return None
    host = VerificationRun.objects.values_list("host", flat=True).get(pk=run_id)
    return ImageToSave(image=run_image(run_id), host=host)


def saved_image_keep(*, run_id: int, path: Path) -> None:
    """Keep the file that was written."""
    blob = blob_store(path=path)
    waiting = SavedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    waiting.update(state=ImageState.READY, blob=blob, made_at=timezone.now())


def saved_image_fail(*, run_id: int, reason: str) -> None:
    """Note for good why there is no file."""
    waiting = SavedImage.objects.filter(pk=run_id, state=ImageState.PENDING)
    waiting.update(state=ImageState.FAILED, failure=cut(reason, 1000))


def saved_image_lacked(*, run_id: int, here: bool) -> None:
    """Note that an engine lacks the image: for good, where it is the engine `here` that built it.

    Another worker may still have it: the message goes round until the tries are used up.
    """
    if here:
        saved_image_fail(run_id=run_id, reason=LACKED)
    else:
        saved_image_wait(run_id=run_id)


def saved_image_wait(*, run_id: int) -> None:
    """Let another try follow: the message is sent again as if it had been lost."""
    SavedImage.objects.filter(pk=run_id, state=ImageState.PENDING).update(sent_at=timezone.now())


def saved_images_reconcile(*, resend_after_seconds: float) -> int:
    """Let go of files that were kept long enough, and send again what waits; how many waited."""
    before = timezone.now() - timedelta(days=settings.SAVED_IMAGE_DAYS)
    old = SavedImage.objects.filter(state=ImageState.READY, made_at__lt=before)
    old.update(state=ImageState.REMOVED, blob=None)
    waiting = SavedImage.objects.filter(state=ImageState.PENDING)
    return rows_resend(waiting, task=dispatch.SAVE_IMAGE, after_seconds=resend_after_seconds)


def saving_labels() -> frozenset[str]:
    """The runs whose images somebody waits for: what is theirs on an engine or a disk stays."""
    waiting = SavedImage.objects.filter(state=ImageState.PENDING)
    return frozenset(str(run_id) for run_id in waiting.values_list("pk", flat=True))


def _refuse_too_many(user: User) -> None:
    since = timezone.now() - timedelta(days=1)
    if SavedImage.objects.filter(asked_by=user, asked_at__gt=since).count() >= ASKED_A_DAY:
        raise ServiceError(
            "asked_too_often",
            f"You have asked for {ASKED_A_DAY} images in a day, which is the most.",
            "Ask again tomorrow, or build the image from the run's RO-Crate.",
        )
