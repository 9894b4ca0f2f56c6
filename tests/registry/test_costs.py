"""What a run cost: taken from its report, kept beside the run, copied to the entry."""

from dataclasses import asdict, replace

import msgspec
import pytest

from registry.models import ModelEntry
from registry.services.recount import entries_recount
from registry.services.runs import run_claim, run_finish
from registry.spec.costs import Costs, costs_of
from registry.spec.evidence import Inference, Report
from tests.registry.registry_helpers import person, published, report

MB = 2**20


@pytest.fixture
def ada(db):
    return person("ada")


def costly() -> Report:
    plain = report()
    runs = tuple(
        Inference(
            repetition=number,
            command=("sh",),
            exit_code=0,
            seconds=20.25,
            peak_memory_bytes=number * 100 * MB + 1,
        )
        for number in (1, 2)
    )
    return replace(
        plain,
        tests=replace(plain.tests, seconds=3.5, peak_memory_bytes=150 * MB),
        inference=runs,
        environment=replace(plain.environment, image_bytes=812 * MB),
    )


def finished(run, what):
    claim = run_claim(run_id=run.pk, host="n", cpu_model="c", lease_seconds=60)
    run_finish(claim=claim, report=what, files={})
    run.refresh_from_db()


def test_tests_and_every_repetition_count_and_the_largest_container():
    assert costs_of(costly()) == Costs(run_seconds=44.0, peak_memory_mb=201, image_mb=812)


def test_what_was_not_seen_is_not_said():
    nothing = replace(report(), tests=None)
    assert costs_of(nothing) == Costs()
    assert costs_of(report()).peak_memory_mb is None


def test_a_report_from_before_the_question_is_still_read():
    whole = msgspec.to_builtins(costly())
    for part in (whole["environment"], whole["tests"], *whole["inference"]):
        part.pop("image_bytes", None)
        part.pop("peak_memory_bytes", None)
    old = msgspec.convert(whole, Report)
    assert costs_of(old) == Costs(run_seconds=44.0)


def test_costs_stand_beside_the_run_and_the_entry_and_recount_knows_them(ada):
    entry, run = published(ada)
    finished(run, costly())
    wanted = asdict(costs_of(costly()))
    assert {name: getattr(run, name) for name in wanted} == wanted
    assert ModelEntry.objects.values(*wanted).get(pk=entry.pk) == wanted
    ModelEntry.objects.filter(pk=entry.pk).update(peak_memory_mb=1)
    assert [found.column for found in entries_recount(fix=True)] == ["peak_memory_mb"]
    assert ModelEntry.objects.get(pk=entry.pk).peak_memory_mb == wanted["peak_memory_mb"]
