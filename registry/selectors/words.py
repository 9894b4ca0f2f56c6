"""Words as both databases index and look for them: folded once, here, so that hits are equal."""

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r'["“„]([^"“”„]*)["”“]')
WORD_CHARACTERS = 60
QUERY_WORDS = 12
_PLURAL = 4


@dataclass(frozen=True, kw_only=True)
class TextQuery:
    """What a search asks for: words by their beginning, and phrases word for word.

    They hold letters and digits alone: no operator of either database's query language can be
    among them.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)

    def for_sqlite(self) -> str:
        """The query as FTS5 reads it."""
        parts = [f'"{word}"*' for word in self.words]
        parts += [f'"{" ".join(phrase)}"' for phrase in self.phrases]
        return " ".join(parts)

    def for_postgresql(self) -> str:
        """The query as to_tsquery reads it. A phrase stands in the head or in the body whole."""
        parts = [f"{word}:*" for word in self.words]
        for phrase in self.phrases:
            inside = [" <-> ".join(f"{word}:{part}" for word in phrase) for part in ("A", "D")]
            parts.append(f"({' | '.join(f'({side})' for side in inside)})")
        return " & ".join(parts)


def folded(text: str) -> str:
    """The words of `text` in lower case without accents, one blank apart."""
    return " ".join(folded_words(text))


def text_query(text: str) -> TextQuery:
    """What `text` asks for: "quoted words" together, each other word as the beginning of one.

    So search-as-you-type finds something, “oscillat” finds oscillator and oscillation, and a plural
    also finds the singular. Words beyond the first QUERY_WORDS are left out.
    """
    quoted = (tuple(folded_words(part)[:QUERY_WORDS]) for part in _QUOTED.findall(text))
    phrases = tuple(phrase for phrase in dict.fromkeys(quoted) if phrase)[:QUERY_WORDS]
    return TextQuery(words=tuple(query_words(_QUOTED.sub(" ", text))), phrases=phrases)


def query_words(text: str) -> list[str]:
    """The first words of a query, folded; a plural as its singular."""
    return [_singular(word) for word in dict.fromkeys(folded_words(text))][:QUERY_WORDS]


def folded_words(text: str) -> list[str]:
    """The words of `text`, each in lower case, without accents, and not too long."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return [word[:WORD_CHARACTERS] for word in _WORD.findall(bare)]


def _singular(word: str) -> str:
    plural = len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word
