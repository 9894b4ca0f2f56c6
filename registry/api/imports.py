"""Doors to what is asked of servers elsewhere, and to bringing models from there.

As on the pages: first it is said what would be made; what is made is a draft.
"""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry.api.base import ApiView, Query, body_of, person, query_of
from registry.api.schema import replies
from registry.api.serializers import EntrySerializer, SourceBody
from registry.api.serializers.imports import (
    ImportBody,
    ImportSerializer,
    LookupBody,
    LookupSerializer,
    TableBody,
    TableSerializer,
)
from registry.imports.document import BYTES_MOST as DOCUMENT_BYTES
from registry.imports.table import BYTES_MOST as TABLE_BYTES
from registry.models import Lookup
from registry.models.outside import LookupKind, LookupState
from registry.selectors.lookups import lookup_get
from registry.services import ServiceError
from registry.services.imports import import_draft, model_file_read
from registry.services.lookups import lookup_ask
from registry.services.tables import table_file_read, table_make
from registry.services.uploads import archive_sent

_ASKED = (LookupKind.ARTICLE, LookupKind.REFS)


class LookupsView(ApiView):
    """Questions to servers elsewhere."""

    @extend_schema(
        operation_id="lookups_ask", request=LookupBody, responses=replies(_202=LookupSerializer)
    )
    def post(self, request: Request) -> Response:
        """Ask for the article of a DOI, or for the tags and branches of a repository."""
        lookup = lookup_ask(user=person(request), **body_of(request, LookupBody))
        return self.shown(lookup, LookupSerializer, status=202)


class LookupView(ApiView):
    """One question."""

    @extend_schema(operation_id="lookups_get", responses=replies(_200=LookupSerializer))
    def get(self, request: Request, lookup_id: int) -> Response:
        """Show what came of a question of yours; it is kept for a day."""
        query_of(request, Query)
        return self.shown(_own(request, lookup_id, *_ASKED), LookupSerializer)


class ImportsView(ApiView):
    """Models that are described elsewhere."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="imports_ask", request=ImportBody, responses=replies(_202=ImportSerializer)
    )
    def post(self, request: Request) -> Response:
        """Read what another portal or a file says of a model. Nothing is made of it yet."""
        user, body = person(request), body_of(request, ImportBody)
        if "address" in body:
            lookup = lookup_ask(user=user, kind=LookupKind.MODEL, address=body["address"])
        else:
            content = body["file"].read(DOCUMENT_BYTES + 1)
            lookup = model_file_read(user=user, name=body["file"].name, content=content)
        return self.shown(lookup, ImportSerializer, status=202)


class ImportView(ApiView):
    """One description."""

    @extend_schema(operation_id="imports_get", responses=replies(_200=ImportSerializer))
    def get(self, request: Request, lookup_id: int) -> Response:
        """Show what was understood, and what would be made of it; it is kept for a day."""
        query_of(request, Query)
        return self.shown(_own(request, lookup_id, LookupKind.MODEL), ImportSerializer)


class ImportDraftView(ApiView):
    """Making a draft of it."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="imports_draft", request=SourceBody, responses=replies(_201=EntrySerializer)
    )
    def post(self, request: Request, lookup_id: int) -> Response:
        """Make a draft of it, read from where it says or from where the body says."""
        lookup = _own(request, lookup_id, LookupKind.MODEL)
        if lookup.state != LookupState.ANSWERED:
            raise ServiceError("import_open", "This is not understood yet, or cannot be.")
        imported = lookup.model_value
        said = body_of(request, SourceBody)
        archive = archive_sent(said.pop("archive", None), by=person(request))
        if archive is None and "address" not in said:
            source = {"address": imported.address, "ref": imported.ref, "folder": imported.folder}
            said = source | {name: value for name, value in said.items() if value}
        source = {"address": ""} | said
        entry = import_draft(owner=person(request), imported=imported, archive=archive, **source)
        place = reverse("api:model", args=[entry.accession], request=request)
        return self.shown(entry, EntrySerializer, status=201, headers={"Location": place})


class TablesView(ApiView):
    """Tables of models."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="imports_table", request=TableBody, responses=replies(_201=TableSerializer)
    )
    def post(self, request: Request) -> Response:
        """Read a table of models and judge its rows. Nothing is made of them yet."""
        file = body_of(request, TableBody)["file"]
        content = file.read(TABLE_BYTES + 1)
        lookup = table_file_read(user=person(request), name=file.name, content=content)
        return self.shown(lookup, TableSerializer, status=201)


class TableView(ApiView):
    """One table."""

    @extend_schema(operation_id="imports_table_get", responses=replies(_200=TableSerializer))
    def get(self, request: Request, lookup_id: int) -> Response:
        """Show what would become of each row, or did; it is kept for a day."""
        query_of(request, Query)
        return self.shown(_own(request, lookup_id, LookupKind.TABLE), TableSerializer)


class TableMakeView(ApiView):
    """Making drafts of a table."""

    @extend_schema(
        operation_id="imports_table_make", request=None, responses=replies(_200=TableSerializer)
    )
    def post(self, request: Request, lookup_id: int) -> Response:
        """Make a draft of every row that is new; doing it twice makes nothing twice."""
        lookup = _own(request, lookup_id, LookupKind.TABLE)
        table_make(lookup=lookup)
        return self.shown(lookup, TableSerializer)


def _own(request: Request, lookup_id: int, *kinds: LookupKind) -> Lookup:
    """A question of the caller's. Raises Http404, NotAuthenticated."""
    found = lookup_get(user=person(request), lookup_id=lookup_id)
    if found is None or found.kind not in kinds:
        raise Http404
    return found
