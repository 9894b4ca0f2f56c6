"""Rounds: an environment is built and everything run in it, until one is right.

The repair ladder answers what was wrong with a round; the best round is kept.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from registry.spec.evidence import Attempt, Evidence, Failure
from registry.spec.ladder import Repair, Step
from registry.spec.policy import ATTEMPTS_MOST
from registry.spec.verdict import decide
from runners.environment.candidate import Candidate, Plan
from runners.environment.imports import missing_modules_in_log
from runners.environment.repair import Trouble, repaired
from runners.faults import RepositoryFault
from runners.journal import Journal, StepLog
from runners.steps.build_image import build_image
from runners.steps.case import Case, Tools
from runners.steps.compare_outputs import compare_outputs
from runners.steps.run_inference import run_inference
from runners.steps.run_tests import run_tests

# So many attempts at what one file declares, none of which could be built, and another file's turn
# has come.
PATIENCE = 3
StepFunction = Callable[[Case, Tools, StepLog], Case]
ROUND: tuple[tuple[Step, StepFunction], ...] = (
    (Step.BUILD_IMAGE, build_image),
    (Step.RUN_TESTS, run_tests),
    (Step.RUN_INFERENCE, run_inference),
    (Step.COMPARE_OUTPUTS, compare_outputs),
)


@dataclass(frozen=True, kw_only=True)
class Round:
    """One environment with all that was seen in it, what was wrong, and the log of where."""

    number: int
    case: Case
    tools: Tools
    seconds: float
    trouble: Trouble | None

    @property
    def evidence(self) -> Evidence:
        """What was seen."""
        return self.case.evidence

    @property
    def standing(self) -> tuple[int, bool, bool, int, int, int]:
        """How good it is: level, tests, outputs, then how little failed, was missing or clashed."""
        evidence, tests = self.evidence, self.evidence.tests
        environment = evidence.environment
        return (
            decide(evidence).level,
            bool(tests and tests.green),
            bool(evidence.inference) and not any(run.failure for run in evidence.inference),
            tests.passed if tests else 0,
            -(tests.failed + tests.errors) if tests else 0,
            -len(environment.conflicts) - len(environment.unresolved_imports),
        )


def climb(case: Case, tools: Tools, journal: Journal) -> Case:
    """The case with the best environment that was found, and every attempt at one.

    1. Try a candidate: build it, run the tests and the declared command in it.
    2. When something is wrong, let the ladder's answers be next, and then what else is declared;
       when all is right, stop.
    3. Keep the round that stands best, the earlier of equals, and its files.

    A new attempt begins only within the time of one build, so that all of them take two at most.
    """
    if case.plan is None:
        raise AssertionError("rounds begin after plan_environment")
    deadline = time.monotonic() + tools.bounds.build.seconds
    waiting, rounds = _Waiting(case.plan, tools.rungs), list[Round]()
    while len(rounds) < ATTEMPTS_MOST and time.monotonic() < deadline:
        candidate = waiting.next()
        if candidate is None:
            break
        rounds.append(_round(case, candidate, tools, journal, number=len(rounds) + 1))
        if rounds[-1].trouble is None:
            break
        waiting.answer(rounds[-1], better=_best(rounds) is rounds[-1])
    best = _best(rounds)
    _discard_others(best, rounds, tools)
    shutil.copytree(best.tools.artifacts, tools.artifacts, dirs_exist_ok=True)
    return _with_attempts(best, rounds)


class _Waiting:
    """The candidates still to be tried: the ladder's answers first, then what else is declared."""

    def __init__(self, plan: Plan, rungs: frozenset[Repair]) -> None:
        self._plan, self._rungs = plan, rungs
        self._declared, self._answers = deque(plan.candidates), deque[Candidate]()
        self._tried: set[tuple[object, ...]] = set()
        self._unbuilt = 0

    def next(self) -> Candidate | None:
        """The next candidate that was not tried yet; None when there is none."""
        if self._unbuilt >= PATIENCE and self._declared:
            self._answers.clear()
        while self._answers or self._declared:
            if not self._answers:
                self._unbuilt = 0
            candidate = (self._answers or self._declared).popleft()
            if candidate.identity not in self._tried:
                self._tried.add(candidate.identity)
                return candidate
        return None

    def answer(self, seen: Round, *, better: bool) -> None:
        """Let what the rungs say to a round's trouble be next.

        A round that is better than all before makes answers to those before it idle: each of them
        lacks what was just found to help.
        """
        self._unbuilt += seen.case.image is None
        if better:
            self._answers.clear()
        if seen.trouble:
            answers = repaired(seen.case.candidate, seen.trouble, self._plan, allowed=self._rungs)
            self._answers.extendleft(reversed(list(answers)))


