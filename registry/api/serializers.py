"""Entries, versions and runs as JSON; and what may be posted."""

import json
from dataclasses import replace
from typing import Any, get_args

import msgspec
from django.core.validators import URLValidator
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from registry.api.base import ListQuery, Query, Strict
from registry.citations import FORMATS
from registry.models import (
    ApiToken,
    Artifact,
    LogChunk,
    ModelEntry,
    ModelVersion,
    PushedImage,
    User,
    VerificationRun,
)
from registry.models.entries import Visibility
from registry.models.runs import RunOutcome, RunState
from registry.selectors.entries import entry_may_edit
from registry.selectors.images import image_of_run, image_reference
from registry.selectors.runs import StepNow, run_progress, run_steps
from registry.services.entries import EntryFields
from registry.spec.evidence import Comparison
from registry.spec.identifiers import doi_normalised, orcid_normalised
from registry.spec.ladder import Cause, Level, Outcome, Repair, Repeatability, Step, StepState
from registry.spec.manifest import Article, Manifest, Person, StatisticalTest

# No log, report or list has more of anything; a larger number is a mistake or an attack.
_LARGEST_ID = 2**63 - 1
_web_address = URLValidator(["http", "https"])


# Named in portal/settings.py, so that the schema gives each set of words a name of its own.
LEVELS = [level.label for level in Level]
CAUSES = [cause.value for cause in Cause]
VERDICTS = [Outcome.REPRODUCED.value, Outcome.NOT_REPRODUCED.value]
REPAIRS = [repair.value for repair in Repair]
REPEATABILITIES = [sense.value for sense in Repeatability]
STATISTICAL_TESTS = list(get_args(StatisticalTest))
STEPS = [step.value for step in Step]
STEP_STATES = [state.value for state in StepState]
SHOWN_OR_NOT = [Visibility.PUBLIC.value, Visibility.PRIVATE.value]


# --- Replies ----------------------------------------------------------------------------------


class Linked(serializers.ModelSerializer[Any]):
    """Rows that name their own address."""

    def link(self, name: str, *args: object) -> str:
        """The absolute address of a door of this API."""
        address: str = reverse(f"api:{name}", args=args, request=self.context["request"])
        return address

    def may_edit(self, entry: ModelEntry) -> bool:
        """Whether the caller may change the entry."""
        return entry_may_edit(user=self.context["request"].user, entry=entry)


def page_address(request: Request, entry: ModelEntry) -> str:
    """The permanent address of an entry's page."""
    address: str = request.build_absolute_uri(f"/models/{entry.accession}/")
    return address


class PersonSerializer(serializers.Serializer[Any]):
    """An author."""

    given = serializers.CharField(max_length=200, allow_blank=True, default="")
    family = serializers.CharField(max_length=200, allow_blank=True, default="")
    orcid = serializers.CharField(max_length=60, allow_null=True, default=None)
    affiliation = serializers.CharField(max_length=300, allow_blank=True, default="")

    def validate_orcid(self, value: str | None) -> str | None:
        """The normal form of an ORCID iD. Raises ValidationError."""
        try:
            return orcid_normalised(value) if value else None
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class FailureSerializer(serializers.Serializer[Any]):
    """Why something fell short, what to do, and the lines that show it."""

    cause = serializers.ChoiceField(choices=CAUSES)
    sentence = serializers.CharField()
    hint = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())


class PeopleField(serializers.ListField):
    """Authors in their order; validated to spec Persons."""

    child = PersonSerializer()

    def to_internal_value(self, data: list[Any]) -> tuple[Person, ...]:  # type: ignore[override]  # a list in DRF's stubs
        """The authors. Raises ValidationError for one without a name."""
        people = tuple(Person(**author) for author in super().to_internal_value(data))
        if not all(person.name for person in people):
            raise serializers.ValidationError("Every author needs a given or a family name.")
        return people


class DoiField(serializers.CharField):
    """A DOI, bare or as its address; validated to the bare one."""

    def to_internal_value(self, data: str) -> str:
        """The bare DOI, or nothing. Raises ValidationError."""
        text = super().to_internal_value(data)
        try:
            return doi_normalised(text) if text else ""
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


def _line(limit: int) -> serializers.CharField:
    return serializers.CharField(max_length=limit, allow_blank=True, default="")


