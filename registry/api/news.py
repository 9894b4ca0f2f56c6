"""Doors to news: what happened, how it is told, and which models somebody follows."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, body_of, person, query_of, viewer
from registry.api.lookup import entry_seen
from registry.api.schema import replies
from registry.api.serializers import EntryRowSerializer
from registry.api.serializers.accounts import (
    FollowSerializer,
    NewsChoicesSerializer,
    NewsListQuery,
    NewsSerializer,
)
from registry.models import ModelEntry, User
from registry.models.news import MailChoice, NewsKind
from registry.selectors.news import followers_count, follows, follows_of, news_choices, news_of
from registry.services.following import entry_follow, entry_unfollow
from registry.services.news import DEFAULTS, news_choose, news_read


class NewsView(ApiView):
    """What the caller is told."""

    @extend_schema(
        operation_id="news_list",
        parameters=[NewsListQuery],
        responses=replies(_200=NewsSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List your news, the newest first."""
        wanted = query_of(request, NewsListQuery)
        rows = news_of(person(request)).order_by("-pk")
        return self.listed(rows.filter(read_at=None) if wanted else rows, NewsSerializer)


class NewsReadView(ApiView):
    """Marking news as read."""

    write_scope = "account:write"

    @extend_schema(operation_id="news_read_all", request=None, responses=replies(_204=None))
    def post(self, request: Request) -> Response:
        """Mark all your news as read."""
        news_read(user=person(request))
        return Response(status=204)


class NewsItemReadView(ApiView):
    """Marking one piece of news as read."""

    write_scope = "account:write"

    @extend_schema(operation_id="news_read", request=None, responses=replies(_204=None))
    def post(self, request: Request, news_id: int) -> Response:
        """Mark a piece of your news as read."""
        user = person(request)
        if not news_of(user).filter(pk=news_id).exists():
            raise Http404
        news_read(user=user, only=news_id)
        return Response(status=204)


class NewsChoicesView(ApiView):
    """How the caller is told."""

    write_scope = "account:write"

    @extend_schema(operation_id="news_choices", responses=replies(_200=NewsChoicesSerializer))
    def get(self, request: Request) -> Response:
        """Show how you are told of each kind of news."""
        query_of(request, Query)
        return Response(_choices(person(request)))

    @extend_schema(
        operation_id="news_choose",
        request=NewsChoicesSerializer,
        responses=replies(_200=NewsChoicesSerializer),
    )
    def patch(self, request: Request) -> Response:
        """Say how you want to be told; kinds that are not named stay as they are."""
        user, body = person(request), body_of(request, NewsChoicesSerializer)
        chosen = {
            NewsKind(kind): (said["on_site"], MailChoice(said["mail"]))
            for kind, said in body.items()
        }
        news_choose(user=user, chosen=chosen)
        return Response(_choices(user))


class FollowsView(ApiView):
    """The models that the caller follows."""

    @extend_schema(
        operation_id="follows_list", responses=replies(_200=EntryRowSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        """List the models that you follow and may still see."""
        query_of(request, ListQuery)
        return self.listed(follows_of(person(request)).order_by("-accession"), EntryRowSerializer)


class EntryFollowView(ApiView):
    """Whether the caller follows a model."""

    write_scope = "account:write"

    @extend_schema(operation_id="follows_get", responses=replies(_200=FollowSerializer))
    def get(self, request: Request, accession: int) -> Response:
        """Show whether you follow a model, and how many people do."""
        query_of(request, Query)
        return self._said(request, entry_seen(request, accession))

    @extend_schema(
        operation_id="follows_begin", request=None, responses=replies(_200=FollowSerializer)
    )
    def put(self, request: Request, accession: int) -> Response:
        """Follow a model: new versions and verdicts come as news."""
        entry = entry_seen(request, accession)
        entry_follow(user=person(request), entry=entry)
        return self._said(request, entry)

    @extend_schema(operation_id="follows_end", responses=replies(_200=FollowSerializer))
    def delete(self, request: Request, accession: int) -> Response:
        """Follow a model no more."""
        entry = entry_seen(request, accession)
        entry_unfollow(user=person(request), entry=entry)
        return self._said(request, entry)

    def _said(self, request: Request, entry: ModelEntry) -> Response:
        following = follows(user=viewer(request), entry=entry)
        said = {"following": following, "followers": followers_count(entry)}
        return self.shown(said, FollowSerializer)


def _choices(user: User) -> dict[str, dict[str, object]]:
    """Kind → how it is told, by choice or as it is for all who did not choose."""
    chosen = news_choices(user)
    return {
        kind.value: {"on_site": chosen[kind].on_site, "mail": chosen[kind].mail}
        if kind in chosen
        else {"on_site": True, "mail": DEFAULTS[kind].value}
        for kind in NewsKind
    }
