"""Step 2: what was understood of a repository, checked and corrected; also the later editing."""

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from registry.forms.draft import (
    DraftForms,
    Sent,
    differences,
    draft_forms,
    with_row,
    with_theirs,
)
from registry.forms.fields import add_refusal
from registry.forms.sources import InputFileForm
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import VersionState
from registry.selectors.typed_forms import typed_form_of
from registry.services import ServiceError
from registry.services.entries import entry_update
from registry.services.obstacles import entry_obstacles
from registry.services.typed_forms import typed_form_discard, typed_form_save
from registry.spec.ladder import Origin
from registry.spec.manifest import Proposal
from registry.views.lookup import own_entry_or_404
from registry.views.presentation import understood
from registry.views.requests import PersonRequest
from registry.views.wizard.articles import (
    ARTICLE_ACTIONS,
    article_answered,
    article_asked,
    lookup_of,
)
from registry.views.wizard.frame import (
    Stage,
    newest_version_or_404,
    number_of,
    wizard_frame,
)

_UNTOLD = {Origin.FORM.value, Origin.DEFAULT.value}
_FILLED_IN = "Saved, with the proposed command filled in. Check it before you publish."
# What belongs to the page and not to what is typed into it.
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "action", "typed", "lookup", "record"})
_TAKE = "take:"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_edit(request: PersonRequest, accession: int) -> HttpResponse:
    """The form about an entry and its newest version: shown, asked of, or saved."""
    entry = own_entry_or_404(request, accession)
    version = newest_version_or_404(entry)
    if version.state != VersionState.READY:
        return redirect("entry_source", accession)
    if request.method != "POST":
        return _as_left(request, entry, version)
    sent, action = sent_of(request), request.POST.get("action", "")
    if action == "preview":
        return _previewed(request, entry, version, sent)
    if action in ARTICLE_ACTIONS and not version.published_at:
        return article_asked(request, entry, version, sent, page=_page)
    if action.startswith("more-"):
        sent = with_row(sent, action.removeprefix("more-"))
        return _page(request, draft_forms(entry=entry, version=version, sent=sent))
    return _save(request, entry, version, sent)


@login_required
@require_POST
def entry_typed(request: PersonRequest, accession: int) -> JsonResponse:
    """Keep what is typed just now. Answers with the revision to be sent next time, or why not."""
    entry = own_entry_or_404(request, accession)
    try:
        kept = typed_form_save(
            entry=entry,
            user=request.user,
            data=sent_of(request),
            revision=number_of(request.POST.get("typed", "")),
        )
    except ServiceError as refusal:
        return JsonResponse({"said": f"{refusal.sentence} {refusal.hint}"}, status=409)
    return JsonResponse({"revision": kept.revision})


@login_required
@require_POST
def entry_typed_discard(request: PersonRequest, accession: int) -> HttpResponse:
    """Forget what was typed and not saved: the form shows again what is kept."""
    typed_form_discard(entry=own_entry_or_404(request, accession), user=request.user)
    messages.success(request, "Discarded. This is what was saved last.")
    return redirect("entry_edit", accession)


def sent_of(request: PersonRequest) -> dict[str, str]:
    """What was typed into the form, as it came."""
    posted = request.POST.items()
    return {
        name: str(text)
        for name, text in posted
        if name not in _NOT_TYPED and not name.startswith(_TAKE)
    }


def _as_left(request: PersonRequest, entry: ModelEntry, version: ModelVersion) -> HttpResponse:
    """The page as this person left it, with the article that was asked for in between."""
    fresh = draft_forms(entry=entry, version=version)
    typed = typed_form_of(entry=entry, user=request.user)
    lookup = None if version.published_at else lookup_of(request)
    found = article_answered(lookup)
    more: dict[str, object] = {"lookup": lookup}
    if typed is None and not found:
        return _page(request, fresh, more=more)
    sent = fresh.sent() | (typed.data if typed else {}) | found
    left = draft_forms(entry=entry, version=version, sent=sent)
    if not differences(theirs=fresh, yours=left):
        return _page(request, fresh, more=more)
    return _page(request, left, more=more | {"left": typed is not None})


