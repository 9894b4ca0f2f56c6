"""Pages of runs: progress and log as they grow, then verdict and evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from registry.markup import clean_text
from registry.models import Artifact, LogChunk, TestOutcome, VerificationRun
from registry.models.entries import Visibility
from registry.models.runs import RunState
from registry.selectors.entries import entry_may_edit
from registry.selectors.runs import (
    RunProgress,
    StepNow,
    run_get,
    run_logs_after,
    run_progress,
    run_steps,
)
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.services.runs import run_cancel, run_retry
from registry.spec.evidence import Report
from registry.spec.ladder import Step, StepState
from registry.spec.policy import ATTEMPTS_MOST
from registry.views.outputs import outputs_shown, repetitions_shown
from registry.views.presentation import (
    MARKS,
    attempts_shown,
    attempts_words,
    command_words,
    report_of,
    test_counts,
    verdict_shown,
)
from registry.views.receipts import receipt_shown, reproduce_command, reproductions_shown
from registry.views.requests import PageRequest, PersonRequest

TAIL = 40_000  # characters of a step's log that the page shows
TESTS_SHOWN = 50
TESTS_MOST = 2_000
_CHUNKS_AT_ONCE = 200
_NUMBER = re.compile(r"[0-9]{1,15}")
# Where the worker puts its drawings; what repositories wrote is kept under other names.
FIGURES = "figures/"
FIGURE_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
# A drawing opened by itself runs nothing and fetches nothing; its maps are data within it.
FIGURE_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
STEP_WORDS = {
    Step.FETCH_SOURCE: "Fetch the source",
    Step.READ_MANIFEST: "Read what it declares",
    Step.FETCH_INPUTS: "Fetch its inputs",
    Step.PLAN_ENVIRONMENT: "Plan the environment",
    Step.BUILD_IMAGE: "Build the environment",
    Step.RUN_TESTS: "Run its tests",
    Step.RUN_INFERENCE: "Run the model, twice",
    Step.COMPARE_OUTPUTS: "Compare the outputs",
    Step.DECIDE: "Decide",
}


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """A step of a run as the page shows it; `log` is its end, `cut` says that there is more.

    `starts` is how often it was done, once with every attempt at an environment.
    """

    name: str
    label: str
    state: str
    mark: str
    starts: int
    seconds: float | None
    message: str
    log: str
    cut: bool

    @property
    def open(self) -> bool:
        """Whether the reader most likely wants to see inside."""
        return self.state in {StepState.RUNNING, StepState.FAILED}


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


def run_or_404(request: PageRequest, run_id: int) -> VerificationRun:
    """The run, if this person may see it. Raises Http404."""
    run = run_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404("No such verification, or none that you may see.")
    entry = run.version.entry
    withdrawn = entry.visibility == Visibility.WITHDRAWN
    if withdrawn and not entry_may_edit(user=request.user, entry=entry):
        raise Http404("The model of this verification was withdrawn.")
    return run


def own_run_or_404(request: PageRequest, run_id: int) -> VerificationRun:
    """The run, if this person may end or repeat it. Raises Http404."""
    run = run_or_404(request, run_id)
    if not entry_may_edit(user=request.user, entry=run.version.entry):
        raise Http404("No such verification, or none that you may change.")
    return run


@require_safe
def run_page(request: PageRequest, run_id: int) -> HttpResponse:
    """A run: while it goes on, steps and logs; then its verdict and all its evidence."""
    run = run_or_404(request, run_id)
    report = report_of(run)
    context = {
        "run": run,
        "version": run.version,
        "entry": run.version.entry,
        "may_edit": entry_may_edit(user=request.user, entry=run.version.entry),
        "steps": _steps(run),
        **(_evidence(request, run, report) if run.state == RunState.FINISHED else _status(run)),
    }
    return render(request, "registry/run.html", context)


@require_safe
def run_live(request: PageRequest, run_id: int) -> HttpResponse:
    """What is new since the last look, as fragments that HTMX puts in place.

    The page is loaded anew when the run has ended or another worker has begun it again.
    """
    run = run_or_404(request, run_id)
    if run.state == RunState.FINISHED or _number(request, "attempt") != run.attempt:
        return HttpResponseClientRefresh()
    pieces = list(run_logs_after(run=run, after_id=_number(request, "after")))
    context = {"run": run, "steps": _states(run), "added": _added(pieces), **_status(run)}
    context["after"] = pieces[-1].pk if pieces else _number(request, "after")
    looked_at = (request.GET.get("step", ""), _number(request, "round"))
    context["news"] = (context["step_now"], context["round"]) != looked_at
    return render(request, "parts/run_live.html", context)


@require_safe
def run_log(request: PageRequest, run_id: int) -> StreamingHttpResponse:
    """The whole log as plain text, or that of one step, however long it is."""
    run = run_or_404(request, run_id)
    step = request.GET.get("step", "")
    response = StreamingHttpResponse(_log_text(run, step), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="run-{run.pk}.log"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


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


@login_required
@require_POST
def run_stop(request: PersonRequest, run_id: int) -> HttpResponse:
    """Cancel a run."""
    run = run_cancel(run=own_run_or_404(request, run_id))
    ended = run.state == RunState.FINISHED
    messages.success(request, "Cancelled." if ended else "It will stop in a few seconds.")
    return redirect("run_page", run.pk)


@login_required
@require_POST
def run_again(request: PersonRequest, run_id: int) -> HttpResponse:
    """Queue a new run of the same version."""
    try:
        run = run_retry(run=own_run_or_404(request, run_id), requested_by=request.user)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("run_page", run_id)
    return redirect("run_page", run.pk)


def _figure(run: VerificationRun, name: str) -> Artifact | None:
    """The artifact of that name, if the report names it as a figure."""
    report = report_of(run)
    named = {figure.name for one in report.comparisons for figure in one.figures} if report else ()
    return run.artifacts.filter(name=name).first() if name in named else None


def _number(request: PageRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else 0


def _status(run: VerificationRun) -> dict[str, Any]:
    """What stands above the steps while a run goes on."""
    progress = run_progress(run=run, now=timezone.now())
    last = run.log_chunks.order_by("-pk").values_list("pk", flat=True).first()
    return {
        "percent": round(progress.fraction * 100),
        "seconds_left": progress.seconds_left,
        "step_now": progress.step.value if progress.step else "",
        "step_words": _step_words(progress),
        "round": progress.round,
        "after": last or 0,
    }


def _step_words(progress: RunProgress) -> str:
    """What is being done, and at which attempt when it is not the first."""
    if progress.step is None:
        return ""
    again = f", attempt {progress.round} of at most {ATTEMPTS_MOST}" if progress.round > 1 else ""
    return STEP_WORDS[progress.step] + again


def _states(run: VerificationRun) -> list[ShownStep]:
    """All steps in order: as decided on the evidence, else as they go on."""
    steps = run_steps(run=run)
    for check in run.checks.all():
        steps[Step(check.step)] = replace(
            steps[Step(check.step)],
            state=StepState(check.state),
            seconds=check.seconds,
            message=check.message,
        )
    return [_step(step, steps[step]) for step in Step]


def _step(step: Step, now: StepNow) -> ShownStep:
    return ShownStep(
        name=step.value,
        label=STEP_WORDS[step],
        state=now.state.value,
        mark=MARKS[now.state],
        starts=now.starts,
        seconds=now.seconds,
        message=now.message,
        log="",
        cut=False,
    )


def _steps(run: VerificationRun) -> list[ShownStep]:
    return [_with_log(run, step) for step in _states(run)]


def _with_log(run: VerificationRun, step: ShownStep) -> ShownStep:
    """The step with the end of its log, read from the end so that a long log costs nothing."""
    pieces, length = [], 0
    written = run.log_chunks.filter(attempt=run.attempt, step=step.name).order_by("-pk")
    for text in written.values_list("text", flat=True)[:_CHUNKS_AT_ONCE]:
        pieces.append(text)
        length += len(text)
        if length > TAIL:
            break
    end = "".join(reversed(pieces))[-TAIL:]
    cut = length > TAIL or len(pieces) == _CHUNKS_AT_ONCE
    return replace(step, log=clean_text(end), cut=cut)


def _added(pieces: list[LogChunk]) -> list[tuple[str, str]]:
    """New log text by step, the end of it where there is too much at once."""
    texts: dict[str, str] = {}
    for piece in pieces:
        texts[piece.step] = (texts.get(piece.step, "") + piece.text)[-TAIL:]
    return [(step, clean_text(text)) for step, text in texts.items()]


def _log_text(run: VerificationRun, step: str) -> Iterator[str]:
    """The log of every worker that began the run, with a line before each step."""
    pieces = run.log_chunks.filter(step=step) if step else run.log_chunks.all()
    heading = ("", 0)
    for piece in pieces.order_by("pk").iterator(chunk_size=_CHUNKS_AT_ONCE):
        if (piece.step, piece.attempt) != heading:
            heading = (piece.step, piece.attempt)
            yield f"\n=== {piece.step}, start {piece.attempt} ===\n"
        yield clean_text(piece.text)


def _evidence(request: PageRequest, run: VerificationRun, report: Report | None) -> dict[str, Any]:
    """What a finished run left."""
    shown: dict[str, Any] = {
        "verdict": verdict_shown(run, report),
        "artifacts": run.artifacts.select_related("blob"),
        "receipt": receipt_shown(run),
        "reproduce": reproduce_command(run),
        "reproductions": reproductions_shown(run.version),
    }
    if report is None:
        return shown
    environment = report.environment
    return shown | {
        "tests": _tests(run, report, every=request.GET.get("tests") == "all"),
        "outputs": outputs_shown(report),
        "repetitions": repetitions_shown(report),
        "claims": report.claims,
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
