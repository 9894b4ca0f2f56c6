"""Hold the outputs against the expected values and against each other, outside any container."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from registry.spec.evidence import Comparison
from registry.spec.ladder import StepState
from registry.spec.manifest import Output
from runners.compare import compare
from runners.journal import StepLog
from runners.steps.case import Case, Tools

FIRST, SECOND = 1, 2
MAX_EXPECTED_BYTES = 200_000_000


def compare_outputs(case: Case, tools: Tools, log: StepLog) -> Case:
    """Outputs × expected → comparisons, for every declared output that was written."""
    if SECOND not in case.outputs or case.evidence.inference[-1].failure:
        log.end(StepState.SKIPPED, "There are no outputs of two runs to compare.")
        return case
    comparisons: tuple[Comparison, ...] = ()
    for output in case.manifest.outputs:
        tools.check()
        for comparison in _comparisons(case, output):
            comparisons += (comparison,)
            log(f"{comparison.path} against {comparison.against}: {comparison.message}\n")
    (tools.artifacts / "comparisons.json").write_bytes(msgspec.json.encode(comparisons))
    disagreeing = [comparison for comparison in comparisons if not comparison.agrees]
    if disagreeing:
        log.end(StepState.FAILED, disagreeing[0].message)
    return replace(case, evidence=replace(case.evidence, comparisons=comparisons))


def _comparisons(case: Case, output: Output) -> Iterator[Comparison]:
    """The second run against the first; both against the expected values.

    A second run that is bitwise the first needs no second comparison with the expected values.
    """
    first, second = (case.outputs[number][0][output.path] for number in (FIRST, SECOND))
    repeat = compare(output, produced=second, expected=first, against="repeat")
    yield replace(repeat, repetition=SECOND)
    if output.expected is None:
        return
    path = case.manifest.from_root(output.expected)
    expected = case.source.tree.read(path, limit=MAX_EXPECTED_BYTES)
    yield _against_expected(output, first, expected, FIRST)
    if not repeat.identical:
        yield _against_expected(output, second, expected, SECOND)


def _against_expected(
    output: Output, produced: Path, expected: bytes, repetition: int
) -> Comparison:
    comparison = compare(output, produced=produced, expected=expected, against="expected")
    return replace(comparison, repetition=repetition)
