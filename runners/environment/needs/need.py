"""What a rule answers, and how answers are put together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the environment must hold for more than Python's own packages.

    `requirements` are lines as pip takes them; `system_packages` are Debian's names. `steps` are
    shell lines, run as root in the repository's root after source and packages are there; one
    that fails, fails the build. `notes` are plain sentences. `base_suite` names the only Debian
    ("bullseye") that has what is needed. Each of `alternatives` is to be tried in place of the
    whole when this does not build.
    """

    requirements: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    base_suite: str | None = None
    alternatives: tuple["Needs", ...] = ()


def combined(parts: tuple[Needs, ...]) -> Needs:
    """The parts as one; an alternative is the whole with one part replaced by its own."""
    others = (
        _joined((*parts[:place], other, *parts[place + 1 :]))
        for place, part in enumerate(parts)
        for other in part.alternatives
    )
    return replace(_joined(parts), alternatives=tuple(others))


def _joined(parts: tuple[Needs, ...]) -> Needs:
    suites = (part.base_suite for part in parts if part.base_suite)
    return Needs(
        requirements=_once(line for part in parts for line in part.requirements),
        system_packages=_once(name for part in parts for name in part.system_packages),
        steps=_once(step for part in parts for step in part.steps),
        notes=_once(note for part in parts for note in part.notes),
        base_suite=next(suites, None),
    )


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
