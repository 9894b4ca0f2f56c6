"""What is done by the clock: work begun unasked, lost messages sent again, room made."""

import logging
import shutil
import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from registry.services.answers import answers_remove_old
from registry.services.bisections import (
    bisections_reconcile,
)
from registry.services.blobs import blobs_collect
from registry.services.calculations import (
    calculations_reconcile,
)
from registry.services.deliveries import (
    deliveries_resend,
)
from registry.services.dois import dois_resend
from registry.services.images import (
    images_resend,
)
from registry.services.lookups import (
    lookups_remove_old,
    lookups_resend,
)
from registry.services.mailing import mails_resend
from registry.services.runs import (
    runs_reconcile,
)
from registry.services.saved_images import (
    saved_images_reconcile,
)
from registry.services.saved_searches import searches_news
from registry.services.schedule import ScheduleLimits, runs_schedule
from registry.services.unpacked import unpacked_remove_old
from registry.services.versions import (
    versions_resend,
)
from runners.configuration import (
    base_digests_of_site,
    disk_of_site,
    scratch_of,
)
from runners.tasks.images import clear_registry
from runners.tasks.room import live_labels

logger = logging.getLogger(__name__)


@shared_task(name="runners.schedule")
def schedule() -> None:
    """Begin what is due unasked: after a push, on a new base image, never run, by date."""
    limits = ScheduleLimits(runs_a_day=settings.SCHEDULE_RUNS, queue=settings.SCHEDULE_QUEUE)
    begun = runs_schedule(now=timezone.now(), bases=base_digests_of_site(), limits=limits)
    logger.info("Scheduled: %s", begun)


@shared_task(name="runners.searches_news")
def tell_searches_news() -> None:
    """Tell people of new models that match the searches that they keep."""
    logger.info("Searches with news: %s", searches_news())


@shared_task(name="runners.reconcile")
def reconcile() -> None:
    """Move on what a lost worker or a lost message left behind, and clear up after it."""
    moved = runs_reconcile(
        resend_after_seconds=settings.RESEND_SECONDS,
        max_attempts=settings.RUN_MAX_ATTEMPTS,
    )
    versions_resend(resend_after_seconds=settings.RESEND_SECONDS)
    bisections_reconcile(resend_after_seconds=settings.RESEND_SECONDS)
    calculations_reconcile(
        resend_after_seconds=settings.RESEND_SECONDS, max_attempts=settings.RUN_MAX_ATTEMPTS
    )
    mails_resend(resend_after_seconds=settings.RESEND_SECONDS)
    lookups_resend(resend_after_seconds=settings.RESEND_SECONDS)
    lookups_remove_old()
    answers_remove_old()
    dois_resend(resend_after_seconds=settings.RESEND_SECONDS)
    deliveries_resend(resend_after_seconds=settings.RESEND_SECONDS)
    images_resend(resend_after_seconds=settings.RESEND_SECONDS)
    saved_images_reconcile(resend_after_seconds=settings.RESEND_SECONDS)
    logger.info("Reconciled: %s", moved)
    live = live_labels()
    clear_scratch(live)
    clear_engine(live)
    clear_registry()


@shared_task(name="runners.collect_blobs")
def collect_blobs() -> None:
    """Remove files that nothing in the database points to any more."""
    unpacked_remove_old()
    logger.info("Removed %s blobs that nothing points to", blobs_collect())


def clear_scratch(live_runs: frozenset[str]) -> None:
    """Remove scratch folders of runs that nobody holds: their worker was killed."""
    for folder in scratch_of(settings.SITE_NAME).glob("*-*-*"):
        if folder.name.partition("-")[0] not in live_runs:
            shutil.rmtree(folder, ignore_errors=True)


def clear_engine(live_runs: frozenset[str]) -> None:
    """Remove containers of runs that nobody holds, then images and build cache over budget.

    On a full disk more goes, so that what runs just now can end.
    """
    disk, now = disk_of_site(settings.SITE_NAME), int(time.time())
    removed = disk.engine.remove_leftovers(site=disk.site, live_runs=live_runs, now=now)
    images = disk.keep_budgets(live_runs=live_runs)
    disk.make_room(live_runs=live_runs, image_seconds=0)
    if removed or images:
        logger.info("Removed %s leftovers and %s images", removed, images)
