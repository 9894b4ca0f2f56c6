"""Tokens that let docker and its kin to images at the site's registry.

https://distribution.github.io/distribution/spec/auth/jwt/ as Distribution 2.8 checks it. The key
is derived from REPRISE_SECRET_KEY, so that every process of a site on every machine has the same
without a file to share; the registry knows it by a certificate, of which only the key counts.
"""

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone

NAME = "reprise"
"""What the registry's configuration names as issuer and as service."""
SECONDS = 300
_CURVE = ec.SECP256R1()
# X.509's way to say: without an end. An operator who forgets a date must not stop every pull.
_WITHOUT_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_KEY_ID_BITS = 240


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a token lets its bearer do with one repository: `pull`, `push`, `delete`."""

    repository: str
    actions: tuple[str, ...]


def token_minted(access: Sequence[Access], *, subject: str = "", seconds: int = SECONDS) -> str:
    """A token for what is in `access` and nothing else, good for `seconds` from now."""
    now = timezone.now()
    claims = {
        "iss": NAME,
        "sub": subject,
        "aud": NAME,
        "exp": now + timedelta(seconds=seconds),
        "nbf": now,
        "iat": now,
        "jti": uuid.uuid4().hex,
        "access": [
            {"type": "repository", "name": one.repository, "actions": list(one.actions)}
            for one in access
        ],
    }
    key = _key(settings.SECRET_KEY)
    return jwt.encode(claims, key, algorithm="ES256", headers={"kid": _key_id(key)})


def certificate_pem() -> bytes:
    """The certificate by which the registry knows the site's key (`rootcertbundle`), as PEM."""
    key = _key(settings.SECRET_KEY)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_valid_after=_WITHOUT_END,
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


@cache
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the curve needs, so that no key is likelier than another.
    derived = HKDF(SHA256(), length=48, salt=None, info=b"reprise: tokens of the image registry")
    number = int.from_bytes(derived.derive(secret.encode()))
    return ec.derive_private_key(number % (_CURVE.group_order - 1) + 1, _CURVE)


def _key_id(key: ec.EllipticCurvePrivateKey) -> str:
    """What libtrust calls a key: 240 bits of a hash of its public half, in groups of four."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    short = hashlib.sha256(public).digest()[: _KEY_ID_BITS // 8]
    text = base64.b32encode(short).decode()
    return ":".join(text[start : start + 4] for start in range(0, len(text), 4))
