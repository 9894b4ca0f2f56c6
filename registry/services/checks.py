"""From a report to the rows of evidence: one check a step, its tests, its comparisons."""

import math
from collections.abc import Sequence
from itertools import islice

from registry.models import CheckResult, ClaimOutcome, OutputComparison, TestOutcome
from registry.services.text import as_json, cut, plain
from registry.spec import evidence
from registry.spec.evidence import Failure, Report
from registry.spec.ladder import Step, StepState

_AT_ONCE = 500


def checks_write(*, run_id: int, report: Report) -> None:
    """Write the evidence of a run, in the transaction of the caller."""
    checks = {
        step: CheckResult.objects.create(**_columns(run_id, number, step, report))
        for number, step in enumerate(Step, start=1)
    }
    tests = report.tests.outcomes if report.tests else ()
    _tests_write(checks[Step.RUN_TESTS], tests)
    _comparisons_write(checks[Step.COMPARE_OUTPUTS], report.comparisons)
    _claims_write(checks[Step.COMPARE_OUTPUTS], report.claims)


def step_state(step: Step, report: Report) -> StepState:
    """How a step of a reported run ended, on the strength of the evidence alone."""
    if step not in report.timings:
        return StepState.SKIPPED
    if not _was_needed(step, report):
        return StepState.SKIPPED
    return StepState.PASSED if _went_well(step, report) else StepState.FAILED


def _was_needed(step: Step, report: Report) -> bool:
    """Whether there was anything for the step to do."""
    needed = {
        Step.FETCH_INPUTS: report.read is not None and bool(report.read.manifest.inputs),
        Step.RUN_TESTS: report.tests is not None,
        Step.RUN_INFERENCE: bool(report.inference),
        Step.COMPARE_OUTPUTS: bool(report.comparisons),
    }
    return needed.get(step, True) or _stopped_at(step, report)


def _went_well(step: Step, report: Report) -> bool:
    if _stopped_at(step, report) or _failure_of(step, report):
        return False
    well = {
        Step.FETCH_SOURCE: report.source.commit is not None,
        Step.READ_MANIFEST: report.read is not None,
        Step.BUILD_IMAGE: report.environment.image_digest is not None,
        Step.RUN_TESTS: report.tests is None or report.tests.green,
        Step.COMPARE_OUTPUTS: all(one.agrees for one in report.comparisons)
        and all(claim.agrees for claim in report.claims),
    }
    return well.get(step, True)


def _stopped_at(step: Step, report: Report) -> bool:
    """Whether the walk ended at this step: the author's fault leaves the later ones untried."""
    walked = [known for known in Step if known in report.timings and known is not Step.DECIDE]
    return bool(walked) and walked[-1] is step and step is not Step.COMPARE_OUTPUTS


def _failure_of(step: Step, report: Report) -> Failure | None:
    if step is Step.BUILD_IMAGE:
        return report.environment.failure
    if step is Step.RUN_TESTS:
        return report.tests.failure if report.tests else None
    if step is Step.RUN_INFERENCE:
        return next((run.failure for run in report.inference if run.failure), None)
    return None


def _columns(run_id: int, number: int, step: Step, report: Report) -> dict[str, object]:
    state = step_state(step, report)
    failure = _failure_of(step, report)
    if state is StepState.FAILED and failure is None and report.cause is not None:
        failure = Failure(cause=report.cause, sentence=report.explanation)
    return {
        "run_id": run_id,
        "number": number,
        "step": step.value,
        "state": state.value,
        "seconds": report.timings.get(step),
        "cause": failure.cause.value if failure else "",
        "message": plain(failure.sentence) if failure else "",
    }


def _tests_write(check: CheckResult, tests: Sequence[evidence.TestOutcome]) -> None:
    rows = (
        TestOutcome(
            check_result=check,
            number=number,
            name=plain(test.name),
            state=test.state,
            seconds=test.seconds,
            message=plain(test.message),
        )
        for number, test in enumerate(tests, start=1)
    )
    while batch := list(islice(rows, _AT_ONCE)):
        TestOutcome.objects.bulk_create(batch)


def _comparisons_write(check: CheckResult, comparisons: Sequence[evidence.Comparison]) -> None:
    OutputComparison.objects.bulk_create(
        OutputComparison(
            check_result=check,
            number=number,
            path=cut(compared.path, 500),
            against=compared.against,
            kind=cut(compared.kind, 10),
            identical=compared.identical,
            agrees=compared.agrees,
            rtol=compared.rtol,
            atol=compared.atol,
            compared=compared.compared,
            mismatched=compared.mismatched,
            max_absolute_error=_finite(compared.max_absolute_error),
            max_relative_error=_finite(compared.max_relative_error),
            where=plain(compared.where or ""),
            message=plain(compared.message),
            differs=plain(compared.differs),
            statistic=as_json(compared.statistic),
            worst=as_json(compared.worst),
            figures=as_json(compared.figures),
        )
        for number, compared in enumerate(comparisons, start=1)
    )


def _claims_write(check: CheckResult, claims: Sequence[evidence.ClaimCheck]) -> None:
    ClaimOutcome.objects.bulk_create(
        ClaimOutcome(
            check_result=check,
            number=number,
            path=cut(claim.path, 500),
            label=cut(claim.label, 200),
            at=cut(claim.at, 300),
            value=claim.value,
            tolerance=claim.tolerance,
            unit=cut(claim.unit, 50),
            seen=_finite(claim.seen),
            agrees=claim.agrees,
            message=plain(claim.message),
        )
        for number, claim in enumerate(claims, start=1)
    )


def _finite(error: float | None) -> float | None:
    """SQLite stores NaN as NULL; so does every database here."""
    return error if error is not None and math.isfinite(error) else None
