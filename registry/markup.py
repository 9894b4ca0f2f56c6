"""Text from repositories as safe HTML. Every text is hostile until it has passed through here.

Nothing is ever executed or loaded from elsewhere: raw HTML is reduced to its words and images,
images of the repository come from this portal's mirror, all others become links that name their
host, mathematics becomes MathML. What comes out is bounded too: 18 kB of Markdown can otherwise
become hundreds of kilobytes (wide tables) or gigabytes (a long reference, linked to many times).
"""

import html
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from registry import mathematics
from registry.mathematics import Formulas

MAX_LINE = 2_000  # characters of a line
MAX_SOURCE = 100_000  # characters of Markdown or plain text that are shown
MAX_TABLE_CELLS = 5_000  # in all tables of one text together
MAX_RENDERED = 1_000_000  # characters of HTML
MAX_CODE = 20_000  # characters of one code block that are still coloured
HEADINGS_BELOW = 2  # a text stands under the page's h1 and its section's h2
# What is shown as an image: SVG too, since in an <img> nothing of it runs.
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"})

# Only lexers whose expressions stay quick on hostile text.
_LEXERS = frozenset({
    "python", "py", "pycon", "bash", "sh", "shell", "console", "json", "yaml", "toml", "ini",
    "c", "cpp", "c++", "fortran", "julia", "r", "matlab", "rust", "go", "javascript", "js",
    "latex", "tex", "diff", "docker", "dockerfile", "make", "sql",
})  # fmt: skip
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="hl-")
# Without attributes, and none of the elements that a parser reopens after a stray closing tag.
_PLAIN_TAGS = frozenset(
    {"<br>", "<br/>", "<br />", "<sub>", "</sub>", "<sup>", "</sup>", "<kbd>", "</kbd>"}
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*>|<![^<>]*>|<\?[^<>]*>")
_SILENT = frozenset({"script", "style", "svg", "math", "template", "iframe", "noscript"})
_ALLOWED_TAGS = {
    "a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h3", "h4", "h5", "h6",
    "hr", "img", "kbd", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "ul", *mathematics.TAGS,
}  # fmt: skip
_ALLOWED_ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "id", "title"},
    "img": {"alt", "loading", "src"},
    "li": {"id"},
    "ol": {"start"},
    **mathematics.ATTRIBUTES,
    **{f"h{rank}": {"id"} for rank in range(3, 7)},
}
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_IMAGE_TAG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_IMAGE_PART = re.compile(
    r"""(?<![\w-])(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def clean_text(text: str) -> str:
    """`text` without terminal codes, control characters and characters that reorder a line."""
    return _CONTROLS.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


@dataclass(frozen=True, kw_only=True)
class TextPlace:
    """Where on this portal the files lie that a text names; a person who sees it may see them.

    `files` and `raw` are the addresses of the version's pages and of its files themselves, each
    with a slash at its end; `folder` is that of the text.
    """

    files: str
    raw: str
    folder: str = ""

    def address(self, url: str) -> str:
        """The page of the file that a relative address means; empty for any other address.

        However it climbs, it stays within the version's files.
        """
        path, fragment = self._path(url)
        return f"{self.files}{path}{fragment}" if path else ""

    def picture(self, url: str) -> str:
        """The address of the image that a relative address means; empty for anything else."""
        path, _ = self._path(url)
        kind = posixpath.splitext(path)[1].lower()
        return f"{self.raw}{path}" if kind in PICTURES else ""

    def _path(self, url: str) -> tuple[str, str]:
        try:
            parts = urlsplit(url)
        except ValueError:
            return "", ""
        if parts.scheme or parts.netloc or not parts.path:
            return "", ""
        joined = posixpath.normpath(posixpath.join("/", self.folder, unquote(parts.path)))
        fragment = f"#{quote(parts.fragment)}" if parts.fragment else ""
        return quote(joined.lstrip("/")), fragment


@dataclass(kw_only=True)
class _Shown:
    """What one text has of addresses on this portal, and its formulas."""

    place: TextPlace | None
    formulas: Formulas = field(default_factory=Formulas)
    links: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)


def render_markdown(text: str, *, place: TextPlace | None = None) -> SafeString:
    """Markdown as safe HTML: tables, footnotes, coloured code, formulas, images of the repository.

    Relative links lead to the version's files on this portal; without a `place` they lose their
    target. Longer texts than MAX_SOURCE are cut, and say so.
    """
    return _rendered(text, place)


@lru_cache(maxsize=128)
def _rendered(text: str, place: TextPlace | None) -> SafeString:
    source, cut = _bounded(text)
    shown = _Shown(place=place)
    env: dict[str, Any] = {"shown": shown}
    tokens = _MARKDOWN.parse(source, env)
    _adapt(tokens, shown)
    fits = _weight(tokens) <= MAX_RENDERED
    dirty = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)) if fits else ""
    if not fits or len(dirty) > MAX_RENDERED:
        return render_plain(text)
    # The sanitiser decides what is left; everything before it is only about looks and bounds.
    return mark_safe(_sanitise(dirty, shown) + cut)  # noqa: S308 — nh3's own output


@lru_cache(maxsize=1024)
def render_line(text: str) -> SafeString:
    """A line of plain text with its formulas set: a title, a summary. Nothing else is Markdown."""
    shown = _Shown(place=None)
    dirty = str(_LINE.renderInline(clean_text(text[:MAX_LINE]), {"shown": shown}))
    return mark_safe(_sanitise(dirty, shown))  # noqa: S308 — nh3's own output


def render_plain(text: str) -> SafeString:
    """Text of any other format (.rst, .txt) as it was typed, in a block that wraps."""
    source, cut = _bounded(text)
    block = f'<pre class="plain-text" tabindex="0">{html.escape(source)}</pre>'
    return mark_safe(block + cut)  # noqa: S308 — escaped above


def _bounded(text: str) -> tuple[str, str]:
    """The part of a text that is shown, and the note that it was cut (or nothing)."""
    note = f'<p class="note">Cut after {MAX_SOURCE:,} characters.</p>'
    return clean_text(text[:MAX_SOURCE]), note if len(text) > MAX_SOURCE else ""


def _sanitise(dirty: str, shown: _Shown) -> str:
    def relative(url: str) -> str | None:
        if url.startswith("#"):
            return f"#text-{url[1:]}"
        return url if url in shown.links or url in shown.pictures else None

    def attribute(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("img", "src") and value not in shown.pictures:
            return None
        return value

    return nh3.clean(
        dirty,
        tags=_ALLOWED_TAGS,
        attributes=_ALLOWED_ATTRIBUTES,
        attribute_filter=attribute,
        # What may be wider than a phone is reached by the keyboard, to be scrolled.
        set_tag_attribute_values={"pre": {"tabindex": "0"}},
        url_schemes={"http", "https", "mailto"},
        url_relative=relative,
        link_rel="nofollow noopener ugc",
        id_prefix="text-",
    )


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _weight(tokens: Sequence[Token]) -> int:
    """Roughly how many characters of HTML the tokens will become."""
    return sum(
        20 + len(token.content) + sum(len(str(value)) for value in token.attrs.values())
        for token in _walk(tokens)
        if token.type != "inline"
    )


def _adapt(tokens: Sequence[Token], shown: _Shown) -> None:
    """Headings under the page's own with anchors, alignment as a class, no link in a link.

    Relative links become addresses of this portal, and are noted as such.
    """
    seen: Counter[str] = Counter()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[index + 1].content, seen))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADINGS_BELOW)}"
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).removeprefix("text-align:")}
        _mark_linked_images(token.children or ())
        for child in token.children or ():
            if child.type == "link_open":
                _point(child, shown)


def _point(link: Token, shown: _Shown) -> None:
    address = shown.place.address(str(link.attrs.get("href", ""))) if shown.place else ""
    if address:
        link.attrSet("href", address)
        shown.links.add(address)


def _anchor(title: str, seen: Counter[str]) -> str:
    slug = re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")
    seen[slug] += 1
    return slug if seen[slug] == 1 else f"{slug}-{seen[slug] - 1}"


def _mark_linked_images(children: Sequence[Token]) -> None:
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        if child.type == "image":
            child.meta["linked"] = depth > 0


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 — markdown-it's own signature
    """markdown-it's table rule, within MAX_TABLE_CELLS; what is beyond stays plain text."""
    if silent or state.env.get("tables_full") or not table(state, start, end, True):  # noqa: FBT003 — markdown-it's own signature
        return not state.env.get("tables_full") and table(state, start, end, silent)
    header = state.src[state.bMarks[start] : state.eMarks[start]]
    columns, line = header.count("|") + 1, start
    while line < end and not state.isEmpty(line):
        line += 1
    cells = state.env.get("cells", 0) + columns * (line - start)
    state.env.update(cells=cells, tables_full=cells > MAX_TABLE_CELLS)
    return cells <= MAX_TABLE_CELLS and table(state, start, end, silent)


def _words(markup: str, shown: _Shown) -> str:
    """What raw HTML says, without its tags and without scripts, styles and drawings; its images."""
    kept, position, silent = [], 0, ""
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        if not silent:
            kept.append(_text(markup[position : tag.start()]))
            kept.append(_tagged_image(tag[0], shown) if name == "img" else "")
            silent = name if name in _SILENT and not tag[1] and not tag[0].endswith("/>") else ""
        elif tag[1] and name == silent:
            silent = ""
        position = tag.end()
    kept.append("" if silent else _text(markup[position:]))
    return "".join(kept).strip("\n")


def _text(markup: str) -> str:
    return html.escape(html.unescape(markup))


def _tagged_image(tag: str, shown: _Shown) -> str:
    """The image of an <img> that was written as HTML."""
    parts = {name.lower(): "".join(value) for name, *value in _IMAGE_PART.findall(tag)}
    source = html.unescape(parts.get("src", ""))
    return _picture(source, html.unescape(parts.get("alt", "")), shown, linked=True)


def _picture(source: str, label: str, shown: _Shown, *, linked: bool) -> str:
    """An image of the repository in its place; of any other, its words or a link to it."""
    own = shown.place.picture(source) if shown.place else ""
    named = label or posixpath.basename(source.partition("?")[0]) or "image"
    if own:
        shown.pictures.add(own)
        return f'<img src="{html.escape(own)}" alt="{html.escape(named)}" loading="lazy">'
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        host = ""
    if linked or not host:
        return html.escape(named)
    link = f'<a class="image-link" href="{html.escape(source)}">{html.escape(named)}</a>'
    return f'{link} <span class="note">(image at {html.escape(host)})</span>'


def _html_inline(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    raw = tokens[index].content
    if _IMAGE_TAG.fullmatch(raw):
        return _tagged_image(raw, env["shown"])
    return raw.lower() if raw.lower() in _PLAIN_TAGS else ""


def _html_block(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    words = _words(tokens[index].content, env["shown"])
    return f"<p>{words}</p>\n" if words.strip() else ""


def _image(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    token = tokens[index]
    linked = bool(token.meta.get("linked"))
    return _picture(str(token.attrs.get("src", "")), token.content, env["shown"], linked=linked)


def _math_inline(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    return f"<span {_formula(tokens[index].content, env['shown'], kind='inline')}</span>"


def _math_block(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: EnvType,
) -> str:
    return f"<div {_formula(tokens[index].content, env['shown'], kind='block')}</div>\n"


def _formula(tex: str, shown: _Shown, *, kind: str) -> str:
    """The rest of an element around a formula: MathML, or the TeX that its author typed."""
    found = shown.formulas.set(tex, block=kind == "block")
    if found:
        return f'class="math {kind}">{found}'
    return f'class="math {kind} tex">{html.escape(tex.strip())}'


def coloured(code: str, language: str, _attributes: str = "") -> SafeString:
    """Code with classes for its words; plain where that would cost too much."""
    if language.lower() not in _LEXERS or len(code) > MAX_CODE:
        return SafeString(html.escape(code))
    lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    return SafeString(highlight(code, lexer, _FORMATTER))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "highlight": coloured})
    parser.enable(["table", "strikethrough"])
    parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    parser.use(front_matter_plugin).use(footnote_plugin)
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False)
    parser.add_render_rule("html_inline", _html_inline)
    parser.add_render_rule("html_block", _html_block)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("math_inline", _math_inline)
    parser.add_render_rule("math_inline_double", _math_block)
    parser.add_render_rule("math_block", _math_block)
    return parser


def _line_parser() -> MarkdownIt:
    parser = MarkdownIt("zero")
    parser.use(
        dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False
    ).add_render_rule("math_inline", _math_inline)
    return parser


_MARKDOWN = _parser()
_LINE = _line_parser()
