"""Text from repositories as safe HTML. Every text is hostile until it has passed through here.

Nothing is ever executed or loaded from elsewhere: raw HTML is reduced to its words, images become
links, mathematics stays TeX. What comes out is bounded too: 18 kB of Markdown can otherwise become
hundreds of kilobytes (wide tables) or gigabytes (one long reference, linked to again and again).
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

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

MAX_SOURCE = 100_000  # characters of Markdown or plain text that are shown
MAX_TABLE_CELLS = 5_000  # in all tables of one text together
MAX_RENDERED = 1_000_000  # characters of HTML
MAX_CODE = 20_000  # characters of one code block that are still coloured
HEADINGS_BELOW = 2  # a text stands under the page's h1 and its section's h2

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
    "hr", "kbd", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ALLOWED_ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "id", "title"},
    "li": {"id"},
    "ol": {"start"},
    **{f"h{rank}": {"id"} for rank in range(3, 7)},
}
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def clean_text(text: str) -> str:
    """`text` without terminal codes, control characters and characters that reorder a line."""
    return _CONTROLS.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def render_markdown(text: str, *, base: str = "") -> SafeString:
    """Markdown as safe HTML: tables, footnotes, coloured code, TeX left readable.

    Relative links are resolved against `base`, the address of the folder that the text came from;
    without one they lose their target. Longer texts than MAX_SOURCE are cut, and say so.
    """
    return _rendered(text, base)


@lru_cache(maxsize=128)
def _rendered(text: str, base: str) -> SafeString:
    source, cut = _bounded(text)
    env: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(source, env)
    _adapt(tokens)
    fits = _weight(tokens) <= MAX_RENDERED
    dirty = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)) if fits else ""
    if not fits or len(dirty) > MAX_RENDERED:
        return render_plain(text)
    # The sanitiser decides what is left; everything before it is only about looks and bounds.
    return mark_safe(_sanitise(dirty, base=base) + cut)  # noqa: S308 — nh3's own output


def render_plain(text: str) -> SafeString:
    """Text of any other format (.rst, .txt) as it was typed, in a block that wraps."""
    source, cut = _bounded(text)
    block = f'<pre class="plain-text">{html.escape(source)}</pre>'
    return mark_safe(block + cut)  # noqa: S308 — escaped above


def _bounded(text: str) -> tuple[str, str]:
    """The part of a text that is shown, and the note that it was cut (or nothing)."""
    note = f'<p class="note">Cut after {MAX_SOURCE:,} characters.</p>'
    return clean_text(text[:MAX_SOURCE]), note if len(text) > MAX_SOURCE else ""


def _sanitise(dirty: str, *, base: str) -> str:
    def relative(url: str) -> str | None:
        if url.startswith("#"):
            return f"#text-{url[1:]}"
        joined = urljoin(base, url) if base else ""
        return joined if joined.startswith("https://") else None

    return nh3.clean(
        dirty,
        tags=_ALLOWED_TAGS,
        attributes=_ALLOWED_ATTRIBUTES,
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


def _adapt(tokens: Sequence[Token]) -> None:
    """Headings under the page's own with anchors, alignment as a class, no link in a link."""
    seen: Counter[str] = Counter()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[index + 1].content, seen))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADINGS_BELOW)}"
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).removeprefix("text-align:")}
        _mark_linked_images(token.children or ())


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


def _words(markup: str) -> str:
    """What raw HTML says, without its tags and without scripts, styles and drawings."""
    kept, position, silent = [], 0, ""
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        if not silent:
            kept.append(markup[position : tag.start()])
            silent = name if name in _SILENT and not tag[1] and not tag[0].endswith("/>") else ""
        elif tag[1] and name == silent:
            silent = ""
        position = tag.end()
    rest = "" if silent else markup[position:]
    return html.escape(html.unescape("".join([*kept, rest])).strip("\n"))


def _html_inline(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    raw = tokens[index].content
    return raw.lower() if raw.lower() in _PLAIN_TAGS else ""


def _html_block(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    words = _words(tokens[index].content)
    return f"<p>{words}</p>\n" if words.strip() else ""


def _image(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    token = tokens[index]
    label = html.escape(token.content or "image")
    if token.meta.get("linked"):
        return label
    address = html.escape(str(token.attrs.get("src", "")))
    return f'<a class="image-link" href="{address}">{label}</a>'


def _math_block(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: EnvType,
) -> str:
    return f'<div class="math block">{html.escape(tokens[index].content.strip())}</div>\n'


def _coloured(code: str, language: str, _attributes: str) -> str:
    """A code block's inside with classes for its words; plain where that would cost too much."""
    if language.lower() not in _LEXERS or len(code) > MAX_CODE:
        return html.escape(code)
    return str(highlight(code, get_lexer_by_name(language.lower()), _FORMATTER))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "highlight": _coloured})
    parser.enable(["table", "strikethrough"])
    parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    parser.use(front_matter_plugin).use(footnote_plugin)
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False)
    parser.add_render_rule("html_inline", _html_inline)
    parser.add_render_rule("html_block", _html_block)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("math_block", _math_block)
    return parser


_MARKDOWN = _parser()
