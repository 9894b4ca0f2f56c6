"""What replies of every theme have in common."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from registry.api.serializers.words import CAUSES
from registry.models import ModelEntry
from registry.selectors.entries import entry_may_edit


class Linked(serializers.ModelSerializer[Any]):
    """Rows that name their own address."""

    def link(self, name: str, *args: object) -> str:
        """The absolute address of a door of this API."""
        address: str = reverse(f"api:{name}", args=args, request=self.context["request"])
        return address

    def may_edit(self, entry: ModelEntry) -> bool:
        """Whether the caller may change the entry."""
        return entry_may_edit(user=self.context["request"].user, entry=entry)


def page_address(request: Request, entry: ModelEntry) -> str:
    """The permanent address of an entry's page."""
    address: str = request.build_absolute_uri(f"/models/{entry.accession}/")
    return address


class FailureSerializer(serializers.Serializer[Any]):
    """Why something fell short, what to do, and the lines that show it."""

    cause = serializers.ChoiceField(choices=CAUSES)
    sentence = serializers.CharField()
    hint = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
