"""The list of models: searched, filtered, paged."""

import re
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from registry.forms.finding import ListForm
from registry.selectors.finding import entry_list, wanted_read
from registry.views.requests import PageRequest

PAGE_SIZE = 20
MOST_PAGES = 500
_PAGE = re.compile(r"[1-9][0-9]{0,3}")


@require_safe
def entry_index(request: PageRequest) -> HttpResponse:
    """The list with its search, newest first or best hit first; rows alone for HTMX."""
    form = ListForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    text, level, owner = wanted.get("q", ""), wanted.get("level"), wanted.get("owner", "")
    found = entry_list(user=request.user, wanted=wanted_read(request.GET)[0])
    pages = Paginator(found, PAGE_SIZE)
    try:
        page = pages.page(min(_page_number(request), MOST_PAGES))
    except EmptyPage as error:
        raise Http404 from error
    context = {
        "form": ListForm(initial=wanted),
        "entries": page.object_list,
        "count_words": _count_words(pages.count, owner=owner),
        "next_address": _next_address(request, page.number + 1) if page.has_next() else "",
        "filtered": bool(text or level or owner),
        "search_words": text,
    }
    rows_alone = request.htmx and not request.htmx.history_restore_request
    name = "parts/entry_rows.html" if rows_alone else "registry/entry_list.html"
    response = render(request, name, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _page_number(request: PageRequest) -> int:
    given = request.GET.get("page", "1")
    return int(given) if _PAGE.fullmatch(given) else 1


def _count_words(count: int, *, owner: str) -> str:
    models = "1 model" if count == 1 else f"{count} models"
    return f"{models} of {owner}" if owner else models


def _next_address(request: PageRequest, number: int) -> str:
    query = {name: value for name, value in request.GET.items() if value} | {"page": str(number)}
    return f"{reverse('entry_list')}?{urlencode(query)}"


finding_urlpatterns = [
    path("", entry_index, name="home"),
    path("models/", entry_index, name="entry_list"),
]
