"""Hiding those who made a model from whoever reviews it without knowing them.

A safety net under pages that show nothing which is there to name somebody: a path, a message or a
drawing may do so all the same, `out/lovelace-2024.csv`.
"""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

HIDDEN = "▒▒▒"
# Shorter ones are hidden as they are written alone, or half of all words would go.
_SHORT = 4
# What pages compare with words of their own, or build addresses of.
_KEPT = frozenset({"kind", "against", "name", "test"})
_TEXT_OF_MARKUP = re.compile(r"(?<=>)[^<]+(?=<)")


class Veil:
    """Hides given words wherever they stand by themselves, in whatever case."""

    def __init__(self, words: Iterable[str]) -> None:
        wanted = sorted({word.strip() for word in words if len(word.strip()) > 1}, key=len)
        parts = [_pattern(word) for word in reversed(wanted)]
        self._words = re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])") if parts else None

    def text(self, text: str) -> str:
        """The text without the words."""
        return self._words.sub(HIDDEN, text) if self._words else text

    def markup(self, markup: str) -> str:
        """XML or HTML whose text is without the words; tags stay as they are."""
        return _TEXT_OF_MARKUP.sub(lambda found: self.text(found[0]), markup)

    def value(self, value: Any) -> Any:  # noqa: ANN401 — any spec value, and its like comes back
        """A spec value whose free texts are without the words."""
        if type(value) is str:
            return self.text(value)
        if isinstance(value, tuple):
            return tuple(self.value(each) for each in value)
        if is_dataclass(value) and not isinstance(value, type):
            texts = {
                field.name: self.value(getattr(value, field.name))
                for field in fields(value)
                if field.name not in _KEPT
            }
            return replace(value, **texts)
        return value


def _pattern(word: str) -> str:
    escaped = re.escape(word)
    return escaped if len(word) < _SHORT else f"(?i:{escaped})"
