"""Reports of problems and what curators decide, as JSON and as it may be sent."""

from rest_framework import serializers

from registry.api.base import ListQuery, Strict
from registry.api.serializers.entries import EntryRowSerializer
from registry.api.serializers.fields import AccessionField
from registry.models import ProblemReport
from registry.models.curation import ReportKind, ReportState
from registry.services.reports import TEXT_CHARACTERS

# Named in portal/settings.py, so that the schema gives each set of words a name of its own.
REPORT_ENDS = [state.value for state in ReportState if state != ReportState.OPEN]
QUEUES = ["open", "ended"]


class ReportSerializer(serializers.ModelSerializer[ProblemReport]):
    """A problem that somebody reports of a model."""

    kind = serializers.ChoiceField(choices=ReportKind.choices)
    state = serializers.ChoiceField(choices=ReportState.choices)

    class Meta:
        """What is wrong, in the reporter's words."""

        model = ProblemReport
        fields: tuple[str, ...] = ("id", "kind", "text", "state", "created_at")
        read_only_fields = fields


class CuratedReportSerializer(ReportSerializer):
    """A report as curators see it: of which model, by whom, and what came of it."""

    model = serializers.IntegerField(source="entry_id")
    title = serializers.CharField(source="entry.title")
    reporter = serializers.CharField(source="reporter.username", allow_null=True, default=None)
    answer_to = serializers.CharField(source="email")
    resolved_by = serializers.CharField(
        source="resolved_by.username", allow_null=True, default=None
    )

    class Meta(ReportSerializer.Meta):
        """With what only curators see."""

        fields = (*ReportSerializer.Meta.fields, "model", "title", "reporter", "answer_to",
                  "resolution", "resolved_by", "resolved_at")  # fmt: skip
        read_only_fields = fields


class ReportBody(Strict):
    """What is wrong with a model."""

    kind = serializers.ChoiceField(choices=ReportKind.choices)
    text = serializers.CharField(max_length=TEXT_CHARACTERS)
    answer_to = serializers.EmailField(
        required=False,
        allow_blank=True,
        default="",
        help_text="For whoever has no account: where the answer is sent. Curators alone see it.",
    )

    def validate_kind(self, value: str) -> ReportKind:
        """The kind as its value."""
        return ReportKind(value)


class ReportQueueQuery(ListQuery):
    """Which reports are asked for."""

    state = serializers.ChoiceField(choices=QUEUES, default="open")


class ReportEndBody(Strict):
    """How a report ends, and what whoever made it is told."""

    state = serializers.ChoiceField(choices=REPORT_ENDS)
    words = serializers.CharField(max_length=TEXT_CHARACTERS)

    def validate_state(self, value: str) -> ReportState:
        """The state as its value."""
        return ReportState(value)


class MergeBody(Strict):
    """Which model stays, and why the other one goes."""

    into = AccessionField(help_text="The accession of the model that stays.")
    reason = serializers.CharField(max_length=1000, help_text="Stays on its page for all to read.")


class PoorlyToldSerializer(EntryRowSerializer):
    """A model that leaves out much of what readers look for; `completeness` is in per cent."""

    class Meta(EntryRowSerializer.Meta):
        """With how much of it is there."""

        fields = (*EntryRowSerializer.Meta.fields, "completeness")


class LogQuery(ListQuery):
    """What is looked for in the record."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words in who, what and to whom."
    )
    action = serializers.CharField(
        required=False, max_length=50, help_text="As it begins: `entry.`, `member.added`."
    )
    model = AccessionField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False, help_text="That day, too.")
