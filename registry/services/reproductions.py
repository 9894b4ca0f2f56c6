"""Reproductions that others send: a signed receipt of their own run of the same thing.

Nothing of it is believed beyond its signature: pages say who reports it, and that nobody here
looked. Whether it agrees is worked out here, from the two receipts.
"""

import hashlib
import tempfile
from pathlib import Path

import msgspec
from django.utils import timezone

from registry.models import Blob, Reproduction, SigningKey, User, VerificationRun
from registry.selectors.reproductions import receipt_of
from registry.services.blobs import blob_store
from registry.services.errors import ServiceError
from registry.services.text import cut
from registry.spec.agreement import rerun_compared
from registry.spec.envelope import BadReceipt, public_key, public_pem
from registry.spec.receipt import Receipt, receipt_open

# Of one person on one run: more would only fill the page and the disk.
SENT_MOST = 20


def reproduction_receive(
    *, run: VerificationRun, receipt: bytes, key_pem: str, sent_by: User
) -> tuple[Reproduction, bool]:
    """Keep a reproduction; with it, whether it is new: the same receipt counts once.

    1. Its signatures are of the key that was sent along, which is none of this portal's.
    2. It names this run's own receipt by its hash, and is of the same commit and manifest.
    3. The two receipts are compared.

    Raises ServiceError.
    """
    known = Reproduction.objects.filter(run=run, receipt_id=hashlib.sha256(receipt).hexdigest())
    if existing := known.first():
        return existing, False
    theirs = _opened(receipt, key_pem)
    ours = receipt_of(run)
    if ours is None:
        raise ServiceError(
            "receipt_missing", "This verification has no receipt that a rerun could be held to."
        )
    _refuse_other_things(ours, theirs)
    _refuse_too_many(run, sent_by)
    return Reproduction.objects.get_or_create(
        run=run, receipt=_stored(receipt), defaults=_columns(run, ours, theirs, key_pem, sent_by)
    )


def _opened(receipt: bytes, key_pem: str) -> Receipt:
    try:
        key = public_key(key_pem)
        theirs = receipt_open(receipt, {key.keyid: key})
    except BadReceipt as refusal:
        raise ServiceError("receipt_refused", str(refusal)) from refusal
    if SigningKey.objects.filter(keyid=key.keyid).exists():
        raise ServiceError(
            "receipt_ours",
            "It is signed with a key of this portal, so it is nobody else's reproduction.",
            "Sign it with a key of your own.",
        )
    return theirs


def _refuse_other_things(ours: Receipt, theirs: Receipt) -> None:
    named = theirs.seen.reproduces
    if named is None or named.receipt != ours.sha256:
        raise ServiceError(
            "receipt_other",
            "It does not say that it reproduces the receipt of this verification.",
            "Make it with: manage.py verify --against RECEIPT --sign KEY --site NAME",
        )
    things = [
        (one.asked.commit, one.asked.folder, one.asked.manifest_digest) for one in (ours, theirs)
    ]
    if things[0] != things[1]:
        raise ServiceError("receipt_other", "It is of another commit, folder or manifest.")


def _refuse_too_many(run: VerificationRun, sent_by: User) -> None:
    if Reproduction.objects.filter(run=run, sent_by=sent_by).count() >= SENT_MOST:
        raise ServiceError(
            "reproductions_enough",
            f"You have sent {SENT_MOST} reproductions of this verification already.",
        )


def _stored(receipt: bytes) -> Blob:
    with tempfile.NamedTemporaryFile() as file:
        file.write(receipt)
        file.flush()
        return blob_store(path=Path(file.name))


def _columns(
    run: VerificationRun, ours: Receipt, theirs: Receipt, key_pem: str, sent_by: User
) -> dict[str, object]:
    compared = rerun_compared(ours.seen, theirs.seen)
    return {
        "version_id": run.version_id,
        "sent_by": sent_by,
        "site": cut(theirs.seen.site, 200),
        "keyid": theirs.keyid,
        "public_key": public_pem(public_key(key_pem)),
        "level": theirs.seen.level,
        "agrees": compared.agrees,
        "outputs": msgspec.to_builtins(compared.outputs),
        "cpu_model": cut(theirs.seen.host.cpu_model, 300),
        "ran_at": theirs.when.finished_on,
        "received_at": timezone.now(),
    }
