"""People and their tokens as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.models import ApiToken, User
from registry.spec.identifiers import orcid_normalised
from registry.spec.manifest import Person


class PersonSerializer(serializers.Serializer[Any]):
    """An author."""

    given = serializers.CharField(max_length=200, allow_blank=True, default="")
    family = serializers.CharField(max_length=200, allow_blank=True, default="")
    orcid = serializers.CharField(max_length=60, allow_null=True, default=None)
    affiliation = serializers.CharField(max_length=300, allow_blank=True, default="")

    def validate_orcid(self, value: str | None) -> str | None:
        """The normal form of an ORCID iD. Raises ValidationError."""
        try:
            return orcid_normalised(value) if value else None
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class PeopleField(serializers.ListField):
    """Authors in their order; validated to spec Persons."""

    child = PersonSerializer()

    def to_internal_value(self, data: list[Any]) -> tuple[Person, ...]:  # type: ignore[override]  # a list in DRF's stubs
        """The authors. Raises ValidationError for one without a name."""
        people = tuple(Person(**author) for author in super().to_internal_value(data))
        if not all(person.name for person in people):
            raise serializers.ValidationError("Every author needs a given or a family name.")
        return people


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """The token that a program came with, without its secret."""

    scopes: Any = serializers.ListField(child=serializers.CharField())

    class Meta:
        """What its holder may know."""

        model = ApiToken
        fields: tuple[str, ...] = ("name", "prefix", "scopes", "created_at", "expires_at")


class MeSerializer(serializers.ModelSerializer[User]):
    """Who asks; `token` is null for a session, which may do all that the person may."""

    token = serializers.SerializerMethodField()

    class Meta:
        """The person's own public data."""

        model = User
        fields = ("username", "first_name", "last_name", "orcid", "affiliation", "token")

    @extend_schema_field(TokenSerializer(allow_null=True))
    def get_token(self, _user: User) -> dict[str, Any] | None:
        """The token in use."""
        token = self.context["request"].auth
        return dict(TokenSerializer(token).data) if token else None
