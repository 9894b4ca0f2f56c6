"""An entry's past: every run by version and environment, and the search for what broke it."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from registry.models import ModelEntry, VerificationRun
from registry.selectors.entries import entry_versions
from registry.selectors.history import bisections_of, history_of
from registry.selectors.runs import run_list
from registry.services import ServiceError
from registry.services.bisections import bisection_queue
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import own_entry_or_404, shown_entry_or_404
from registry.views.requests import PageRequest, PersonRequest

BISECTIONS_SHOWN = 10
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")


@require_safe
def history_page(request: PageRequest, accession: int) -> HttpResponse:
    """Commit, environment, host and date of every run, newest first."""
    entry = shown_entry_or_404(request, accession)
    versions = entry_versions(user=request.user, entry=entry)
    context = entry_frame(request, entry, Tab.REPRODUCIBILITY) | {
        "history": history_of(user=request.user, entry=entry, before=_number(request, "before")),
        "bisections": bisections_of(entry=entry, versions=versions)[:BISECTIONS_SHOWN],
    }
    return render(request, "registry/history.html", context)


@login_required
@require_POST
def bisect_start(request: PersonRequest, accession: int) -> HttpResponse:
    """Have it searched for what broke the model between two runs."""
    entry = own_entry_or_404(request, accession)
    good, bad = _two_runs(request, entry)
    try:
        bisection_queue(entry=entry, good=good, bad=bad)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    else:
        messages.success(request, "The search is queued. It makes way for verifications.")
    return redirect(f"{reverse('history', args=[accession])}#searches")


def _two_runs(request: PageRequest, entry: ModelEntry) -> tuple[VerificationRun, VerificationRun]:
    """The runs named `a` and `b`, of this entry and to be seen by this person. Raises Http404."""
    numbers = [request.POST.get(name, "") for name in ("a", "b")]
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise Http404("Name two runs of this model.")
    runs = run_list(user=request.user).filter(version__entry=entry).defer(None)
    found = {str(run.pk): run for run in runs.filter(pk__in=numbers)}
    if len(found) != len(numbers):
        raise Http404("Name two runs of this model.")
    return found[numbers[0]], found[numbers[1]]


def _number(request: PageRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else None
