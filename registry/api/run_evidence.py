"""Doors to what pages of runs show besides: events, tests, lines of logs; two runs compared."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.ansi import Line, lines_of
from registry.api.base import ApiView, ListQuery, Query, query_of
from registry.api.lookup import run_open
from registry.api.schema import replies
from registry.api.serializers import (
    LARGEST_ID,
    STEP_STATES,
    STEPS,
    ComparisonSerializer,
    RunRowSerializer,
)
from registry.models import RunEvent, TestOutcome, VerificationRun
from registry.output_changes import ContentChange, contents_changed
from registry.selectors.history import Fact, report_facts, run_differences
from registry.selectors.logs import log_steps, log_text
from registry.selectors.runs import report_of, run_events
from registry.spec.evidence import Report
from registry.spec.ladder import Step
from registry.spec.run_changes import (
    outputs_changed,
    steps_changed,
    tests_changed,
)

LINES_AT_ONCE = 500
QUERY_CHARACTERS = 200
TEST_STATES = ["passed", "failed", "error", "skipped"]


class RunEventSerializer(serializers.ModelSerializer[RunEvent]):
    """A step began, ended or was left out, in the `attempt` of a worker."""

    step = serializers.ChoiceField(choices=STEPS)
    state = serializers.ChoiceField(choices=STEP_STATES)

    class Meta:
        """In the order of writing."""

        model = RunEvent
        fields = ("id", "attempt", "step", "state", "at", "seconds", "message")


class TestOutcomeSerializer(serializers.ModelSerializer[TestOutcome]):
    """A test as the repository's own report names it."""

    __test__ = False

    state = serializers.ChoiceField(choices=TEST_STATES)

    class Meta:
        """In the order of the report."""

        model = TestOutcome
        fields = ("number", "name", "state", "seconds", "message")


class TestsQuery(ListQuery):
    """Which tests."""

    __test__ = False

    state = serializers.ChoiceField(choices=TEST_STATES, required=False)


class LinesQuery(Query):
    """Lines of which step, from which on, and what must stand in them."""

    step = serializers.ChoiceField(choices=STEPS, required=False)
    line = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, default=1, help_text="The first line to be given."
    )
    q = serializers.CharField(
        max_length=QUERY_CHARACTERS,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="Only lines with this in them, small or capital.",
    )


class LineSerializer(serializers.Serializer[Any]):
    """A line of a step's log, without colours, and its number from 1."""

    number = serializers.IntegerField()
    text = serializers.CharField()


class LinesSerializer(serializers.Serializer[Any]):
    """Lines of one step; ask again with `line=<next_line>` until that is null."""

    step = serializers.ChoiceField(choices=STEPS, allow_null=True)
    steps = serializers.ListField(
        child=serializers.ChoiceField(choices=STEPS), help_text="Those that wrote anything."
    )
    lines = LineSerializer(many=True)
    next_line = serializers.IntegerField(allow_null=True)


class CompareQuery(Query):
    """Which two runs."""

    a = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    b = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class FactSerializer(serializers.Serializer[Fact]):
    """Something about two runs in words."""

    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    differs = serializers.BooleanField()


class PackageChangeSerializer(serializers.Serializer[Any]):
    """A package that is not the same in both; null where it is missing."""

    name = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class TestChangesSerializer(serializers.Serializer[Any]):
    """The names of tests by what became of them, and how many stayed as they were."""

    __test__ = False

    failing = serializers.ListField(child=serializers.CharField())
    passing = serializers.ListField(child=serializers.CharField())
    otherwise = serializers.ListField(child=serializers.CharField())
    gone = serializers.ListField(child=serializers.CharField())
    new = serializers.ListField(child=serializers.CharField())
    same = serializers.IntegerField()


class OutputSeenSerializer(serializers.Serializer[Any]):
    """An output as one run wrote it, and how it stood to its expected values."""

    sha256 = serializers.CharField(source="file.sha256")
    size = serializers.IntegerField(source="file.size")
    expected = ComparisonSerializer(allow_null=True)


class NumbersDifferSerializer(serializers.Serializer[Any]):
    """Two files that are the same but for their numbers; `number` is where it is worst, from 1.

    The errors are the largest, null where they are not finite.
    """

    compared = serializers.IntegerField()
    differ = serializers.IntegerField()
    absolute = serializers.FloatField(allow_null=True)
    relative = serializers.FloatField(allow_null=True)
    number = serializers.IntegerField()
    before = serializers.CharField()
    after = serializers.CharField()


