"""Doors to what others report of a run: the reproductions that they made and signed themselves."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import (
    ApiView,
    FirstRenderer,
    ListQuery,
    Strict,
    asked,
    body_of,
    person,
    query_of,
)
from registry.api.lookup import run_open
from registry.api.schema import replies
from registry.api.serializers import LEVELS, Linked
from registry.downloads import file_response
from registry.models import Reproduction
from registry.selectors.reproductions import editor_ids, reproductions_of
from registry.services.reproductions import reproduction_receive
from registry.spec.agreement import Agreement
from registry.spec.cpus import cpu_family
from registry.spec.envelope import FILE_BYTES, KEY_BYTES
from registry.spec.ladder import Level
from registry.spec.receipt import RECEIPT

AGREEMENTS = [agreement.value for agreement in Agreement]


class ReproducedOutputSerializer(serializers.Serializer[Any]):
    """How an output of theirs stands to the portal's."""

    path = serializers.CharField()
    agreement = serializers.ChoiceField(choices=AGREEMENTS)


class ReproductionSerializer(Linked):
    """A run of somebody else's, as they report it. This portal checked the signature alone."""

    receipt = serializers.SerializerMethodField()
    cpu_family = serializers.SerializerMethodField()
    level_name = serializers.SerializerMethodField()
    by_editor = serializers.SerializerMethodField()
    outputs = ReproducedOutputSerializer(many=True)

    class Meta:
        """Who reports it, what they saw, and what it can be checked by."""

        model = Reproduction
        fields = (
            "id",
            "receipt",
            "site",
            "keyid",
            "public_key",
            "level",
            "level_name",
            "agrees",
            "outputs",
            "cpu_model",
            "cpu_family",
            "by_editor",
            "ran_at",
            "received_at",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_receipt(self, one: Reproduction) -> str:
        """Where their receipt is."""
        return self.link("run-reproduction-receipt", one.run_id, one.pk)

    def get_cpu_family(self, one: Reproduction) -> str:
        """The family of their processor, as far as its name tells."""
        return cpu_family(one.cpu_model)

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS))
    def get_level_name(self, one: Reproduction) -> str:
        """The name of the level that they reached."""
        return Level(one.level).label

    def get_by_editor(self, one: Reproduction) -> bool:
        """Whether it was sent by somebody who may change the entry."""
        editors: frozenset[int] = self.context["editors"]
        return one.sent_by_id in editors


class ReproductionBody(Strict):
    """A receipt that `manage.py verify --against … --sign …` made, and the key to check it by."""

    receipt = serializers.CharField(
        max_length=FILE_BYTES,
        trim_whitespace=False,
        help_text="The text of receipt.intoto.jsonl, byte for byte.",
    )
    public_key = serializers.CharField(max_length=KEY_BYTES, help_text="PEM, Ed25519.")


class RunReproductionsView(ApiView):
    """What others report of a run."""

    write_scope = "reproductions:write"

    @extend_schema(
        operation_id="reproductions_list",
        responses=replies(_200=ReproductionSerializer(many=True)),
    )
    def get(self, request: Request, run_id: int) -> Response:
        """List what others report of a run, newest first. None of it was checked here."""
        query_of(request, ListQuery)
        run = run_open(request, run_id)
        page = self.paginate_queryset(reproductions_of(run=run))
        context = {**self.get_serializer_context(), "editors": editor_ids(run.version.entry)}
        rows = ReproductionSerializer(page, many=True, context=context)
        return self.get_paginated_response(rows.data)

    @extend_schema(
        operation_id="reproductions_send",
        request=ReproductionBody,
        responses=replies(_201=ReproductionSerializer, _200=ReproductionSerializer),
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Report a run of your own that repeats this one. The same receipt twice counts once."""
        run = run_open(request, run_id)
        body = body_of(request, ReproductionBody)
        kept, new = reproduction_receive(
            run=run,
            receipt=body["receipt"].encode("utf-8", "replace"),
            key_pem=body["public_key"],
            sent_by=person(request),
        )
        context = {**self.get_serializer_context(), "editors": editor_ids(run.version.entry)}
        shown = ReproductionSerializer(kept, context=context)
        return Response(shown.data, status=201 if new else 200)


class RunReproductionReceiptView(ApiView):
    """A receipt that somebody sent."""

    content_negotiation_class = FirstRenderer

    @extend_schema(
        operation_id="reproductions_receipt",
        responses=replies(_200=dict[str, Any]),
    )
    def get(self, request: Request, run_id: int, number: int) -> HttpResponseBase:
        """Download a receipt as it was sent. ETag is its sha256."""
        found = reproductions_of(run=run_open(request, run_id)).select_related("receipt")
        one = found.filter(pk=number).first()
        if one is None:
            raise Http404
        return file_response(
            asked(request), blob=one.receipt, filename=RECEIPT, media_type="application/json"
        )
