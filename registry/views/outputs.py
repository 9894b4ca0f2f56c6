"""What pages say of outputs, their comparisons, claims and repetitions, without the database."""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.spec.evidence import Comparison, Evidence, Figure, Report, Statistic, WorstRow
from registry.spec.ladder import Repeatability
from registry.spec.manifest import StatisticalTest
from registry.spec.verdict import claims_words, repeatability

TESTS: dict[StatisticalTest, str] = {
    "z-interval": "Test of the means (z-interval)",
    "kolmogorov-smirnov": "Kolmogorov–Smirnov test",
    "chi-squared": "χ² test",
}
KINDS = {
    "json": "JSON, value by value",
    "csv": "a table, cell by cell",
    "npy": "NumPy arrays, number by number",
    "hdf5": "HDF5 datasets, number by number",
    "image": "an image, pixel by pixel",
    "notebook": "the outputs of a notebook",
    "text": "text, line by line",
    "bytes": "a file, byte by byte",
}
_AGREEMENT = {
    Repeatability.BITWISE: "Two fresh containers wrote the same outputs, bit by bit.",
    Repeatability.NUMERIC: (
        "Two fresh containers wrote outputs that are not the same bit by bit, and agree within "
        "the declared tolerances."
    ),
    Repeatability.STATISTICAL: (
        "Two samples over different seeds, each run in a fresh container, agree by the declared "
        "statistical test."
    ),
}


