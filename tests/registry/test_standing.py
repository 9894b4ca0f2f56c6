"""What a badge and a progress bar may say, and copies held against their evidence."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone
from registry_helpers import (
    ADDRESS,
    claimed,
    draft,
    failing_report,
    inspection,
    newest,
    person,
    published,
    queued,
    ready_draft,
    repaired_report,
    report,
    verified,
)

from registry.models import ModelEntry, SearchDocument, VerificationRun
from registry.selectors.runs import badge_state, run_progress, run_steps
from registry.services.entries import entry_withdraw
from registry.services.runs import run_cancel, run_event_append, run_finish, run_release
from registry.services.versions import version_create, version_inspected
from registry.spec.ladder import Cause, Level, Outcome, Repair, Step, StepState

pytestmark = pytest.mark.django_db


def badge(entry, version=None, *, after=timedelta(0)):
    entry = ModelEntry.objects.get(pk=entry.pk)
    return badge_state(entry, version, now=timezone.now() + after, stale_after_days=180)


def test_a_draft_says_draft_even_when_it_was_verified():
    entry = ready_draft(person())
    assert badge(entry).state == "draft"
    verified(queued(entry))
    assert badge(entry).state == "draft"


def test_a_badge_follows_the_first_run_from_queued_to_verified():
    entry, run = published(person())
    assert (badge(entry).state, badge(entry).level) == ("queued", Level.REGISTERED)
    claim = claimed(run)
    assert badge(entry).state == "running"
    run_finish(claim=claim, report=report(), files={})
    seen = badge(entry)
    assert (seen.state, seen.label, seen.level) == ("verified", "reproduced", Level.REPRODUCED)
    assert (seen.outcome, seen.cause, seen.tests_pass) == (Outcome.REPRODUCED, None, True)
    assert seen.date is not None


def test_a_run_under_way_does_not_hide_the_verdict():
    entry, run = published(person())
    verified(run)
    queued(entry)
    assert badge(entry).state == "verified"


def test_a_mismatch_and_red_tests_are_failing_but_declaring_little_is_not():
    entry, run = published(person())
    verified(run, failing_report())
    assert (badge(entry).state, badge(entry).cause) == ("failing", Cause.MISMATCH)
    verified(queued(entry), report(tests_pass=False))
    assert badge(entry).state == "failing"
    verified(queued(entry), failing_report(cause=None, level=3))
    assert (badge(entry).state, badge(entry).label) == ("verified", "runs")


def test_a_verdict_grows_stale():
    entry, run = published(person())
    verified(run)
    assert not badge(entry, after=timedelta(days=179)).stale
    old = badge(entry, after=timedelta(days=181))
    assert (old.state, old.stale, old.level) == ("stale", True, Level.REPRODUCED)


def test_faults_of_ours_say_unknown_at_first_and_never_take_a_verdict_away():
    entry, run = published(person())
    run_release(claim=claimed(run), reason="x", max_attempts=1)
    assert badge(entry).state == "unknown"
    verified(queued(entry))
    run_release(claim=claimed(queued(entry)), reason="x", max_attempts=1)
    run_cancel(run=queued(entry))
    assert badge(entry).state == "verified"


def test_each_version_has_a_badge_of_its_own():
    entry, run = published(person())
    verified(run)
    first = newest(entry)
    version = version_create(entry=entry, address=ADDRESS, ref="")
    version_inspected(version_id=version.pk, inspection=inspection())
    verified(queued(entry), failing_report())
    assert badge(entry, first).state == "verified"
    assert badge(entry, newest(entry)).state == "draft"


def test_a_withdrawn_entry_says_so():
    entry, run = published(person())
    verified(run)
    entry_withdraw(entry=entry, actor=entry.owner, reason="Wrong.")
    assert badge(entry).state == "withdrawn"
    assert badge(draft(person("bob"))).state == "draft"


def step(claim, which, state, *, at=None, seconds=None):
    run_event_append(
        claim=claim, step=which, state=state, at=at or timezone.now(), seconds=seconds, message=""
    )


def progress(run, *, after=0.0):
    run = VerificationRun.objects.get(pk=run.pk)
    return run_progress(run=run, now=timezone.now() + timedelta(seconds=after))


def test_progress_counts_usual_weights_while_nothing_is_known():
    run = queued(ready_draft(person()))
    assert progress(run).fraction == 0
    claim = claimed(run)
    seen = [progress(run).fraction]
    for which in Step:
        for state in (StepState.RUNNING, StepState.PASSED):
            step(claim, which, state)
            now = progress(run)
            seen.append(now.fraction)
            assert not now.foreseen
            assert now.seconds_left is None
            assert now.step == (which if state is StepState.RUNNING else None)
    assert seen == sorted(seen)
    assert seen[-1] < 1
    run_finish(claim=claim, report=report(), files={})
    assert progress(run).fraction == 1


def test_progress_rests_on_the_times_of_the_last_run_of_the_entry():
    entry = ready_draft(person())
    seconds = dict.fromkeys(map(str, Step), 0.0) | {"build_image": 30.0, "run_tests": 70.0}
    verified(queued(entry), report(timings=seconds))
    run = queued(entry)
    claim = claimed(run)
    step(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    step(claim, Step.BUILD_IMAGE, StepState.PASSED)
    step(claim, Step.RUN_TESTS, StepState.RUNNING)
    half = progress(run, after=35)
    assert half.foreseen
    # The image was there again at once: what it took last time is no part of this run's time.
    assert half.fraction == pytest.approx(0.5, abs=0.02)
    assert half.seconds_left == pytest.approx(35, abs=2)
    late = progress(run, after=10_000)
    assert 0.9 < late.fraction < 1
    assert late.seconds_left > 0


def test_progress_of_a_second_attempt_starts_anew():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    step(claim, Step.BUILD_IMAGE, StepState.PASSED)
    run_release(claim=claim, reason="x", max_attempts=3)
    claimed(run)
    assert progress(run).fraction == 0


def test_progress_of_another_environment_begins_at_the_image_again():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    for which in (Step.FETCH_SOURCE, Step.BUILD_IMAGE, Step.RUN_TESTS):
        step(claim, which, StepState.RUNNING)
        step(claim, which, StepState.PASSED)
    first = progress(run)
    step(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    second = progress(run)
    assert (first.round, second.round) == (0, 2)
    assert second.step is Step.BUILD_IMAGE
    assert 0 < second.fraction < first.fraction


def test_what_comes_after_a_step_that_starts_again_is_to_be_done_again():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    for which in (Step.PLAN_ENVIRONMENT, Step.BUILD_IMAGE, Step.RUN_TESTS, Step.BUILD_IMAGE):
        step(claim, which, StepState.RUNNING)
        step(claim, which, StepState.FAILED)
    steps = run_steps(run=VerificationRun.objects.get(pk=run.pk))
    assert {which: (now.state, now.starts) for which, now in steps.items() if now.starts} == {
        Step.PLAN_ENVIRONMENT: (StepState.FAILED, 1),
        Step.BUILD_IMAGE: (StepState.FAILED, 2),
        Step.RUN_TESTS: (StepState.PENDING, 1),
    }


def test_time_spent_in_earlier_attempts_counts_as_far_as_it_was_foreseen():
    entry = ready_draft(person())
    seconds = dict.fromkeys(map(str, Step), 0.0) | {"build_image": 90.0, "run_tests": 10.0}
    verified(queued(entry), report(timings=seconds))
    run = queued(entry)
    claim = claimed(run)
    step(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    step(claim, Step.BUILD_IMAGE, StepState.FAILED, seconds=30.0)
    step(claim, Step.BUILD_IMAGE, StepState.RUNNING)
    now = progress(run, after=15)
    assert now.seconds_left == pytest.approx(55, abs=2)


def test_an_entry_keeps_a_copy_of_how_its_environment_was_repaired():
    entry, run = published(person())
    verified(run, repaired_report())
    entry = ModelEntry.objects.get(pk=entry.pk)
    assert entry.repaired
    assert entry.repairs == ["dated", "imports"]
    assert badge(entry).repairs == (Repair.DATED, Repair.IMPORTS)
    verified(queued(entry))
    entry = ModelEntry.objects.get(pk=entry.pk)
    assert (entry.repaired, entry.repairs) == (False, [])


def recount(*arguments):
    out = StringIO()
    call_command("recount", *arguments, stdout=out)
    return out.getvalue()


def test_recount_agrees_with_the_services():
    entry, run = published(person())
    verified(run, failing_report())
    verified(queued(entry))
    verified(queued(ready_draft(person("bob"))))
    assert "Every copy is right." in recount()


def test_recount_reports_and_mends_what_differs():
    entry, run = published(person())
    verified(run)
    ModelEntry.objects.update(level=2, tests_pass=None)
    SearchDocument.objects.update(head="wrong")
    with pytest.raises(CommandError, match="3 copies differ"):
        recount()
    said = recount("--fix")
    assert f"entry {entry.pk}: level is 2, should be 5" in said
    assert "Every copy is right." in recount()


def test_recount_writes_a_missing_search_document():
    ready_draft(person())
    SearchDocument.objects.all().delete()
    recount("--fix")
    assert "pendulum" in SearchDocument.objects.get().head


def test_the_admin_looks_but_changes_no_evidence(admin_client):
    entry, run = published(person())
    verified(run)
    for page in ("modelentry", "modelversion", "verificationrun", "apitoken", "blob", "artifact"):
        assert admin_client.get(f"/admin/registry/{page}/").status_code == 200
        assert admin_client.get(f"/admin/registry/{page}/add/").status_code == 403
    assert admin_client.get(f"/admin/registry/verificationrun/{run.pk}/change/").status_code == 200
    denied = admin_client.post(f"/admin/registry/modelentry/{entry.pk}/change/", {"title": "x"})
    assert denied.status_code == 403


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ({"state": "running", "lease_expires_at__lt": timezone.now()}, "run_leased"),
        ({"state": "queued", "sent_at__lt": timezone.now()}, "run_waiting"),
    ],
    ids=["leased", "waiting"],
)
def test_reconciling_reads_its_small_partial_indexes(condition, index):
    if connection.vendor == "postgresql":
        _only_this_index(index)
    assert index in VerificationRun.objects.filter(**condition).explain()


def _only_this_index(index: str) -> None:
    """Which of several small indexes PostgreSQL takes hangs on statistics of a table of no rows.

    So the others are away, until the transaction of the test is taken back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("DROP INDEX run_one_unfinished")
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname = %s", [index])
        assert cursor.fetchone()


def test_copies_are_those_of_the_last_verdict_by_time_of_its_end():
    entry, run = published(person())
    verified(run, failing_report())
    verified(queued(entry), replace(report(), explanation="Later."))
    assert ModelEntry.objects.get().level == 5
    assert VerificationRun.objects.filter(finished_at__gte=F("queued_at")).count() == 2
