"""Doors to what the pages of publishing and of a model's settings do, step by step."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse as page_reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, Query, Strict, body_of, person, query_of, viewer
from registry.api.entries import RunStarting, source_again
from registry.api.lookup import entry_editable, entry_open, entry_owned
from registry.api.schema import replies
from registry.api.serializers import (
    LARGEST_ID,
    EntrySerializer,
    Linked,
    RunSerializer,
    SourceBody,
    VersionSerializer,
)
from registry.models import Bisection, ModelEntry, ModelVersion, VerificationRun
from registry.models.runs import RunState, Trigger
from registry.selectors.completeness import completeness_of
from registry.selectors.entries import entry_versions
from registry.selectors.history import bisections_of
from registry.selectors.runs import run_list, run_that_carries_over
from registry.selectors.schedule import hook_of
from registry.services import ServiceError
from registry.services.bisections import bisection_queue
from registry.services.entries import entry_withdraw
from registry.services.hooks import (
    BRANCH_CHARACTERS,
    hook_branch,
    hook_open,
    hook_renew,
    secret_of,
)
from registry.services.obstacles import entry_obstacles
from registry.services.runs import run_queue
from registry.services.versions import version_retarget

REASON_CHARACTERS = 1000


class ObstacleSerializer(serializers.Serializer[Any]):
    """What keeps a version from being published, and how to mend it."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    hint = serializers.CharField()


class PublishCheckSerializer(serializers.Serializer[Any]):
    """What publishing would do. `run` is the one of this very version whose verdict would count."""

    obstacles = ObstacleSerializer(many=True)
    run = serializers.URLField(allow_null=True)


class MissingSerializer(serializers.Serializer[Any]):
    """Something that readers look for, its weight of 100, and how to tell it."""

    name = serializers.CharField()
    weight = serializers.IntegerField()
    mend = serializers.CharField()


class CompletenessSerializer(serializers.Serializer[Any]):
    """How much of what readers look for is told, 0 to 100, and what is not."""

    score = serializers.IntegerField()
    missing = MissingSerializer(many=True)


class WithdrawBody(Strict):
    """Why a model is taken down."""

    reason = serializers.CharField(max_length=REASON_CHARACTERS)


class WatchSerializer(serializers.Serializer[Any]):
    """When a model is verified next unasked, and where its host tells of pushes.

    `hook` is null until it is opened. Its secret is told when it is opened and when it is renewed.
    """

    verify_at = serializers.DateTimeField(allow_null=True)
    hook = serializers.URLField(allow_null=True)
    branch = serializers.CharField(allow_null=True, help_text="Empty: the default one.")


class HookSecretSerializer(serializers.Serializer[Any]):
    """What a host must be told."""

    hook = serializers.URLField()
    branch = serializers.CharField(allow_blank=True)
    secret = serializers.CharField()


class WatchBody(Strict):
    """The branch that is followed; empty is the default one."""

    branch = serializers.CharField(max_length=BRANCH_CHARACTERS, allow_blank=True)


class TriedSerializer(serializers.Serializer[Any]):
    """A probe and what came of it."""

    key = serializers.CharField()
    what = serializers.CharField()
    good = serializers.BooleanField()
    level = serializers.IntegerField()
    cause = serializers.CharField()
    seconds = serializers.FloatField()


class BisectionSerializer(Linked):
    """A search for what broke a model between two runs. `finding` is empty before the end."""

    good = serializers.SerializerMethodField()
    bad = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=RunState.choices)
    steps = TriedSerializer(many=True)

    class Meta:
        """What was looked for, and what was found."""

        model = Bisection
        fields = ("id", "good", "bad", "state", "steps", "finding", "queued_at", "finished_at")
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_good(self, one: Bisection) -> str:
        """The run that was good."""
        return self.link("run", one.good_id)

    @extend_schema_field(OpenApiTypes.URI)
    def get_bad(self, one: Bisection) -> str:
        """The run that was bad."""
        return self.link("run", one.bad_id)


class BisectionBody(Strict):
    """Two runs of the model, by their numbers."""

    good = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    bad = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class EntryCheckView(ApiView):
    """What publishing would do."""

    @extend_schema(operation_id="models_check", responses=replies(_200=PublishCheckSerializer))
    def get(self, request: Request, accession: int) -> Response:
        """Show all that keeps the newest version from being published, and whose verdict it has."""
        query_of(request, Query)
        entry = entry_editable(request, accession)
        draft = entry.versions.filter(published_at=None).first()
        carried = run_that_carries_over(version=draft) if draft else None
        place = Linked(context=self.get_serializer_context())
        said = {
            "obstacles": entry_obstacles(entry=entry),
            "run": place.link("run", carried.pk) if carried else None,
        }
        return Response(PublishCheckSerializer(said).data)


class EntrySourceView(ApiView):
    """Where the unpublished version is read from."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(
        operation_id="models_source",
        request=SourceBody,
        responses=replies(_202=VersionSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Read the unpublished version again, from another place or from the same."""
        version = _unpublished(entry_editable(request, accession))
        wanted = source_again(request, SourceBody, version)
        retargeted = version_retarget(version=version, **wanted)
        return self.shown(retargeted, VersionSerializer, status=202)