class ArticleSerializer(Strict):
    """The article that published the model. `url` is for one without a DOI."""

    title = _line(1000)
    authors = PeopleField(max_length=200, required=False)
    year = serializers.IntegerField(min_value=1000, max_value=9999, allow_null=True, default=None)
    journal = _line(300)
    volume = _line(50)
    pages = _line(50)
    doi = DoiField(max_length=300, allow_blank=True, default="")
    url = _line(2000)

    def validate_url(self, value: str) -> str:
        """A web address, or nothing. Raises ValidationError."""
        if value:
            _web_address(value)
        return value


class PlannedEnvironmentSerializer(serializers.Serializer[Any]):
    """An environment that a verification would try. `why` says why this Python."""

    strategy = serializers.CharField()
    python = serializers.CharField(allow_null=True)
    why = serializers.CharField()
    system_packages = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())


class PlannedTestSerializer(serializers.Serializer[Any]):
    """Tests that would be run. Those that are not `counted` are never said to pass."""

    runner = serializers.CharField()
    command = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()
    counted = serializers.BooleanField()


class ProposalSerializer(serializers.Serializer[Any]):
    """A command that may compute the results. Nobody declared it, so it is never run."""

    command = serializers.CharField()
    outputs = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()


class PlanSerializer(serializers.Serializer[Any]):
    """What a verification would do. `unsupported` says why it could do nothing, if so."""

    environments = PlannedEnvironmentSerializer(many=True)
    tests = PlannedTestSerializer(many=True)
    proposals = ProposalSerializer(many=True)
    unsupported = serializers.CharField()


class VersionSerializer(Linked):
    """One commit of a model's repository and what was understood of it."""

    url = serializers.SerializerMethodField()
    archive = serializers.SerializerMethodField()
    authors = PersonSerializer(many=True)
    failure = FailureSerializer(allow_null=True)
    article = ArticleSerializer(allow_null=True)
    plan = PlanSerializer(source="plan_value")

    class Meta:
        """Everything but the rows' own keys."""

        model = ModelVersion
        fields = (
            "url",
            "archive",
            "number",
            "label",
            "state",
            "failure",
            "address",
            "ref",
            "folder",
            "commit",
            "tree_swhid",
            "committed_at",
            "licence",
            "authors",
            "article",
            "manifest",
            "manifest_digest",
            "manifest_origins",
            "manifest_missing",
            "plan",
            "description_origins",
            "created_at",
            "published_at",
        )
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, version: ModelVersion) -> str:
        """The version's address."""
        return self.link("version", version.entry_id, version.number)

    @extend_schema_field(OpenApiTypes.URI)
    def get_archive(self, version: ModelVersion) -> str:
        """Where its files are to be had."""
        return self.link("version-archive", version.entry_id, version.number)


class EntryRowSerializer(Linked):
    """An entry as lists show it."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    badge = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.username")
    full_name = serializers.CharField()
    level_name = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    cause = serializers.SerializerMethodField()
    lost_cause = serializers.SerializerMethodField()
    repairs = serializers.ListField(child=serializers.ChoiceField(choices=REPAIRS), read_only=True)
    version = serializers.SerializerMethodField()

    class Meta:
        """What one query brings."""

        model = ModelEntry
        fields: tuple[str, ...] = (
            "url",
            "page",
            "badge",
            "accession",
            "owner",
            "name",
            "full_name",
            "title",
            "summary",
            "keywords",
            "visibility",
            "level",
            "level_name",
            "outcome",
            "cause",
            "tests_pass",
            "repaired",
            "repairs",
            "verified_at",
            "lost_at",
            "lost_cause",
            "version",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, entry: ModelEntry) -> str:
        """The entry's address."""
        return self.link("model", entry.accession)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, entry: ModelEntry) -> str:
        """The permanent address for people."""
        return page_address(self.context["request"], entry)

    @extend_schema_field(OpenApiTypes.URI)
    def get_badge(self, entry: ModelEntry) -> str:
        """The badge for a README or a paper."""
        return f"{page_address(self.context['request'], entry)}badge.svg"

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS))
    def get_level_name(self, entry: ModelEntry) -> str:
        """The level's name."""
        return Level(entry.level).label

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS, allow_null=True))
    def get_outcome(self, entry: ModelEntry) -> str | None:
        """How the last decided run ended; null before the first."""
        return entry.outcome or None

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_cause(self, entry: ModelEntry) -> str | None:
        """Why the next level was missed; null when nothing failed."""
        return entry.cause or None

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_lost_cause(self, entry: ModelEntry) -> str | None:
        """Why what once worked is lost; null when nothing is lost, or nothing named failed."""
        return entry.lost_cause or None

    def get_version(self, entry: ModelEntry) -> int | None:
        """The number of the version that the level speaks of."""
        return entry.current_version.number if entry.current_version else None


