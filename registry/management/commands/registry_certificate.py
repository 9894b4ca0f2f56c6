"""`manage.py registry_certificate`: the certificate by which the image registry knows this site."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.image_tokens import certificate_pem


class Command(BaseCommand):
    """Write what the registry's configuration calls `rootcertbundle`; nothing of it is secret."""

    help = (
        "Write the certificate that the registry of images checks this site's tokens by. It "
        "follows from REPRISE_SECRET_KEY: write it again, and restart the registry, when that "
        "changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", type=Path, help="where to write it, as PEM")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it. Raises CommandError with what to do."""
        file: Path = options["file"]
        try:
            file.write_bytes(certificate_pem())
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{file} is written. Restart the registry if it was another before.")
