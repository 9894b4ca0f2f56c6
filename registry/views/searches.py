"""The searches that people keep."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.feeds import SavedSearchFeed
from registry.forms.fields import add_refusal
from registry.forms.finding import SearchForm
from registry.models import SavedSearch
from registry.selectors.facets import wanted_said
from registry.selectors.finding import wanted_read
from registry.selectors.saved_searches import searches_of, wanted_of_search
from registry.services.errors import ServiceError
from registry.services.saved_searches import search_change, search_delete, search_save
from registry.views.requests import PersonRequest


@login_required
@require_safe
def search_list(request: PersonRequest) -> HttpResponse:
    """One's searches, each with what it looks for and its feed."""
    searches = [
        (search, wanted_said(wanted_of_search(search))) for search in searches_of(request.user)
    ]
    return render(request, "registry/searches.html", {"kept": searches})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search_new(request: PersonRequest) -> HttpResponse:
    """Keep the search that stands in the address."""
    wanted, _ = wanted_read(request.GET)
    said = wanted_said(wanted)
    form = SearchForm(request.POST or None, initial={"name": said[:200], "notify": True})
    if request.method == "POST" and form.is_valid():
        kept = _kept(
            form, lambda: search_save(user=request.user, wanted=wanted, **form.cleaned_data)
        )
        if kept:
            messages.success(request, f"Kept: {kept.name}.")
            return redirect("saved_search_list")
    return render(request, "registry/search_edit.html", {"form": form, "said": said})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search_edit(request: PersonRequest, search_id: int) -> HttpResponse:
    """Another name for a search, or its news."""
    search = _own_or_404(request, search_id)
    now = {"name": search.name, "notify": search.notify}
    form = SearchForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        kept = _kept(form, lambda: search_change(search=search, **form.cleaned_data))
        if kept:
            return redirect("saved_search_list")
    said = wanted_said(wanted_of_search(search))
    context = {"form": form, "said": said, "search": search}
    return render(request, "registry/search_edit.html", context)


@login_required
@require_POST
def search_forget(request: PersonRequest, search_id: int) -> HttpResponse:
    """Forget a search."""
    search = _own_or_404(request, search_id)
    search_delete(search=search)
    messages.success(request, f"Deleted: {search.name}.")
    return redirect("saved_search_list")


def _kept(form: forms.Form, act: Callable[[], SavedSearch]) -> SavedSearch | None:
    """The search as it was kept; why not is said beside the form."""
    try:
        return act()
    except ServiceError as refusal:
        add_refusal(form, refusal)
        return None


def _own_or_404(request: PersonRequest, search_id: int) -> SavedSearch:
    search = searches_of(request.user).filter(pk=search_id).first()
    if search is None:
        raise Http404("No such search, or none of yours.")
    return search


searches_urlpatterns = [
    path("searches/", search_list, name="saved_search_list"),
    path("searches/new/", search_new, name="saved_search_new"),
    path("searches/<int:search_id>/", search_edit, name="saved_search_edit"),
    path("searches/<int:search_id>/delete/", search_forget, name="saved_search_delete"),
    path("searches/<slug:key>/feed.atom", SavedSearchFeed(), name="saved_search_feed"),
]
