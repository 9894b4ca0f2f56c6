"""The lines of git's protocol, as far as one must read them to know what a client gets."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

_LENGTH = 4  # hexadecimal digits, which count themselves
_OID = 40
_FILTER = b"filter"
_BOUNDING = {b"deepen", b"deepen-since", b"deepen-not"}
# A pack in protocol v2 has a headline; in v0 it comes by a channel, 1 or 2, or bare.
_HEADLINE = b"packfile\n"
_CHANNELS = (b"\x01", b"\x02")
_BARE = b"PACK"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request to upload-pack asks for, as far as it is well-formed.

    `filtered` is whether objects are to be left out, `bounded` whether history is.
    """

    wanted: frozenset[str]
    filtered: bool
    bounded: bool


def read(request: IO[bytes], *, offered: Collection[str]) -> Asked:
    """A request; of the objects that it wants, those that are among the offered ones."""
    wanted, words = set(), set()
    while (length := _length(request.read(_LENGTH))) is not None:
        word, _, rest = request.read(length).partition(b" ")
        oid = rest[:_OID].decode("ascii", "replace")
        if word == b"want" and oid in offered:
            wanted.add(oid)
        elif word in _BOUNDING or word == _FILTER:
            words.add(word)
    return Asked(
        wanted=frozenset(wanted), filtered=_FILTER in words, bounded=bool(_BOUNDING & words)
    )


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
