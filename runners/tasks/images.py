"""Images on their way out of the engine."""

import logging
import platform
from pathlib import Path
from tempfile import TemporaryDirectory

from celery import shared_task
from django.conf import settings

from registry.services.images import (
    image_lacked,
    image_push_failed,
    image_pushed,
    image_removed,
    image_to_push,
    images_to_remove,
)
from registry.services.saved_images import (
    TOO_LARGE,
    saved_image_claim,
    saved_image_fail,
    saved_image_keep,
    saved_image_lacked,
    saved_image_wait,
)
from runners.configuration import (
    engine_of_site,
    registry_of_site,
    scratch_of,
)
from runners.faults import PlatformFault
from runners.pushing import ImageLacking, pushed, remove_image
from runners.saving import ImageTooLarge, save
from runners.tasks.room import no_room

logger = logging.getLogger(__name__)


@shared_task(name="runners.push_image")
def push_image(run_id: int) -> None:
    """Push the image of a run to the site's registry, if it waits; what fails is sent again."""
    wanted = image_to_push(run_id=run_id)
    if wanted is None:
        return
    try:
        there = pushed(
            engine_of_site(),
            registry_of_site(),
            image=wanted.image,
            repository=wanted.repository,
            tag=wanted.tag,
            annotations=wanted.annotations,
        )
    except ImageLacking:
        image_lacked(run_id=run_id)
    except PlatformFault as fault:
        logger.warning("The image of run %s waits: %s", run_id, fault)
        image_push_failed(run_id=run_id, reason=str(fault))
    else:
        image_pushed(wanted=wanted, digest=there.digest, size=there.size)


@shared_task(name="runners.save_image")
def save_image(run_id: int) -> None:
    """Write the image of a run to a file, if somebody waits for it; what fails is sent again."""
    wanted = None if no_room() else saved_image_claim(run_id=run_id)
    if wanted is None:
        return
    try:
        _save(run_id, wanted.image)
    except ImageLacking:
        saved_image_lacked(run_id=run_id, here=wanted.host == platform.node())
    except ImageTooLarge:
        saved_image_fail(run_id=run_id, reason=TOO_LARGE)
    except (PlatformFault, OSError) as fault:
        logger.warning("The image of run %s is not saved: %s", run_id, fault)
        saved_image_wait(run_id=run_id)


def _save(run_id: int, image: str) -> None:
    scratch = scratch_of(settings.SITE_NAME)
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch, prefix=f"{run_id}-image-") as folder:
        path, most = Path(folder, "image.tar"), settings.SAVED_IMAGE_MB * 2**20
        save(engine_of_site(), image=image, target=path, most_bytes=most)
        saved_image_keep(run_id=run_id, path=path)


def clear_registry() -> None:
    """Remove from the site's registry what no reader is promised any more."""
    for image in images_to_remove(keep_days=settings.REGISTRY_KEEP_DAYS):
        try:
            remove_image(registry_of_site(), repository=image.repository, digest=image.digest)
        except PlatformFault as fault:
            logger.warning("Images wait to be removed: %s", fault)
            return
        image_removed(run_id=image.run_id)
