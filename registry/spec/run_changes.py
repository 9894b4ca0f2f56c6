"""What differs between the evidence of two runs: their tests, their outputs, their steps' times."""

from dataclasses import dataclass

from registry.spec.evidence import Comparison, OutputFile, Report, Tests
from registry.spec.ladder import Step

_BAD = frozenset({"failed", "error"})


@dataclass(frozen=True, kw_only=True, slots=True)
class TestChanges:
    """Names of tests, each in the order of the reports. `same` counts those that ended alike.

    `otherwise` are those that changed between passing and being skipped.
    """

    __test__ = False

    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    same: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputSeen:
    """An output in one run: the file of its first repetition, and how it stood to the expected."""

    file: OutputFile
    expected: Comparison | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputChange:
    """An output in two runs; None in one that did not write it."""

    path: str
    before: OutputSeen | None
    after: OutputSeen | None

    @property
    def same(self) -> bool:
        """Whether both wrote the same bytes."""
        if self.before is None or self.after is None:
            return False
        return self.before.file.sha256 == self.after.file.sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class StepChange:
    """The seconds of a step in two runs; None in one that did not come to it."""

    step: Step
    before: float | None
    after: float | None


def tests_changed(before: Tests | None, after: Tests | None) -> TestChanges:
    """What became of each test, by its name."""
    old, new = _states(before), _states(after)
    both = [(name, old[name], state) for name, state in new.items() if name in old]
    changed = [(name, was, state) for name, was, state in both if was != state]
    failing = tuple(name for name, was, state in changed if state in _BAD and was not in _BAD)
    passing = tuple(name for name, was, state in changed if state not in _BAD and was in _BAD)
    known = {*failing, *passing}
    neither = [each for each in changed if each[0] not in known and each[2] not in _BAD]
    return TestChanges(
        failing=failing,
        passing=passing,
        otherwise=tuple(name for name, _, _ in neither),
        gone=tuple(name for name in old if name not in new),
        new=tuple(name for name in new if name not in old),
        same=len(both) - len(known) - len(neither),
    )


def outputs_changed(before: Report, after: Report) -> tuple[OutputChange, ...]:
    """Every output that one of the two wrote; those that differ first."""
    old, new = _outputs(before), _outputs(after)
    found = (
        OutputChange(path=path, before=old.get(path), after=new.get(path))
        for path in dict.fromkeys((*old, *new))
    )
    return tuple(sorted(found, key=lambda one: one.same))


def steps_changed(before: Report, after: Report) -> tuple[StepChange, ...]:
    """The time of each step in both runs."""
    return tuple(
        StepChange(step=step, before=before.timings.get(step), after=after.timings.get(step))
        for step in Step
        if step in before.timings or step in after.timings
    )


def _states(tests: Tests | None) -> dict[str, str]:
    return {one.name: one.state for one in tests.outcomes} if tests else {}


def _outputs(report: Report) -> dict[str, OutputSeen]:
    """The outputs of the first repetition, by path; of a stochastic model those of one seed."""
    expected = {one.path: one for one in reversed(report.comparisons) if one.against == "expected"}
    return {
        file.path: OutputSeen(file=file, expected=expected.get(file.path))
        for file in (report.inference[0].outputs if report.inference else ())
    }
