"""Hold the outputs against the expected values and against each other, outside any container."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from registry.spec.evidence import ClaimCheck, Comparison
from registry.spec.ladder import StepState
from registry.spec.manifest import Output
from runners.compare import compare
from runners.compare.claims import check_claims, check_claims_on_means
from runners.compare.differences import what_differs
from runners.figures import draw
from runners.journal import StepLog
from runners.steps.case import Case, Tools

FIRST, SECOND = 1, 2
MAX_EXPECTED_BYTES = 200_000_000


def compare_outputs(case: Case, tools: Tools, log: StepLog) -> Case:
    """Outputs × expected → comparisons and claims, for every declared output that was written."""
    if SECOND not in case.outputs or case.evidence.inference[-1].failure:
        log.end(StepState.SKIPPED, "There are no outputs of two runs to compare.")
        return case
    comparisons: tuple[Comparison, ...] = ()
    claims: tuple[ClaimCheck, ...] = ()
    for number, output in enumerate(case.manifest.outputs):
        written = _written(case, tools, output, f"{number}")
        for comparison in written.comparisons():
            comparisons += (comparison,)
            log(f"{comparison.path} against {comparison.against}: {comparison.message}\n")
            tools.check()
        claims += written.claims()
    for claim in claims:
        log(f"{claim.path}: {claim.message}\n")
    _keep(tools.artifacts, comparisons, claims)
    wrong = [comparison.message for comparison in comparisons if not comparison.agrees]
    wrong += [claim.message for claim in claims if not claim.agrees]
    if wrong:
        log.end(StepState.FAILED, wrong[0])
    evidence = replace(case.evidence, comparisons=comparisons, claims=claims)
    return replace(case, evidence=evidence)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """One output as both samples wrote it: one file each, or one a seed.

    `figures` is the folder for drawings, `stem` the start of their names.
    """

    output: Output
    first: tuple[Path, ...]
    second: tuple[Path, ...]
    expected: bytes | None
    figures: Path
    stem: str

    @property
    def sampled(self) -> bool:
        """Whether the samples are compared by a test; else file by file, every one of them."""
        return self.output.test is not None and len(self.first) > 1

    def comparisons(self) -> Iterator[Comparison]:
        """The second sample against the first; both against the expected values.

        A second run that is bitwise the first needs no second comparison with the expected values.
        """
        others = self.second if self.sampled else (*self.second, *self.first[1:])
        repeat = self._held(others, self.first, "repeat", SECOND)
        if not repeat.identical and not repeat.statistic:
            differs = what_differs(self.output, self.second[0], self.first[0])
            repeat = replace(repeat, differs=differs)
        yield repeat
        if self.expected is None:
            return
        yield self._held(self.first, (self.expected,), "expected", FIRST)
        if not repeat.identical:
            yield self._held(self.second, (self.expected,), "expected", SECOND)

    def claims(self) -> tuple[ClaimCheck, ...]:
        """The article's values against every run, or against the mean over all of a sampled one."""
        files = (*self.first, *self.second)
        if self.sampled:
            return check_claims_on_means(self.output, files)
        return check_claims(self.output, files)

    def _held(
        self,
        produced: tuple[Path, ...],
        expected: Sequence[bytes | Path],
        against: Literal["expected", "repeat"],
        repetition: int,
    ) -> Comparison:
        if self.sampled:
            # SciPy takes a second to import: models that are not stochastic do without.
            from runners.compare.statistics import compare_samples  # noqa: PLC0415

            found = compare_samples(
                self.output, produced=produced, expected=expected, against=against
            )
        else:
            each = [
                compare(self.output, produced=file, expected=expected[0], against=against)
                for file in produced
            ]
            found = min(each, key=lambda one: (one.agrees, one.identical))
        comparison = replace(found, repetition=repetition)
        figures = draw(
            self.output,
            comparison,
            produced=produced,
            expected=expected,
            folder=self.figures,
            stem=f"{self.stem}-{against}-{repetition}",
        )
        return replace(comparison, figures=figures)


def _written(case: Case, tools: Tools, output: Output, number: str) -> _Written:
    first, second = (
        tuple(run[output.path] for run in case.outputs[sample]) for sample in (FIRST, SECOND)
    )
    expected = None
    if output.expected is not None:
        path = case.manifest.from_root(output.expected)
        expected = case.source.tree.read(path, limit=MAX_EXPECTED_BYTES)
    return _Written(
        output=output,
        first=first,
        second=second,
        expected=expected,
        figures=tools.artifacts / "figures",
        stem=f"{number}-{Path(output.path).stem}",
    )


def _keep(
    folder: Path, comparisons: tuple[Comparison, ...], claims: tuple[ClaimCheck, ...]
) -> None:
    (folder / "comparisons.json").write_bytes(msgspec.json.encode(comparisons))
    if claims:
        (folder / "claims.json").write_bytes(msgspec.json.encode(claims))
