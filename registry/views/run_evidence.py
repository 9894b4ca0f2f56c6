"""What a finished run left, as its page shows it; and the drawings among it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from registry.models import Artifact, Bisection, TestOutcome, VerificationRun
from registry.selectors.runs import report_of
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.spec.evidence import Report
from registry.templatetags.pages import duration
from registry.views.lookup import run_or_404
from registry.views.outputs import outputs_shown, repetitions_shown
from registry.views.presentation import (
    attempts_shown,
    attempts_words,
    command_words,
    test_counts,
    verdict_shown,
)
from registry.views.receipts import receipt_shown, reproduce_command, reproductions_shown
from registry.views.requests import PageRequest

TESTS_SHOWN = 50
TESTS_MOST = 2_000
BISECTIONS_SHOWN = 3
# Where the worker puts its drawings; what repositories wrote is kept under other names.
FIGURES = "figures/"
FIGURE_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
# A drawing opened by itself runs nothing and fetches nothing; its maps are data within it.
FIGURE_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True, kw_only=True)
class ShownTests:
    """The tests as far as they are listed, failed ones first."""

    words: str
    command: str
    why: str
    exit_code: str
    notable: list[TestOutcome]
    passed: list[TestOutcome]
    every: bool
    left_out: int
    most: int


@conditional_page
@require_safe
def run_figure(request: PageRequest, run_id: int, name: str) -> HttpResponse:
    """A drawing of a comparison, to be looked at in its place.

    What a repository wrote is a download and nothing else; these files are made by our own worker,
    and only those are shown that the report names as figures.
    """
    run = run_or_404(request, run_id)
    artifact, media_type = _figure(run, f"{FIGURES}{name}"), FIGURE_TYPES.get(name[-4:])
    if artifact is None or media_type is None:
        raise Http404("No such figure.")
    try:
        with blob_open(artifact.blob_id) as file:
            response = HttpResponse(file.read(), content_type=media_type)
    except ServiceError as lost:
        raise Http404(lost.sentence) from lost
    response["Content-Security-Policy"] = FIGURE_SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def evidence_shown(
    request: PageRequest, run: VerificationRun, report: Report | None
) -> dict[str, Any]:
    """What a finished run left."""
    shown: dict[str, Any] = {
        "verdict": verdict_shown(run, report),
        "artifacts": run.artifacts.select_related("blob"),
        "receipt": receipt_shown(run),
        "reproduce": reproduce_command(run),
        "reproductions": reproductions_shown(run.version),
        "bisections": _bisections(run),
    }
    if report is None:
        return shown
    environment = report.environment
    return shown | {
        "tests": _tests(run, report, every=request.GET.get("tests") == "all"),
        "outputs": outputs_shown(report),
        "repetitions": repetitions_shown(report),
        "claims": report.claims,
        "costs": {"time": _time_words(report)},
        "environment": environment if environment.attempts or environment.strategy else None,
        "attempts": attempts_shown(environment),
        "attempts_words": attempts_words(environment),
        "host": report.host,
    }


def _tests(run: VerificationRun, report: Report, *, every: bool) -> ShownTests | None:
    """The tests as the repository's own report names them, failed ones first."""
    if report.tests is None:
        return None
    limit = TESTS_MOST if every else TESTS_SHOWN
    found = TestOutcome.objects.filter(check_result__run=run)
    worst_first = Case(
        When(state="failed", then=Value(0)),
        When(state="error", then=Value(0)),
        When(state="skipped", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = list(found.order_by(worst_first, "number")[:limit])
    code = report.tests.exit_code
    return ShownTests(
        words=test_counts(report.tests) or "nothing",
        command=command_words(report.tests.command),
        why=report.tests.why,
        exit_code="none, ended by us" if code is None else str(code),
        notable=[test for test in rows if test.state != "passed"],
        passed=[test for test in rows if test.state == "passed"],
        every=every,
        left_out=max(0, found.count() - len(rows)),
        most=TESTS_MOST,
    )


def _time_words(report: Report) -> str:
    """How long tests and command ran: “12 s of tests, 2 runs of the command of 21 s”."""
    tests = [f"{duration(report.tests.seconds)} of tests"] if report.tests else []
    seconds = [run.seconds for run in report.inference]
    runs = f"{len(seconds)} runs" if len(seconds) > 1 else "1 run"
    said = [*tests, *([f"{runs} of the command in {duration(sum(seconds))}"] if seconds else [])]
    return ", ".join(said)


def _bisections(run: VerificationRun) -> QuerySet[Bisection]:
    """The searches for what broke the model of which this run is an end, newest first."""
    ends = Bisection.objects.filter(Q(good=run) | Q(bad=run))
    return ends.order_by("-queued_at")[:BISECTIONS_SHOWN]


def _figure(run: VerificationRun, name: str) -> Artifact | None:
    """The artifact of that name, if the report names it as a figure."""
    report = report_of(run)
    named = {figure.name for one in report.comparisons for figure in one.figures} if report else ()
    return run.artifacts.filter(name=name).first() if name in named else None
