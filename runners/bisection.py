"""The search for what broke a model between its last good run and the first bad one.

Plain: it knows nothing of containers. It asks a `probe` whether a commit, a Python and packages are
good together, always in the same order, and says what the answers come to, and no more.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.spec.bisection import Goal, Probe, Tried, minor_python
from registry.spec.environments import versions_of
from registry.spec.evidence import Report
from registry.spec.ladder import Level, Repair, Step, StepState
from runners.steps.case import Request


class Untried(Exception):
    """A probe that cannot be carried out here, and in a sentence why: then nothing is concluded."""


class MadeWay(Exception):
    """Something more urgent waits: the search stops between two probes, and goes on later."""


PACKAGE_PROBES = 12
COMMIT_PROBES = 8
# What every environment is seeded with, whatever it is asked for.
_SEEDS = frozenset({"pip", "wheel", "uv"})
_NAMED_MOST = 6
_AGAIN = {
    Level.REGISTERED: "it is there",
    Level.ARCHIVED: "it is archived",
    Level.BUILDS: "it builds",
    Level.RUNS: "it runs",
    Level.REPEATABLE: "it is repeatable",
    Level.REPRODUCED: "it is reproduced",
}

Ask = Callable[[Probe], bool]
Commits = Callable[[str, str], tuple[str, ...]]
"""The first-parent commits after the older one up to the newer, oldest first; () where the older is
not in the newer's history, or nobody knows."""


def bisect(good: Report, bad: Report, *, probe: Ask, commits: Commits) -> str:
    """One sentence or two on what broke it.

    1. The bad run once more as it was: what does not fail again cannot be searched.
    2. The bad run's commit with the good run's packages, then on its Python too; when that is
       good, the packages that matter are found by halving (at most PACKAGE_PROBES questions).
    3. When the commits differ, the first bad one by halving, all in the good run's environment (at
       most COMMIT_PROBES questions).
    """
    search = _Search(
        old=_Side.of(good), new=_Side.of(bad), verb=_AGAIN[Goal.of(good).level], ask=probe
    )
    try:
        return _searched(search, commits)
    except Untried as reason:
        return f"Not found, for not all could be tried. {reason}"


def _searched(search: "_Search", commits: Commits) -> str:
    if search.works(search.new, "everything as in the bad run, once more"):
        return (
            "Everything as in the bad run, it is good today: the fall does not show again. The "
            "host, its load or the network are likelier than packages, Python or commit."
        )
    return search.environment() or search.commit(commits)


def no_commits(_older: str, _newer: str) -> tuple[str, ...]:
    """The line of commits between two of which nobody knows any."""
    return ()


def rungs_of(good: Report, bad: Report) -> frozenset[Repair]:
    """The rungs that probes may use: those that one of the runs needed, and never another Python.

    A rung that neither needed could hide the very thing that is looked for.
    """
    return (frozenset(good.repairs) | frozenset(bad.repairs)) - {Repair.PYTHON}


def request_for(probe: Probe, request: Request) -> Request:
    """`request`, asking for what `probe` says."""
    return replace(
        request,
        ref=probe.commit,
        constraints=probe.packages,
        python=probe.python,
        earlier=(),
    )