class EntrySerializer(EntryRowSerializer):
    """An entry with its current version; to its editors, also with the one not yet published."""

    version = serializers.SerializerMethodField()
    draft_version = serializers.SerializerMethodField()

    class Meta(EntryRowSerializer.Meta):
        """The row and what a page adds."""

        fields = (
            *EntryRowSerializer.Meta.fields,
            "description",
            "container_image",
            "withdrawn_reason",
            "good_run",
            "verify_at",
            "upstream_commit",
            "upstream_at",
            "draft_version",
        )

    def to_representation(self, instance: ModelEntry) -> dict[str, Any]:
        """The entry; of a withdrawn one, to those who may not edit it, only the tombstone."""
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.visibility == Visibility.WITHDRAWN and not self.may_edit(instance):
            hidden = dict.fromkeys(("summary", "description", "container_image"), "")
            return shown | hidden | {"keywords": [], "version": None}
        return shown

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_version(self, entry: ModelEntry) -> dict[str, Any] | None:  # type: ignore[override]  # a row has its number alone
        """The version that the level speaks of."""
        version = entry.current_version
        return self._version(version) if version and self._shown(entry, version) else None

    @extend_schema_field(VersionSerializer(allow_null=True))
    def get_draft_version(self, entry: ModelEntry) -> dict[str, Any] | None:
        """The version not yet published, shown to those who may edit the entry."""
        if not self.may_edit(entry):
            return None
        draft = entry.versions.filter(published_at=None).first()
        return self._version(draft) if draft else None

    def _shown(self, entry: ModelEntry, version: ModelVersion) -> bool:
        return version.published_at is not None or self.may_edit(entry)

    def _version(self, version: ModelVersion) -> dict[str, Any]:
        return dict(VersionSerializer(version, context=self.context).data)


class RunRowSerializer(Linked):
    """A run as lists show it."""

    url = serializers.SerializerMethodField()
    model = serializers.IntegerField(source="version.entry_id")
    version = serializers.IntegerField(source="version.number")
    outcome = serializers.SerializerMethodField()
    cause = serializers.SerializerMethodField()
    level_name = serializers.SerializerMethodField()
    repairs = serializers.ListField(child=serializers.ChoiceField(choices=REPAIRS), read_only=True)

    class Meta:
        """What one query brings."""

        model = VerificationRun
        fields: tuple[str, ...] = (
            "url",
            "id",
            "model",
            "version",
            "commit",
            "state",
            "outcome",
            "level",
            "level_name",
            "cause",
            "tests_pass",
            "repaired",
            "repairs",
            "trigger",
            "attempt",
            "queued_at",
            "started_at",
            "finished_at",
        )

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, run: VerificationRun) -> str:
        """The run's address."""
        return self.link("run", run.pk)

    @extend_schema_field(serializers.ChoiceField(choices=RunOutcome.choices, allow_null=True))
    def get_outcome(self, run: VerificationRun) -> str | None:
        """How it ended; null before the end."""
        return run.outcome or None

    @extend_schema_field(serializers.ChoiceField(choices=CAUSES, allow_null=True))
    def get_cause(self, run: VerificationRun) -> str | None:
        """Why it fell short; null when nothing failed."""
        return run.cause or None

    @extend_schema_field(serializers.ChoiceField(choices=LEVELS, allow_null=True))
    def get_level_name(self, run: VerificationRun) -> str | None:
        """The name of the level reached; null without a verdict."""
        return None if run.level is None else Level(run.level).label


class StepSerializer(serializers.Serializer[Any]):
    """Where a step of a run stands. `seconds` is null until it ended.

    `starts` counts how often it was done: once with every attempt at an environment.
    """

    step = serializers.ChoiceField(choices=STEPS)
    state = serializers.ChoiceField(choices=STEP_STATES)
    starts = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    message = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a run is, from 0 to 1. `foreseen`: by the times of earlier runs, not by steps alone.

    `round` is the attempt at an environment that is under way, 0 when none is.
    """

    fraction = serializers.FloatField()
    step = serializers.ChoiceField(choices=STEPS, allow_null=True)
    round = serializers.IntegerField()
    foreseen = serializers.BooleanField()
    seconds_left = serializers.FloatField(allow_null=True)


class TestsSerializer(serializers.Serializer[Any]):
    """What the repository's tests report of themselves."""

    __test__ = False

    runner = serializers.CharField(default="")
    why = serializers.CharField(default="")
    collected = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    skipped = serializers.IntegerField()
    exit_code = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField()


