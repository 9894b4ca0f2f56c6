"""Signed statements in DSSE envelopes, one a line, in exactly one form of bytes.

Format: https://github.com/secure-systems-lab/dsse; signatures are Ed25519, made and checked by
securesystemslib. A reader of this module never gets a statement whose signature was not checked.

DSSE leaves a writer some freedom that signatures do not cover: white space, the order of names,
and bits of base64 that decode to nothing. Here there is none: a file that is not byte for byte what
this module would write is refused.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
# Twice what the longest receipt has: its lists are cut (receipt.py).
FILE_BYTES = 4_000_000
KEY_BYTES = 2_000


class BadReceipt(ValueError):
    """Why a receipt or a key is not accepted, as a sentence for people."""


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line. Its fields stand in the order of their names: that is the canonical one."""

    payload: bytes
    payloadType: str  # noqa: N815 — DSSE's name
    signatures: tuple[_Signature, ...]


def public_key(pem: str | bytes) -> SSlibKey:
    """The Ed25519 key of a PEM SubjectPublicKeyInfo. Its id is the sha256 of the DER of that.

    Raises BadReceipt.
    """
    data = pem.encode() if isinstance(pem, str) else pem
    try:
        key = load_pem_public_key(data) if len(data) <= KEY_BYTES else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadReceipt("This is no public key of the kind Ed25519 in PEM form.")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SSlibKey.from_crypto(key, keyid=hashlib.sha256(der).hexdigest())


def public_pem(key: SSlibKey) -> str:
    """The PEM of a public key, as `public_key` reads it."""
    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def secret_key(pem: bytes) -> CryptoSigner:
    """What signs with the Ed25519 key of an unencrypted PEM file. Raises BadReceipt."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadReceipt("This is no secret key of the kind Ed25519 in PEM form, unencrypted.")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return CryptoSigner(key, public_key(public))


def new_secret_key() -> CryptoSigner:
    """A new key; `private_bytes` is its PEM file."""
    return secret_key(CryptoSigner.generate_ed25519().private_bytes)


def sealed(statements: Sequence[bytes], signer: CryptoSigner) -> bytes:
    """The file that holds `statements`, each a JSON document, signed.

    JSON is padded with spaces to a multiple of three bytes: its base64 then has no unused bits,
    so every character of it counts.
    """
    return b"".join(_line(_signed(_padded(statement), signer)) for statement in statements)


def opened(data: bytes, keys: Mapping[str, SSlibKey]) -> tuple[str, tuple[bytes, ...]]:
    """The id of the key that signed a file, and its statements. Raises BadReceipt."""
    envelopes = _envelopes(data)
    signers = {signature.keyid for one in envelopes for signature in one.signatures}
    if len(signers) != 1:
        raise BadReceipt("It is signed with several keys, or with none; a receipt has one.")
    keyid = signers.pop()
    if keyid not in keys:
        raise BadReceipt(f"It is signed with a key that was not given: {keyid[:64]}.")
    for number, envelope in enumerate(envelopes, start=1):
        _verify(envelope, keys[keyid], number)
    return keyid, tuple(envelope.payload for envelope in envelopes)


def _padded(statement: bytes) -> bytes:
    return statement + b" " * (-len(statement) % 3)


def _signed(payload: bytes, signer: CryptoSigner) -> _Envelope:
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    signature = envelope.sign(signer)
    one = _Signature(keyid=signature.keyid, sig=bytes.fromhex(signature.signature))
    return _Envelope(payload=payload, payloadType=PAYLOAD_TYPE, signatures=(one,))


def _line(envelope: _Envelope) -> bytes:
    return msgspec.json.encode(envelope) + b"\n"


def _envelopes(data: bytes) -> tuple[_Envelope, ...]:
    """The lines of a file that has the one form. Raises BadReceipt."""
    if len(data) > FILE_BYTES:
        raise BadReceipt(f"It is larger than the {FILE_BYTES:,} bytes that a receipt may have.")
    try:
        lines = tuple(map(_DECODER.decode, data.splitlines()))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadReceipt(f"It is no receipt, or damaged: {error}.") from error
    if not lines or b"".join(map(_line, lines)) != data:
        raise BadReceipt("Its bytes are not in the one form that a receipt has: it was altered.")
    return lines


def _verify(envelope: _Envelope, key: SSlibKey, number: int) -> None:
    signatures = {one.keyid: Signature(one.keyid, one.sig.hex()) for one in envelope.signatures}
    try:
        Envelope(envelope.payload, envelope.payloadType, signatures).verify([key], 1)
    except VerificationError as error:
        raise BadReceipt(
            f"The signature of statement {number} does not fit it: one of them was altered."
        ) from error
    if envelope.payloadType != PAYLOAD_TYPE or len(envelope.signatures) != 1:
        raise BadReceipt(f"Statement {number} is not an in-toto statement signed once.")


_DECODER = msgspec.json.Decoder(_Envelope)
