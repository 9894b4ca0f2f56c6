"""The article that published a model, as JSON and as it is sent."""

from django.core.validators import URLValidator
from rest_framework import serializers

from registry.api.base import Strict
from registry.api.serializers.people import PeopleField
from registry.spec.identifiers import doi_normalised

_web_address = URLValidator(["http", "https"])


class DoiField(serializers.CharField):
    """A DOI, bare or as its address; validated to the bare one."""

    def to_internal_value(self, data: str) -> str:
        """The bare DOI, or nothing. Raises ValidationError."""
        text = super().to_internal_value(data)
        try:
            return doi_normalised(text) if text else ""
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


def _line(limit: int) -> serializers.CharField:
    return serializers.CharField(max_length=limit, allow_blank=True, default="")


class ArticleSerializer(Strict):
    """The article that published the model. `url` is for one without a DOI."""

    title = _line(1000)
    authors = PeopleField(max_length=200, required=False)
    year = serializers.IntegerField(min_value=1000, max_value=9999, allow_null=True, default=None)
    journal = _line(300)
    volume = _line(50)
    pages = _line(50)
    doi = DoiField(max_length=300, allow_blank=True, default="")
    url = _line(2000)

    def validate_url(self, value: str) -> str:
        """A web address, or nothing. Raises ValidationError."""
        if value:
            _web_address(value)
        return value