def _save(
    request: PersonRequest, entry: ModelEntry, version: ModelVersion, sent: Sent
) -> HttpResponse:
    """Keep what was typed and go on; or say why not, with everything still there."""
    fresh = draft_forms(entry=entry, version=version)
    shown = draft_forms(
        entry=entry,
        version=version,
        sent=with_theirs(sent, theirs=fresh, chosen=_taken(request)),
    )
    if not shown.are_valid():
        return _page(request, shown)
    proposal = _proposal(version, request.POST.get("action", ""))
    try:
        changed = shown.fields(proposal=proposal)
        entry_update(entry=entry, fields=changed, revision=shown.revision, actor=request.user)
    except ServiceError as refusal:
        _refuse(shown, refusal)
        return _page(request, shown)
    typed_form_discard(entry=entry, user=request.user)
    return _onward(request, entry, version, proposal)


def _onward(
    request: PersonRequest, entry: ModelEntry, version: ModelVersion, proposal: Proposal | None
) -> HttpResponse:
    """To the next step, if that was asked for; else the same form with what was saved."""
    if request.POST.get("action") == "next" and not version.published_at:
        return redirect("entry_try", entry.accession)
    messages.success(request, _FILLED_IN if proposal else "Saved.")
    return redirect("entry_edit", entry.accession)


def _taken(request: PersonRequest) -> frozenset[str]:
    """The fields of which somebody prefers what is kept now to what they typed."""
    return frozenset(
        name.removeprefix(_TAKE)
        for name, choice in request.POST.items()
        if name.startswith(_TAKE) and choice == "theirs"
    )


def _refuse(shown: DraftForms, refusal: ServiceError) -> None:
    """Show a refusal beside the field that it speaks of; a stale one has a box of its own."""
    if refusal.code == "stale":
        return
    field = refusal.code.partition("_")[0]
    forms = [shown.page, *([shown.own.details] if shown.own else [])]
    add_refusal(next((form for form in forms if field in form.fields), shown.page), refusal)


def _previewed(
    request: PersonRequest, entry: ModelEntry, version: ModelVersion, sent: Sent
) -> HttpResponse:
    """The description as a reader will see it: by itself, or on the page of somebody without JS."""
    preview = {"preview": True, "text": sent.get("description", "")}
    if request.htmx:
        return render(request, "parts/publish_preview.html", preview)
    return _page(request, draft_forms(entry=entry, version=version, sent=sent), more=preview)


def _page(
    request: PersonRequest,
    shown: DraftForms,
    *,
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The whole page. Beside the form: what will be verified, and what keeps it from publishing."""
    # As others may just have saved it: what differs from that is shown, and rests on that.
    entry = own_entry_or_404(request, shown.entry.accession)
    version = newest_version_or_404(entry)
    fresh = draft_forms(entry=entry, version=version)
    stale = shown.revision != entry.revision and shown.page.is_bound
    comparable = (shown.own is None) == (fresh.own is None)
    context = wizard_frame(Stage.CHECK, version) | {
        "entry": entry,
        "version": version,
        "forms": shown,
        "typed": typed_form_of(entry=entry, user=request.user),
        "stale": stale,
        "differences": differences(theirs=fresh, yours=shown) if stale and comparable else [],
        "origins": _origins(entry, version, shown),
        "understood": understood(version),
        "plan": version.plan_value,
        "input_form": InputFileForm(auto_id="id_input_%s"),
        "input_files": entry.input_files.select_related("blob"),
        "obstacles": [] if version.published_at else entry_obstacles(entry=entry),
    }
    return render(request, "registry/edit.html", context | dict(more or {}))


def _proposal(version: ModelVersion, action: str) -> Proposal | None:
    """The proposal that a button "use-1" asks for, counted from 1; None for any other button."""
    named = {f"use-{n}": one for n, one in enumerate(version.plan_value.proposals, start=1)}
    return None if version.published_at else named.get(action)


def _origins(entry: ModelEntry, version: ModelVersion, shown: DraftForms) -> dict[str, str]:
    """Where each field's value was read, by the field's name; nothing where a person wrote it."""
    known = dict(entry.origins)
    if shown.own is not None:
        said = version.description_origins
        article = dict.fromkeys(
            (f"article-{n}" for n in shown.own.article.fields), said.get("article")
        )
        named = {"label": said.get("version"), "authors": said.get("authors")}
        kept = {name: known[name] for name in known if known[name] == Origin.FORM}
        known |= said | version.manifest_origins | article | named | kept
    terms = {name.replace("terms.", "terms-", 1): origin for name, origin in known.items()}
    return {name: origin for name, origin in terms.items() if origin and origin not in _UNTOLD}
