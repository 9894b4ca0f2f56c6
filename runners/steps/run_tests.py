"""Run the repository's tests in fresh containers, one way after another, until some are counted."""

import re
import secrets
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from registry.spec.evidence import NO_TESTS_COLLECTED, Tests
from registry.spec.ladder import StepState
from registry.spec.variables import environment_for
from runners.containers.base import Image, RunLimits, RunRequest
from runners.discovery.plans import TestPlan
from runners.discovery.tests import from_its_folder, left_out, stand_in, test_plans
from runners.journal import StepLog
from runners.steps.case import Case, Tools
from runners.steps.judge_tests import Ran, judge, settles

LEAST_SECONDS = 1.0
_COLOURS = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_MISSING_FILE = re.compile(
    r"(?:FileNotFoundError|OSError|IOError)[^\n]{0,300}?"
    r"(?:['\"](?P<quoted>[^'\"\n]{1,200})['\"]|: (?P<plain>[^\s'\"]{1,200}) not found)"
)


def run_tests(case: Case, tools: Tools, log: StepLog) -> Case:
    """Image → counts, outcomes, exit code. Network off, root read-only, all limits explicit.

    1. Try the plans in order, each in a fresh container, until one counts a test or fails.
    2. Tests that miss a file which lies beside them are tried once more from there.
    All of it shares the limits of one run.
    """
    plans = test_plans(case.source.tree, case.manifest)
    if case.image is None or not plans:
        nothing = ("No test was found.", *left_out(case.source.tree, case.manifest))
        log.end(StepState.SKIPPED, " ".join(nothing) if case.image else "There is no image.")
        return case
    tests = _Trials(case, case.image, tools, log).run(plans)
    if tests.failure:
        log.end(StepState.FAILED, tests.failure.sentence)
    else:
        log.end(StepState.PASSED, f"{tests.passed} passed, {tests.skipped} skipped")
    return replace(case, evidence=replace(case.evidence, tests=tests))


@dataclass(frozen=True)
class _Trial:
    ran: Ran
    tests: Tests


class _Trials:
    """The plans of one case, run one after another within the time of one run."""

    def __init__(self, case: Case, image: Image, tools: Tools, log: StepLog) -> None:
        self._case, self._image, self._tools, self._log = case, image, tools, log
        self._limits = tools.bounds.for_model(case.manifest.resources)
        self._left = self._limits.seconds
        self._number = 0

    def run(self, plans: tuple[TestPlan, ...]) -> Tests:
        """The evidence of the plan that settles it; else of the one that says most."""
        tried: list[_Trial] = []
        for plan, following in zip(plans, (*plans[1:], None), strict=True):
            tried.append(self._try(plan))
            done = settles(tried[-1].tests, tried[-1].ran, following)
            if done or self._left < LEAST_SECONDS:
                break
        chosen = self._from_its_folder(_most_telling(tried))
        earlier = [trial.ran.plan for trial in tried if trial.ran.plan is not chosen.ran.plan]
        self._keep_report(chosen)
        return replace(chosen.tests, why=_why(chosen.ran.plan, earlier))

    def _from_its_folder(self, trial: _Trial) -> _Trial:
        """The same tests from their own folder, when that makes fewer of them fail."""
        missing = _MISSING_FILE.search(trial.ran.log) if trial.tests.failure else None
        if missing is None or self._left < LEAST_SECONDS:
            return trial
        name = missing["quoted"] or missing["plain"]
        plan = from_its_folder(trial.ran.plan, name, self._case.source.tree, self._case.manifest)
        if plan is None:
            return trial
        other = self._try(plan)
        as_many = other.tests.collected >= trial.tests.collected
        return other if as_many and _bad(other.tests) < _bad(trial.tests) else trial

    def _try(self, plan: TestPlan) -> _Trial:
        self._log(f"{plan.why}\n$ {' '.join(plan.command)}\n")
        mark = self._log.mark
        request = self._request(plan)
        result = self._tools.engine.run(request, log=self._log, check=self._tools.check)
        self._left -= result.seconds
        log = _COLOURS.sub("", self._log.since(mark))
        ran = Ran(
            plan=plan,
            report=request.collect[0],
            result=result,
            log=log,
            stand_in=stand_in(plan, self._case.source.tree, self._case.manifest),
        )
        return _Trial(ran, judge(ran, self._limits))

    def _request(self, plan: TestPlan) -> RunRequest:
        """Tests may see the expected values, which the image does not hold: they are put back."""
        case, tree, tools = self._case, self._case.source.tree, self._tools
        self._number += 1
        # Nobody can have committed a report under a name that is made now.
        report = f".reprise-{secrets.token_hex(8)}.xml"
        place = f"{self._image.workdir}/{report}"
        hidden = {path: tree.read(path) for path in case.manifest.hidden_paths if path in tree}
        limits = self._limits_left()
        return RunRequest(
            image=self._image,
            name=f"{tools.name}-tests-{self._number}",
            command=plan.command,
            environment={
                **environment_for(case.manifest),
                "PYTEST_ADDOPTS": f"--junitxml={place} -p no:cacheprovider",
                "REPRISE_REPORT": place,
                "REPRISE_SECONDS": f"{limits.seconds:.0f}",
            },
            folder=case.manifest.workdir,
            inject={**hidden, **case.inputs, **plan.inject},
            collect=(report,),
            into=Path(tempfile.mkdtemp(prefix="tests-", dir=tools.scratch)),
            labels=tools.labels,
            limits=limits,
        )

    def _limits_left(self) -> RunLimits:
        return replace(self._limits, seconds=self._left)

    def _keep_report(self, trial: _Trial) -> None:
        path = trial.ran.result.files.get(trial.ran.report)
        if path and trial.tests.outcomes:
            (self._tools.artifacts / "junit.xml").write_bytes(path.read_bytes())


def _most_telling(tried: list[_Trial]) -> _Trial:
    """What counted tests, else what failed by itself, else what was tried last."""
    counted = next((trial for trial in tried if trial.tests.collected), None)
    quiet = (0, NO_TESTS_COLLECTED)
    failed = next((trial for trial in tried if trial.tests.exit_code not in quiet), tried[-1])
    return counted or failed


def _why(plan: TestPlan, earlier: list[TestPlan]) -> str:
    if not earlier:
        return plan.why
    return f"{plan.why} Tried as well: {', '.join(' '.join(one.command) for one in earlier)}."


def _bad(tests: Tests) -> int:
    return tests.failed + tests.errors
