"""What is verified next without being asked: in which order, how much, and once by two at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from registry_helpers import (
    claimed,
    draft,
    failing_report,
    inspection,
    newest,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)
from test_races import errors_in, together

from registry.models import Hook, HookDelivery, ModelEntry, ModelVersion, VerificationRun
from registry.models.runs import Trigger
from registry.selectors.schedule import _by_date, pushes_to_follow, versions_due
from registry.services.entries import EntryFields, entry_publish, entry_update, entry_withdraw
from registry.services.runs import run_cancel, run_queue, run_release
from registry.services.schedule import ScheduleLimits, runs_schedule
from registry.services.versions import version_create, version_inspected
from registry.spec.evidence import Environment

pytestmark = pytest.mark.django_db

PYTHON = "python:3.11-slim-bookworm"
MOVED = "e" * 40
ROOMY = ScheduleLimits(runs_a_day=100, queue=100)


def tick(*, days: float = 0, bases=None, limits=ROOMY):
    return runs_schedule(
        now=timezone.now() + timedelta(days=days), bases=bases or {}, limits=limits
    )


def triggers():
    runs = VerificationRun.objects.filter(state="queued")
    return list(runs.order_by("pk").values_list("version__entry__name", "trigger"))


def good(name: str, seen=None) -> ModelEntry:
    ada = person(f"p{ModelEntry.objects.count()}")
    entry, run = published(ada, name=name)
    verified(run, seen)
    return ModelEntry.objects.get(pk=entry.pk)


def on_base(digest: str):
    environment = Environment(
        image_digest="sha256:1", python="3.11", base_image=PYTHON, base_digest=digest
    )
    return report(environment=environment)


def push(entry: ModelEntry, commit: str = MOVED, *, number: str = "1") -> None:
    hook, _ = Hook.objects.get_or_create(entry=entry, defaults={"created_at": timezone.now()})
    HookDelivery.objects.create(
        hook=hook, delivery=number, received_at=timezone.now(), ref="main", commit=commit
    )
    ModelEntry.objects.filter(pk=entry.pk).update(
        upstream_commit=commit, upstream_at=timezone.now()
    )


def read(version: ModelVersion) -> None:
    assert version_inspected(version_id=version.pk, inspection=inspection(commit=version.ref))


def test_what_was_good_is_verified_again_after_a_week_and_not_before():
    good("a")
    assert tick(days=6.9).runs == 0
    assert tick(days=7.1).runs == 1
    assert triggers() == [("a", "schedule")]
    assert tick(days=7.1).runs == 0


def test_drafts_and_what_is_withdrawn_are_never_verified_unasked():
    verified(queued(ready_draft(person("bob"))))
    draft(person("eve"))
    withdrawn = good("a")
    entry_withdraw(entry=withdrawn, actor=withdrawn.owner, reason="Wrong.")
    assert tick(days=400).runs == 0


def test_what_is_private_is_verified_too():
    entry_update(entry=good("a"), fields=EntryFields(visibility="private"))
    assert tick(days=8).runs == 1


@pytest.mark.parametrize("ending", ["errored", "cancelled"])
def test_a_run_without_a_verdict_is_tried_again_a_day_later(ending):
    entry = good("a")
    run = run_queue(version=newest(entry), trigger=Trigger.SCHEDULE, requested_by=None)
    if ending == "errored":
        run_release(claim=claimed(run), reason="x", max_attempts=1)
    else:
        run_cancel(run=run)
    ModelEntry.objects.update(verify_at=timezone.now() - timedelta(days=1))
    assert tick(days=0.9).runs == 0
    assert tick(days=1.1).runs == 1
    assert ModelEntry.objects.get().green_streak == 1


def test_the_order_is_pushed_then_changed_then_never_run_then_by_date():
    good("late", failing_report())
    good("later")
    changed = good("changed", on_base("sha256:old"))
    _, never = published(person("n"), name="never")
    run_cancel(run=never)
    pushed = good("pushed")
    push(pushed)
    assert tick(days=8, limits=replace(ROOMY, queue=0)).pushes == 1
    read(newest(pushed))
    due = versions_due(
        now=timezone.now() + timedelta(days=8), bases={PYTHON: "sha256:new"}, limit=100
    )
    names = [(version.entry.name, trigger.value) for version, trigger in due]
    assert names[:3] == [("pushed", "webhook"), ("changed", "base-image"), ("never", "schedule")]
    assert [name for name, _ in names[3:]][:2] == ["late", "later"]
    assert changed.green_streak == 1


def test_a_new_base_image_brings_the_look_forward_once():
    entry = good("a", on_base("sha256:old"))
    assert tick(days=2, bases={PYTHON: "sha256:old"}).runs == 0
    assert tick(days=2, bases={"python:3.9-slim-bullseye": "sha256:new"}).runs == 0
    assert tick(days=2, bases={PYTHON: "sha256:new"}).runs == 1
    assert triggers() == [("a", "base-image")]
    verified(VerificationRun.objects.get(state="queued"), on_base("sha256:new"))
    assert tick(days=4, bases={PYTHON: "sha256:new"}).runs == 0
    # A second worker still holds the old image: that is no news.
    assert tick(days=4, bases={PYTHON: "sha256:old"}).runs == 0
    assert ModelEntry.objects.get(pk=entry.pk).level == 5


def test_what_was_never_seen_on_a_known_image_is_not_called_changed():
    good("a", report(environment=Environment(base_image=PYTHON)))
    assert tick(days=2, bases={PYTHON: "sha256:new"}).runs == 0


def test_no_run_is_begun_beyond_those_of_a_day_or_while_many_wait():
    for number in range(5):
        good(f"a{number}")
    assert tick(days=8, limits=replace(ROOMY, runs_a_day=0)) == tick(days=0)
    assert tick(days=8, limits=replace(ROOMY, queue=2)).runs == 2
    assert tick(days=8, limits=replace(ROOMY, queue=2)).runs == 0
    assert tick(days=0.5, limits=replace(ROOMY, runs_a_day=2)).runs == 0
    assert tick(days=8, limits=replace(ROOMY, queue=3)).runs == 1


def test_a_push_becomes_a_version_that_is_read_verified_and_left_to_its_people():
    entry = good("a")
    push(entry)
    assert tick().pushes == 1
    version = newest(entry)
    assert (version.number, version.ref, version.state) == (2, MOVED, "pending")
    assert tick() == tick()
    read(version)
    assert tick().runs == 1
    run = VerificationRun.objects.get(state="queued")
    assert (run.version, run.trigger, run.commit) == (version, "webhook", MOVED)
    verified(run, failing_report())
    now = ModelEntry.objects.get(pk=entry.pk)
    assert (now.current_version.number, now.level) == (1, 5)
    assert tick(days=2).runs == 0
    entry_publish(entry=entry, requested_by=entry.owner)
    assert not pushes_to_follow(now=timezone.now()).exists()


def test_a_later_push_moves_the_version_on_unless_it_is_being_verified_or_too_soon():
    entry = good("a")
    push(entry)
    tick()
    push(entry, "f" * 40, number="2")
    assert tick().pushes == 1
    assert (newest(entry).number, newest(entry).ref) == (2, "f" * 40)
    read(newest(entry))
    tick()
    push(entry, "d" * 40, number="3")
    assert tick().pushes == 0
    verified(VerificationRun.objects.get(state="queued"))
    assert tick().pushes == 0
    assert tick(days=0.1).pushes == 1


def test_a_version_that_a_person_began_is_left_alone():
    entry = good("a")
    version_create(entry=entry, address=newest(entry).address, ref="experiment")
    push(entry)
    assert tick().pushes == 0
    assert newest(entry).ref == "experiment"


def test_a_push_from_before_the_version_is_no_news():
    entry = good("a")
    push(entry, newest(entry).commit)
    assert tick().pushes == 0
    push(entry, number="2")
    ModelEntry.objects.update(upstream_at=timezone.now() - timedelta(days=1))
    assert tick().pushes == 0


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_begin_each_thing_once():
    entries = [good(f"a{number}") for number in range(3)]
    push(entries[0])
    begun = together(*[lambda: tick(days=8) for _ in range(4)])
    assert errors_in(begun) == []
    assert sum(each.runs for each in begun) == 3
    assert sum(each.pushes for each in begun) == 1
    assert VerificationRun.objects.filter(state="queued").count() == 3


def test_the_beat_reads_its_small_partial_index():
    if connection.vendor == "postgresql":
        # Of a table of no rows, statistics may say that anything is cheap.
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    assert "entry_due" in _by_date(timezone.now(), {})[:5].explain()
