"""TeX as MathML, which browsers set without any script; TeX itself where that does not work.

Formulas are hostile text: each is bounded in length and depth, all of one text in time and size,
and what comes out still passes through the sanitiser of registry.markup.
"""

import html
import re
import time
from xml.etree import ElementTree as ET

from latex2mathml.converter import convert_to_element

MAX_TEX = 2_000  # characters of one formula
MAX_DEPTH = 30  # braces in braces
MAX_MATHML = 300_000  # characters of all formulas of one text
MAX_SECONDS = 0.5  # for all formulas of one text
TAGS = frozenset({
    "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow",
    "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr",
    "munder", "munderover",
})  # fmt: skip
ATTRIBUTES = {
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": {"fence", "form", "maxsize", "minsize", "movablelimits", "stretchy"},
    "mspace": {"linebreak", "width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnalign"},
    "mtable": {"columnalign", "displaystyle"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "munder": {"accentunder"},
}
# What people write and latex2mathml calls by another name.
_NAMES = (
    (re.compile(r"\\(begin|end)\{(?:aligned|alignedat|gathered|split|eqnarray\*?)\}"),
     r"\\\1{align*}"),
    (re.compile(r"\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}"), ""),
    (re.compile(r"\\(?:label|nonumber|notag)(?:\{[^{}]*\})?"), ""),
    (re.compile(r"\\[lr]vert(?![a-z])"), "|"),
    (re.compile(r"\\dfrac|\\tfrac|\\cfrac"), r"\\frac"),
)  # fmt: skip


class Formulas:
    """The formulas of one text, within the bounds on all of them."""

    def __init__(self) -> None:
        self._left = MAX_MATHML
        self._deadline = time.monotonic() + MAX_SECONDS

    def set(self, tex: str, *, block: bool) -> str:
        """A formula as MathML; empty where it is to stay as its author typed it."""
        if len(tex) > MAX_TEX or _depth(tex) > MAX_DEPTH or time.monotonic() > self._deadline:
            return ""
        found = _mathml(tex.strip(), block)
        self._left -= len(found)
        return found if self._left > 0 else ""


def _depth(tex: str) -> int:
    depth = deepest = 0
    for sign in tex:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    return deepest


def _mathml(tex: str, block: bool) -> str:  # noqa: FBT001 — internal
    """MathML that is whole and understood; empty otherwise."""
    for pattern, name in _NAMES:
        tex = pattern.sub(name, tex)
    try:
        root = convert_to_element(tex, display="block" if block else "inline")
    except Exception:  # noqa: BLE001 — any error of a formula is its author's
        return ""
    for node in root.iter():
        # The converter writes its signs as references, which would be escaped once more.
        node.text = html.unescape(node.text) if node.text else None
        if node.tag == "mi" and (node.text or "").startswith(("\\", "&")):
            return ""  # a command that it does not know
    return ET.tostring(root, encoding="unicode")
