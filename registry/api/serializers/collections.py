"""Collections as JSON, and what may be sent of them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import ListQuery, Strict, page_link
from registry.api.serializers.entries import EntryRowSerializer
from registry.api.serializers.fields import AccessionField
from registry.api.serializers.linked import Linked
from registry.models import Collection, CollectionItem
from registry.services.collections import DESCRIPTION_CHARACTERS


class CollectionSerializer(Linked):
    """A collection. `featured_at` is since when curators show it on the front page."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.username")

    class Meta:
        """What is told of it; what is in it is a list of its own."""

        model = Collection
        fields = ("url", "page", "items", "owner", "name", "title", "description", "is_public",
                  "featured_at", "created_at", "updated_at")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, one: Collection) -> str:
        """The collection's address."""
        return self.link("collection", one.owner.username, one.name)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, one: Collection) -> str:
        """The address for people."""
        return page_link(self.context["request"], "collection_page", one.owner.username, one.name)

    @extend_schema_field(OpenApiTypes.URI)
    def get_items(self, one: Collection) -> str:
        """Where the models in it are listed."""
        return self.link("collection-items", one.owner.username, one.name)


class CollectionItemSerializer(serializers.ModelSerializer[CollectionItem]):
    """A model in a collection, and why it is there."""

    model = EntryRowSerializer(source="entry")

    class Meta:
        """The list's order is the collection's."""

        model = CollectionItem
        fields = ("model", "note")
        read_only_fields = fields


class CollectionListQuery(ListQuery):
    """What the list of collections may be narrowed to."""

    owner = serializers.CharField(required=False, max_length=96, help_text="A user name.")


class CollectionBody(Strict):
    """A collection to be made. Its address is made from its title and stays."""

    title = serializers.CharField(max_length=300)
    description = serializers.CharField(
        max_length=DESCRIPTION_CHARACTERS, required=False, allow_blank=True, help_text="Markdown."
    )
    is_public = serializers.BooleanField(required=False)


class CollectionPatch(CollectionBody):
    """What changes of a collection."""

    title = serializers.CharField(max_length=300, required=False)


class ItemBody(Strict):
    """A model to be put at the end of a collection."""

    model = AccessionField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ItemPatch(Strict):
    """Another word on a model, or another place."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    before = AccessionField(
        required=False,
        allow_null=True,
        help_text="The accession of the model that it is put before; null: at the end.",
    )
