"""`manage.py export`: write all that is public as files, now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from runners.tasks import export_everything


class Command(BaseCommand):
    """Make an export as the nightly task does, signed where this machine has a key."""

    help = "Write all that is public as files of JSON lines, and sign them; prints its name."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make it. Where none is kept, this one is until the next."""
        self.stdout.write(export_everything(keep=max(1, settings.EXPORTS_KEPT)))
