"""RIS, which EndNote, Mendeley and library catalogues read.

A line is a tag of two characters, two blanks, a dash, a blank, and its text: text without line
ends cannot begin a line of its own.
"""

from collections.abc import Iterator

from registry.citations.work import CitedWork, WorkKind, has_both_names, line, page_range
from registry.spec.manifest import Person

_TYPES: dict[WorkKind, str] = {
    "software": "COMP", "model": "COMP", "article": "JOUR", "verification": "RPRT",
}  # fmt: skip


def ris(work: CitedWork) -> str:
    """A record of RIS, with the line ends that its specification asks for."""
    tags = [("TY", _TYPES[work.kind]), *_told(work), ("ER", "")]
    return "".join(f"{tag}  - {text}\r\n" for tag, text in tags if text or tag == "ER")


def _told(work: CitedWork) -> Iterator[tuple[str, str]]:
    first, _, last = page_range(work.pages, "-").partition("-")
    yield "TI", line(work.title)
    yield from (("AU", _name(person)) for person in work.people)
    yield "PY", str(work.year or "")
    yield "DA", work.released.strftime("%Y/%m/%d") if work.released else ""
    yield "JO", line(work.journal)
    yield "VL", line(work.volume)
    yield "SP", first
    yield "EP", last
    yield "ET", line(work.version)
    yield "M3", "Verification" if work.kind == "verification" else ""
    yield "SN", str(work.number) if work.kind == "verification" else ""
    yield "PB", line(work.publisher)
    yield "AB", line(work.summary)
    yield from (("KW", line(word)) for word in work.keywords)
    yield "N1", line(work.note)
    yield "DO", line(work.doi)
    yield "UR", line(work.url)


def _name(person: Person) -> str:
    """Family name, given name. A comma of a name's own would part it at the wrong place."""
    if has_both_names(person):
        return f"{_whole(person.family)}, {_whole(person.given)}"
    return _whole(person.name)


def _whole(text: str) -> str:
    return " ".join(line(text).replace(",", " ").split())
