"""Public halves of the keys that sign receipts: published, then retired, never taken back."""

from django.utils import timezone

from registry.models import SigningKey
from registry.services.errors import ServiceError
from registry.spec.envelope import BadReceipt, public_key
from registry.spec.envelope import public_pem as pem_of


def key_register(*, public_pem: str) -> SigningKey:
    """The row of a public key, made if it is not there; doing it twice changes nothing.

    Raises ServiceError for what is no Ed25519 key.
    """
    try:
        key = public_key(public_pem)
    except BadReceipt as refusal:
        raise ServiceError("key_unknown", str(refusal)) from refusal
    defaults = {"public_key": pem_of(key), "created_at": timezone.now()}
    return SigningKey.objects.get_or_create(keyid=key.keyid, defaults=defaults)[0]


def key_retire(*, keyid: str) -> SigningKey:
    """Say that nothing is signed with a key from now on; what it signed before stays valid.

    Raises ServiceError for a key that was never registered.
    """
    SigningKey.objects.filter(keyid=keyid, retired_at=None).update(retired_at=timezone.now())
    key = SigningKey.objects.filter(keyid=keyid).first()
    if key is None:
        raise ServiceError("key_unknown", f"No key {keyid} was ever registered here.")
    return key
