"""What people and programs know of an account: profiles, tokens, news, follows, kept searches."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.base import ListQuery, Strict, page_link
from registry.api.serializers.linked import Linked
from registry.api.serializers.people import TokenSerializer
from registry.models import ApiToken, Notification, SavedSearch, User
from registry.models.news import MailChoice, NewsKind
from registry.selectors.people import orcid_is_confirmed
from registry.selectors.sharing import groups_of
from registry.services.saved_searches import NAME_CHARACTERS, QUERY_CHARACTERS
from registry.services.tokens import SCOPES


class ProfileSerializer(Linked):
    """Somebody with an account, as all see them. A closed account keeps its user name alone."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    name = serializers.CharField()
    orcid_confirmed = serializers.SerializerMethodField(
        help_text="Whether the iD came from orcid.org itself, and was not just typed."
    )
    groups = serializers.SerializerMethodField()
    models = serializers.SerializerMethodField()
    collections = serializers.SerializerMethodField()

    class Meta:
        """What the page of a person shows."""

        model = User
        fields = ("url", "page", "username", "name", "orcid", "orcid_confirmed", "affiliation",
                  "groups", "models", "collections")  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, user: User) -> str:
        """The person's address."""
        return self.link("user", user.username)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, user: User) -> str:
        """The address for people."""
        return page_link(self.context["request"], "person_page", user.username)

    def get_orcid_confirmed(self, user: User) -> bool:
        """Whether orcid.org itself gave the iD."""
        return orcid_is_confirmed(user)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_groups(self, user: User) -> list[str]:
        """The names of the groups that the person has joined."""
        return list(groups_of(user).values_list("name", flat=True))

    @extend_schema_field(OpenApiTypes.URI)
    def get_models(self, user: User) -> str:
        """Where the person's models are listed."""
        return f"{self.link('models')}?owner={user.username}"

    @extend_schema_field(OpenApiTypes.URI)
    def get_collections(self, user: User) -> str:
        """Where the person's collections are listed."""
        return f"{self.link('collections')}?owner={user.username}"


class AccountPatch(Strict):
    """What a person says of themselves. The user name stays: citations hold it."""

    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    orcid = serializers.CharField(max_length=60, required=False, allow_blank=True)
    affiliation = serializers.CharField(max_length=300, required=False, allow_blank=True)


class OwnTokenSerializer(TokenSerializer):
    """A token of the caller's, without its secret. `current` is the one in use."""

    current = serializers.SerializerMethodField()

    class Meta(TokenSerializer.Meta):
        """With what its owner needs to know which to revoke."""

        fields = (*TokenSerializer.Meta.fields, "id", "last_used_at", "current")
        read_only_fields: tuple[str, ...] = fields

    def get_current(self, token: ApiToken) -> bool:
        """Whether the caller came with it."""
        return bool(token == self.context["request"].auth)


class NewTokenSerializer(OwnTokenSerializer):
    """A token that was just made, with what nobody can see again."""

    token = serializers.SerializerMethodField()

    class Meta(OwnTokenSerializer.Meta):
        """With its plain text."""

        fields = (*OwnTokenSerializer.Meta.fields, "token")
        read_only_fields = fields

    def get_token(self, _token: ApiToken) -> str:
        """The token itself, this once."""
        plain: str = self.context["plain"]
        return plain


class TokenBody(Strict):
    """A token to be made."""

    name = serializers.CharField(max_length=100, help_text="Where it is used.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)),
        max_length=len(SCOPES),
        help_text="None: it only reads.",
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="null: it lasts until it is revoked."
    )


class NewsSerializer(serializers.ModelSerializer[Notification]):
    """A piece of news. `page` leads to what it is about."""

    page = serializers.SerializerMethodField()
    model = serializers.IntegerField(source="entry_id", allow_null=True)
    kind = serializers.ChoiceField(choices=NewsKind.choices)

    class Meta:
        """What the list of news shows."""

        model = Notification
        fields = ("id", "kind", "sentence", "detail", "page", "model", "created_at", "read_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, news: Notification) -> str:
        """The address for people."""
        address: str = self.context["request"].build_absolute_uri(news.address)
        return address


class NewsListQuery(ListQuery):
    """What the list of news may be narrowed to."""

    unread = serializers.ChoiceField(choices=["1"], required=False, help_text="Only unread ones.")


class NewsChoiceSerializer(Strict):
    """How one kind of news is had: on the site, and by mail."""

    on_site = serializers.BooleanField()
    mail = serializers.ChoiceField(choices=MailChoice.choices)


class NewsChoicesSerializer(Strict):
    """How each kind of news is had."""

    def get_fields(self) -> dict[str, Any]:
        """A field a kind; what somebody leaves out stays as it is."""
        return {
            kind.value: NewsChoiceSerializer(required=False, help_text=kind.label)
            for kind in NewsKind
        }


class FollowSerializer(serializers.Serializer[Any]):
    """Whether the caller follows a model, and how many people do."""

    following = serializers.BooleanField()
    followers = serializers.IntegerField()


class SavedSearchSerializer(Linked):
    """A search that somebody keeps. Whoever knows the address of its feed can read that."""

    url = serializers.SerializerMethodField()
    models = serializers.SerializerMethodField()
    feed = serializers.SerializerMethodField()

    class Meta:
        """What is looked for, and whether what newly fits is news."""

        model = SavedSearch
        fields = ("url", "id", "name", "query", "notify", "models", "feed", "created_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, search: SavedSearch) -> str:
        """The search's address."""
        return self.link("saved-search", search.pk)

    @extend_schema_field(OpenApiTypes.URI)
    def get_models(self, search: SavedSearch) -> str:
        """The models that fit."""
        return f"{self.link('models')}?{search.query}".rstrip("?")

    @extend_schema_field(OpenApiTypes.URI)
    def get_feed(self, search: SavedSearch) -> str:
        """What newly fits, as an Atom feed."""
        return page_link(self.context["request"], "saved_search_feed", search.feed_key)


class SavedSearchPatch(Strict):
    """Another name, news or none."""

    name = serializers.CharField(max_length=NAME_CHARACTERS, required=False)
    notify = serializers.BooleanField(required=False)


class SavedSearchBody(Strict):
    """A search to be kept."""

    name = serializers.CharField(max_length=NAME_CHARACTERS)
    query = serializers.CharField(
        max_length=QUERY_CHARACTERS,
        allow_blank=True,
        help_text="The filters of `models/` as they stand in its address: q=lattice&level=runs",
    )
    notify = serializers.BooleanField(default=False)
