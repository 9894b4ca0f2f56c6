"""The README: where it is, and what it says of title, summary and the article."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from registry.imports import identifiers
from registry.spec.manifest import Description
from runners.manifest import plain
from runners.tree import Tree

_NAME = re.compile(
    r"read[-_ ]?me(\.[a-z]{2}(?=\.))?(\.(md|markdown|mdown|rst|txt|org|adoc|html?))?"
)
_FOLDERS = ("", "docs", "doc", ".github")
_SUFFIXES = (".md", ".markdown", ".mdown", ".rst", ".txt", "", ".org", ".adoc", ".html", ".htm")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
# Title and first paragraph stand at the start; Markdown is parsed no further.
_START = 20_000
_MIN_SUMMARY = 20
_RST_HEADING = re.compile(
    r"^(?P<title>[^\s=~^*#\-].*)\n(?P<line>[=~^*#\-]{3,})[ \t]*$", re.MULTILINE
)
# A sentence's last mark: not that of "et al.", "e.g." or "Eq.".
_SENTENCES = re.compile(
    r""".*(?<!\bal)(?<!\b[eicv][.][gef])(?<!\b[Ff]ig)(?<!\b[Ee]q)(?<!\bcf)(?<!\bvs)[.!?]"""
    r"""["')\]”’]*(?=\s+\W?[A-Z0-9]|\Z)""",
    re.DOTALL,
)
_RST_DIRECTIVE = re.compile(r"\.\. |:\w+:|\||=|~|-{3}|\*{3}|#{3}")


def find_readme(tree: Tree) -> str | None:
    """The path of the README, Markdown first, at the root before docs/ and .github/."""
    found = [path for path in _paths(tree) if _rank(path)]
    return min(found, key=lambda path: (_rank(path), path), default=None)


def read_readme(tree: Tree) -> Description:
    """Front matter of a model card, else the first heading and the first paragraph."""
    path = find_readme(tree)
    if path is None:
        return Description()
    front, body = _split(plain.content(tree, path))
    title, opening = _opening(path, body)
    summary = _whole(opening)
    return Description(
        title=plain.first(
            (plain.text(front.get("title")), plain.text(front.get("model_name")), title)
        ),
        summary=plain.first((plain.text(front.get("summary"), plain.LONG), summary)),
        description=plain.clean(body).strip(),
        licence=identifiers.spdx(front.get("license")),
        keywords=tuple(filter(None, map(plain.text, plain.several(front.get("tags"))))),
        article=identifiers.known_by_doi(identifiers.dois_in(body)),
    )


def _paths(tree: Tree) -> Iterator[str]:
    return (entry.path for entry in tree.entries if entry.path in tree)


def _rank(path: str) -> tuple[int, int] | None:
    """Where a README stands in the order of choice; None for every other file."""
    folder, _, name = path.rpartition("/")
    match = _NAME.fullmatch(name.lower())
    if match is None or folder.lower() not in _FOLDERS:
        return None
    translated = len(_SUFFIXES) if match[1] else 0
    return _FOLDERS.index(folder.lower()), _SUFFIXES.index(match[2] or "") + translated


def _split(text: str) -> tuple[Mapping[str, Any], str]:
    """Front matter and the text after it."""
    match = _FRONT_MATTER.match(text[:_START])
    if match is None:
        return {}, text
    return plain.load_yaml(match[1]), text[match.end() :]


def _opening(path: str, body: str) -> tuple[str, str]:
    """Title and summary as the text itself gives them; empty where it does not."""
    if path.lower().endswith((".md", ".markdown", ".mdown")):
        return _markdown_opening(body[:_START])
    if path.lower().endswith(".rst"):
        return _rst_opening(body[:_START])
    return "", ""


def _whole(opening: str) -> str:
    """A paragraph's whole sentences: one that a formula or a list goes on with is left out.

    A paragraph that has no other is left as it is, without the mark that leads on.
    """
    sentences = _SENTENCES.match(opening)
    return sentences[0] if sentences else opening.rstrip(" :,;")


def _markdown_opening(body: str) -> tuple[str, str]:
    """The first heading, and the first paragraph that holds a sentence and not only badges."""
    tokens = MarkdownIt("commonmark", {"maxNesting": 20}).parse(body)
    headings = _inline_after(tokens, "heading_open")
    paragraphs = (
        text for text in _inline_after(tokens, "paragraph_open") if len(text) >= _MIN_SUMMARY
    )
    return (
        plain.text(next(filter(None, headings), "")),
        plain.text(next(paragraphs, ""), plain.LONG),
    )


def _inline_after(tokens: Sequence[Token], opening: str) -> Iterator[str]:
    """The text of every block that `opening` begins, images and HTML left out."""
    for place, token in enumerate(tokens[:-1]):
        if token.type == opening:
            yield _words(tokens[place + 1].children or [])


def _words(children: Sequence[Token]) -> str:
    texts = {"text", "code_inline"}
    breaks = {"softbreak", "hardbreak"}
    parts = (
        child.content if child.type in texts else " " if child.type in breaks else ""
        for child in children
    )
    return " ".join("".join(parts).split())


def _rst_opening(body: str) -> tuple[str, str]:
    match = _RST_HEADING.search(body)
    title = match["title"] if match else ""
    after = body[match.end() :] if match else body
    blocks = (" ".join(block.split()) for block in after.split("\n\n"))
    paragraphs = (
        block for block in blocks if len(block) >= _MIN_SUMMARY and not _RST_DIRECTIVE.match(block)
    )
    return plain.text(title), plain.text(next(paragraphs, ""), plain.LONG)
