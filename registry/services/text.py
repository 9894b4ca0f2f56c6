"""Text and values made fit for the database at the border of the services."""

import json
from typing import Any

import msgspec

from registry.services.errors import ServiceError
from registry.spec.canonical import plain, plain_value

__all__ = ["as_json", "cut", "plain", "typed"]


def cut(text: str, limit: int) -> str:
    """`text` made plain and at most `limit` characters long."""
    return plain(text)[:limit]


def typed(text: str, *, limit: int, what: str) -> str:
    """What a person typed, made plain and stripped. Raises ServiceError when it is too long."""
    kept = plain(text).strip()
    if len(kept) > limit:
        raise ServiceError(
            "too_long",
            f"The {what} has {len(kept)} characters.",
            f"Shorten it to {limit} characters.",
        )
    return kept


def as_json(value: object) -> Any:  # noqa: ANN401 — what a JSON column holds has no narrower type
    """Any spec value as what a JSON column holds: text made plain, NaN and infinity as null."""
    return json.loads(msgspec.json.encode(plain_value(value)))
