"""Vocabularies: their trees for readers, their words for type-ahead, their changes by curators."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from registry.forms.fields import add_refusal
from registry.forms.finding import TermAddForm, TermMergeForm, TermMoveForm, TermRenameForm
from registry.models import Term, Vocabulary
from registry.selectors.vocabularies import (
    term_tree,
    terms_suggested,
    vocabularies_with_sizes,
)
from registry.services.errors import ServiceError
from registry.services.vocabularies import term_add, term_merge, term_move, term_rename
from registry.views.requests import PageRequest, PersonRequest

MOST_TYPED = 100


@require_safe
def vocabulary_list(request: PageRequest) -> HttpResponse:
    """All vocabularies."""
    context = {"vocabularies": vocabularies_with_sizes()}
    return render(request, "registry/vocabularies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def vocabulary_page(request: PersonRequest, slug: str) -> HttpResponse:
    """The terms of one vocabulary with how many models each fits; curators add terms."""
    vocabulary = _vocabulary_or_404(slug)
    form = TermAddForm(vocabulary, request.POST or None)
    if request.method == "POST":
        _refuse_all_but_curators(request)
        if form.is_valid() and _done(form, lambda: _add(request, vocabulary, form)):
            return redirect("vocabulary_page", slug)
    context = {
        "vocabulary": vocabulary,
        "rows": term_tree(slug),
        "form": form if request.user.is_staff else None,
    }
    return render(request, "registry/vocabulary.html", context)


@require_safe
def term_suggest(request: PageRequest, slug: str) -> JsonResponse:
    """The terms that somebody may mean who typed `q` so far: a list of {name, path}."""
    vocabulary = _vocabulary_or_404(slug)
    terms = terms_suggested(vocabulary=vocabulary.pk, text=request.GET.get("q", "")[:MOST_TYPED])
    return JsonResponse([{"name": term.name, "path": term.path} for term in terms], safe=False)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def term_edit(request: PersonRequest, slug: str, term_id: int) -> HttpResponse:
    """A curator renames, moves or merges a term: one form each, told apart by `do`."""
    _refuse_all_but_curators(request)
    vocabulary = _vocabulary_or_404(slug)
    term = Term.objects.filter(pk=term_id, vocabulary=vocabulary, merged_into=None).first()
    if term is None:
        raise Http404("No such term.")
    sent = request.POST.get("do", "")
    forms_ = _term_forms(request, vocabulary, term)
    if sent in forms_ and forms_[sent].is_valid():
        form = forms_[sent]
        if _done(form, lambda: _change(request, term, sent, form)):
            messages.success(request, f"Done: {term.name}.")
            return redirect("vocabulary_page", slug)
    return render(
        request,
        "registry/vocabulary_term.html",
        {"vocabulary": vocabulary, "term": term, "forms": forms_},
    )


def _term_forms(
    request: PersonRequest, vocabulary: Vocabulary, term: Term
) -> dict[str, forms.Form]:
    sent = request.POST.get("do", "")
    data = {name: request.POST if name == sent else None for name in ("rename", "move", "merge")}
    now = {"name": term.name, "synonyms": "\n".join(term.synonyms)}
    return {
        "rename": TermRenameForm(data["rename"], initial=now),
        "move": TermMoveForm(vocabulary, data["move"], initial={"parent": term.parent}),
        "merge": TermMergeForm(vocabulary, data["merge"]),
    }


def _add(request: PersonRequest, vocabulary: Vocabulary, form: forms.Form) -> None:
    said = form.cleaned_data
    term = term_add(
        actor=request.user, vocabulary=vocabulary, name=said["name"], parent=said["parent"]
    )
    messages.success(request, f"Added: {term.name}.")


def _change(request: PersonRequest, term: Term, do: str, form: forms.Form) -> None:
    said = form.cleaned_data
    if do == "rename":
        term_rename(actor=request.user, term=term, name=said["name"], synonyms=said["synonyms"])
    elif do == "move":
        term_move(actor=request.user, term=term, parent=said["parent"])
    else:
        term_merge(actor=request.user, term=term, into=said["into"])


def _done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether it was done; why not is said beside the form."""
    try:
        act()
    except ServiceError as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _vocabulary_or_404(slug: str) -> Vocabulary:
    vocabulary = Vocabulary.objects.filter(pk=slug).first()
    if vocabulary is None:
        raise Http404("No such vocabulary.")
    return vocabulary


def _refuse_all_but_curators(request: PersonRequest) -> None:
    if not request.user.is_staff:
        raise Http404("No such page, or none for you.")


vocabularies_urlpatterns = [
    path("vocabularies/", vocabulary_list, name="vocabulary_list"),
    path("vocabularies/<slug:slug>/", vocabulary_page, name="vocabulary_page"),
    path("vocabularies/<slug:slug>/suggest", term_suggest, name="term_suggest"),
    path("vocabularies/<slug:slug>/terms/<int:term_id>/", term_edit, name="term_edit"),
]