class WorstRowSerializer(serializers.Serializer[Any]):
    """One of the places that differ most; both sides as a reader is shown them."""

    where = serializers.CharField()
    produced = serializers.CharField()
    expected = serializers.CharField()
    absolute_error = serializers.FloatField(allow_null=True)


class FigureSerializer(serializers.Serializer[Any]):
    """A drawing of a comparison: the name of the artifact, and what it shows in words."""

    name = serializers.CharField()
    caption = serializers.CharField()
    alternative = serializers.CharField()


class StatisticSerializer(serializers.Serializer[Any]):
    """The outcome of a declared statistical test. `samples` counts numbers: ours, theirs.

    `value` is null where it is infinite: two means without any spread.
    """

    test = serializers.ChoiceField(choices=STATISTICAL_TESTS)
    value = serializers.FloatField(allow_null=True)
    p_value = serializers.FloatField()
    samples = serializers.ListField(child=serializers.IntegerField())


class ComparisonSerializer(serializers.Serializer[Comparison]):
    """One output held against its expected values, or against the other run's.

    `differs` says what kind of thing differs between two runs, where that can be told.
    """

    path = serializers.CharField()
    against = serializers.ChoiceField(choices=["expected", "repeat"])
    repetition = serializers.IntegerField(default=1)
    kind = serializers.CharField()
    identical = serializers.BooleanField()
    agrees = serializers.BooleanField()
    rtol = serializers.FloatField()
    atol = serializers.FloatField()
    compared = serializers.IntegerField()
    mismatched = serializers.IntegerField()
    max_absolute_error = serializers.FloatField(allow_null=True)
    max_relative_error = serializers.FloatField(allow_null=True)
    where = serializers.CharField(allow_null=True)
    message = serializers.CharField()
    differs = serializers.CharField(default="")
    statistic = StatisticSerializer(allow_null=True, default=None)
    worst = WorstRowSerializer(many=True, default=list)
    figures = FigureSerializer(many=True, default=list)


class ClaimSerializer(serializers.Serializer[Any]):
    """A value of the article, and what the output holds in its place; null when no number is."""

    path = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    at = serializers.CharField()
    value = serializers.FloatField()
    tolerance = serializers.FloatField()
    unit = serializers.CharField()
    seen = serializers.FloatField(allow_null=True)
    agrees = serializers.BooleanField()
    message = serializers.CharField()


class InferenceSerializer(serializers.Serializer[Any]):
    """One run of the declared command. Those of one sample share their `repetition`."""

    repetition = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True, default=None)
    exit_code = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField()
    failure = FailureSerializer(allow_null=True, default=None)


class ImageSerializer(serializers.Serializer[Any]):
    """A verified image at the portal's registry. `size` is what a pull of all takes, in bytes."""

    reference = serializers.SerializerMethodField(help_text="What `docker pull` is given.")
    digest = serializers.CharField()
    size = serializers.IntegerField()

    def get_reference(self, image: PushedImage) -> str:
        """By digest: these very bytes."""
        return image_reference(image)


