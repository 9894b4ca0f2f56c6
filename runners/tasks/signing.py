"""What is signed with the key of the site."""

import logging

from celery import shared_task
from django.conf import settings
from securesystemslib.signer import CryptoSigner

from registry.services.exports import export_make
from registry.services.keys import key_register
from registry.spec.envelope import public_pem
from registry.spec.receipt import Signer
from runners.configuration import (
    key_of_site,
)

logger = logging.getLogger(__name__)


def registered(signer: Signer | None) -> Signer | None:
    """The signer once its public key is published; None for a key that is retired."""
    return signer if signer and _is_published(signer.key) else None


def _is_published(key: CryptoSigner) -> bool:
    """Whether the public half is published, which it is from now on, and not retired."""
    known = key_register(public_pem=public_pem(key.public_key))
    if known.retired_at is not None:
        logger.error("Nothing is signed: the key %s is retired.", known.keyid)
    return known.retired_at is None


@shared_task(name="runners.export")
def export() -> None:
    """Write all that is public as files, unless this site keeps none."""
    if settings.EXPORTS_KEPT:
        logger.info("Exported: %s", export_everything(keep=settings.EXPORTS_KEPT))


def export_everything(*, keep: int) -> str:
    """Make an export, signed where this machine has a key; its name."""
    key = key_of_site()
    return export_make(signer=key if key and _is_published(key) else None, keep=keep)
