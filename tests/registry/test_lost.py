"""What falls is looked at twice; what is lost says since when and why, and copies agree with it."""

import pytest
from django.utils import timezone
from registry_helpers import (
    claimed,
    failing_report,
    inspection,
    messages,
    newest,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)

from registry.models import ModelEntry, VerificationRun
from registry.models.runs import Trigger
from registry.selectors.runs import badge_state, standing_and_run, verdict_run
from registry.services.entries import entry_publish, entry_withdraw
from registry.services.recount import entries_recount
from registry.services.runs import run_finish, run_queue, run_release
from registry.services.versions import version_create, version_inspected
from registry.spec.ladder import Cause, Level

pytestmark = pytest.mark.django_db


def fresh(entry):
    return ModelEntry.objects.get(pk=entry.pk)


def unasked(entry, trigger=Trigger.SCHEDULE):
    return run_queue(version=newest(entry), trigger=trigger, requested_by=None)


def second_look(run):
    return VerificationRun.objects.get(confirms=run)


def good_entry(name="ada"):
    entry, run = published(person(name))
    return entry, verified(run)


def badge(entry):
    return badge_state(fresh(entry), now=timezone.now(), stale_after_days=180)


@pytest.mark.parametrize("trigger", [Trigger.SCHEDULE, Trigger.BASE_IMAGE, Trigger.WEBHOOK])
def test_a_fall_that_nobody_asked_for_changes_nothing_and_is_looked_at_again(trigger):
    entry, good = good_entry()
    before = fresh(entry)
    fallen = verified(unasked(entry, trigger), failing_report())
    again, after = second_look(fallen), fresh(entry)
    assert (again.trigger, again.state, again.requested_by) == ("confirmation", "queued", None)
    for name in ("level", "outcome", "cause", "verified_at", "lost_at", "green_streak"):
        assert getattr(after, name) == getattr(before, name)
    assert verdict_run(newest(entry)) == good
    assert (badge(entry).state, badge(entry).lost_at) == ("verified", None)
    assert entries_recount(fix=False) == []


@pytest.mark.django_db(transaction=True)
def test_the_second_look_is_sent_once_its_cause_is_committed():
    entry, _ = good_entry()
    run = unasked(entry)
    messages("verify")
    fallen = verified(run, failing_report())
    assert messages("verify") == [[second_look(fallen).pk]]


def test_a_second_fall_is_lost_since_the_first_with_the_last_good_run():
    entry, good = good_entry()
    fallen = verified(unasked(entry), failing_report())
    again = verified(second_look(fallen), failing_report(cause=Cause.IMPORT, level=1))
    now = fresh(entry)
    assert (now.level, now.cause, now.verified_at) == (1, "import", again.finished_at)
    assert (now.lost_at, now.lost_cause) == (fallen.finished_at, "import")
    assert (now.good_run, now.green_streak) == (good, 0)
    seen = badge(entry)
    assert (seen.lost_at, seen.cause, seen.state) == (fallen.finished_at, Cause.IMPORT, "failing")
    assert not VerificationRun.objects.filter(confirms=again).exists()
    assert entries_recount(fix=False) == []


def test_a_fall_that_the_second_look_does_not_see_is_forgotten_but_kept():
    entry, _ = good_entry()
    fallen = verified(unasked(entry), failing_report())
    again = verified(second_look(fallen))
    standing, run = standing_and_run(newest(entry))
    assert (run, standing.unconfirmed) == (again, (fallen.pk,))
    assert (fresh(entry).level, fresh(entry).lost_at) == (5, None)


def test_a_second_look_that_could_not_be_had_leaves_the_badge_and_comes_by_date():
    entry, _ = good_entry()
    fallen = verified(unasked(entry), failing_report())
    run_release(claim=claimed(second_look(fallen)), reason="x", max_attempts=1)
    now = fresh(entry)
    assert (now.level, now.lost_at) == (5, None)
    assert (now.verify_at - fallen.finished_at).days == 1
    verified(unasked(entry), failing_report())
    assert fresh(entry).lost_at == fallen.finished_at


def test_what_a_person_asked_for_counts_at_once_and_asks_for_no_second_look():
    entry, good = good_entry()
    fallen = verified(queued(entry), failing_report())
    now = fresh(entry)
    assert (now.level, now.cause, now.lost_at, now.good_run) == (4, "mismatch", None, good)
    assert not VerificationRun.objects.filter(confirms=fallen).exists()
    verified(unasked(entry), failing_report())
    assert fresh(entry).lost_at == fallen.finished_at


def test_what_is_mended_is_lost_no_more():
    entry, _ = good_entry()
    verified(second_look(verified(unasked(entry), failing_report())), failing_report())
    assert fresh(entry).lost_at is not None
    mended = verified(queued(entry))
    now = fresh(entry)
    assert (now.level, now.lost_at, now.lost_cause, now.good_run) == (5, None, "", mended)
    assert entries_recount(fix=False) == []


def test_a_new_version_begins_with_a_clean_slate():
    entry, _ = good_entry()
    verified(second_look(verified(unasked(entry), failing_report())), failing_report())
    version = version_create(entry=entry, address=newest(entry).address)
    version_inspected(version_id=version.pk, inspection=inspection(commit="d" * 40))
    entry_publish(entry=entry, requested_by=entry.owner)
    now = fresh(entry)
    assert (now.level, now.lost_at, now.verify_at, now.good_run) == (0, None, None, None)
    assert entries_recount(fix=False) == []


def test_faults_of_ours_never_take_a_verdict_away():
    entry, good = good_entry()
    ours = failing_report(cause=Cause.INFRASTRUCTURE, level=int(Level.REGISTERED))
    for _ in range(3):
        verified(unasked(entry), ours)
        verified(queued(entry), ours)
    assert verdict_run(newest(entry)) == good
    assert (fresh(entry).level, fresh(entry).lost_at) == (5, None)


def test_a_withdrawn_entry_is_not_looked_at_again():
    entry, _ = good_entry()
    claim = claimed(unasked(entry))
    entry_withdraw(entry=entry, actor=entry.owner, reason="Wrong.")
    run_finish(claim=claim, report=failing_report(), files={})
    assert not VerificationRun.objects.filter(trigger=Trigger.CONFIRMATION).exists()


def test_recount_finds_and_mends_the_copies_of_what_is_lost():
    entry, _ = good_entry()
    verified(second_look(verified(unasked(entry), failing_report())), failing_report())
    right = fresh(entry)
    ModelEntry.objects.update(lost_at=None, lost_cause="", good_run=None, verify_at=None)
    found = {difference.column for difference in entries_recount(fix=True)}
    assert found == {"lost_at", "lost_cause", "good_run_id", "verify_at"}
    mended = fresh(entry)
    assert (mended.lost_at, mended.good_run) == (right.lost_at, right.good_run)


def test_an_entry_keeps_copies_of_repeatability_and_claims():
    verified(queued(ready_draft(person())), report())
    entry = ModelEntry.objects.get()
    assert (entry.repeatability, entry.claims, entry.claims_met) == ("bitwise", 0, 0)
    assert badge(entry).repeatability == "bitwise"
