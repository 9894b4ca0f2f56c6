"""Two runs side by side: what each came to, and everything that is not the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.differences import ChangedLine, NumbersDiffer
from registry.models import VerificationRun
from registry.output_changes import contents_changed
from registry.selectors.entries import entry_may_edit
from registry.selectors.history import report_facts, run_differences
from registry.selectors.runs import report_of
from registry.spec.bisection import Goal
from registry.spec.evidence import Report
from registry.spec.run_changes import (
    OutputChange,
    OutputSeen,
    TestChanges,
    outputs_changed,
    steps_changed,
    tests_changed,
)
from registry.views.lookup import run_or_404
from registry.views.outputs import largest_errors
from registry.views.presentation import STEP_WORDS
from registry.views.requests import PageRequest, number_of

TESTS_SHOWN = 100  # of each list of names


@dataclass(frozen=True, kw_only=True)
class ShownTests:
    """Tests that changed in one way: what it is called, their names, and how many are left out."""

    label: str
    names: tuple[str, ...]
    count: int

    @property
    def left_out(self) -> int:
        """How many are not named."""
        return self.count - len(self.names)


@dataclass(frozen=True, kw_only=True)
class ShownOutput:
    """An output in both runs: in words what each saw, and how the two files differ."""

    change: OutputChange
    before: str
    after: str
    numbers: NumbersDiffer | None = None
    lines: tuple[ChangedLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShownTime:
    """The seconds of a step in both runs."""

    label: str
    before: float | None
    after: float | None


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two runs."""

    label: str
    run: VerificationRun
    report: Report | None


@require_safe
def run_compare(request: PageRequest) -> HttpResponse:
    """Two runs that this person may see, the older first. Raises Http404 for any other."""
    numbers = {number_of(request, name) for name in ("a", "b")}
    if len(numbers) != 2 or 0 in numbers:  # noqa: PLR2004 — two, and not the same one twice
        raise Http404("Name two verifications, as in ?a=1&b=2.")
    runs = [run_or_404(request, number) for number in sorted(numbers)]
    older, newer = (Side(label=f"Run {run.pk}", run=run, report=report_of(run)) for run in runs)
    same_entry = older.run.version.entry_id == newer.run.version.entry_id
    context = {
        "sides": (older, newer),
        "older": older,
        "newer": newer,
        "same_entry": same_entry,
        "entry": newer.run.version.entry,
        "differences": run_differences(older.run, newer.run),
        **(_what_broke(request, older, newer) if same_entry else {}),
        **_evidence(older, newer),
    }
    return render(request, "registry/run_compare.html", context)


def _what_broke(request: PageRequest, older: Side, newer: Side) -> dict[str, object]:
    """Whether the newer run fell behind, and the search for the reason where there is one."""
    if older.report is None or newer.report is None:
        return {}
    if Goal.of(older.report).met_by(newer.report):
        return {}
    entry = newer.run.version.entry
    return {
        "broke": True,
        "search": entry.bisections.filter(good=older.run, bad=newer.run).first(),
        "may_edit": entry_may_edit(user=request.user, entry=entry),
    }


def _evidence(older: Side, newer: Side) -> dict[str, object]:
    """What differs between what the two saw; nothing where one of them came to no report."""
    if older.report is None or newer.report is None:
        return {}
    before, after = older.report, newer.report
    tests = tests_changed(before.tests, after.tests)
    return {
        "compared": True,
        "facts": list(report_facts(before, after)),
        "had_tests": bool(before.tests or after.tests),
        "tests": [shown for shown in _tests(tests, older, newer) if shown.count],
        "tests_same": tests.same,
        "outputs": _outputs(older, newer),
        "times": [
            ShownTime(label=STEP_WORDS[one.step], before=one.before, after=one.after)
            for one in steps_changed(before, after)
        ],
    }


def _tests(changes: TestChanges, older: Side, newer: Side) -> Iterator[ShownTests]:
    """The tests by what became of them. The two may be of different models: no more is said."""
    for label, names in (
        ("Newly failing", changes.failing),
        ("Newly passing", changes.passing),
        ("Skipped in one of the two", changes.otherwise),
        (f"Only in {older.label}", changes.gone),
        (f"Only in {newer.label}", changes.new),
    ):
        yield ShownTests(label=label, names=names[:TESTS_SHOWN], count=len(names))


def _outputs(older: Side, newer: Side) -> list[ShownOutput]:
    """Every output; of the first that differ also how."""
    if older.report is None or newer.report is None:
        return []
    changes = outputs_changed(older.report, newer.report)
    return [
        ShownOutput(
            change=one.output,
            before=_expected_words(one.output.before),
            after=_expected_words(one.output.after),
            numbers=one.numbers,
            lines=one.lines,
        )
        for one in contents_changed(older.run, newer.run, changes)
    ]


def _expected_words(seen: OutputSeen | None) -> str:
    """How an output stood to its expected values in one run."""
    if seen is None:
        return "Not written."
    compared = seen.expected
    if compared is None:
        return "Written; nothing expected to compare with."
    if compared.identical:
        return "Identical to the expected file."
    errors = largest_errors(compared)
    said = "Agrees with the expected values" if compared.agrees else "Differs from what is expected"
    return f"{said}{': ' if errors else ''}{errors}."
