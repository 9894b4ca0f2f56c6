"""The minor versions of Python: when each appeared, and which of them a text names or admits."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from packaging.specifiers import InvalidSpecifier, SpecifierSet

# The day of each x.y.0: the release schedules in PEP 373, 429, 478, 494, 537, 569, 596, 619, 664,
# 693, 719 and 745.
RELEASED = {
    "2.7": date(2010, 7, 3),
    "3.4": date(2014, 3, 16),
    "3.5": date(2015, 9, 13),
    "3.6": date(2016, 12, 23),
    "3.7": date(2018, 6, 27),
    "3.8": date(2019, 10, 14),
    "3.9": date(2020, 10, 5),
    "3.10": date(2021, 10, 4),
    "3.11": date(2022, 10, 24),
    "3.12": date(2023, 10, 2),
    "3.13": date(2024, 10, 7),
    "3.14": date(2025, 10, 7),
}
# Compiled packages follow a new Python months later (numpy soon, scipy, numba and torch after three
# or four); until then hardly anybody works with it.
SETTLED = timedelta(days=120)
# Each is mended for five years (PEP 602).
SUPPORT = timedelta(days=5 * 365)

_LATER = tuple(f"3.{minor}" for minor in range(15, 25))
_MOST_PATCHES = 30
_MAX_TEXT = 20_000
_MAX_RANGE = 200
# 3.8, 3.8.5, python-3.8, >=3.8; not 1.3.8, 13.8 or pypy-3.8.
_DOTTED = re.compile(r"(?<![\w.])(?<!pypy-)([23]\.\d{1,2})(?!\d)")
# py38, py310-numpy, python3.8, Python38-x64.
_JOINED = re.compile(r"(?<![a-z])py(?:thon)?([23])\.?(\d{1,2})(?!\d)", re.IGNORECASE)
# py{38,39,310}, py3{8,9}, py{3.8,3.9}
_BRACES = re.compile(r"\bpy([23]?)\{([\d., ]{1,200})\}")
_CARET = re.compile(r"([~^])(\d{1,3})(?:\.(\d{1,3}))?(?:\.\d{1,9})*")


def rank(python: str) -> int:
    """A number that grows with the version: 3.10 comes after 3.9, and 2.7 right before 3.0."""
    major, minor = (int(part) for part in python.split(".")[:2])
    return minor if major == 3 else -1  # noqa: PLR2004 — the major version


def minor_of(text: str) -> str | None:
    """The first minor version that a text names, such as "3.8" of "python-3.8.10"."""
    return next(iter(minors_in(text)), None)


def minors_in(text: str) -> tuple[str, ...]:
    """Every minor version that a text names in one of the usual ways, in no order of worth."""
    bounded = text[:_MAX_TEXT]
    dotted = (match.group(1) for match in _DOTTED.finditer(bounded))
    joined = (f"{major}.{minor}" for major, minor in _JOINED.findall(bounded))
    return tuple(dict.fromkeys((*dotted, *joined, *_in_braces(bounded))))


def _in_braces(text: str) -> Iterator[str]:
    for major, listed in _BRACES.findall(text):
        for part in listed.split(","):
            digits = f"{major}{part.strip()}".replace(".", "")
            if digits[:1] in {"2", "3"} and digits[1:]:
                yield f"{digits[0]}.{digits[1:]}"


def admitted(specifier: SpecifierSet) -> frozenset[str]:
    """The minor versions of which `specifier` admits at least one patch release.

    Of those that are known here, or of later ones where it admits no known one.
    """
    known = (python for python in RELEASED if _admits(specifier, python))
    return frozenset(known) or frozenset(p for p in _LATER if _admits(specifier, p))


def _admits(specifier: SpecifierSet, python: str) -> bool:
    return any(specifier.contains(f"{python}.{patch}") for patch in range(_MOST_PATCHES))


def range_of(text: str) -> SpecifierSet | None:
    """A range of Pythons as pip, Poetry and conda write it; None where it is none.

    >=3.7,<3.11 · ^3.8 · ~3.8 · 3.8.* · >=3.7 <3.9 · ==3.8.5 · 3.8, which means this minor version.
    Of several joined by || it is the last, mostly the newest.
    """
    last = text[:_MAX_RANGE].rpartition("||")[2].replace(",", " ")
    parts = re.sub(r"(?<=[<>=~^!])\s+", "", last).split()
    try:
        return SpecifierSet(",".join(map(_specifier, parts))) if parts else None
    except InvalidSpecifier:
        return None


def _specifier(part: str) -> str:
    if caret := _CARET.fullmatch(part):
        sign, major, minor = caret.groups()
        above = f"{major}.{int(minor) + 1}" if sign == "~" and minor else f"{int(major) + 1}"
        return f">={part[1:]},<{above}"
    if part == "*":
        return ">=0"
    bare = part if part.startswith("==") else part.removeprefix("=")
    if not bare[:1].isdigit():
        return bare
    return f"=={'.'.join(bare.removesuffix('.*').split('.')[:2])}.*"
