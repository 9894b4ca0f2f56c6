"""`manage.py demo`: the whole portal on this machine, with the example models verified."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo import Demo, DemoError


class Command(BaseCommand):
    """Start the portal with an embedded broker, publish the examples and verify them."""

    help = "Start the portal at http://127.0.0.1:8000, publish the example models, verify them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--port", type=int, default=8000, help="port of the pages")
        parser.add_argument(
            "--once", action="store_true", help="stop when the examples are verified"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until stopped."""
        try:
            Demo(port=options["port"], say=self.stdout.write).run(once=options["once"])
        except DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. Everything is kept for the next start.")
