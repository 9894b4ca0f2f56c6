"""The lines of git's protocol, as far as one must read them to know what a client gets."""

from collections.abc import Collection
from typing import IO

_LENGTH = 4  # hexadecimal digits, which count themselves
_WANT = b"want "
_OID = 40
# A pack in protocol v2 has a headline; in v0 it comes by a channel, 1 or 2, or bare.
_HEADLINE = b"packfile\n"
_CHANNELS = (b"\x01", b"\x02")
_BARE = b"PACK"


def wanted(asked: IO[bytes], *, among: Collection[str]) -> frozenset[str]:
    """Those of the objects that a request to upload-pack asks for, as far as it is well-formed."""
    found = set()
    while (length := _length(asked.read(_LENGTH))) is not None:
        line = asked.read(length)
        oid = line[len(_WANT) : len(_WANT) + _OID].decode("ascii", "replace")
        if line.startswith(_WANT) and oid in among:
            found.add(oid)
    return frozenset(found)


def begins_pack(answer: bytes) -> bool:
    """Whether a pack has begun in the beginning of upload-pack's answer."""
    at = 0
    while (length := _length(answer[at : at + _LENGTH])) is not None:
        line = answer[at + _LENGTH : at + _LENGTH + length]
        if line.startswith(_CHANNELS) or line == _HEADLINE:
            return True
        at += _LENGTH + length
    return answer[at:].startswith(_BARE)


def _length(digits: bytes) -> int | None:
    """How many bytes follow; 0 for the marks between lines, None for what begins no line."""
    try:
        length = int(digits, 16) if len(digits) == _LENGTH else -1
    except ValueError:
        return None
    return None if length < 0 else max(length - _LENGTH, 0)
