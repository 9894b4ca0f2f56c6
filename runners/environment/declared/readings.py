"""What one way of declaring an environment was read to say, before it is put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from runners.environment.declared.items import Item, Kind
from runners.environment.declared.packages import parsed

CONTENT = frozenset({Kind.REQUIREMENT, Kind.SYSTEM, Kind.PYTHON, Kind.EXTRA})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The pieces that the files of one `origin` declare; `for_tests` is what only tests want."""

    origin: str
    items: tuple[Item, ...] = ()
    for_tests: tuple[Item, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether anything is declared, and not only remarked on."""
        return any(item.kind in CONTENT for item in (*self.items, *self.for_tests))


def name_of(line: str) -> str:
    """The canonical name of the distribution that a requirement line names; empty for paths."""
    requirement = parsed(line.partition(" --hash")[0])
    return canonicalize_name(requirement.name) if requirement else ""


def names_of(items: Iterable[Item]) -> frozenset[str]:
    """The canonical names of the distributions that `items` require."""
    lines = (item.text for item in items if item.kind is Kind.REQUIREMENT)
    return frozenset(name_of(line) for line in lines) - {""}
