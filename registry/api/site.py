"""The doors that belong to no model: the list of doors, the caller, the schema, dead ends."""

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import ApiView, Metered, Query, query_of
from registry.api.schema import replies
from registry.spec.schemas import manifest_schema

_DOORS = {
    "models": "models",
    "runs": "runs",
    "collections": "collections",
    "vocabularies": "vocabularies",
    "groups": "groups",
    "me": "me",
    "schema": "schema",
    "docs": "docs",
}


class RootView(ApiView):
    """The way in."""

    @extend_schema(operation_id="root", responses=replies(_200=dict[str, str]))
    def get(self, request: Request) -> Response:
        """List the doors of this API."""
        query_of(request, Query)
        return Response(
            {name: reverse(f"api:{door}", request=request) for name, door in _DOORS.items()}
        )


class SchemaView(Metered, SpectacularAPIView):
    """The schema, as YAML or with `?format=json` as JSON."""

    authentication_classes = ()


class ManifestSchemaView(ApiView):
    """The schema of reprise.toml."""

    @extend_schema(operation_id="manifest_schema", responses=replies(_200=dict[str, Any]))
    def get(self, request: Request) -> Response:
        """Show the JSON Schema of reprise.toml, for editors that check the file as you type."""
        query_of(request, Query)
        return Response(manifest_schema())


# The page's script sets styles from within; scripts stay this portal's own.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class DocsView(Metered, SpectacularSwaggerSplitView):
    """The schema as a page to read and to try."""

    authentication_classes = ()
    url_name = "api:schema"


class NothingHereView(ApiView):
    """Every other address under /api/; one that lacks but its last slash is sent on, with body."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """308 when a slash is all that is missing, else a problem."""
        if not request.path.endswith("/") and _leads_somewhere(request.path + "/"):
            query = request.META.get("QUERY_STRING", "")
            target = f"{request.path}/" + (f"?{query}" if query else "")
            return HttpResponsePermanentRedirect(target, preserve_request=True)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Nothing is here, by any method."""
        super().initial(request, *args, **kwargs)
        raise Http404


def _leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).url_name != "nothing-here"
    except Resolver404:
        return False
