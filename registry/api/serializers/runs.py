"""Runs, their steps, logs and files, as JSON."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from registry.api.serializers.evidence import (
    ClaimSerializer,
    ComparisonSerializer,
    ImageSerializer,
    InferenceSerializer,
    TestsSerializer,
)
from registry.api.serializers.linked import Linked
from registry.api.serializers.words import (
    CAUSES,
    LEVELS,
    REPAIRS,
    REPEATABILITIES,
    STEP_STATES,
    STEPS,
)
from registry.models import Artifact, LogChunk, VerificationRun
from registry.models.runs import RunOutcome, RunState
from registry.selectors.images import image_of_run
from registry.selectors.runs import StepNow, run_progress, run_steps
from registry.spec.ladder import Level, Step, StepState


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

    @extend_schema_field(serializers.URLField(allow_null=True))
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
