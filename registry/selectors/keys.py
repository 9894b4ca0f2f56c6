"""Queries about the keys that sign receipts."""

from typing import Any

from registry.models import SigningKey
from registry.spec.envelope import public_key


def keys_all() -> list[SigningKey]:
    """Every key, current and retired, the newest first."""
    return list(SigningKey.objects.order_by("-created_at"))


def keys_document() -> dict[str, Any]:
    """The keys as they are published: by id, each in securesystemslib's form, with its dates."""
    return {
        "keys": {
            key.keyid: public_key(key.public_key).to_dict()
            | {
                "pem": key.public_key,
                "created_at": key.created_at.isoformat(),
                "retired_at": key.retired_at.isoformat() if key.retired_at else None,
            }
            for key in keys_all()
        }
    }
