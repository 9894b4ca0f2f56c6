"""Doors to vocabularies: their terms for readers and for type-ahead, their changes by curators."""

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, query_of
from registry.api.lookup import curator
from registry.api.schema import replies
from registry.api.serializers.vocabularies import (
    MergeTermBody,
    SuggestionsSerializer,
    SuggestQuery,
    TermBody,
    TermListQuery,
    TermPatch,
    TermSerializer,
    VocabularySerializer,
)
from registry.models import Term, Vocabulary
from registry.selectors.vocabularies import (
    counts_of_terms,
    terms_of,
    terms_suggested,
    vocabularies_with_sizes,
    with_narrower,
)
from registry.services.vocabularies import term_add, term_merge, term_move, term_rename


class VocabulariesView(ApiView):
    """All vocabularies."""

    @extend_schema(
        operation_id="vocabularies_list", responses=replies(_200=VocabularySerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the vocabularies in the order in which pages show them."""
        query_of(request, ListQuery)
        rows = vocabularies_with_sizes().order_by("position", "slug")
        return self.listed(rows, VocabularySerializer)


class _VocabularyDoor(ApiView):
    """A door to one vocabulary, which curators change."""

    write_scope = "curation:write"

    def vocabulary(self, slug: str) -> Vocabulary:
        """The vocabulary. Raises Http404."""
        found = vocabularies_with_sizes().filter(pk=slug).first()
        if found is None:
            raise Http404
        return found

    def term(self, slug: str, term_id: int) -> Term:
        """A term in use. Raises Http404."""
        found = terms_of(self.vocabulary(slug).pk).filter(pk=term_id).first()
        if found is None:
            raise Http404
        return found

    def said(self, term: Term, status: int = 200) -> Response:
        """The term as it stands now."""
        counts = counts_of_terms(term.vocabulary_id)
        context = {**self.get_serializer_context(), "counts": counts}
        return Response(TermSerializer(term, context=context).data, status=status)


class VocabularyView(_VocabularyDoor):
    """One vocabulary."""

    @extend_schema(operation_id="vocabularies_get", responses=replies(_200=VocabularySerializer))
    def get(self, request: Request, slug: str) -> Response:
        """Show a vocabulary."""
        query_of(request, Query)
        return self.shown(self.vocabulary(slug), VocabularySerializer)


class TermsView(_VocabularyDoor):
    """The terms of one vocabulary."""

    @extend_schema(
        operation_id="terms_list",
        parameters=[TermListQuery],
        responses=replies(_200=TermSerializer(many=True)),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the terms of a vocabulary by their paths: each before what is narrower."""
        under = query_of(request, TermListQuery).get("under")
        rows = terms_of(self.vocabulary(slug).pk)
        if under is not None:
            rows = rows.filter(with_narrower(_named(slug, under, "under")))
        return self.listed(rows, TermSerializer, counts=counts_of_terms(slug))

    @extend_schema(
        operation_id="terms_add", request=TermBody, responses=replies(_201=TermSerializer)
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add a term, as a curator."""
        actor, vocabulary = curator(request), self.vocabulary(slug)
        body = body_of(request, TermBody)
        parent = _parent(slug, body["parent"])
        term = term_add(actor=actor, vocabulary=vocabulary, name=body["name"], parent=parent)
        return self.said(term, 201)


class TermSuggestView(_VocabularyDoor):
    """Type-ahead."""

    @extend_schema(
        operation_id="terms_suggest",
        parameters=[SuggestQuery],
        responses=replies(_200=SuggestionsSerializer),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Name the terms that somebody may mean who typed `q` so far, by other words too."""
        vocabulary, text = self.vocabulary(slug), query_of(request, SuggestQuery)["q"]
        found = terms_suggested(vocabulary=vocabulary.pk, text=text)
        return self.shown({"results": found}, SuggestionsSerializer)


class TermView(_VocabularyDoor):
    """One term."""

    @extend_schema(operation_id="terms_get", responses=replies(_200=TermSerializer))
    def get(self, request: Request, slug: str, term_id: int) -> Response:
        """Show a term."""
        query_of(request, Query)
        return self.said(self.term(slug, term_id))

    @extend_schema(
        operation_id="terms_change", request=TermPatch, responses=replies(_200=TermSerializer)
    )
    def patch(self, request: Request, slug: str, term_id: int) -> Response:
        """Rename a term or put it elsewhere, as a curator. Its old path goes on leading to it."""
        actor, term = curator(request), self.term(slug, term_id)
        body = body_of(request, TermPatch)
        with transaction.atomic():  # both or neither
            if "parent" in body:
                term = term_move(actor=actor, term=term, parent=_parent(slug, body["parent"]))
            if "name" in body or "synonyms" in body:
                name = body.get("name", term.name)
                term = term_rename(actor=actor, term=term, name=name, synonyms=body.get("synonyms"))
        return self.said(term)


class TermMergeView(_VocabularyDoor):
    """Merging."""

    @extend_schema(
        operation_id="terms_merge", request=MergeTermBody, responses=replies(_200=TermSerializer)
    )
    def post(self, request: Request, slug: str, term_id: int) -> Response:
        """Let a term go up in another, as a curator; the answer is the other."""
        actor, term = curator(request), self.term(slug, term_id)
        into = _named(slug, body_of(request, MergeTermBody)["into"], "into")
        return self.said(term_merge(actor=actor, term=term, into=into))


def _parent(slug: str, path: str | None) -> Term | None:
    return None if path is None else _named(slug, path, "parent")


def _named(slug: str, path: str, field: str) -> Term:
    """The term of a path. Raises ValidationError."""
    found = terms_of(slug).filter(path=path).first()
    if found is None:
        raise serializers.ValidationError({field: "There is no term of this path."})
    return found