class RunSerializer(RunRowSerializer):
    """A run with its steps, its verdict and the evidence in short."""

    steps = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    tests = serializers.SerializerMethodField()
    inference = serializers.SerializerMethodField()
    comparisons = serializers.SerializerMethodField()
    claims = serializers.SerializerMethodField()
    repeatability = serializers.SerializerMethodField()
    modifiers = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()
    logs = serializers.SerializerMethodField()
    artifacts = serializers.SerializerMethodField()

    class Meta(RunRowSerializer.Meta):
        """The row and what a page adds."""

        fields = (
            *RunRowSerializer.Meta.fields,
            "explanation",
            "hint",
            "steps",
            "progress",
            "tests",
            "inference",
            "comparisons",
            "claims",
            "repeatability",
            "modifiers",
            "policy_version",
            "policy_digest",
            "host",
            "cpu_model",
            "run_seconds",
            "peak_memory_mb",
            "image_mb",
            "image",
            "report",
            "logs",
            "artifacts",
        )

    @extend_schema_field(ImageSerializer(allow_null=True))
    def get_image(self, run: VerificationRun) -> dict[str, Any] | None:
        """The image at the portal's registry; null when it is not there."""
        image = image_of_run(run)
        return dict(ImageSerializer(image).data) if image else None

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, run: VerificationRun) -> list[dict[str, Any]]:
        """Every step in its order."""
        missing = StepState.SKIPPED if run.state == RunState.FINISHED else StepState.PENDING
        return [_step(step, now, missing) for step, now in run_steps(run=run).items()]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, run: VerificationRun) -> dict[str, Any]:
        """How far it is."""
        return dict(ProgressSerializer(run_progress(run=run, now=timezone.now())).data)

    @extend_schema_field(TestsSerializer(allow_null=True))
    def get_tests(self, run: VerificationRun) -> dict[str, Any] | None:
        """The tests' counts; null when there were none, or none yet."""
        tests = (run.report or {}).get("tests")
        return dict(TestsSerializer(tests).data) if tests else None

    @extend_schema_field(ComparisonSerializer(many=True))
    def get_comparisons(self, run: VerificationRun) -> list[dict[str, Any]]:
        """Every comparison of an output."""
        kept = (run.report or {}).get("comparisons", [])
        return list(ComparisonSerializer(kept, many=True).data)

    @extend_schema_field(InferenceSerializer(many=True))
    def get_inference(self, run: VerificationRun) -> list[dict[str, Any]]:
        """Every run of the declared command."""
        kept = (run.report or {}).get("inference", [])
        return list(InferenceSerializer(kept, many=True).data)

    @extend_schema_field(ClaimSerializer(many=True))
    def get_claims(self, run: VerificationRun) -> list[dict[str, Any]]:
        """Every value of the article that is tied to an output."""
        kept = (run.report or {}).get("claims", [])
        return list(ClaimSerializer(kept, many=True).data)

    @extend_schema_field(serializers.ChoiceField(choices=REPEATABILITIES, allow_null=True))
    def get_repeatability(self, run: VerificationRun) -> str | None:
        """In what sense two runs agreed; null below the level that says so."""
        return run.repeatability or None

    def get_modifiers(self, run: VerificationRun) -> list[str]:
        """What a reader must know beside the level, such as `repaired`."""
        return list((run.report or {}).get("modifiers", []))

    @extend_schema_field(OpenApiTypes.URI)
    def get_report(self, run: VerificationRun) -> str | None:
        """The whole report; null until there is one."""
        return self.link("run-report", run.pk) if run.report else None

    @extend_schema_field(OpenApiTypes.URI)
    def get_logs(self, run: VerificationRun) -> str:
        """The log, piece by piece."""
        return self.link("run-logs", run.pk)

    @extend_schema_field(OpenApiTypes.URI)
    def get_artifacts(self, run: VerificationRun) -> str:
        """The files kept as evidence."""
        return self.link("run-artifacts", run.pk)


def _step(step: Step, now: StepNow, missing: StepState) -> dict[str, Any]:
    state = missing if now.state is StepState.PENDING else now.state
    return {
        "step": step.value,
        "state": state.value,
        "starts": now.starts,
        "seconds": now.seconds,
        "message": now.message,
    }


class LogChunkSerializer(serializers.ModelSerializer[LogChunk]):
    """A piece of a run's log."""

    step = serializers.ChoiceField(choices=STEPS)

    class Meta:
        """In the order of writing."""

        model = LogChunk
        fields = ("id", "attempt", "step", "text")


class LogsSerializer(serializers.Serializer[Any]):
    """The next pieces; ask again with `after=<next_after>` until `finished`."""

    chunks = LogChunkSerializer(many=True)
    next_after = serializers.IntegerField()
    finished = serializers.BooleanField()


class ArtifactSerializer(Linked):
    """A file kept as evidence. Size in bytes."""

    url = serializers.SerializerMethodField()
    sha256 = serializers.CharField(source="blob_id")
    size = serializers.IntegerField(source="blob.size")

    class Meta:
        """What a download is checked by."""

        model = Artifact
        fields = ("url", "name", "media_type", "size", "sha256")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, artifact: Artifact) -> str:
        """Where the file is."""
        return self.link("run-artifact", artifact.run_id, artifact.name)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """The token that a program came with, without its secret."""

    scopes: Any = serializers.ListField(child=serializers.CharField())

    class Meta:
        """What its holder may know."""

        model = ApiToken
        fields = ("name", "prefix", "scopes", "created_at", "expires_at")


