"""Vocabularies: their trees for readers, their words for type-ahead, their changes by curators."""

from django.http import Http404, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from registry.models import Vocabulary
from registry.selectors.vocabularies import terms_suggested
from registry.views.requests import PageRequest

MOST_TYPED = 100


@require_safe
def term_suggest(request: PageRequest, slug: str) -> JsonResponse:
    """The terms that somebody may mean who typed `q` so far: a list of {name, path}."""
    if not Vocabulary.objects.filter(pk=slug).exists():
        raise Http404("No such vocabulary.")
    terms = terms_suggested(vocabulary=slug, text=request.GET.get("q", "")[:MOST_TYPED])
    return JsonResponse([{"name": term.name, "path": term.path} for term in terms], safe=False)


vocabularies_urlpatterns = [
    path("vocabularies/<slug:slug>/suggest", term_suggest, name="term_suggest"),
]
