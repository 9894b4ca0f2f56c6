"""`manage.py keys`: make, change, list and retire the keys that sign receipts."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.selectors.keys import keys_all
from registry.services import ServiceError
from registry.services.keys import key_register, key_retire
from registry.spec.envelope import BadReceipt, new_secret_key, public_pem, secret_key


class Command(BaseCommand):
    """Look after the portal's signing key: a file that workers read, and its public half."""

    help = (
        "new: make the secret key at REPRISE_SIGNING_KEY and publish its public half. "
        "rotate: put a new one in its place and retire the old, whose receipts stay valid. "
        "retire KEYID: say that a key signs no more. list: all keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        actions = parser.add_subparsers(dest="action", required=True)
        for name in ("new", "rotate", "list"):
            actions.add_parser(name)
        actions.add_parser("retire").add_argument("keyid", metavar="KEYID")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it. Raises CommandError with what to do."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except (ServiceError, BadReceipt, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _new(self, _options: dict[str, Any]) -> None:
        if settings.SIGNING_KEY.exists():
            raise CommandError(f"{settings.SIGNING_KEY} is there. To replace it: keys rotate")
        self._say_made(_made(settings.SIGNING_KEY))

    def _rotate(self, _options: dict[str, Any]) -> None:
        """The old key is retired last: whatever fails before leaves it as it was."""
        place: Path = settings.SIGNING_KEY
        old = secret_key(place.read_bytes()).public_key
        key_register(public_pem=public_pem(old))
        following = place.with_suffix(".next")
        following.unlink(missing_ok=True)
        made = _made(following)
        following.replace(place)
        key_retire(keyid=old.keyid)
        self._say_made(made)
        self.stdout.write(f"Retired {old.keyid}; what it signed stays valid.")

    def _retire(self, options: dict[str, Any]) -> None:
        key = key_retire(keyid=options["keyid"])
        self.stdout.write(f"Retired {key.keyid}; what it signed stays valid.")

    def _list(self, _options: dict[str, Any]) -> None:
        for key in keys_all():
            until = f"retired {key.retired_at:%Y-%m-%d %H:%M}" if key.retired_at else "in use"
            self.stdout.write(f"{key.keyid}  since {key.created_at:%Y-%m-%d %H:%M} UTC  {until}")

    def _say_made(self, keyid: str) -> None:
        self.stdout.write(f"Made {keyid}")
        self.stdout.write(f"Its secret half is {settings.SIGNING_KEY}: copy it to every worker.")


def _made(place: Path) -> str:
    """Write a new secret key that its owner alone may read, publish its public half; its id."""
    key = new_secret_key()
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes)
    return key_register(public_pem=public_pem(key.public_key)).keyid
