"""What every door of the API has in common: caching by validation, strict queries, plain JSON."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class FirstRenderer(DefaultContentNegotiation):
    """For doors that serve files: what the file is does not depend on what the caller accepts."""

    def select_renderer(
        self,
        request: Request,
        renderers: Any,
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The view's own renderer, whose only use here is for problems."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type


@method_decorator(conditional_page, name="dispatch")
class ApiView(GenericAPIView[Any]):
    """A door of the API. Replies depend on who asks, carry an ETag and are checked before reuse."""

    filter_backends = ()
    write_scope = "models:write"

    def finalize_response(
        self, request: Any, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Keep shared caches from giving one caller's reply to another."""
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Authorization", "Cookie"])
        patch_cache_control(final, private=True, no_cache=True)
        return final


class Query(serializers.Serializer[Any]):
    """The query parameters of a door. A name it does not know is refused, not ignored:

    a filter with a typing error would otherwise list everything.
    """

    def to_internal_value(self, data: Mapping[str, str]) -> dict[str, Any]:
        """The validated parameters. Raises ValidationError, naming the unknown ones."""
        unknown = sorted(set(data) - set(self.fields) - {"cursor", "page_size"})
        if unknown:
            known = ", ".join(self.fields) or "none"
            said = f"There is no such parameter. Known here: {known}."
            raise serializers.ValidationError(dict.fromkeys(unknown, said))
        values: dict[str, Any] = super().to_internal_value(data)
        return values


def query_of(request: Request, kind: type[Query]) -> dict[str, Any]:
    """The query parameters of `request`, checked. Raises ValidationError."""
    query = kind(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
