"""What reviewers' links open: the model's own pages, or pages on which nobody is named.

The anonymous ones are made of what is listed here and nothing else. No entry, version or owner
reaches their templates, so what is added to a model's pages cannot come to name anybody here; what
is free text goes through a veil besides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from registry.models import ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.reviewing import Review, anonymous_review, review_begin, review_leave
from registry.selectors.reviews import review_run, review_runs, words_that_name
from registry.selectors.runs import report_of
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.services.reviewer_links import reviewer_link_open
from registry.spec.evidence import Report
from registry.spec.ladder import Step, StepState
from registry.templatetags.pages import level_chip
from registry.veil import Veil
from registry.views.outputs import outputs_shown, repetitions_shown
from registry.views.presentation import MARKS, STEP_WORDS, test_counts, verdict_shown
from registry.views.requests import PageRequest
from registry.views.run_evidence import FIGURE_SANDBOX, FIGURE_TYPES, FIGURES


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """A step of a run, without its log."""

    label: str
    state: str
    mark: str
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run to choose from."""

    number: int
    version: int
    chip: SafeString
    ended: datetime | None


@never_cache
@require_safe
def review_open(request: PageRequest, key: str) -> HttpResponse:
    """Open a reviewer's link. Its key stands in no address after this one."""
    link = reviewer_link_open(key=key)
    if link is None:
        raise Http404("This link has ended or was revoked. Ask whoever gave it to you for another.")
    review_begin(request, link)
    page = "review_page" if link.is_anonymous else "entry_page"
    response = redirect(page, link.entry_id)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_POST
def review_end(request: PageRequest, accession: int) -> HttpResponse:
    """Stop reviewing in this browser."""
    review_leave(request, accession)
    return redirect("home")


@never_cache
@require_safe
def review_page(request: PageRequest, accession: int) -> HttpResponse:
    """A model and its newest verdict, without a word on who made it."""
    entry, review = _reviewed_or_404(request, accession)
    newest = review_runs(entry).first()
    run = review_run(entry=entry, run_id=newest.pk) if newest else None
    return _page(request, entry, review, run)


@never_cache
@require_safe
def review_run_page(request: PageRequest, accession: int, run_id: int) -> HttpResponse:
    """One of its verifications, as anonymously."""
    entry, review = _reviewed_or_404(request, accession)
    return _page(request, entry, review, _run_or_404(entry, run_id))


@never_cache
@require_safe
def review_figure(request: PageRequest, accession: int, run_id: int, name: str) -> HttpResponse:
    """A drawing of a comparison, its labels behind the same veil."""
    entry, _ = _reviewed_or_404(request, accession)
    run, media_type = _run_or_404(entry, run_id), FIGURE_TYPES.get(name[-4:])
    artifact = run.artifacts.filter(name=f"{FIGURES}{name}").first()
    if artifact is None or media_type is None or artifact.name not in _drawings(run):
        raise Http404("No such figure.")
    try:
        with blob_open(artifact.blob_id) as file:
            drawn = file.read()
    except ServiceError as lost:
        raise Http404(lost.sentence) from lost
    if media_type == FIGURE_TYPES[".svg"]:
        drawn = Veil(words_that_name(entry)).markup(drawn.decode()).encode()
    response = HttpResponse(drawn, content_type=media_type)
    response["Content-Security-Policy"] = FIGURE_SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _reviewed_or_404(request: PageRequest, accession: int) -> tuple[ModelEntry, Review]:
    review = anonymous_review(request, accession)
    entry = ModelEntry.objects.filter(pk=accession).first() if review else None
    if review is None or entry is None or entry.visibility == Visibility.WITHDRAWN:
        raise Http404("No such model, or none that you review.")
    return entry, review


def _run_or_404(entry: ModelEntry, run_id: int) -> VerificationRun:
    run = review_run(entry=entry, run_id=run_id)
    if run is None:
        raise Http404("No such verification of the model that you review.")
    return run


def _drawings(run: VerificationRun) -> frozenset[str]:
    report = report_of(run)
    compared = report.comparisons if report else ()
    return frozenset(figure.name for one in compared for figure in one.figures)


def _page(
    request: PageRequest, entry: ModelEntry, review: Review, run: VerificationRun | None
) -> HttpResponse:
    veil = Veil(words_that_name(entry))
    context: dict[str, Any] = {
        "accession": entry.pk,
        "until": review.until,
        "title": veil.text(entry.title) or "A model without a title",
        "summary": veil.text(entry.summary),
        "keywords": [veil.text(str(word)) for word in entry.keywords],
        "runs": [_past(past) for past in review_runs(entry)],
    }
    return render(request, "registry/review.html", context | (_seen(run, veil) if run else {}))


def _seen(run: VerificationRun, veil: Veil) -> dict[str, Any]:
    """What a run saw, of which nothing names anybody."""
    report: Report | None = veil.value(report_of(run))
    shown: dict[str, Any] = {
        "run_number": run.pk,
        "run_version": run.version.number,
        "run_ended": run.finished_at,
        "chip": level_chip(run),
        "verdict": verdict_shown(run, report),
        "explanation": veil.text(run.explanation),
        "steps": _steps(run),
    }
    if report is None:
        return shown
    return shown | {
        "outputs": outputs_shown(report),
        "repetitions": repetitions_shown(report),
        "claims": report.claims,
        "tests": test_counts(report.tests) if report.tests else "",
        "python": report.environment.python,
    }


def _steps(run: VerificationRun) -> list[ShownStep]:
    seen = {Step(check.step): check for check in run.checks.all()}
    return [
        ShownStep(
            label=STEP_WORDS[step],
            state=check.state,
            mark=MARKS[StepState(check.state)],
            seconds=check.seconds,
        )
        for step in Step
        if (check := seen.get(step))
    ]


def _past(run: VerificationRun) -> PastRun:
    return PastRun(
        number=run.pk,
        version=run.version.number,
        chip=level_chip(run),
        ended=run.finished_at,
    )


_OF = "models/<int:accession>/review/"
reviewing_urlpatterns = [
    path("review/<str:key>/", review_open, name="review_open"),
    path(_OF, review_page, name="review_page"),
    path(f"{_OF}end/", review_end, name="review_end"),
    path(f"{_OF}runs/<int:run_id>/", review_run_page, name="review_run"),
    path(f"{_OF}runs/<int:run_id>/figures/<str:name>", review_figure, name="review_figure"),
]