class OutputChangeSerializer(serializers.Serializer[ContentChange]):
    """An output in both runs; null where it was not written. `same`: the same bytes.

    `numbers` and `lines`, as of a unified diff, tell how small files differ that were kept;
    without them nothing is said of how far the two are apart.
    """

    path = serializers.CharField(source="output.path")
    same = serializers.BooleanField(source="output.same")
    before = OutputSeenSerializer(source="output.before", allow_null=True)
    after = OutputSeenSerializer(source="output.after", allow_null=True)
    numbers = NumbersDifferSerializer(allow_null=True)
    lines = serializers.SerializerMethodField()

    def get_lines(self, change: ContentChange) -> list[str]:
        """What was taken out and put in, with a line around it."""
        return [f"{line.kind}{line.text}" for line in change.lines]


class StepChangeSerializer(serializers.Serializer[Any]):
    """The seconds of a step in both runs; null where it was not done."""

    step = serializers.ChoiceField(choices=STEPS)
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class RunsComparedSerializer(serializers.Serializer[Any]):
    """Two runs, the older first. What rests on reports is null where one of them has none."""

    older = RunRowSerializer()
    newer = RunRowSerializer()
    facts = FactSerializer(many=True)
    packages = PackageChangeSerializer(many=True, allow_null=True)
    tests = TestChangesSerializer(allow_null=True)
    outputs = OutputChangeSerializer(many=True, allow_null=True)
    times = StepChangeSerializer(many=True, allow_null=True)


class RunEventsView(ApiView):
    """What happened in a run."""

    @extend_schema(
        operation_id="runs_events", responses=replies(_200=RunEventSerializer(many=True))
    )
    def get(self, request: Request, run_id: int) -> Response:
        """List when each step began and ended, in order, over all attempts."""
        query_of(request, ListQuery)
        return self.listed(run_events(run=run_open(request, run_id)), RunEventSerializer)


class RunTestsView(ApiView):
    """The tests of a run."""

    @extend_schema(
        operation_id="runs_tests",
        parameters=[TestsQuery],
        responses=replies(_200=TestOutcomeSerializer(many=True)),
    )
    def get(self, request: Request, run_id: int) -> Response:
        """List the tests as the repository's own report names them."""
        wanted = query_of(request, TestsQuery)
        found = TestOutcome.objects.filter(check_result__run=run_open(request, run_id))
        rows: QuerySet[TestOutcome] = found.filter(**wanted).order_by("number", "pk")
        return self.listed(rows, TestOutcomeSerializer)


class RunLinesView(ApiView):
    """The log of a step, line by line."""

    @extend_schema(
        operation_id="runs_lines", parameters=[LinesQuery], responses=replies(_200=LinesSerializer)
    )
    def get(self, request: Request, run_id: int) -> Response:
        """Read or search the log of one step by lines, numbered as the page numbers them."""
        wanted = query_of(request, LinesQuery)
        run = run_open(request, run_id)
        written = log_steps(run=run)
        steps = [step for step in Step if step in written]
        step = Step(wanted["step"]) if "step" in wanted else next(iter(steps), None)
        lines = _lines(run, step, first=wanted["line"], text=wanted["q"])
        shown = list(islice(lines, LINES_AT_ONCE))
        further = next(lines, None)
        said = {
            "step": step,
            "steps": steps,
            "lines": shown,
            "next_line": further.number if further else None,
        }
        return Response(LinesSerializer(said).data)


class RunsCompareView(ApiView):
    """Two runs side by side."""

    @extend_schema(
        operation_id="runs_compare",
        parameters=[CompareQuery],
        responses=replies(_200=RunsComparedSerializer),
    )
    def get(self, request: Request) -> Response:
        """Compare two runs: environment, tests, outputs and times."""
        wanted = query_of(request, CompareQuery)
        if wanted["a"] == wanted["b"]:
            raise ValidationError({"b": "Name two runs, and not the same one twice."})
        older, newer = (run_open(request, number) for number in sorted(wanted.values()))
        differences = run_differences(older, newer)
        packages = differences.packages
        said: dict[str, Any] = {
            "older": older,
            "newer": newer,
            "facts": list(differences.facts),
            "packages": None if packages is None else list(packages),
            **dict.fromkeys(("tests", "outputs", "times")),
        }
        before, after = report_of(older), report_of(newer)
        if before and after:
            said["facts"] += report_facts(before, after)
            said |= _evidence(before, after)
            changed = outputs_changed(before, after)
            said["outputs"] = list(contents_changed(older, newer, changed))
        return self.shown(said, RunsComparedSerializer)


def _evidence(before: Report, after: Report) -> dict[str, object]:
    return {
        "tests": tests_changed(before.tests, after.tests),
        "times": steps_changed(before, after),
    }


def _lines(run: VerificationRun, step: Step | None, *, first: int, text: str) -> Iterator[Line]:
    """The lines of a step from `first` on with `text` in them."""
    if step is None:
        return
    wanted = re.compile(re.escape(text), re.IGNORECASE)
    for line in lines_of(log_text(run=run, step=step)):
        if line.number >= first and (not text or wanted.search(line.text)):
            yield line