class Diary:
    """A probe that carries each question out once, and writes down what came of it.

    What an earlier attempt at the same search wrote down is not asked again. `before` is called
    before each question that is carried out, and may raise.
    """

    def __init__(
        self,
        *,
        goal: Goal,
        run: Callable[[Probe, int], Report],
        tried: Sequence[Tried] = (),
        before: Callable[[], None] = lambda: None,
        note: Callable[[Sequence[Tried]], None] = lambda _tried: None,
    ) -> None:
        self._goal, self._run, self._before, self._note = goal, run, before, note
        self._known = {each.key: each for each in tried}

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Everything that was tried, in order."""
        return tuple(self._known.values())

    def __call__(self, probe: Probe) -> bool:
        """Whether the probe is good."""
        if probe.key not in self._known:
            self._before()
            self._known[probe.key] = self._carried_out(probe)
            self._note(self.tried)
        return self._known[probe.key].good

    def _carried_out(self, probe: Probe) -> Tried:
        begun = time.monotonic()
        report = self._run(probe, len(self._known) + 1)
        return Tried(
            key=probe.key,
            what=probe.what,
            good=self._goal.met_by(report),
            level=report.level,
            cause=report.cause.value if report.cause else "",
            seconds=round(time.monotonic() - begun, 1),
        )


def smallest(
    names: tuple[str, ...], works: Callable[[tuple[str, ...]], bool], *, most: int
) -> tuple[tuple[str, ...], bool]:
    """The smallest part of `names` found that still works, and whether none smaller does.

    Delta debugging (Zeller and Hildebrandt 2002) with at most `most` questions; `names` as a whole
    works, and nothing at all does not.
    """
    parts, left = 2, most
    while len(names) > 1:
        smaller = None
        for piece in _pieces(names, parts):
            if left == 0:
                return names, False
            left -= 1
            if works(piece):
                smaller = piece
                break
        if smaller:
            names, parts = smaller, 2
        elif parts >= len(names):
            return names, True
        else:
            parts = min(2 * parts, len(names))
    return names, True


def _pieces(names: tuple[str, ...], parts: int) -> Iterator[tuple[str, ...]]:
    """`names` in so many parts, then all but each of them."""
    edges = [round(number * len(names) / parts) for number in range(parts + 1)]
    spans = list(itertools.pairwise(edges))
    yield from (names[first:last] for first, last in spans)
    if len(spans) > 2:  # noqa: PLR2004 — of two parts, each is all but the other
        yield from (names[:first] + names[last:] for first, last in spans)


@dataclass(frozen=True, kw_only=True)
class _Side:
    """What one of the two runs stood on. `packages`: normalised name → version, {} when unknown."""

    commit: str
    python: str | None
    packages: Mapping[str, str]
    own_dockerfile: bool
    base_digest: str | None
    cpu_model: str

    @classmethod
    def of(cls, report: Report) -> "_Side":
        named = versions_of(report.environment.packages)
        return cls(
            commit=report.source.commit or "",
            python=minor_python(report),
            packages={name: named[name] for name in sorted(named.keys() - _SEEDS)},
            own_dockerfile=report.environment.strategy == "dockerfile",
            base_digest=report.environment.base_digest,
            cpu_model=report.host.cpu_model if report.host else "",
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """The packages as constraints; an author's own Dockerfile takes none."""
        if self.own_dockerfile:
            return ()
        return tuple(f"{name}=={version}" for name, version in self.packages.items())


