"""HTML of other portals as text that Markdown shows as it is."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from registry.imports import plain

_HTML = re.compile(r"<(/?[a-z][a-z0-9]*|br\s*/?)(\s[^<>]{0,500})?>", re.IGNORECASE)
# Between tags it means nothing, but in notes with a tag here and there it ends a paragraph.
_BLANK_LINE = re.compile(r"[ \t]*\n[ \t]*\n\s*")
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")
_BLOCKS = frozenset("p div h1 h2 h3 h4 h5 h6 ul ol table tr blockquote pre section".split())  # noqa: SIM905 — reads better than thirteen quoted words
_SILENT = frozenset({"script", "style", "template", "head"})
_CHARACTERS = 100_000


def as_markdown(value: object) -> str:
    """A description as Markdown: paragraphs, lists and addresses stay, all else is plain text."""
    return _rendered(value, _escaped)


def as_text(value: object) -> str:
    """A description as plain text, paragraph by paragraph."""
    return _rendered(value, str)


def _rendered(value: object, words: Callable[[str], str]) -> str:
    if not isinstance(value, str):
        return ""
    text = plain.clean(value[:_CHARACTERS].replace("\r\n", "\n"))
    if not _HTML.search(text):
        return words(text).strip()
    reader = _Reader(words)
    reader.feed(text)
    reader.close()
    return _BLANK_LINE.sub("\n\n", "".join(reader.parts)).strip()


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


class _Reader(HTMLParser):
    """Collects the text of a document, with the ends of its blocks."""

    def __init__(self, words: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._words = words
        self.parts: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, an item of a list, or a link."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            target = dict(attrs).get("href") or ""
            self._link = target if re.fullmatch(r"https?://[^\s()<>\[\]]{1,500}", target) else ""

    def handle_endtag(self, tag: str) -> None:
        """End a block, or give the address of a link after its words."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link:
            self.parts.append(f" (<{self._link}>)")
            self._link = ""

    def handle_data(self, data: str) -> None:
        """Keep the words, as they are wanted."""
        if not self._silent:
            lines = _BLANK_LINE.split(data)
            self.parts.append("\n\n".join(self._words(re.sub(r"\s+", " ", one)) for one in lines))
