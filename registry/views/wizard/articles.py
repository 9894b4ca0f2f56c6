"""The article of a model into the form of step 2: found by its DOI, or read from a record."""

from typing import Protocol

import msgspec
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import retarget

from registry.forms.articles import article_sent
from registry.forms.draft import DraftForms, Sent, draft_forms
from registry.models import Lookup, ModelEntry, ModelVersion
from registry.models.outside import LookupKind, LookupState
from registry.references import articles_from_text
from registry.selectors.lookups import lookup_get
from registry.services import ServiceError
from registry.services.lookups import lookup_ask
from registry.services.typed_forms import typed_form_save
from registry.spec.manifest import Article
from registry.views.requests import PersonRequest
from registry.views.wizard.frame import number_of

LOOK_UP, READ = "look-up", "read-record"
ARTICLE_ACTIONS = frozenset({LOOK_UP, READ})
_FOUND = "The article was found, and its fields are filled in. Check them."


class Page(Protocol):
    """Shows the whole page of step 2, with something more in its context."""

    def __call__(
        self, request: PersonRequest, shown: DraftForms, *, more: dict[str, object]
    ) -> HttpResponse:
        """The page as a response."""


def article_asked(
    request: PersonRequest, entry: ModelEntry, version: ModelVersion, sent: Sent, *, page: Page
) -> HttpResponse:
    """Fill the article's fields in from what was pasted, or ask for the article of a DOI."""
    try:
        if request.POST.get("action") == READ:
            return _filled(request, entry, version, sent, _pasted(request), page=page)
        lookup = lookup_posted(request) or lookup_ask(
            user=request.user, kind=LookupKind.ARTICLE, address=sent.get("article-doi", "")
        )
        if request.htmx:
            return _answer(request, entry, version, sent, lookup, page=page)
        # Without scripts the answer is waited for by loading the page again: keep what was typed.
        revision = number_of(request.POST.get("typed", ""))
        typed_form_save(entry=entry, user=request.user, data=sent, revision=revision)
    except (ServiceError, ValueError) as refusal:
        return _shown(request, entry, version, sent, {"refused": _words(refusal)}, page=page)
    return redirect(f"{reverse('entry_edit', args=[entry.accession])}?lookup={lookup.pk}#article")


def lookup_of(request: PersonRequest) -> Lookup | None:
    """The question that the page's address names, if it is one's own."""
    return _lookup(request, request.GET.get("lookup", ""))


def lookup_posted(request: PersonRequest) -> Lookup | None:
    """The question that the form waits for, if it is one's own."""
    return _lookup(request, request.POST.get("lookup", ""))


def _lookup(request: PersonRequest, given: str) -> Lookup | None:
    return lookup_get(user=request.user, lookup_id=number_of(given))


def article_answered(lookup: Lookup | None) -> dict[str, str]:
    """The fields of the article that was found; none while there is no answer."""
    if lookup is None or lookup.kind != LookupKind.ARTICLE or lookup.result is None:
        return {}
    return dict(article_sent(msgspec.convert(lookup.result, Article)))


def _pasted(request: PersonRequest) -> dict[str, str]:
    """The first article of the pasted record. Raises ValueError."""
    return dict(article_sent(articles_from_text(request.POST.get("record", ""))[0]))


def _answer(
    request: PersonRequest,
    entry: ModelEntry,
    version: ModelVersion,
    sent: Sent,
    lookup: Lookup,
    *,
    page: Page,
) -> HttpResponse:
    """While one waits, only the line that says so is replaced: what is typed meanwhile stays."""
    if lookup.state == LookupState.PENDING:
        return render(request, "parts/publish_asking.html", {"entry": entry, "lookup": lookup})
    found = article_answered(lookup)
    if found:
        return _filled(request, entry, version, sent, found, page=page)
    return _shown(request, entry, version, sent, {"lookup": lookup}, page=page)


def _filled(
    request: PersonRequest,
    entry: ModelEntry,
    version: ModelVersion,
    sent: Sent,
    found: dict[str, str],
    *,
    page: Page,
) -> HttpResponse:
    said: dict[str, object] = {"found": _FOUND}
    return _shown(request, entry, version, dict(sent) | found, said, page=page)


def _shown(
    request: PersonRequest,
    entry: ModelEntry,
    version: ModelVersion,
    sent: Sent,
    said: dict[str, object],
    *,
    page: Page,
) -> HttpResponse:
    """The fields of the article with what is said of them: by themselves, or on the whole page."""
    shown = draft_forms(entry=entry, version=version, sent=sent)
    if not request.htmx:
        return page(request, shown, more=said)
    context = {"entry": entry, "version": version, "forms": shown, "origins": {}} | said
    return retarget(render(request, "parts/publish_article.html", context), "#article")


def _words(refusal: ServiceError | ValueError) -> str:
    if isinstance(refusal, ServiceError):
        return f"{refusal.sentence} {refusal.hint}".strip()
    return str(refusal)
