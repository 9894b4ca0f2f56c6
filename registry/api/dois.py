"""The door to a version's DOI."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, Query, Strict, body_of, person, query_of
from registry.api.lookup import entry_owned, version_open
from registry.api.schema import replies
from registry.models import Doi
from registry.selectors.citations import doi_of
from registry.services.dois import doi_mint


class DoiSerializer(serializers.ModelSerializer[Doi]):
    """A DOI and how far its registration has come; `failure` says why it could not be."""

    class Meta:
        """What is told."""

        model = Doi
        fields = ("doi", "state", "failure", "asked_at", "registered_at")


class DoiBody(Strict):
    """That it is for good."""

    understood = serializers.BooleanField(
        help_text="True: that a DOI is never deleted, not even with its model."
    )

    def validate_understood(self, value: bool) -> bool:  # noqa: FBT001 — the framework's signature
        """Refuse a DOI that somebody may want to be rid of."""
        if not value:
            raise serializers.ValidationError("A DOI is never deleted. Send true to go on.")
        return value


class VersionDoiView(ApiView):
    """The DOI of one version, registered at DataCite."""

    write_scope = "models:write"

    @extend_schema(operation_id="versions_doi", responses=replies(_200=DoiSerializer))
    def get(self, request: Request, accession: int, number: int) -> Response:
        """Show the DOI that was asked for here; 404 where none was."""
        query_of(request, Query)
        doi = doi_of(version_open(request, accession, number))
        if doi is None:
            raise Http404
        return self.shown(doi, DoiSerializer)

    @extend_schema(
        operation_id="versions_doi_ask", request=DoiBody, responses=replies(_202=DoiSerializer)
    )
    def post(self, request: Request, accession: int, number: int) -> Response:
        """Have a DOI registered for a published version, for good. Asking twice is asking once."""
        entry_owned(request, accession)
        version = version_open(request, accession, number)
        body_of(request, DoiBody)
        doi = doi_mint(version=version, actor=person(request))
        return self.shown(doi, DoiSerializer, status=202)