@dataclass(frozen=True, kw_only=True)
class ShownComparison:
    """A comparison under its heading; `statistic` is in words, empty where none was declared."""

    heading: str
    comparison: Comparison
    largest: str
    statistic: str

    @property
    def worst(self) -> tuple[WorstRow, ...]:
        """The places that differ most."""
        return self.comparison.worst

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The drawings of it."""
        return self.comparison.figures


@dataclass(frozen=True, kw_only=True)
class ShownOutput:
    """An output with its comparisons. `tone` is the class of the card, `mark` its sign.

    Where all its files are the same, the verdict says all there is to say.
    """

    path: str
    tone: str
    mark: str
    verdict: str
    read_as: str
    comparisons: tuple[ShownComparison, ...]


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """One run of the declared command."""

    sample: int
    seed: str
    seconds: float
    result: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ShownRepetitions:
    """In what sense runs agreed, why they did not, and each of them. `seeded`: they had seeds."""

    words: str
    summary: str
    seeded: bool
    runs: tuple[ShownRun, ...]


def outputs_shown(report: Report) -> list[ShownOutput]:
    """Every compared output, those that disagree first."""
    paths = dict.fromkeys(comparison.path for comparison in report.comparisons)
    cards = (_card(path, [one for one in report.comparisons if one.path == path]) for path in paths)
    return sorted(cards, key=lambda card: card.tone != "bad")


def claims_summary(report: Report) -> str:
    """How many values of the article were met; empty where none is declared."""
    return claims_words(report.claims) if report.claims else ""


def repetitions_shown(report: Report) -> ShownRepetitions | None:
    """The runs of the declared command; None when there was none."""
    if not report.inference:
        return None
    runs = tuple(
        ShownRun(
            sample=run.repetition,
            seed="" if run.seed is None else str(run.seed),
            seconds=run.seconds,
            result=run.failure.sentence if run.failure else "wrote every output",
            state="failed" if run.failure else "passed",
        )
        for run in report.inference
    )
    return ShownRepetitions(
        words=_repeatability_words(report),
        summary=_runs_words(runs),
        seeded=any(run.seed for run in runs),
        runs=runs,
    )


def _card(path: str, comparisons: list[Comparison]) -> ShownOutput:
    tone, verdict = _verdict(comparisons)
    first = comparisons[0]
    return ShownOutput(
        path=path,
        tone=tone,
        mark={"good": "✓", "bad": "✕"}.get(tone, "–"),
        verdict=verdict,
        read_as=f"{KINDS.get(first.kind, first.kind)}; {_rule(comparisons)}",
        comparisons=tuple(
            _comparison(one)
            for one in sorted(comparisons, key=lambda one: (one.against, one.repetition))
            if not all(each.identical for each in comparisons)
        ),
    )


def _verdict(comparisons: list[Comparison]) -> tuple[str, str]:
    """The tone of a card and its verdict in words, the worst that was seen."""
    expected = [one for one in comparisons if one.against == "expected"]
    if not all(one.agrees for one in expected):
        return "bad", "Differs from the repository's expected values"
    if not all(one.agrees for one in comparisons):
        return "bad", "Two runs disagree"
    identical = all(one.identical for one in comparisons)
    if not expected:
        agree = "wrote the same bytes" if identical else "agree"
        return "plain", f"Two runs {agree}; the repository has no expected values for it"
    if any(one.statistic for one in expected):
        return "good", "Agrees with the repository's expected values, by the declared test"
    if identical:
        return "good", "Equals the repository's expected file, byte for byte, in every run"
    return "good", "Agrees with the repository's expected values"


def _rule(comparisons: list[Comparison]) -> str:
    if any(one.statistic for one in comparisons):
        return "held by a statistical test over its seeds"
    first = comparisons[0]
    parts = [f"relative {first.rtol:g}"] if first.rtol else []
    parts += [f"absolute {first.atol:g}"] if first.atol else []
    return f"tolerance {', '.join(parts)}" if parts else "no tolerance"


def _comparison(comparison: Comparison) -> ShownComparison:
    return ShownComparison(
        heading=_heading(comparison),
        comparison=comparison,
        largest=largest_errors(comparison),
        statistic=_statistic(comparison.statistic),
    )


def _heading(comparison: Comparison) -> str:
    sample = "sample" if comparison.statistic else "run"
    if comparison.against == "repeat":
        return f"The second {sample} against the first"
    which = "first" if comparison.repetition == 1 else "second"
    return f"The {which} {sample} against the repository's expected values"


def largest_errors(comparison: Comparison) -> str:
    """The largest errors, which may stand at two places, and the worst place if not yet named."""
    errors = {
        "relative": comparison.max_relative_error,
        "absolute": comparison.max_absolute_error,
    }
    said = [f"{word} {error:.3g}" for word, error in errors.items() if error]
    if comparison.where and comparison.where not in comparison.message:
        said.append(f"the worst at {comparison.where}")
    return ", ".join(said)


def _statistic(statistic: Statistic | None) -> str:
    if statistic is None:
        return ""
    ours, theirs = statistic.samples
    value = "" if statistic.value is None else f", statistic {statistic.value:.3g}"
    chance = f"p = {statistic.p_value:.3g}"
    return f"{TESTS[statistic.test]}: {chance}{value}, {ours} numbers against {theirs}"


def _repeatability_words(report: Report) -> str:
    evidence = Evidence(source=report.source, comparisons=report.comparisons)
    agreement = repeatability(evidence)
    if agreement:
        return _AGREEMENT[agreement]
    repeats = [one for one in report.comparisons if one.against == "repeat"]
    apart = [one for one in repeats if not one.agrees]
    if not apart:
        return "The outputs of two runs were not compared."
    named = _listed(dict.fromkeys(one.differs for one in apart if one.differs))
    kind = f" What differs looks like {named}." if named else ""
    return f"Two fresh containers gave different outputs.{kind}"


def _listed(words: Iterable[str]) -> str:
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _runs_words(runs: tuple[ShownRun, ...]) -> str:
    seconds = sum(run.seconds for run in runs)
    count = f"{len(runs)} run{'s' if len(runs) > 1 else ''}"
    samples = len({run.sample for run in runs})
    seeds = len({run.seed for run in runs if run.seed})
    how = f" in {samples} samples over {seeds} seeds" if seeds > 1 else ""
    return f"{count}{how}, {seconds:.1f} s in all"
