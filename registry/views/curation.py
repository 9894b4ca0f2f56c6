"""The curators' pages: what is reported, what is told poorly, and the record of who did what."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.curation import LogForm, MergeForm, ReportEndForm, TakeDownForm
from registry.models import Collection, ModelEntry
from registry.selectors.curation import (
    audit_search,
    entries_poorly_told,
    featured,
    report_get,
    reports_queue,
)
from registry.selectors.entries import entry_get
from registry.services.curation import collection_feature, entry_feature, entry_merge
from registry.services.entries import entry_withdraw
from registry.services.reports import report_end
from registry.views.acting import acted, acted_by
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest

A_PAGE = 50
POOR_SHOWN = 20

_View = Callable[..., HttpResponse]


def for_curators(view: _View) -> _View:
    """A page for staff. To others it is not there."""

    @wraps(view)
    def guarded(request: PersonRequest, **parts: int) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404("No such page.")
        return view(request, **parts)

    return login_required(guarded)


@for_curators
@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """What waits for a curator, oldest first; with `?state=ended`, what was done."""
    ended = request.GET.get("state") == "ended"
    entries, collections = featured()
    context = {
        "ended": ended,
        "reports": Paginator(reports_queue(ended=ended), A_PAGE).get_page(request.GET.get("page")),
        "poor": entries_poorly_told()[:POOR_SHOWN],
        "featured_entries": entries,
        "featured_collections": collections,
    }
    return render(request, "registry/curation.html", context)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PersonRequest, report_id: int) -> HttpResponse:
    """A report, and ending it with words to whoever made it."""
    found = report_get(report_id)
    if found is None:
        raise Http404("No such report.")
    form = ReportEndForm(request.POST or None)
    if form.is_valid() and acted_by(
        request,
        form,
        "Ended, and answered.",
        lambda: report_end(actor=request.user, report=found, **form.cleaned_data),
    ):
        return redirect("curation")
    context = {"report": found, "entry": found.entry, "form": form}
    return render(request, "registry/curation_report.html", context)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request: PersonRequest, accession: int) -> HttpResponse:
    """Withdraw a model, with a reason that stays."""
    entry = own_entry_or_404(request, accession)
    form = TakeDownForm(request.POST or None)
    if form.is_valid() and acted_by(
        request,
        form,
        "Taken down; its people are told.",
        lambda: entry_withdraw(entry=entry, actor=request.user, **form.cleaned_data),
    ):
        return redirect("entry_page", accession)
    words = "Its page becomes a notice with your reason. This cannot be undone."
    return _decide(request, entry, form, "Take it down", words)


@for_curators
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: PersonRequest, accession: int) -> HttpResponse:
    """Withdraw a model in favour of another."""
    entry = own_entry_or_404(request, accession)
    form = MergeForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        into = entry_get(user=request.user, accession=said["into"])
        if into is None:
            form.add_error("into", "There is no model of this number.")
        elif acted_by(
            request,
            form,
            "Merged; its people are told.",
            lambda: entry_merge(actor=request.user, entry=entry, into=into, reason=said["reason"]),
        ):
            return redirect("entry_page", into.pk)
    words = "Its addresses lead to the other model from then on. This cannot be undone."
    return _decide(request, entry, form, "Merge it into another", words)


@for_curators
@require_POST
def feature(request: PersonRequest, accession: int) -> HttpResponse:
    """Put a model on the front page, or take it from there."""
    entry = own_entry_or_404(request, accession)
    wanted = "on" in request.POST
    words = "It is on the front page." if wanted else "It is not on the front page any more."
    acted(
        request,
        words,
        lambda: entry_feature(actor=request.user, entry=entry, featured=wanted),
    )
    return redirect(f"{reverse('entry_settings', args=[accession])}#curation")


@for_curators
@require_POST
def feature_collection(request: PersonRequest, collection_id: int) -> HttpResponse:
    """Put a collection on the front page, or take it from there."""
    collection = get_object_or_404(Collection.objects.select_related("owner"), pk=collection_id)
    wanted = "on" in request.POST
    words = "It is on the front page." if wanted else "It is not on the front page any more."
    acted(
        request,
        words,
        lambda: collection_feature(actor=request.user, collection=collection, featured=wanted),
    )
    return redirect("collection_page", collection.owner.username, collection.name)


@for_curators
@require_safe
def log(request: PersonRequest) -> HttpResponse:
    """The record of who did what, searched."""
    form = LogForm(request.GET or None)
    said = form.cleaned_data if form.is_valid() else {}
    found = audit_search(
        text=said.get("q", ""),
        action=said.get("action", ""),
        accession=said.get("model"),
        since=said.get("since"),
        until=said.get("until"),
    )
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "events": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "query": kept.urlencode(),
    }
    return render(request, "registry/curation_log.html", context)


def _decide(
    request: PersonRequest, entry: ModelEntry, form: TakeDownForm, heading: str, words: str
) -> HttpResponse:
    context = {"form": form, "heading": heading, "words": words}
    shown = entry_frame(request, entry, Tab.SETTINGS) | context
    return render(request, "registry/curation_decide.html", shown)


curation_urlpatterns = [
    path("curation/", queue, name="curation"),
    path("curation/log/", log, name="curation_log"),
    path("curation/reports/<int:report_id>/", report, name="curation_report"),
    path("curation/models/<int:accession>/take-down/", take_down, name="curation_take_down"),
    path("curation/models/<int:accession>/merge/", merge, name="curation_merge"),
    path("curation/models/<int:accession>/feature/", feature, name="curation_feature"),
    path(
        "curation/collections/<int:collection_id>/feature/",
        feature_collection,
        name="curation_feature_collection",
    ),
]
