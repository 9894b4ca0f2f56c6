"""What differs between two environments, package by package."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageChange:
    """A package that two environments do not have alike. "" is the version of one without it."""

    name: str
    before: str
    after: str


def package_changes(before: Iterable[str], after: Iterable[str]) -> tuple[PackageChange, ...]:
    """What has to change to come from `before` to `after`, lists of "name==version", by name."""
    old, new = versions_of(before), versions_of(after)
    return tuple(
        PackageChange(name=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def versions_of(lines: Iterable[str]) -> dict[str, str]:
    """Normalised name → version, of a list of "name==version"."""
    pairs = (line.partition("==")[::2] for line in lines)
    return {canonicalize_name(name): version for name, version in pairs}
