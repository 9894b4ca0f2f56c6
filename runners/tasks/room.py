"""Whose work is on the engine, and whether there is room for more."""

from django.conf import settings

from registry.selectors.runs import live_run_ids
from registry.services.bisections import (
    live_bisection_labels,
)
from registry.services.calculations import (
    live_calculation_labels,
)
from registry.services.saved_images import (
    saving_labels,
)
from runners.configuration import (
    disk_of_site,
)
from runners.disk import Notice
from runners.faults import PlatformFault

_full_disk = Notice()


def live_labels() -> frozenset[str]:
    """Whose containers and folders are in use, as they are labelled."""
    return live_run_ids() | live_bisection_labels() | live_calculation_labels() | saving_labels()


def no_room() -> bool:
    """Whether a disk is too full for a run, even after clearing up.

    An engine that does not answer is no reason to wait: that fault uses up an attempt.
    """
    try:
        disk = disk_of_site(settings.SITE_NAME)
        shortage = disk.make_room(live_runs=live_labels(), image_seconds=0)
    except PlatformFault:
        return False
    _full_disk.tell(shortage)
    return bool(shortage)
