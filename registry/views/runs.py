"""Pages of runs: progress and log as they grow, then verdict and evidence."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from registry.models import VerificationRun
from registry.models.runs import RunState
from registry.selectors.entries import entry_may_edit
from registry.selectors.history import runs_beside
from registry.selectors.logs import log_last
from registry.selectors.runs import RunProgress, StepNow, report_of, run_progress, run_steps
from registry.services import ServiceError
from registry.services.runs import run_cancel, run_retry
from registry.spec.estimates import estimate_words
from registry.spec.ladder import Step, StepState
from registry.spec.policy import ATTEMPTS_MOST
from registry.views.lookup import own_run_or_404, run_or_404
from registry.views.presentation import MARKS, STEP_WORDS
from registry.views.requests import PageRequest, PersonRequest, number_of
from registry.views.run_comparison import run_compare
from registry.views.run_evidence import evidence_shown, run_figure
from registry.views.run_logs import ShownLog, added_shown, end_shown, run_lines, run_log


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """A step of a run as the page shows it; `log` is the end of what it wrote.

    `starts` is how often it was done, once with every attempt at an environment.
    """

    name: str
    label: str
    state: str
    mark: str
    starts: int
    seconds: float | None
    message: str
    log: ShownLog | None = None

    @property
    def open(self) -> bool:
        """Whether the reader most likely wants to see inside."""
        return self.state in {StepState.RUNNING, StepState.FAILED}


@require_safe
def run_page(request: PageRequest, run_id: int) -> HttpResponse:
    """A run: while it goes on, steps and logs; then its verdict and all its evidence."""
    run = run_or_404(request, run_id)
    finished = run.state == RunState.FINISHED
    context = {
        "version": run.version,
        "entry": run.version.entry,
        "may_edit": entry_may_edit(user=request.user, entry=run.version.entry),
        "title": _title(run),
        "others": runs_beside(user=request.user, run=run) if finished else (),
        **run_going_on(run),
        **(evidence_shown(request, run, report_of(run)) if finished else {}),
    }
    return render(request, "registry/run.html", context)


@require_safe
def run_live(request: PageRequest, run_id: int) -> HttpResponse:
    """What is new since the last look, as fragments that HTMX puts in place.

    The page is loaded anew when the run has ended or another worker has begun it again.
    """
    run = run_or_404(request, run_id)
    if run.state == RunState.FINISHED or number_of(request, "attempt") != run.attempt:
        return HttpResponseClientRefresh()
    after, added = added_shown(run, after=number_of(request, "after"))
    context = _status(run) | {"run": run, "steps": _states(run), "added": added, "after": after}
    looked_at = (request.GET.get("step", ""), number_of(request, "round"))
    context["news"] = (context["step_now"], context["round"]) != looked_at
    return render(request, "parts/run_live.html", context)


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


def run_going_on(run: VerificationRun) -> dict[str, Any]:
    """What the parts of a page need that show a run as it goes on: its steps, logs and status."""
    after = log_last(run=run)
    steps = [
        replace(step, log=end_shown(run, step.name, until=after, wanted=step.open))
        for step in _states(run)
    ]
    return _status(run) | {"run": run, "steps": steps, "after": after}


def _status(run: VerificationRun) -> dict[str, Any]:
    """What stands above the steps while a run goes on."""
    progress = run_progress(run=run, now=timezone.now())
    return {
        "percent": round(progress.fraction * 100),
        "foreseen": progress.foreseen,
        "estimate": estimate_words(progress.estimate, elapsed=progress.elapsed),
        "step_now": progress.step.value if progress.step else "",
        "step_words": _step_words(progress),
        "round": progress.round,
        "title": _title(run),
    }


def _title(run: VerificationRun) -> str:
    """How the run stands, for a tab among many."""
    if run.state == RunState.FINISHED:
        return run.get_outcome_display()
    return "Stopping" if run.cancel_requested_at else run.get_state_display()


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
    )


runs_urlpatterns = [
    path("runs/compare", run_compare, name="run_compare"),
    path("runs/<int:run_id>/", run_page, name="run_page"),
    path("runs/<int:run_id>/live/", run_live, name="run_live"),
    path("runs/<int:run_id>/log/", run_log, name="run_log"),
    path("runs/<int:run_id>/lines/", run_lines, name="run_lines"),
    path("runs/<int:run_id>/figures/<str:name>", run_figure, name="run_figure"),
    path("runs/<int:run_id>/cancel/", run_stop, name="run_cancel"),
    path("runs/<int:run_id>/retry/", run_again, name="run_retry"),
]