class MeSerializer(serializers.ModelSerializer[User]):
    """Who asks; `token` is null for a session, which may do all that the person may."""

    token = serializers.SerializerMethodField()

    class Meta:
        """The person's own public data."""

        model = User
        fields = ("username", "first_name", "last_name", "orcid", "affiliation", "token")

    @extend_schema_field(TokenSerializer(allow_null=True))
    def get_token(self, _user: User) -> dict[str, Any] | None:
        """The token in use."""
        token = self.context["request"].auth
        return dict(TokenSerializer(token).data) if token else None


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with a request, and where."""

    pointer = serializers.CharField(help_text="A JSON pointer into the body, or a parameter.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal, as RFC 9457 says."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    hint = serializers.CharField(required=False)
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # DRF takes declared fields off the class


# --- Requests ---------------------------------------------------------------------------------


class RunListQuery(ListQuery):
    """What a list of runs may be narrowed to."""

    model = serializers.IntegerField(
        required=False, min_value=1, max_value=_LARGEST_ID, help_text="An accession."
    )
    state = serializers.ChoiceField(required=False, choices=RunState.choices)
    outcome = serializers.ChoiceField(required=False, choices=RunOutcome.choices)


class LogsQuery(Query):
    """From where a log is read on, and of which step."""

    after = serializers.IntegerField(required=False, min_value=0, max_value=_LARGEST_ID, default=0)
    step = serializers.ChoiceField(required=False, choices=STEPS, default="")


class CitationQuery(Query):
    """What is to be cited, and in which format."""

    format = serializers.ChoiceField(choices=list(FORMATS), default="bibtex")
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=_LARGEST_ID, help_text="Without it: the current one."
    )
    of = serializers.ChoiceField(
        choices=["software", "article", "verification", "model"],
        required=False,
        help_text="Without it: the version, then its article.",
    )


class SourceBody(Strict):
    """A repository to be read, or an archive of one. Without a ref: the newest commit."""

    address = serializers.CharField(max_length=2000, required=False)
    ref = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    folder = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    archive = serializers.FileField(
        required=False, help_text="A zip or tar, as multipart/form-data, in place of an address."
    )


class VersionBody(SourceBody):
    """Where a version is read from. With neither address nor archive: where the last one was."""


class EntryBody(SourceBody):
    """A repository to be read, or an archive of one, and the short name of its entry."""

    name = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")


class EntryPatch(Strict):
    """What may be changed. `label` to `manifest` belong to a version and freeze with it."""

    name = serializers.CharField(max_length=96, required=False)
    title = serializers.CharField(max_length=300, required=False)
    summary = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    description = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    keywords = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=50, required=False
    )
    container_image = serializers.CharField(max_length=500, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=SHOWN_OR_NOT, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes declared fields off the class
        max_length=100, required=False, allow_blank=True
    )
    licence = serializers.CharField(max_length=200, required=False, allow_blank=True)
    authors = PeopleField(max_length=200, required=False)
    article = ArticleSerializer(required=False, allow_null=True)
    manifest = serializers.DictField(required=False)

    def validate_article(self, value: dict[str, Any] | None) -> Article:
        """The article as its spec value, empty for null: no article published the model."""
        return Article(**value) if value else Article()

    def validate_manifest(self, value: dict[str, Any]) -> Manifest:
        """The manifest as its spec value. Raises ValidationError, naming the place."""
        try:
            # 1e999 is JSON and infinite; no database keeps that.
            json.dumps(value, allow_nan=False)
            # msgspec leaves what has its default unset, and then does not write it: set it.
            return replace(msgspec.convert(value, Manifest))
        except (msgspec.ValidationError, ValueError) as error:
            raise serializers.ValidationError(str(error)) from error

    @staticmethod
    def as_fields(values: dict[str, Any]) -> EntryFields:
        """What the service takes."""
        shaped = dict(values)
        if "keywords" in shaped:
            shaped["keywords"] = tuple(dict.fromkeys(shaped["keywords"]))
        if "visibility" in shaped:
            shaped["visibility"] = Visibility(shaped["visibility"])
        return EntryFields(**shaped)
