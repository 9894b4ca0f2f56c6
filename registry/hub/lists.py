"""Which models a client asks for: its parameters as searches of registry.selectors.finding."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from registry.api.pagination import MAX_SIZE, KeysetPagination
from registry.hub.descriptions import FRAMEWORK, LEVEL, LICENCE
from registry.hub.doors import Refusal
from registry.licences import licence_normalised
from registry.models import ModelEntry
from registry.selectors.entries import Viewer
from registry.selectors.finding import LISTED, Wanted, entries_fitting, entry_list, wanted_read

MOST_TAGS = 10
_COLUMNS = (*LISTED, "current_version__commit", "current_version__manifest_digest",
            "current_version__licence", "current_version__published_at")  # fmt: skip
_ORDERS = {"": "", "createdAt": "newest", "lastModified": "updated", "level": "level",
           "verified": "verified"}  # fmt: skip
# What narrows a list elsewhere and would not here: left unread, a client would take all for some.
_UNKNOWN = ("apps", "inference", "inference_provider", "num_parameters", "emissions_thresholds")
_TAGS = ("filter", "pipeline_tag")


def models_asked(request: HttpRequest, viewer: Viewer) -> QuerySet[ModelEntry]:
    """The models that fit all that the query asks for, in its order. Raises Refusal."""
    query = request.GET
    _refuse_unknown(query)
    wanted = _wanted(q=query.get("search", ""), owner=query.get("author", ""), order=_order(query))
    tags = [tag for name in _TAGS for tag in query.getlist(name) if tag.strip()]
    if len(tags) > MOST_TAGS:
        raise Refusal(f"Filter by {MOST_TAGS} tags at most.")
    wanted, further = _together(wanted, map(_of_tag, tags))
    entries = entry_list(user=viewer, wanted=wanted).only(*_COLUMNS)
    for one in further:
        entries = entries.filter(pk__in=entries_fitting(user=viewer, wanted=one).values("pk"))
    return entries


def page_of(request: HttpRequest, entries: QuerySet[ModelEntry]) -> tuple[list[ModelEntry], str]:
    """The page asked for, and the address of the next ("": there is none). Raises Refusal."""
    query = request.GET.copy()
    query["page_size"] = str(_limit(query))
    request.GET = QueryDict(query.urlencode())
    pages = KeysetPagination()
    try:
        found = pages.paginate_queryset(entries, Request(request))
    except ValidationError as error:
        raise Refusal("This cursor is none of ours. Begin again without it.") from error
    return found, pages.get_paginated_response(()).data["next"] or ""


def _limit(query: QueryDict) -> int:
    text = query.get("limit", "") or str(MAX_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):  # noqa: PLR2004 — digits
        raise Refusal("limit is a whole number above 0.")
    return min(int(text), MAX_SIZE)


def _order(query: QueryDict) -> str:
    if query.get("sort", "") not in _ORDERS:
        raise Refusal(f"sort is one of {', '.join(filter(None, _ORDERS))}, always downwards.")
    if query.get("direction", "-1") != "-1":
        raise Refusal("Lists go downwards alone: direction is -1.")
    return _ORDERS[query.get("sort", "")]


def _refuse_unknown(query: QueryDict) -> None:
    for name in _UNKNOWN:
        if name in query:
            raise Refusal(f"Models are not filtered by {name} here.")
    if query.get("gated", "").lower() in {"true", "1"}:
        raise Refusal("No model is gated here: leave gated out.")


def _wanted(**said: str | list[str]) -> Wanted:
    """A search as an address of this site writes it. Raises Refusal where it cannot be read."""
    query = QueryDict(mutable=True)
    for name, values in said.items():
        query.setlist(name, [values] if isinstance(values, str) else values)
    wanted, complaints = wanted_read(query)
    for sentence in complaints.values():
        raise Refusal(sentence)
    return wanted


def _of_tag(tag: str) -> Wanted:
    """The models that bear a tag: its facet, or those that hold its words as they stand.

    The latter is for keywords, which have no facet: it also finds words of titles and texts.
    """
    for name, value in _facets(tag):
        try:
            return _wanted(**{name: value})
        except Refusal:
            continue
    return _wanted(q='"{}"'.format(tag.replace('"', " ")))


def _facets(tag: str) -> Iterable[tuple[str, str]]:
    """The facets that a tag may stand for."""
    kind, colon, value = tag.partition(":")
    if tag.startswith(LEVEL):
        yield "level", value
    elif tag.startswith(LICENCE):
        yield "licence", _spdx(value)
    elif colon and kind not in {"q", "exact", "owner", "order"}:
        yield kind, value
    yield FRAMEWORK, tag.lower()


def _spdx(licence: str) -> str:
    """A licence as entries state it; what SPDX does not know stays, and no model has it."""
    try:
        return licence_normalised(licence)
    except ValueError:
        return licence


def _together(wanted: Wanted, others: Iterable[Wanted]) -> tuple[Wanted, list[Wanted]]:
    """One search for all, and those that cannot be part of it.

    Of one facet it would take any of the values, where each of several tags must be there.
    """
    further = []
    for one in others:
        if wanted.choices.keys() & one.choices.keys():
            further.append(one)
        else:
            text, choices = f"{wanted.text} {one.text}".strip(), {**wanted.choices, **one.choices}
            wanted = replace(wanted, text=text, choices=choices)
    return wanted, further
