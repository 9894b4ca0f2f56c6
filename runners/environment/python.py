"""Which Python an environment gets, by every honest sign, and which ones to try next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from registry.spec.manifest import Manifest
from runners.environment.declaration import Declaration
from runners.environment.python_signs import PythonSign, python_signs
from runners.environment.pythons import RELEASED, SETTLED, SUPPORT, rank
from runners.tree import Tree


@dataclass(frozen=True, kw_only=True)
class PythonChoice:
    """The Python to use ("3.9"), and the sentence part that says why.

    `asked` is what the repository asks for ("3.7", ">=3.6,<3.8") where `python` is another.
    `neighbours` are the others at hand, in the order to try them.
    """

    python: str
    why: str
    asked: str | None
    neighbours: tuple[str, ...]


def python_wanted(
    tree: Tree,
    manifest: Manifest,
    declaration: Declaration | None,
    *,
    committed_on: str,
    available: Sequence[str],
) -> PythonChoice:
    """The Python for a commit of the day `committed_on` ("2021-03-05"), out of `available`.

    1. Each sign, the weightiest first, leaves of the Pythons those that it admits; one that would
       leave none is passed over. Traces of a Python that had no support on that day do not count.
    2. Wanted is the newest of what is left that was in use on that day.
    3. Of those available, what is asked for goes first, then what is nearest to the wanted.
    """
    day = date.fromisoformat(committed_on[:10])
    signs = _agreeing(_current(sign, day) for sign in python_signs(tree, manifest, declaration))
    wanted = _newest_in_use(signs, day)
    worth = _worth(signs, wanted, day=day, pinned=_is_pinned(declaration))
    order = sorted(available, key=worth)
    unmet = (sign for sign in signs if sign.kind == "asked" and order[0] not in sign.pythons)
    return PythonChoice(
        python=order[0],
        why=_why(signs, wanted, order[0], day),
        asked=next((sign.asked for sign in unmet), None),
        neighbours=tuple(order[1:]),
    )


def _current(sign: PythonSign, day: date) -> PythonSign:
    """A trace without what had no support on `day`: notebooks and CI files outlive their Python."""
    if sign.kind != "trace":
        return sign
    return replace(sign, pythons=frozenset(p for p in sign.pythons if RELEASED[p] + SUPPORT > day))


def _agreeing(signs: Iterable[PythonSign]) -> tuple[PythonSign, ...]:
    """The signs that agree with all the weightier ones, and those that admit no Python at all."""
    agreeing: tuple[PythonSign, ...] = ()
    for sign in signs:
        if _left((*agreeing, sign)):
            agreeing = (*agreeing, sign)
    return agreeing


def _left(signs: tuple[PythonSign, ...]) -> frozenset[str]:
    """The Pythons that every sign admits; all known ones where there is no sign."""
    said = [sign.pythons for sign in signs if sign.pythons]
    return frozenset[str].intersection(*said) if said else frozenset(RELEASED)


def _newest_in_use(signs: tuple[PythonSign, ...], day: date) -> str:
    """The newest Python left by the signs that was in use on `day`, else the oldest left.

    A version that an author names is one that the author had.
    """
    left = sorted(_left(signs), key=rank)
    named = {python for sign in signs if sign.named for python in sign.pythons}
    in_use = [p for p in left if _in_use(p, day, since=timedelta() if p in named else SETTLED)]
    return (in_use or left[:1])[-1]


def _in_use(python: str, day: date, *, since: timedelta = SETTLED) -> bool:
    return python in RELEASED and RELEASED[python] + since <= day


def _worth(
    signs: tuple[PythonSign, ...], wanted: str, *, day: date, pinned: bool
) -> Callable[[str], tuple[list[bool], int, bool, int]]:
    """The order in which to try Pythons, as a key to sort by.

    Of two as near, that which was in use on the day: of the packages of that day there are no
    wheels for a later one. If both were, the older where packages are pinned, for the same reason;
    else the newer, since the language keeps what it had.
    """
    asked = [sign.pythons for sign in signs if sign.kind == "asked"]

    def key(python: str) -> tuple[list[bool], int, bool, int]:
        refused = [python not in pythons for pythons in asked]
        age = rank(python) if pinned else -rank(python)
        return refused, abs(rank(python) - rank(wanted)), not _in_use(python, day), age

    return key


def _is_pinned(declaration: Declaration | None) -> bool:
    """Whether at least half of the requirements are pinned to a version."""
    lines = declaration.requirements if declaration else ()
    pinned = [line for line in lines if "==" in line]
    return bool(pinned) and 2 * len(pinned) >= len(lines)


def _why(signs: tuple[PythonSign, ...], wanted: str, chosen: str, day: date) -> str:
    """The sign that decided, and what followed from it."""
    narrowing = [
        sign
        for number, sign in enumerate(signs)
        if _left(signs[: number + 1]) != _left(signs[:number])
    ]
    why = narrowing[-1].why if narrowing else "no file asks for one Python"
    if not narrowing or len(narrowing[-1].pythons) > 1:
        why += f"; {wanted} was the newest in use on {day}"
    return why if chosen == wanted else f"{why}; {chosen} is the nearest to {wanted} here"