class EntryTryView(RunStarting):
    """A dry run."""

    write_scope = "runs:write"

    @extend_schema(operation_id="models_try", request=None, responses=replies(_202=RunSerializer))
    def post(self, request: Request, accession: int) -> Response:
        """Verify the unpublished version in private. Its verdict counts if it is published so."""
        version = _unpublished(entry_editable(request, accession))
        return self.accepted(
            run_queue(version=version, trigger=Trigger.PERSON, requested_by=person(request))
        )


class EntryWithdrawView(ApiView):
    """Withdrawal."""

    @extend_schema(
        operation_id="models_withdraw",
        request=WithdrawBody,
        responses=replies(_200=EntrySerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Take a model down for good. Its page and its citation stay, with the reason."""
        entry = entry_owned(request, accession)
        reason = body_of(request, WithdrawBody)["reason"]
        gone = entry_withdraw(entry=entry, actor=person(request), reason=reason)
        return self.shown(gone, EntrySerializer)


class EntryCompletenessView(ApiView):
    """How much is told of a model."""

    @extend_schema(
        operation_id="models_completeness", responses=replies(_200=CompletenessSerializer)
    )
    def get(self, request: Request, accession: int) -> Response:
        """Score what is told of a model, and say what is missing. Of whether it works: nothing."""
        query_of(request, Query)
        found = completeness_of(entry=entry_open(request, accession))
        return Response(CompletenessSerializer(found).data)


class EntryWatchView(ApiView):
    """How a model is watched; opening and setting its hook."""

    keeps_answers = False

    @extend_schema(operation_id="models_watch", responses=replies(_200=WatchSerializer))
    def get(self, request: Request, accession: int) -> Response:
        """Show when a model is verified next, and its hook; to its editors alone."""
        query_of(request, Query)
        return self._watched(entry_editable(request, accession))

    @extend_schema(
        operation_id="models_watch_open", request=None, responses=replies(_200=HookSecretSerializer)
    )
    def post(self, request: Request, accession: int) -> Response:
        """Open the hook, or give the one that there is another secret."""
        entry = entry_editable(request, accession)
        if hook_of(entry=entry):
            hook_renew(entry=entry)
        hook = hook_open(entry=entry)
        said = {"hook": _address(entry), "branch": hook.branch, "secret": secret_of(hook)}
        return Response(HookSecretSerializer(said).data)

    @extend_schema(
        operation_id="models_watch_branch",
        request=WatchBody,
        responses=replies(_200=WatchSerializer),
    )
    def patch(self, request: Request, accession: int) -> Response:
        """Follow another branch."""
        entry = entry_editable(request, accession)
        branch = body_of(request, WatchBody)["branch"]
        hook_open(entry=entry)
        hook_branch(entry=entry, branch=branch)
        return self._watched(entry)

    def _watched(self, entry: ModelEntry) -> Response:
        hook = hook_of(entry=entry)
        said = {
            "verify_at": entry.verify_at if settings.SCHEDULE_RUNS else None,
            "hook": _address(entry) if hook else None,
            "branch": hook.branch if hook else None,
        }
        return Response(WatchSerializer(said).data)


class BisectionsView(ApiView):
    """The searches for what broke a model."""

    write_scope = "runs:write"

    @extend_schema(
        operation_id="bisections_list", responses=replies(_200=BisectionSerializer(many=True))
    )
    def get(self, request: Request, accession: int) -> Response:
        """List the searches, newest first."""
        query_of(request, ListQuery)
        entry = entry_open(request, accession)
        versions = entry_versions(user=viewer(request), entry=entry)
        found = bisections_of(entry=entry, versions=versions).order_by("-pk")
        return self.listed(found, BisectionSerializer)

    @extend_schema(
        operation_id="bisections_start",
        request=BisectionBody,
        responses=replies(_202=BisectionSerializer),
    )
    def post(self, request: Request, accession: int) -> Response:
        """Search for what broke a model between two of its runs, or show that very search."""
        entry = entry_editable(request, accession)
        runs: QuerySet[VerificationRun] = run_list(user=viewer(request)).defer(None)
        body = body_of(request, BisectionBody)
        found = {run.pk: run for run in runs.filter(version__entry=entry, pk__in=body.values())}
        unknown = {name: _NO_RUN for name, number in body.items() if number not in found}
        if unknown:
            raise ValidationError(unknown)
        search = bisection_queue(entry=entry, **{name: found[body[name]] for name in body})
        return self.shown(search, BisectionSerializer, status=202)


_NO_RUN = "This model has no such run."


def _unpublished(entry: ModelEntry) -> ModelVersion:
    """The version that is not published yet. Raises ServiceError."""
    version = entry.versions.filter(published_at=None).first()
    if version is None:
        raise ServiceError(
            "nothing_unpublished",
            "Every version of this entry is published.",
            "Make a new version first.",
        )
    return version


def _address(entry: ModelEntry) -> str:
    return settings.PUBLIC_URL.rstrip("/") + page_reverse("hook", args=[entry.pk])
