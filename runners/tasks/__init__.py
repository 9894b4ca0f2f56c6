"""The Celery tasks. Messages carry ids alone; the database says whether there is work."""

from runners.tasks.images import clear_registry, push_image, save_image
from runners.tasks.reading import (
    input_opened,
    inspect_version,
    lay_uploads,
    make_archive,
    unpack_file,
)
from runners.tasks.room import live_labels, no_room
from runners.tasks.signing import export, export_everything, registered
from runners.tasks.telling import look_up, mail_news, mint_doi, send_webhook
from runners.tasks.upkeep import (
    clear_engine,
    clear_scratch,
    collect_blobs,
    reconcile,
    schedule,
    tell_searches_news,
)
from runners.tasks.verifying import bisect_runs, run_calculation, verify_run

__all__ = [
    "bisect_runs",
    "clear_engine",
    "clear_registry",
    "clear_scratch",
    "collect_blobs",
    "export",
    "export_everything",
    "input_opened",
    "inspect_version",
    "lay_uploads",
    "live_labels",
    "look_up",
    "mail_news",
    "make_archive",
    "mint_doi",
    "no_room",
    "push_image",
    "reconcile",
    "registered",
    "run_calculation",
    "save_image",
    "schedule",
    "send_webhook",
    "tell_searches_news",
    "unpack_file",
    "verify_run",
]
