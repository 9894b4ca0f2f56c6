"""Words as both databases index and look for them: folded once, here, so that hits are equal."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
WORD_CHARACTERS = 60
QUERY_WORDS = 12
_PLURAL = 4


def folded(text: str) -> str:
    """The words of `text` in lower case without accents, one blank apart."""
    return " ".join(_words(text))


def query_words(text: str) -> list[str]:
    """The first words of a query, folded; a plural also finds the singular.

    Each is looked for as the beginning of a word, so that search-as-you-type finds something and
    “oscillat” finds oscillator and oscillation. They hold letters and digits alone: no operator of
    either database's query language can be among them.
    """
    return [_singular(word) for word in dict.fromkeys(_words(text))][:QUERY_WORDS]


def _words(text: str) -> list[str]:
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return [word[:WORD_CHARACTERS] for word in _WORD.findall(bare)]


def _singular(word: str) -> str:
    plural = len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word
