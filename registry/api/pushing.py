"""Doors to the hook by which a host tells of pushes to a model's repository."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, Query, Strict, body_of, page_link, query_of
from registry.api.lookup import entry_editable
from registry.api.schema import replies
from registry.models import Hook
from registry.selectors.schedule import hook_of
from registry.services.hooks import (
    BRANCH_CHARACTERS,
    hook_branch,
    hook_open,
    hook_renew,
    secret_of,
)


class HookSerializer(serializers.ModelSerializer[Hook]):
    """Where a host is to tell of pushes, and which branch is followed: "" is the default one."""

    address = serializers.SerializerMethodField()

    class Meta:
        """Without the secret, which a token that only reads must not see."""

        model = Hook
        fields: tuple[str, ...] = ("address", "branch", "created_at")
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_address(self, hook: Hook) -> str:
        """What is typed at the host."""
        return page_link(self.context["request"], "hook", hook.entry_id)


class HookWithSecretSerializer(HookSerializer):
    """A hook with what the host signs by."""

    secret = serializers.SerializerMethodField()

    class Meta(HookSerializer.Meta):
        """With its secret."""

        fields = (*HookSerializer.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, hook: Hook) -> str:
        """What is typed at the host."""
        return secret_of(hook)


class HookBody(Strict):
    """Which branch is followed."""

    branch = serializers.CharField(
        max_length=BRANCH_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="Empty: the default.",
    )


class _HookDoor(ApiView):
    """A door to the hook of one model, for its editors."""

    keeps_answers = False

    def found(self, request: Request, accession: int) -> Hook:
        """The hook. Raises Http404, PermissionDenied, Gone."""
        hook = hook_of(entry=entry_editable(request, accession))
        if hook is None:
            raise Http404
        return hook

    def with_secret(self, hook: Hook) -> Response:
        """The hook and its secret, which no cache keeps."""
        headers = {"Cache-Control": "no-store"}
        return self.shown(hook, HookWithSecretSerializer, headers=headers)


class EntryHookView(_HookDoor):
    """The hook of one model."""

    @extend_schema(operation_id="hooks_get", responses=replies(_200=HookSerializer))
    def get(self, request: Request, accession: int) -> Response:
        """Show where a host is to tell of pushes."""
        query_of(request, Query)
        return self.shown(self.found(request, accession), HookSerializer)

    @extend_schema(
        operation_id="hooks_open",
        request=HookBody,
        responses=replies(_200=HookWithSecretSerializer),
    )
    def put(self, request: Request, accession: int) -> Response:
        """Open the hook of a model, or follow another branch; the answer holds its secret."""
        entry, body = entry_editable(request, accession), body_of(request, HookBody)
        hook = hook_open(entry=entry)
        if "branch" in body:
            hook_branch(entry=entry, branch=body["branch"])
        hook.refresh_from_db()
        return self.with_secret(hook)


class EntryHookSecretView(_HookDoor):
    """Another secret."""

    @extend_schema(
        operation_id="hooks_renew", request=None, responses=replies(_200=HookWithSecretSerializer)
    )
    def post(self, request: Request, accession: int) -> Response:
        """Give the hook another secret; the one before opens nothing any more."""
        hook = self.found(request, accession)
        hook_renew(entry=hook.entry)
        hook.refresh_from_db()
        return self.with_secret(hook)
