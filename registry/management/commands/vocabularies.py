"""`manage.py vocabularies`: lay the vocabularies that come with Reprise."""

from typing import Any

from django.core.management.base import BaseCommand

from registry.services.vocabularies import vocabularies_load


class Command(BaseCommand):
    """Add what is missing. Run at each start: it changes nothing that curators changed."""

    help = "Add the vocabularies of registry/vocabularies/ and their terms where they are missing."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Say how many terms are new."""
        added = vocabularies_load()
        if options["verbosity"]:
            self.stdout.write(f"{added} terms added")
