"""A run's way: queued, claimed, fenced, finished; and what brings it back after a crash."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.utils import timezone
from registry_helpers import (
    COMMIT,
    MANIFEST,
    artifact,
    claimed,
    draft,
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

from registry.models import (
    Artifact,
    Blob,
    CheckResult,
    LogChunk,
    ModelEntry,
    OutputComparison,
    RunEvent,
    TestOutcome,
    VerificationRun,
)
from registry.models.runs import Trigger
from registry.selectors.runs import live_run_ids, run_get, run_list, run_logs_after
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.errors import LeaseLost, ServiceError
from registry.services.runs import (
    Reconciled,
    run_cancel,
    run_cancelled,
    run_claim,
    run_event_append,
    run_finish,
    run_heartbeat,
    run_log_append,
    run_queue,
    run_release,
    run_retry,
    runs_reconcile,
)
from registry.services.versions import version_create, version_inspected
from registry.spec.evidence import Report, Source, Tests
from registry.spec.ladder import Cause, Level, Outcome, Step, StepState
from registry.spec.manifest import Manifest

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=1)


def reconcile(*, after: timedelta = timedelta(0), attempts: int = 3) -> Reconciled:
    return runs_reconcile(
        now=timezone.now() + after, resend_after_seconds=600, max_attempts=attempts
    )


def fresh(run: VerificationRun) -> VerificationRun:
    return VerificationRun.objects.get(pk=run.pk)


# --- Queueing and claiming --------------------------------------------------------------------


def test_a_queued_run_is_sent_after_commit_and_not_before(django_capture_on_commit_callbacks):
    messages("verify")
    with django_capture_on_commit_callbacks(execute=True):
        run = queued(ready_draft(person()))
        assert messages("verify") == []
    assert messages("verify") == [[run.pk]]


def test_queueing_twice_gives_the_one_unfinished_run():
    entry = ready_draft(person())
    assert queued(entry) == queued(entry)
    assert VerificationRun.objects.count() == 1


def test_a_version_that_is_not_read_and_an_entry_that_is_withdrawn_are_not_verified():
    entry = draft(person())
    with pytest.raises(ServiceError, match="not read yet"):
        queued(entry)
    version_inspected(version_id=newest(entry).pk, inspection=inspection())
    entry_withdraw(entry=entry, actor=entry.owner, reason="Wrong.")
    with pytest.raises(ServiceError, match="withdrawn"):
        queued(entry)


def test_a_claim_carries_all_that_the_work_needs():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    assert (claim.run_id, claim.attempt, claim.commit, claim.manifest) == (run.pk, 1, COMMIT, None)
    run = fresh(run)
    assert (run.state, run.host, run.cpu_model) == ("running", "node1", "A CPU")
    assert run.lease_token == claim.token
    assert timedelta(0) < run.lease_expires_at - run.started_at <= timedelta(seconds=60)


def test_a_claim_carries_the_manifest_that_a_person_corrected():
    entry = ready_draft(person())
    mine = replace(MANIFEST, run="python mine.py")
    entry_update(entry=entry, fields=EntryFields(manifest=mine))
    claim = claimed(queued(entry))
    assert msgspec.json.decode(claim.manifest, type=Manifest) == mine


def test_a_run_is_claimed_once():
    run = queued(ready_draft(person()))
    claimed(run)
    assert run_claim(run_id=run.pk, host="b", cpu_model="", lease_seconds=60) is None
    assert run_claim(run_id=10**9, host="b", cpu_model="", lease_seconds=60) is None


def test_live_runs_are_those_that_a_worker_holds():
    held = queued(ready_draft(person()))
    claimed(held)
    queued(ready_draft(person("bob")))
    assert live_run_ids() == {str(held.pk)}


# --- Lease and fence --------------------------------------------------------------------------


def test_a_heartbeat_renews_the_lease_until_a_cancel_is_asked_for():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    before = fresh(run).lease_expires_at
    assert run_heartbeat(claim=claim, lease_seconds=3600)
    assert fresh(run).lease_expires_at > before + timedelta(minutes=50)
    run_cancel(run=run)
    assert not run_heartbeat(claim=claim, lease_seconds=60)


def writes_of(claim, seen: Report):
    now = timezone.now()
    return [
        lambda: run_log_append(claim=claim, step=Step.RUN_TESTS, text="x"),
        lambda: run_event_append(
            claim=claim, step=Step.DECIDE, state=StepState.PASSED, at=now, seconds=1, message=""
        ),
        lambda: run_finish(claim=claim, report=seen, files={}),
        lambda: run_release(claim=claim, reason="x", max_attempts=3),
    ]


def test_a_worker_that_lost_its_lease_can_write_nothing():
    run = queued(ready_draft(person()))
    stale = claimed(run, lease_seconds=-1)
    assert reconcile().requeued == 1
    current = claimed(run)
    assert current.attempt == 2
    for write in writes_of(stale, report()):
        with pytest.raises(LeaseLost):
            write()
    assert not run_heartbeat(claim=stale, lease_seconds=60)
    assert not run_cancelled(claim=stale)
    rows = (LogChunk, RunEvent, CheckResult)
    assert [model.objects.count() for model in rows] == [0, 0, 0]
    assert fresh(run).lease_token == current.token
    run_finish(claim=current, report=report(), files={})
    assert fresh(run).outcome == "reproduced"


def test_nothing_is_written_to_a_finished_run():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    run_finish(claim=claim, report=report(), files={})
    for write in writes_of(claim, failing_report()):
        with pytest.raises(LeaseLost):
            write()
    assert fresh(run).outcome == "reproduced"
    assert CheckResult.objects.count() == len(Step)


def test_a_late_worker_whose_run_nobody_took_may_go_on():
    run = queued(ready_draft(person()))
    claim = claimed(run, lease_seconds=-1)
    assert run_heartbeat(claim=claim, lease_seconds=60)
    assert reconcile() == Reconciled()


# --- Log and events ---------------------------------------------------------------------------


def test_log_pieces_are_numbered_and_read_after_an_id():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    for text in ("one\n", "two\0\ud800\n", "three\n"):
        run_log_append(claim=claim, step=Step.BUILD_IMAGE, text=text)
    chunks = list(run_logs_after(run=run))
    assert [(chunk.seq, chunk.text) for chunk in chunks] == [
        (1, "one\n"),
        (2, "two?\n"),
        (3, "three\n"),
    ]
    assert list(run_logs_after(run=run, after_id=chunks[0].pk, limit=1)) == [chunks[1]]


def test_the_log_of_a_second_attempt_starts_anew_and_keeps_the_first():
    run = queued(ready_draft(person()))
    run_log_append(claim=claimed(run, lease_seconds=-1), step=Step.DECIDE, text="first")
    reconcile()
    run_log_append(claim=claimed(run), step=Step.DECIDE, text="second")
    assert [(c.attempt, c.seq) for c in run_logs_after(run=run)] == [(1, 1), (2, 1)]


# --- Finishing --------------------------------------------------------------------------------


def test_a_finished_run_has_its_evidence_its_report_and_its_files(tmp_path, settings):
    (tmp_path / "log.txt").write_text("log")
    (tmp_path / "energy.csv").write_text("1,2,3")
    files = {"log.txt": tmp_path / "log.txt", "run/energy.csv": tmp_path / "energy.csv"}
    run = queued(ready_draft(person()))
    run_finish(claim=claimed(run), report=report(files), files=files)
    run = fresh(run)
    assert (run.state, run.outcome, run.level, run.tests_pass) == (
        "finished",
        "reproduced",
        5,
        True,
    )
    assert msgspec.convert(run.report, Report) == report(files)
    assert [check.step for check in run.checks.all()] == list(Step)
    assert TestOutcome.objects.filter(check_result__step="run_tests").count() == 2
    assert [c.against for c in OutputComparison.objects.all()] == ["expected", "repeat"]
    kept = {a.name: a.blob.sha256 for a in run.artifacts.select_related("blob")}
    assert kept == {name: artifact(name, path).sha256 for name, path in files.items()}


def test_the_state_of_each_step_follows_from_the_report():
    fallen = failing_report(
        tests=None,
        comparisons=tuple(replace(c, agrees=False) for c in report().comparisons),
    )
    run = verified(queued(ready_draft(person())), fallen)
    states = {check.step: check.state for check in run.checks.all()}
    assert states == dict.fromkeys(Step, "passed") | {
        "fetch_inputs": "skipped",
        "run_tests": "skipped",
        "run_inference": "skipped",
        "compare_outputs": "failed",
    }
    assert run.checks.get(step="compare_outputs").cause == "mismatch"


def test_a_walk_that_stopped_early_leaves_the_later_steps_out():
    unfetched = failing_report(
        level=0,
        cause=Cause.FETCH,
        source=Source(address="x"),
        read=None,
        tests=None,
        comparisons=(),
        timings={"fetch_source": 1.0, "decide": 0.1},
    )
    run = verified(queued(ready_draft(person())), unfetched)
    states = [check.state for check in run.checks.all()]
    assert states == ["failed", *["skipped"] * 7, "passed"]


def test_nul_nan_and_infinity_in_a_report_are_stored_as_text_and_null():
    strange = tuple(
        replace(c, max_absolute_error=float("nan"), max_relative_error=float("inf"), where="a\0b")
        for c in report().comparisons
    )
    seen = report(comparisons=strange, explanation="N\0UL", lines=("\ud800",))
    run = verified(queued(ready_draft(person())), seen)
    compared = OutputComparison.objects.first()
    assert (compared.max_absolute_error, compared.max_relative_error) == (None, None)
    assert (compared.where, run.explanation, run.report["lines"]) == ("ab", "NUL", ["?"])


def test_a_file_that_is_not_the_reported_one_ends_nothing(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("log")
    seen = report({"log.txt": path})
    path.write_text("changed meanwhile")
    run = queued(ready_draft(person()))
    claim = claimed(run)
    with pytest.raises(ServiceError, match=r"log\.txt"):
        run_finish(claim=claim, report=seen, files={"log.txt": path})
    assert fresh(run).state == "running"
    assert not Artifact.objects.exists()


def test_evidence_that_cannot_be_written_whole_leaves_no_trace(tmp_path):
    run = queued(ready_draft(person()))
    twice = report().tests.outcomes[0]
    broken = report(tests=replace(report().tests, outcomes=(replace(twice, state="odd"),)))
    claim = claimed(run)
    with pytest.raises(Exception, match="test_state_known"):
        run_finish(claim=claim, report=broken, files={})
    assert fresh(run).state == "running"
    assert not CheckResult.objects.exists()
    run_finish(claim=claim, report=report(), files={})


def test_a_retry_after_the_files_were_stored_stores_them_once(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("log")
    seen = report({"log.txt": path})
    run = queued(ready_draft(person()))
    stale = claimed(run, lease_seconds=-1)
    reconcile()
    with pytest.raises(LeaseLost):
        run_finish(claim=stale, report=seen, files={"log.txt": path})
    run_finish(claim=claimed(run), report=seen, files={"log.txt": path})
    digest = hashlib.sha256(b"log").hexdigest()
    assert Blob.objects.get().sha256 == digest
    assert storages["blobs"].size(f"{digest[:2]}/{digest}") == 3


def test_the_entry_copies_the_verdict_on_its_current_version():
    entry, run = published(person())
    run = verified(run, failing_report(tests_pass=False))
    entry.refresh_from_db()
    copies = (entry.level, entry.outcome, entry.cause, entry.verified_at, entry.tests_pass)
    assert copies == (4, "not_reproduced", "mismatch", run.finished_at, False)


def test_a_verdict_on_another_version_leaves_the_entry_alone():
    entry, run = published(person())
    verified(run)
    version = version_create(entry=entry, address="x", ref="")
    version_inspected(version_id=version.pk, inspection=inspection(address="x"))
    verified(queued(entry), failing_report())
    assert ModelEntry.objects.get().level == 5


def test_faults_of_ours_and_cancels_never_take_a_badge_away():
    entry, run = published(person())
    verified(run)
    release = claimed(queued(entry))
    run_release(claim=release, reason="no disk", max_attempts=1)
    run_cancel(run=queued(entry))
    errored = report(level=0, outcome=Outcome.ERRORED, cause=Cause.INFRASTRUCTURE)
    run_finish(claim=claimed(queued(entry)), report=errored, files={})
    assert VerificationRun.objects.filter(level=None).count() == 3
    entry.refresh_from_db()
    assert (entry.level, entry.outcome) == (Level.REPRODUCED, "reproduced")


# --- Giving back, cancelling, retrying --------------------------------------------------------


def test_a_released_run_waits_in_the_queue_until_its_attempts_are_used_up():
    run = queued(ready_draft(person()))
    for attempt in (1, 2):
        claim = claimed(run)
        assert claim.attempt == attempt
        run_release(claim=claim, reason="the engine is gone", max_attempts=3)
        assert fresh(run).state == "queued"
    run_release(claim=claimed(run), reason="the engine is gone\0", max_attempts=3)
    run = fresh(run)
    assert (run.state, run.outcome, run.cause) == ("finished", "errored", "infrastructure")
    assert "the engine is gone" in run.explanation
    assert run.hint


def test_a_queued_run_is_cancelled_at_once():
    run = run_cancel(run=queued(ready_draft(person())))
    assert (run.state, run.outcome) == ("finished", "cancelled")
    assert run_claim(run_id=run.pk, host="", cpu_model="", lease_seconds=60) is None


def test_a_running_run_is_cancelled_by_its_worker():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    assert not run_cancelled(claim=claim)
    run = run_cancel(run=run)
    assert (run.state, run.cancel_requested_at is None) == ("running", False)
    assert run_cancelled(claim=claim)
    assert fresh(run).outcome == "cancelled"


def test_a_run_released_after_a_cancel_is_cancelled_not_queued():
    run = queued(ready_draft(person()))
    claim = claimed(run)
    run_cancel(run=run)
    run_release(claim=claim, reason="x", max_attempts=3)
    assert fresh(run).outcome == "cancelled"


def test_cancelling_a_finished_run_changes_nothing():
    run = verified(queued(ready_draft(person())))
    assert run_cancel(run=run).outcome == "reproduced"


def test_a_retry_is_a_new_run_of_the_same_version():
    first = verified(queued(ready_draft(person())))
    again = run_retry(run=first, requested_by=None)
    assert (again.version, again.state, again.trigger) == (first.version, "queued", Trigger.PERSON)
    assert again != first
    assert run_retry(run=first, requested_by=None) == again


# --- Reconciling ------------------------------------------------------------------------------


def test_an_expired_lease_brings_the_run_back_and_sends_it(django_capture_on_commit_callbacks):
    run = queued(ready_draft(person()))
    claimed(run, lease_seconds=60)
    assert reconcile() == Reconciled()
    messages("verify")
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile(after=timedelta(seconds=90)) == Reconciled(requeued=1)
    assert messages("verify") == [[run.pk]]
    assert fresh(run).state == "queued"


def test_a_run_whose_workers_keep_dying_is_given_up_as_our_fault():
    run = queued(ready_draft(person()))
    for _ in range(2):
        claimed(run, lease_seconds=-1)
        assert reconcile(attempts=3).requeued == 1
    claimed(run, lease_seconds=-1)
    assert reconcile(attempts=3) == Reconciled(errored=1)
    assert (fresh(run).outcome, fresh(run).cause) == ("errored", "infrastructure")


def test_a_cancelled_run_whose_worker_died_ends_as_cancelled():
    run = queued(ready_draft(person()))
    claimed(run, lease_seconds=-1)
    run_cancel(run=run)
    assert reconcile() == Reconciled(cancelled=1)
    assert fresh(run).outcome == "cancelled"


def test_a_cancel_that_fell_between_two_states_is_carried_out():
    run = queued(ready_draft(person()))
    VerificationRun.objects.filter(pk=run.pk).update(cancel_requested_at=Now())
    assert run_claim(run_id=run.pk, host="", cpu_model="", lease_seconds=60) is None
    assert reconcile() == Reconciled(cancelled=1)


def test_a_lost_message_is_sent_again_once(django_capture_on_commit_callbacks):
    run = queued(ready_draft(person()))
    messages("verify")
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile(after=LATER) == Reconciled(resent=1)
    assert messages("verify") == [[run.pk]]
    assert reconcile() == Reconciled()


def test_reconciling_uses_the_clock_of_the_database_when_none_is_given():
    claimed(queued(ready_draft(person())), lease_seconds=-1)
    assert runs_reconcile(resend_after_seconds=600, max_attempts=3) == Reconciled(requeued=1)


# --- Seeing -----------------------------------------------------------------------------------


def test_runs_of_drafts_are_seen_by_those_who_see_the_draft():
    run = queued(ready_draft(person()))
    assert run_get(user=person("eve"), run_id=run.pk) is None
    assert run_get(user=run.requested_by, run_id=run.pk) == run


def test_the_list_of_runs_is_one_query_whatever_its_length(django_assert_num_queries):
    ada = person()
    for number in range(4):
        published(ada, name=f"m{number}")
    with django_assert_num_queries(1):
        for run in run_list(user=ada):
            assert run.version.entry.owner.username
            assert run.requested_by


def test_a_red_test_suite_is_a_failed_step():
    red = Tests(command=("pytest",), exit_code=1, collected=1, failed=1)
    run = verified(queued(ready_draft(person())), failing_report(tests=red, cause=Cause.TEST))
    assert run.checks.get(step="run_tests").state == "failed"


def test_asking_for_a_run_by_schedule_needs_no_person():
    run = run_queue(
        version=newest(ready_draft(person())), trigger=Trigger.SCHEDULE, requested_by=None
    )
    assert (run.trigger, run.requested_by) == ("schedule", None)