@dataclass(frozen=True, kw_only=True)
class _Search:
    """Both sides, and whom to ask. `verb` is what is good, in words: "it runs"."""

    old: _Side
    new: _Side
    verb: str
    ask: Ask

    @property
    def differing(self) -> tuple[str, ...]:
        """The packages of the good run that the bad one had in another version, or not known."""
        if self.fixed:
            return ()
        old, new = self.old.packages, self.new.packages
        known = old if not new else {name: old[name] for name in old if name in new}
        return tuple(name for name in known if old[name] != new.get(name))

    @property
    def fixed(self) -> bool:
        """Whether an author's own Dockerfile says what is installed: nothing can be exchanged."""
        return self.old.own_dockerfile or self.new.own_dockerfile

    @property
    def other_python(self) -> bool:
        """Whether the two runs had different Pythons, which can be exchanged."""
        both = self.old.python is not None and self.new.python is not None
        return both and not self.fixed and self.old.python != self.new.python

    def works(self, side: _Side, what: str) -> bool:
        """Whether everything of one side is good."""
        python = None if side.own_dockerfile else side.python
        return self.ask(Probe(what=what, commit=side.commit, python=python, packages=side.lines))

    def environment(self) -> str:
        """What of the packages and Python broke it; "" when it is not they."""
        mixed = replace(self.new, packages=self._with_old(self.differing))
        if self.differing and self.works(mixed, "the packages of the good run"):
            return self._packages(self.new.python)
        if not self.other_python:
            return ""
        on_old = f"on Python {self.old.python}"
        if not self.works(
            replace(mixed, python=self.old.python), f"the packages of the good run, {on_old}"
        ):
            return ""
        newer = f"Python {self.old.python} → {self.new.python}"
        if self.works(
            replace(self.new, python=self.old.python), f"the packages of the bad run, {on_old}"
        ):
            return f"{newer}: with the packages of the bad run {self.verb} on the old one."
        return f"{newer}, together with packages. {self._packages(self.old.python)}"

    def _with_old(self, names: Sequence[str]) -> dict[str, str]:
        """The bad run's packages, with those named as the good run had them.

        What only the good run had bounds what comes back with an old package.
        """
        old, new = self.old.packages, self.new.packages
        only_old = sorted(old.keys() - new.keys()) if new else ()
        return dict(new) | {name: old[name] for name in (*only_old, *names)}

    def _packages(self, python: str | None) -> str:
        """The fewest packages that must be old, which is known to help for all together."""

        def works(names: tuple[str, ...]) -> bool:
            side = replace(self.new, python=python, packages=self._with_old(names))
            return self.works(side, f"old: {_listed(names)}")

        names, least = smallest(self.differing, works, most=PACKAGE_PROBES)
        old = "the old one" if len(names) == 1 else f"these {len(names)} old ones"
        rest = "new" if self.new.packages else "as it is to be had today"
        on = f" on Python {python}" if python != self.new.python else ""
        more = "" if least else " Fewer may do: the search stops here."
        what = _listed([self._change(name) for name in names])
        return f"{what}: with everything else {rest} {self.verb} with {old}{on}.{more}"

    def _change(self, name: str) -> str:
        """A package's two versions; the new one is unknown where nothing was built."""
        newer = self.new.packages.get(name)
        return f"{name} {self.old.packages[name]}" + (f" → {newer}" if newer else "")

    def commit(self, commits: Commits) -> str:
        """Which commit broke it, in the good run's environment; else what is left."""
        if self.old.commit == self.new.commit:
            return self._left_over()
        if not self.works(self.old, "everything as in the good run"):
            return (
                "Even the good run's own commit with its own packages and Python fails today. "
                f"{self._outside()}"
            )
        line = commits(self.old.commit, self.new.commit)
        if not line:
            return (
                f"The commit: {self.verb} at {self.old.commit[:12]} and not at "
                f"{self.new.commit[:12]}. Which commit between them cannot be told: the one is not "
                "in the other's history, or the history cannot be had."
            )
        return self._first_bad((self.old.commit, *line))

    def _first_bad(self, line: tuple[str, ...]) -> str:
        """Halve a line of commits whose first is good and whose last is bad."""
        first, last = 0, len(line) - 1
        for _ in range(COMMIT_PROBES):
            if last - first <= 1:
                break
            middle = (first + last) // 2
            side = replace(self.old, commit=line[middle])
            works = self.works(side, f"commit {line[middle][:12]} in the good run's environment")
            first, last = (middle, last) if works else (first, middle)
        there = f"In the good run's environment {self.verb} at commit {line[first][:12]} and not"
        if last - first == 1:
            return f"Commit {line[last][:12]}. {there} at this one, which is the next."
        return f"One of {last - first} commits. {there} at {line[last][:12]}."

    def _left_over(self) -> str:
        if self.fixed:
            return (
                "Not the commit, which is the same. The repository's own Dockerfile says what is "
                f"installed, so packages cannot be exchanged one by one. {self._outside()}"
            )
        return (
            "Neither the packages, nor Python, nor the commit: with all of them as in the good run "
            f"it fails. {self._outside()}"
        )

    def _outside(self) -> str:
        """What else may have changed, and what of it is known to have."""
        old, new = self.old, self.new
        known = (
            ("the base image", old.base_digest != new.base_digest and bool(old.base_digest)),
            ("the kind of CPU", old.cpu_model != new.cpu_model),
        )
        changed = [what for what, has in known if has]
        also = f" Changed between the two runs: {_listed(changed)}." if changed else ""
        return f"What is left is the base image, the host, or the network.{also}"


def _listed(names: Sequence[str]) -> str:
    """At most six names, as a sentence has them."""
    more = len(names) - _NAMED_MOST
    return ", ".join(names[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")


class Unheard:
    """The recorder of a probe: what matters of it is its report."""

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Nobody watches the steps of a probe."""

    def log(self, step: Step, text: str) -> None:
        """Nobody reads its log."""
