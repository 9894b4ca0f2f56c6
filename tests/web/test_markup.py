"""Text from repositories: readable, harmless, bounded."""

import re
import time
from html.parser import HTMLParser

import pytest

from registry.markup import (
    MAX_SOURCE,
    TextPlace,
    clean_text,
    render_line,
    render_markdown,
    render_plain,
)

PLACE = TextPlace(files="/models/5/files/1/", raw="/models/5/raw/1/", folder="docs")
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
    "<img src='a.png' onerror=alert(1) alt='\"><script>alert(1)</script>'>",
    "<img src='javascript:alert(1)//a.png'>",
    "<img src='//evil.example/a.png'>",
    "<p><img src='https://evil.example/a.png' alt='<b onclick=x>'></p>",
    "![x](data:image/svg+xml;base64,PHN2Zz4=.png)",
    "![x](\\\\evil.example\\a.png)",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$ $\class{x}{y}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    "$$\n\\unicode{60}script\n$$",
]
ACTIVE = {
    "script", "svg", "iframe", "object", "embed", "form", "input", "button", "style",
    "link", "meta", "base", "video", "audio", "source", "template", "noscript",
}  # fmt: skip
OURS = {"img": {"src", "alt", "loading"}, "math": {"display"}}


class Audit(HTMLParser):
    """Collects what in a piece of HTML could act."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in ACTIVE or set(dict(attrs)) - OURS.get(tag, set(dict(attrs))):
            self.found.append(tag)
        for name, value in attrs:
            ours = name == "src" and (value or "").startswith(PLACE.raw) and ".." not in value
            if name.startswith("on") or name in {"style", "srcset", "action", "background"}:
                self.found.append(f"{tag} {name}")
            if name == "src" and not (tag == "img" and ours):
                self.found.append(f"{tag} {name}={value}")
            if name == "href" and not _leads(tag, value or ""):
                self.found.append(f"{tag} {name}={value}")


def _leads(tag, address):
    own = address.startswith(PLACE.files) and ".." not in address
    return tag == "a" and (own or re.match(r"(https?://|mailto:|#text-)", address))


def audit(markup):
    parser = Audit()
    parser.feed(markup)
    parser.close()
    return parser.found


@pytest.mark.parametrize("hostile", XSS)
def test_nothing_hostile_stays_active_in_markdown(hostile):
    assert audit(render_markdown(hostile)) == []
    assert audit(render_markdown(hostile, place=PLACE)) == []
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
    assert '<span class="math inline"><math display="inline"><mrow><mi>E</mi>' in shown
    assert '<td class="right">2</td>' in shown
    assert '<span class="hl-k">def</span>' in shown
    assert 'href="#text-fn1"' in shown
    assert 'id="text-fn1"' in shown


def test_headings_of_the_same_name_get_anchors_of_their_own():
    shown = render_markdown("# Use\n\n# Use\n")
    assert 'id="text-use"' in shown
    assert 'id="text-use-1"' in shown


def test_images_of_the_repository_show_and_those_of_others_are_links_to_a_named_host():
    shown = render_markdown(
        "![plot](fig.png) [![build](/b.svg)](https://ci.example/x) ![far](https://h.example/i.png)",
        place=PLACE,
    )
    assert '<img src="/models/5/raw/1/docs/fig.png" alt="plot" loading="lazy">' in shown
    assert '<img src="/models/5/raw/1/b.svg" alt="build" loading="lazy"></a>' in shown
    assert '<a class="image-link" href="https://h.example/i.png"' in shown
    assert "(image at h.example)" in shown
    assert shown.count("<img") == 2


def test_images_that_are_written_as_html_show_too():
    shown = render_markdown(
        "<p align='center'>\n<img width=9 src='a b.png' alt='A & B'>\n</p>\n\n"
        "inline <img src=\"c.gif\"> and <img src='https://h.example/x.png' alt='far'>",
        place=PLACE,
    )
    assert 'src="/models/5/raw/1/docs/a%20b.png" alt="A &amp; B"' in shown
    assert 'src="/models/5/raw/1/docs/c.gif" alt="c.gif"' in shown
    assert "h.example" not in shown


@pytest.mark.parametrize("name", ["x.html", "x", "x.png.exe", "x.pdf", ""])
def test_only_pictures_are_shown_as_images(name):
    assert "<img" not in render_markdown(f"![words]({name})", place=PLACE)


def test_relative_links_lead_to_the_files_of_the_version_and_nowhere_else():
    def address(link, place=PLACE):
        found = re.search(r'href="([^"]*)"', render_markdown(f"[a]({link})", place=place))
        return found and found[1]

    assert address("x.md") == "/models/5/files/1/docs/x.md"
    assert address("../src/a.py#L3") == "/models/5/files/1/src/a.py#L3"
    assert address("/accounts/logout/") == "/models/5/files/1/accounts/logout"
    assert address("../../../../accounts/logout/") == "/models/5/files/1/accounts/logout"
    assert address("%2e%2e/%2e%2e/x") == "/models/5/files/1/x"
    assert address("/models/5/raw/1/../../../x") == "/models/5/files/1/models/x"
    assert address("x.md", place=None) is None


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "<mtable"),
        (r"\hbar\partial_t\lvert\psi\rangle", "ℏ"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "<mtable>"),
        (r"\text{a<b}", "<mtext>a&lt;b</mtext>"),
    ],
    ids=["aligned", "ket", "matrix", "text"],
)
def test_formulas_are_set_as_mathml(tex, part):
    assert part in render_markdown(f"$$\n{tex}\n$$")


@pytest.mark.parametrize(
    "tex", [r"\nobodyknows{x}", "{{", "x^2^3", "{" * 40 + "}" * 40, "x" * 3_000]
)
def test_a_formula_that_cannot_be_set_stays_readable_tex(tex):
    shown = render_markdown(f"$${tex}$$")
    assert "<math" not in shown
    assert f'tex">{tex}<' in shown


def test_the_formulas_of_one_text_are_bounded_together():
    started = time.monotonic()
    text = "\n\n".join(f"$x_{{{n}}}{'+x_{1}' * 300}$" for n in range(50))
    shown = render_markdown(text)
    assert time.monotonic() - started < 5
    assert len(shown) < 500_000
    assert 'class="math inline tex"' in shown


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


def test_a_line_shows_its_formulas_and_is_no_markdown_otherwise():
    line = render_line("<b>*Ising*</b> at $T_c$ costs 5 $ or $6")
    assert "&lt;b&gt;*Ising*&lt;/b&gt; at <span" in line
    assert "<msub><mi>T</mi><mi>c</mi></msub>" in line
    assert line.endswith("costs 5 $ or $6")


def test_a_line_runs_nothing():
    line = render_line("<script>alert(1)</script> $\\href{javascript:alert(1)}{x}$")
    assert "<script" not in line
    assert "<a" not in line
    assert "href=" not in line
