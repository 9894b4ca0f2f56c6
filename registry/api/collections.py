"""Doors to collections: what somebody put together, in an order, with a word on each."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import (
    ApiView,
    ListQuery,
    Query,
    body_of,
    person,
    query_of,
    viewer,
)
from registry.api.lookup import curator, entry_seen
from registry.api.schema import replies
from registry.api.serializers.collections import (
    CollectionBody,
    CollectionItemSerializer,
    CollectionListQuery,
    CollectionPatch,
    CollectionSerializer,
    ItemBody,
    ItemPatch,
)
from registry.models import Collection, CollectionItem
from registry.selectors.collections import collection_get, collection_items, collections_listed
from registry.services.collections import (
    collection_add,
    collection_create,
    collection_delete,
    collection_note,
    collection_place,
    collection_remove,
    collection_update,
)
from registry.services.curation import collection_feature


class CollectionsView(ApiView):
    """The collections that the caller may browse."""

    write_scope = "account:write"

    @extend_schema(
        operation_id="collections_list",
        parameters=[CollectionListQuery],
        responses=replies(_200=CollectionSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the public collections and your own, the newest first."""
        wanted = query_of(request, CollectionListQuery)
        rows = collections_listed(viewer(request)).order_by("-pk")
        if "owner" in wanted:
            rows = rows.filter(owner__username__iexact=wanted["owner"])
        return self.listed(rows, CollectionSerializer)

    @extend_schema(
        operation_id="collections_create",
        request=CollectionBody,
        responses=replies(_201=CollectionSerializer),
    )
    def post(self, request: Request) -> Response:
        """Begin a collection. Only you see it unless `is_public`."""
        made = collection_create(owner=person(request), **body_of(request, CollectionBody))
        place = reverse("api:collection", args=[made.owner.username, made.name], request=request)
        return self.shown(made, CollectionSerializer, status=201, headers={"Location": place})


class _CollectionDoor(ApiView):
    """A door to one collection. One that is not to be seen is not there."""

    write_scope = "account:write"

    def seen(self, request: Request, owner: str, name: str) -> Collection:
        """The collection. Raises Http404."""
        found = collection_get(user=viewer(request), owner=owner, name=name)
        if found is None:
            raise Http404
        return found

    def own(self, request: Request, owner: str, name: str) -> Collection:
        """The collection, if it is the caller's. Raises Http404, PermissionDenied."""
        found = self.seen(request, owner, name)
        if found.owner_id != person(request).pk:
            raise PermissionDenied("Only its owner changes a collection.", code="not_yours")
        return found

    def item(self, request: Request, owner: str, name: str, accession: int) -> CollectionItem:
        """A model in a collection of the caller's. Raises Http404, PermissionDenied."""
        items = collection_items(user=person(request), collection=self.own(request, owner, name))
        found = items.filter(entry__pk=accession).first()
        if found is None:
            raise Http404
        return found


class CollectionView(_CollectionDoor):
    """One collection."""

    @extend_schema(operation_id="collections_get", responses=replies(_200=CollectionSerializer))
    def get(self, request: Request, owner: str, name: str) -> Response:
        """Show a collection."""
        query_of(request, Query)
        return self.shown(self.seen(request, owner, name), CollectionSerializer)

    @extend_schema(
        operation_id="collections_change",
        request=CollectionPatch,
        responses=replies(_200=CollectionSerializer),
    )
    def patch(self, request: Request, owner: str, name: str) -> Response:
        """Change what is said of a collection of yours, or who sees it."""
        one = self.own(request, owner, name)
        now = {key: getattr(one, key) for key in ("title", "description", "is_public")}
        collection_update(collection=one, **(now | body_of(request, CollectionPatch)))
        return self.shown(self.seen(request, owner, name), CollectionSerializer)

    @extend_schema(operation_id="collections_delete", responses=replies(_204=None))
    def delete(self, request: Request, owner: str, name: str) -> Response:
        """End a collection of yours. The models in it stay."""
        collection_delete(collection=self.own(request, owner, name))
        return Response(status=204)


class CollectionItemsView(_CollectionDoor):
    """What is in a collection."""

    @extend_schema(
        operation_id="collections_items",
        responses=replies(_200=CollectionItemSerializer(many=True)),
    )
    def get(self, request: Request, owner: str, name: str) -> Response:
        """List the models in a collection in its order, as far as you may see them."""
        query_of(request, ListQuery)
        one = self.seen(request, owner, name)
        rows = collection_items(user=viewer(request), collection=one).order_by("position", "pk")
        return self.listed(rows, CollectionItemSerializer)

    @extend_schema(
        operation_id="collections_add",
        request=ItemBody,
        responses=replies(_201=CollectionItemSerializer),
    )
    def post(self, request: Request, owner: str, name: str) -> Response:
        """Put a model at the end of a collection of yours."""
        one, body = self.own(request, owner, name), body_of(request, ItemBody)
        entry = entry_seen(request, body["model"])
        collection_add(collection=one, entry=entry, note=body["note"])
        return self.shown(one.items.get(entry=entry), CollectionItemSerializer, status=201)


class CollectionItemView(_CollectionDoor):
    """A model in a collection, named by its accession."""

    @extend_schema(
        operation_id="collections_item_change",
        request=ItemPatch,
        responses=replies(_200=CollectionItemSerializer),
    )
    def patch(self, request: Request, owner: str, name: str, accession: int) -> Response:
        """Say something else of a model in a collection of yours, or put it elsewhere in it."""
        item, body = self.item(request, owner, name, accession), body_of(request, ItemPatch)
        before = body.get("before")
        other = self.item(request, owner, name, before) if before is not None else None
        if "note" in body:
            collection_note(item=item, note=body["note"])
        if "before" in body:
            collection_place(item=item, before=other)
        item.refresh_from_db()
        return self.shown(item, CollectionItemSerializer)

    @extend_schema(operation_id="collections_remove", responses=replies(_204=None))
    def delete(self, request: Request, owner: str, name: str, accession: int) -> Response:
        """Take a model out of a collection of yours."""
        collection_remove(item=self.item(request, owner, name, accession))
        return Response(status=204)


class CollectionFeaturedView(_CollectionDoor):
    """Whether a collection is on the front page, for curators."""

    write_scope = "curation:write"

    @extend_schema(operation_id="collections_feature", request=None, responses=replies(_204=None))
    def put(self, request: Request, owner: str, name: str) -> Response:
        """Put a public collection on the front page."""
        return self._set(request, owner, name, featured=True)

    @extend_schema(operation_id="collections_unfeature", responses=replies(_204=None))
    def delete(self, request: Request, owner: str, name: str) -> Response:
        """Take a collection from the front page."""
        return self._set(request, owner, name, featured=False)

    def _set(self, request: Request, owner: str, name: str, *, featured: bool) -> Response:
        actor = curator(request)
        one = self.seen(request, owner, name)
        collection_feature(actor=actor, collection=one, featured=featured)
        return Response(status=204)
