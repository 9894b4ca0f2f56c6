"""Pages of entries: the list, an entry, and what its owner does with it."""

import posixpath
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.citations import apa
from registry.forms.entries import WithdrawForm
from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.models.entries import Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.citations import works_cited
from registry.selectors.entries import entry_get, entry_may_withdraw, entry_versions
from registry.selectors.history import history_of
from registry.selectors.runs import report_of, verdict_run, verdict_runs
from registry.selectors.sharing import merged_into
from registry.services import ServiceError
from registry.services.entries import entry_withdraw
from registry.services.runs import run_queue
from registry.signposting import signposted
from registry.views.citing import negotiated
from registry.views.files import text_place
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import entry_or_404, own_entry_or_404, shown_entry_or_404
from registry.views.outputs import outputs_shown, repetitions_shown
from registry.views.presentation import attempts_shown, attempts_words, verdict_shown, web_address
from registry.views.receipts import receipt_shown, reproduce_command, reproductions_shown
from registry.views.requests import PageRequest, PersonRequest
from registry.views.using import first_way

FIGURES_SHOWN = 3
RUNS_IN_MATRIX = 20
# What of a version no table shows.
UNSHOWN = ("manifest", "plan", "description", "manifest_origins", "description_origins")


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """A version, the run with its verdict, and the number of the version before it."""

    version: ModelVersion
    run: VerificationRun | None
    before: int | None


@require_safe
def entry_by_name(request: PageRequest, owner: str, name: str) -> HttpResponse:
    """`/owner/name/` leads to the permanent address, which is the entry's number."""
    entry = entry_get(user=request.user, owner=owner, name=name)
    if entry is None:
        raise Http404("No such model, or none that you may see.")
    return redirect("entry_page", entry.accession)


@require_safe
def entry_page(request: PageRequest, accession: int) -> HttpResponse:
    """All that a reader looks for first; of a withdrawn model, why. To programs, its citation."""
    entry = entry_or_404(request, accession)
    answer = negotiated(request, entry) or _overview(request, entry)
    patch_vary_headers(answer, ["Accept"])
    return answer


def _overview(request: PageRequest, entry: ModelEntry) -> HttpResponse:
    version = entry.current_version
    if entry.visibility == Visibility.WITHDRAWN:
        kept = merged_into(user=request.user, entry=entry)
        if kept is not None:
            page = reverse("entry_page", args=[kept.pk])
            return redirect(f"{page}?from={entry.pk}", permanent=True)
        tombstone = {"entry": entry, "people": version.people if version else ()}
        gone = render(request, "registry/tombstone.html", tombstone, status=410)
        return signposted(gone, entry, version, run=None) if version else gone
    context = entry_frame(request, entry, Tab.OVERVIEW)
    if version is None:
        return render(request, "registry/entry.html", context)
    seen = _seen(version)
    context |= _about(entry, version) | seen
    overview = render(request, "registry/entry.html", context)
    return signposted(overview, entry, version, run=seen.get("run"))


def _about(entry: ModelEntry, version: ModelVersion) -> dict[str, object]:
    """What is said of a version before anything was run."""
    read = bool(version.commit)
    folder = posixpath.dirname(version.readme_path)
    prefetch_related_objects([version], "citations")
    works = works_cited(entry=entry) if read else ()
    return {
        "source": web_address(version.address),
        "place": text_place(entry, version, folder=folder) if read else None,
        "cited": apa(works[0]) if works else "",
        "article": version.article,
        "way": first_way(entry, version),
    }


def _seen(version: ModelVersion) -> dict[str, Any]:
    """The run with the last word on a version, in short, and the one under way."""
    active = version.runs.exclude(state=RunState.FINISHED).only("state").first()
    run = verdict_run(version, report=True)
    if run is None:
        return {"active_run": active}
    report = report_of(run)
    figures = [one for each in report.comparisons for one in each.figures] if report else []
    return {
        "active_run": active,
        "run": run,
        "verdict": verdict_shown(run, report),
        "figures": figures[:FIGURES_SHOWN],
        "environment": report.environment if report else None,
    }


@require_safe
def entry_reproducibility(request: PageRequest, accession: int) -> HttpResponse:
    """All the evidence on the current version, and what was seen over time."""
    entry = shown_entry_or_404(request, accession)
    version = entry.current_version
    context = entry_frame(request, entry, Tab.REPRODUCIBILITY)
    if version is not None:
        versions = entry_versions(user=request.user, entry=entry)
        context |= _seen(version) | {
            "history": history_of(user=request.user, entry=entry, most=RUNS_IN_MATRIX),
            "versions": list(versions.only("entry", "commit", "manifest_digest")),
        }
        context |= _evidence(context.get("run"), version)
    return render(request, "registry/entry_reproducibility.html", context)


def _evidence(run: object, version: ModelVersion) -> dict[str, object]:
    """What the run in force leaves to be looked at; nothing before the first."""
    report = report_of(run) if isinstance(run, VerificationRun) else None
    if not isinstance(run, VerificationRun) or report is None:
        return {}
    return {
        "outputs": outputs_shown(report),
        "claims": sorted(report.claims, key=lambda claim: claim.agrees),
        "repetitions": repetitions_shown(report),
        "attempts": attempts_shown(report.environment),
        "attempts_words": attempts_words(report.environment),
        "receipt": receipt_shown(run),
        "reproduce": reproduce_command(run),
        "reproductions": reproductions_shown(version),
    }


@require_safe
def entry_versions_page(request: PageRequest, accession: int) -> HttpResponse:
    """Every version with the verdict on it, and what changed between them."""
    entry = shown_entry_or_404(request, accession)
    versions = list(
        entry_versions(user=request.user, entry=entry).select_related("minted_doi").defer(*UNSHOWN)
    )
    runs = verdict_runs(versions)
    rows = [
        VersionRow(version=one, run=runs.get(one.pk), before=before.number if before else None)
        for one, before in zip_longest(versions, versions[1:])
    ]
    context = entry_frame(request, entry, Tab.VERSIONS) | {"versions": rows}
    return render(request, "registry/entry_versions.html", context)


@login_required
@require_POST
def entry_verify(request: PersonRequest, accession: int) -> HttpResponse:
    """Have the current version verified again."""
    entry = own_entry_or_404(request, accession)
    if entry.current_version is None:
        raise Http404
    try:
        run = run_queue(
            version=entry.current_version, trigger=Trigger.PERSON, requested_by=request.user
        )
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("entry_page", accession)
    return redirect("run_page", run.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PersonRequest, accession: int) -> HttpResponse:
    """Take a model down, with a reason that stays."""
    entry = own_entry_or_404(request, accession)
    if not entry_may_withdraw(user=request.user, entry=entry):
        raise Http404
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        entry_withdraw(entry=entry, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "Withdrawn.")
        return HttpResponseRedirect(reverse("entry_page", args=[accession]))
    return render(request, "registry/withdraw.html", {"entry": entry, "form": form})


entries_urlpatterns = [
    path("models/<int:accession>/", entry_page, name="entry_page"),
    path(
        "models/<int:accession>/reproducibility/",
        entry_reproducibility,
        name="entry_reproducibility",
    ),
    path("models/<int:accession>/versions/", entry_versions_page, name="entry_versions"),
    path("models/<int:accession>/verify/", entry_verify, name="entry_verify"),
    path("models/<int:accession>/withdraw/", withdraw, name="entry_withdraw"),
]