def _round(
    case: Case, candidate: Candidate, tools: Tools, journal: Journal, *, number: int
) -> Round:
    """Walk the steps of one round, with folders of its own."""
    begun, own = time.monotonic(), _folders(tools, number)
    logs: dict[Step, str] = {}
    case = replace(case, round=candidate)
    for step, function in ROUND:
        own.check()
        try:
            with journal.step(step) as log:
                if step is Step.BUILD_IMAGE:
                    log(_heading(candidate, number))
                case = function(case, own, log)
        except RepositoryFault as fault:
            case = replace(case, evidence=replace(case.evidence, failure=fault.failure))
            break
        finally:
            logs[step] = log.tail
    return Round(
        number=number,
        case=case,
        tools=own,
        seconds=round(time.monotonic() - begun, 3),
        trouble=_trouble(case, logs),
    )


def _folders(tools: Tools, number: int) -> Tools:
    """The tools with folders of this round's own, so that no round finds another's files."""
    artifacts, scratch = (tools.scratch / f"{kind}-{number}" for kind in ("kept", "scratch"))
    artifacts.mkdir()
    scratch.mkdir()
    return replace(tools, artifacts=artifacts, scratch=scratch)


def _heading(candidate: Candidate, number: int) -> str:
    changes = "".join(f"   {change}\n" for change in candidate.changed)
    return f"Attempt {number}: {candidate.strategy} on {candidate.base_image}\n{changes}"


def _failures(evidence: Evidence) -> list[Failure]:
    """Everything that was wrong, in the order of the steps."""
    tests = [evidence.tests.failure] if evidence.tests else []
    runs = [run.failure for run in evidence.inference]
    every = [evidence.environment.failure, *tests, *runs, evidence.failure]
    return [failure for failure in every if failure]


def _trouble(case: Case, logs: dict[Step, str]) -> Trouble | None:
    """What the ladder is asked about a round; None when there is nothing to mend."""
    evidence = case.evidence
    if case.image is None:
        failure = evidence.environment.failure or evidence.failure
        cause = failure.cause if failure else None
        return Trouble(step=Step.BUILD_IMAGE, cause=cause, log=logs[Step.BUILD_IMAGE])
    tests, failed = evidence.tests, [run for run in evidence.inference if run.failure]
    step = Step.RUN_TESTS if tests and tests.failure else Step.RUN_INFERENCE
    log = (logs[Step.RUN_TESTS] if tests and tests.failure else "") + (
        logs[Step.RUN_INFERENCE] if failed else ""
    )
    log += "".join(f"{conflict}\n" for conflict in evidence.environment.conflicts)
    if not log and not _failures(evidence):
        return None
    missing = tuple(dict.fromkeys((*case.unresolved, *missing_modules_in_log(log))))
    return Trouble(
        step=step,
        cause=next((failure.cause for failure in _failures(evidence)), None),
        log=log,
        missing_modules=missing,
        passed=tests.passed if tests else 0,
    )


def _best(rounds: list[Round]) -> Round:
    """The round that stands best, the earliest of equals.

    When nothing was built it is the first: its failure is the one that the author can mend.
    """
    built = [each for each in rounds if each.case.image]
    return max(built or rounds[:1], key=lambda each: (*each.standing, -each.number))


def _discard_others(best: Round, rounds: list[Round], tools: Tools) -> None:
    """Only the image that is kept takes room; what it shares with the others stays cached."""
    kept = best.case.image
    for image in {each.case.image for each in rounds if each.case.image}:
        if image != kept:
            tools.engine.discard(image)


def _with_attempts(best: Round, rounds: list[Round]) -> Case:
    attempts = tuple(
        _attempt(each, kept=each is best and each.case.image is not None) for each in rounds
    )
    environment = replace(best.evidence.environment, attempts=attempts)
    return replace(best.case, evidence=replace(best.evidence, environment=environment))


def _attempt(each: Round, *, kept: bool) -> Attempt:
    candidate, failures = each.case.candidate, _failures(each.evidence)
    return Attempt(
        number=each.number,
        strategy=candidate.strategy,
        python=candidate.python,
        base_image=candidate.base_image,
        changed=candidate.changed,
        repairs=candidate.repairs,
        built=each.case.image is not None,
        kept=kept,
        seconds=each.seconds,
        failure=failures[0] if failures else None,
    )
