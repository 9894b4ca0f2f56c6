"""Vocabularies and terms as JSON, and what may be sent of them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import ListQuery, Query, Strict
from registry.api.serializers.linked import Linked
from registry.models import Term, Vocabulary
from registry.services.vocabularies import NAME_CHARACTERS, PATH_CHARACTERS

MOST_TYPED = 100
_MOST_WORDS = 100


class VocabularySerializer(Linked):
    """A list or tree of terms. An open one takes terms from whoever describes a model."""

    url = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    size = serializers.IntegerField()

    class Meta:
        """What it is for, and how many terms it has."""

        model = Vocabulary
        fields = ("url", "terms", "slug", "name", "description", "is_open", "size")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, one: Vocabulary) -> str:
        """The vocabulary's address."""
        return self.link("vocabulary", one.slug)

    @extend_schema_field(OpenApiTypes.URI)
    def get_terms(self, one: Vocabulary) -> str:
        """Where its terms are listed."""
        return self.link("terms", one.slug)


class TermSerializer(Linked):
    """A term. `path` names it in filters; `models` is how many public models it fits."""

    url = serializers.SerializerMethodField()
    vocabulary = serializers.CharField(source="vocabulary_id")
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    synonyms: Any = serializers.ListField(child=serializers.CharField())
    models = serializers.SerializerMethodField()

    class Meta:
        """Its place in the tree, and the words that it is found by."""

        model = Term
        fields = ("url", "id", "vocabulary", "path", "parent", "name", "synonyms", "uri", "models")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, term: Term) -> str:
        """The term's address."""
        return self.link("term", term.vocabulary_id, term.pk)

    def get_parent(self, term: Term) -> str | None:
        """The path of the term above; null at the top."""
        return term.path.rpartition("/")[0] or None

    def get_models(self, term: Term) -> int:
        """How many public models it or what is narrower fits."""
        counts: dict[int, int] = self.context["counts"]
        return counts.get(term.pk, 0)


class SuggestedTermSerializer(serializers.Serializer[Any]):
    """A term that may be meant."""

    name = serializers.CharField()
    path = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """The likeliest terms, at most ten, the likeliest first."""

    results = SuggestedTermSerializer(many=True)


class SuggestQuery(Query):
    """What somebody has typed so far."""

    q = serializers.CharField(
        required=False, max_length=MOST_TYPED, allow_blank=True, trim_whitespace=False, default=""
    )


class TermListQuery(ListQuery):
    """Which part of the tree is asked for."""

    under = serializers.CharField(
        required=False,
        max_length=PATH_CHARACTERS,
        help_text="The path of a term: it and what is narrower.",
    )


def _path(said: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=PATH_CHARACTERS, help_text=said, **options)


class TermBody(Strict):
    """A further term."""

    name = serializers.CharField(max_length=NAME_CHARACTERS)
    parent = _path(  # type: ignore[assignment]  # DRF takes declared fields off the class
        "The path of the term above.", required=False, allow_null=True, default=None
    )


class TermPatch(Strict):
    """Another name, other words for it, or another place in the tree."""

    name = serializers.CharField(max_length=NAME_CHARACTERS, required=False)
    synonyms = serializers.ListField(
        child=serializers.CharField(max_length=NAME_CHARACTERS),
        max_length=_MOST_WORDS,
        required=False,
    )
    parent = _path(  # type: ignore[assignment]  # as above
        "The path of the term above; null: the top.", required=False, allow_null=True
    )


class MergeTermBody(Strict):
    """Which term takes another up."""

    into = _path("The path of a term of the same vocabulary.")
