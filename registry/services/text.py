"""Text and values made fit for the database at the border of the services."""

import json
from typing import Any

import msgspec

from registry.services.errors import ServiceError


def plain(text: str) -> str:
    """`text` less NUL, which PostgreSQL refuses, and lone surrogates, which are no text at all."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


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
    return json.loads(msgspec.json.encode(_plain_within(msgspec.to_builtins(value))))


def _plain_within(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _plain_within(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_within(part) for part in value]
    return value
