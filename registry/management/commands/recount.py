"""`manage.py recount`: hold every copy kept beside an entry against what it was copied from."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from registry.services.recount import Difference, entries_recount


class Command(BaseCommand):
    """Compute the copies kept beside entries anew and report what differs."""

    help = "Compare the copies kept beside each entry with the evidence; --fix mends them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--fix`."""
        parser.add_argument("--fix", action="store_true", help="write the right values")

    def handle(self, *, fix: bool, **_options: object) -> None:
        """Print each difference. Raises CommandError when some are left."""
        differences = entries_recount(fix=fix)
        for difference in differences:
            self.stdout.write(_line(difference))
        if differences and not fix:
            raise CommandError(f"{len(differences)} copies differ. Run again with --fix.")
        self.stdout.write(f"{len(differences)} copies mended." if fix else "Every copy is right.")


def _line(difference: Difference) -> str:
    return (
        f"entry {difference.accession}: {difference.column} is {difference.kept!r}, "
        f"should be {difference.right!r}"
    )
