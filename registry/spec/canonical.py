"""One form of any value as JSON, so that equal values have equal bytes and so equal hashes."""

from typing import Any

import msgspec


def plain(text: str) -> str:
    """`text` less NUL, which PostgreSQL refuses, and lone surrogates, which are no text at all."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def plain_value(value: object) -> Any:  # noqa: ANN401 — what JSON holds has no narrower type
    """Any spec value as what JSON holds, all its text made plain."""
    return _plain_within(msgspec.to_builtins(value))


def canonical_json(value: object) -> bytes:
    """Any spec value as JSON: names sorted, no space, text plain, NaN and infinity as null."""
    return msgspec.json.encode(plain_value(value), order="sorted")


def _plain_within(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _plain_within(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_within(part) for part in value]
    return value
