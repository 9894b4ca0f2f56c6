"""What may be asked and sent."""

import json
from dataclasses import replace
from typing import Any

import msgspec
from rest_framework import serializers

from registry.api.base import SHAPING, ListQuery, Query, Strict
from registry.api.serializers.articles import ArticleSerializer
from registry.api.serializers.people import PeopleField
from registry.api.serializers.words import LARGEST_ID, SHOWN_OR_NOT, STEPS
from registry.citations import FORMATS
from registry.models.entries import Visibility
from registry.models.runs import RunOutcome, RunState
from registry.services.entries import EntryFields
from registry.spec.manifest import Article, Manifest


class RunListQuery(ListQuery):
    """What a list of runs may be narrowed to."""

    also = ListQuery.also | SHAPING

    model = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="An accession."
    )
    state = serializers.ChoiceField(required=False, choices=RunState.choices)
    outcome = serializers.ChoiceField(required=False, choices=RunOutcome.choices)


class LogsQuery(Query):
    """From where a log is read on, and of which step."""

    after = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_ID, default=0)
    step = serializers.ChoiceField(required=False, choices=STEPS, default="")


class CitationQuery(Query):
    """What is to be cited, and in which format."""

    format = serializers.ChoiceField(choices=list(FORMATS), default="bibtex")
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="Without it: the current one."
    )
    of = serializers.ChoiceField(
        choices=["software", "article", "verification", "model"],
        required=False,
        help_text="Without it: the version, then its article.",
    )


class SourceBody(Strict):
    """A repository to be read, or an archive of one. Without a ref: the newest commit."""

    address = serializers.CharField(max_length=2000, required=False)
    ref = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    folder = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    archive = serializers.FileField(
        required=False, help_text="A zip or tar, as multipart/form-data, in place of an address."
    )


class VersionBody(SourceBody):
    """Where a version is read from. With neither address nor archive: where the last one was."""


class EntryBody(SourceBody):
    """A repository to be read, or an archive of one, and the short name of its entry."""

    name = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")


class EntryPatch(Strict):
    """What may be changed. `label` to `manifest` belong to a version and freeze with it.

    With `revision`, the change is refused if somebody else made one since that was shown.
    """

    revision = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)

    name = serializers.CharField(max_length=96, required=False)
    title = serializers.CharField(max_length=300, required=False)
    summary = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    description = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    keywords = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=50, required=False
    )
    terms = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=300), max_length=100),
        required=False,
        help_text="Vocabulary → names or paths of terms, in place of those before.",
    )
    container_image = serializers.CharField(max_length=500, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=SHOWN_OR_NOT, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes declared fields off the class
        max_length=100, required=False, allow_blank=True
    )
    licence = serializers.CharField(max_length=200, required=False, allow_blank=True)
    authors = PeopleField(max_length=200, required=False)
    article = ArticleSerializer(required=False, allow_null=True)
    manifest = serializers.DictField(required=False)

    def validate_article(self, value: dict[str, Any] | None) -> Article:
        """The article as its spec value, empty for null: no article published the model."""
        return Article(**value) if value else Article()

    def validate_manifest(self, value: dict[str, Any]) -> Manifest:
        """The manifest as its spec value. Raises ValidationError, naming the place."""
        try:
            # 1e999 is JSON and infinite; no database keeps that.
            json.dumps(value, allow_nan=False)
            # msgspec leaves what has its default unset, and then does not write it: set it.
            return replace(msgspec.convert(value, Manifest))
        except (msgspec.ValidationError, ValueError) as error:
            raise serializers.ValidationError(str(error)) from error

    @staticmethod
    def as_fields(values: dict[str, Any]) -> EntryFields:
        """What the service takes."""
        shaped = dict(values)
        if "keywords" in shaped:
            shaped["keywords"] = tuple(dict.fromkeys(shaped["keywords"]))
        if "terms" in shaped:
            shaped["terms"] = {name: tuple(terms) for name, terms in shaped["terms"].items()}
        if "visibility" in shaped:
            shaped["visibility"] = Visibility(shaped["visibility"])
        return EntryFields(**shaped)
