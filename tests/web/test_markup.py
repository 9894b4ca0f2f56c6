"""Text from repositories: readable, harmless, bounded."""

import re
import time
from html.parser import HTMLParser

import pytest

from registry.markup import MAX_SOURCE, clean_text, render_markdown, render_plain

XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/x)",
    '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://a.example/i.png)',
    "![x](https://a.example/i.png)",
    "<https://a.example/\"onmouseover='alert(1)'>",
    '<sub onclick="alert(1)">x</sub>',
    "<br onload=alert(1)>",
    '<style>body{background:url("https://evil.example")}</style>',
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><input name=password></form>",
    "<div style='position:fixed;inset:0'>x</div>",
    "```python\n<script>alert(1)</script>\n```",
    "```<script>\nx\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "$<script>alert(1)</script>$",
    "$$\n<script>alert(1)</script>\n$$",
    "# <img src=x onerror=alert(1)>",
    "[^<img src=x onerror=alert(1)>]\n\n[^<img src=x onerror=alert(1)>]: x",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
    "<!-- --><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<table><td background=javascript:alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;\n\n<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "<<script>alert(1)//<</script>",
    "<x onclick=alert(1)>click</x>",
    "<kbd\nonclick=alert(1)>x</kbd>",
]
ACTIVE = {
    "script", "style", "img", "svg", "math", "iframe", "object", "embed", "form", "input", "button",
    "link", "meta", "base", "video", "audio", "source", "template", "noscript",
}  # fmt: skip


class Audit(HTMLParser):
    """Collects what in a piece of HTML could act."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in ACTIVE:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "src", "srcset", "action", "background"}:
                self.found.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(https?://|mailto:|#text-)", value or ""):
                self.found.append(f"{tag} {name}={value}")


def audit(markup):
    parser = Audit()
    parser.feed(markup)
    parser.close()
    return parser.found


@pytest.mark.parametrize("hostile", XSS)
def test_nothing_hostile_stays_active_in_markdown(hostile):
    assert audit(render_markdown(hostile)) == []
    assert audit(render_markdown(hostile, base="https://git.example/a/b/blob/c0ffee/")) == []
    assert audit(render_markdown(f"text\n\n> - {hostile}\n")) == []


@pytest.mark.parametrize("hostile", XSS)
def test_nothing_hostile_stays_active_in_plain_text(hostile):
    assert audit(render_plain(hostile)) == []


def test_what_readmes_use_is_rendered():
    text = (
        "# Ising\n\nH<sub>2</sub>O at $E=mc^2$[^1], ~~not~~ *so*.\n\n"
        "| T | M |\n|:-:|--:|\n| 1 | 2 |\n\n```python\ndef f(): pass\n```\n\n[^1]: A note.\n"
    )
    shown = render_markdown(text)
    assert '<h3 id="text-ising">Ising</h3>' in shown
    assert "H<sub>2</sub>O" in shown
    assert '<span class="math inline">E=mc^2</span>' in shown
    assert '<td class="right">2</td>' in shown
    assert '<span class="hl-k">def</span>' in shown
    assert 'href="#text-fn1"' in shown
    assert 'id="text-fn1"' in shown


def test_headings_of_the_same_name_get_anchors_of_their_own():
    shown = render_markdown("# Use\n\n# Use\n")
    assert 'id="text-use"' in shown
    assert 'id="text-use-1"' in shown


def test_images_become_links_and_badges_keep_their_words():
    shown = render_markdown(
        "![plot](fig.png) [![build](b.svg)](https://ci.example/x)", base="https://g.example/r/"
    )
    assert '<a class="image-link" href="https://g.example/r/fig.png"' in shown
    assert '<a href="https://ci.example/x" rel="nofollow noopener ugc">build</a>' in shown
    assert "<img" not in shown


def test_relative_links_lead_to_the_source_and_never_into_this_site():
    text = "[a](docs/x.md) [b](/accounts/logout/)"
    assert 'href="https://g.example/r/docs/x.md"' in render_markdown(
        text, base="https://g.example/r/"
    )
    assert "href" not in render_markdown(text)


def test_links_do_not_pass_on_trust():
    assert 'rel="nofollow noopener ugc"' in render_markdown("<https://a.example>")


def test_raw_html_keeps_its_words_but_not_its_scripts():
    shown = render_markdown('<p align="center"><b>Title</b><script>steal()</script></p>\n')
    assert "Title" in shown
    assert "steal" not in shown


def test_front_matter_of_a_model_card_is_not_shown():
    assert "licence: mit" not in render_markdown("---\nlicence: mit\n---\n\nHello")


BOMBS = {
    "wide table": "|" + "a|" * 4000 + "\n|" + "-|" * 4000 + "\n" + "|\n" * 6000,
    "square table": "|" * 257 + "\n" + "|-" * 256 + "|\n" + "|\n" * 256,
    "many tables": "|a|b|\n|-|-|\n" * 8000,
    "one long reference": "[a]: https://x.example/" + "z" * 50_000 + "\n\n" + "[a] " * 12_000,
    "open brackets": "[" * 100_000,
    "open images": "![" * 50_000,
    "open notes": "^[" * 50_000,
    "chained notes": "".join(f"[^{i}]: [^{i + 1}]\n\n" for i in range(6000)) + "[^0]",
    "nested quotes": "> " * 50_000,
    "nested lists": "- " * 50_000,
    "emphasis": "*a _b " * 16_000,
    "same headings": "# a\n" * 25_000,
    "formatting elements": "<b id=1>\n\n" * 9000,
    "open sub": "<sub>" * 20_000,
    "open scripts": "<div><script>" * 7000,
    "code of short words": ("```c\n" + "a " * 9_500 + "\n```\n") * 5,
    "escapes": "&#" * 50_000,
    "code after code": ("```python\n" + "(" * 1000 + "\n```\n") * 95,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stay_small_and_quick(name):
    started = time.process_time()
    shown = render_markdown(BOMBS[name])
    assert len(shown) < 2_000_000
    assert time.process_time() - started < 8  # 1.4 s at worst where it was measured


def test_a_table_too_large_stays_readable_text():
    shown = render_markdown(BOMBS["square table"])
    assert "<table>" not in shown
    assert len(shown) < 20_000


def test_long_texts_are_cut_and_say_so():
    assert "Cut after 100,000 characters." in render_markdown("word " * MAX_SOURCE)
    assert "Cut after 100,000 characters." in render_plain("word " * MAX_SOURCE)


def test_terminal_codes_and_reordering_characters_are_removed():
    hostile = (
        "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \u202egnp.exe\x00\x9b"
    )
    assert clean_text(hostile) == "red link gnp.exe"
    assert clean_text("a\r\nb\tc\n") == "a\nb\tc\n"
