"""Many at once, on the real database: one winner, nothing lost, nobody waits for ever.

On SQLite the threads are writers that wait for one lock; on PostgreSQL they truly run together.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.utils import timezone
from registry_helpers import (
    ADDRESS,
    claimed,
    draft,
    failing_report,
    newest,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)

from registry.models import Blob, CheckResult, LogChunk, ModelEntry, ModelVersion, VerificationRun
from registry.models.runs import Trigger
from registry.services import blobs
from registry.services.blobs import blob_open, blob_store, blobs_collect
from registry.services.entries import EntryFields, entry_publish, entry_update
from registry.services.errors import LeaseLost, ServiceError
from registry.services.recount import entries_recount
from registry.services.runs import (
    run_cancel,
    run_cancelled,
    run_claim,
    run_finish,
    run_log_append,
    run_queue,
    run_release,
    runs_reconcile,
)
from registry.services.versions import version_create
from registry.spec.ladder import Step

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 6


def together(*functions: Callable[[], object]) -> list[object]:
    """What each function returned or raised when all were started at the same moment."""
    results: list[object] = [None] * len(functions)
    gate = threading.Barrier(len(functions))

    def work(index: int) -> None:
        gate.wait()
        try:
            results[index] = functions[index]()
        except Exception as error:  # noqa: BLE001 — handed to the test, which judges it
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def errors_in(results: list[object], *expected: type[Exception]) -> list[object]:
    return [r for r in results if isinstance(r, Exception) and not isinstance(r, expected)]


def test_of_many_workers_one_gets_the_run():
    run = queued(ready_draft(person()))
    claims = together(
        *[
            lambda: run_claim(run_id=run.pk, host="h", cpu_model="c", lease_seconds=60)
            for _ in range(WRITERS)
        ]
    )
    assert errors_in(claims) == []
    assert sum(claim is not None for claim in claims) == 1
    assert VerificationRun.objects.get().attempt == 1


def test_of_many_requests_for_a_run_one_run_comes():
    entry = ready_draft(person())
    version = newest(entry)
    runs = together(
        *[
            lambda: run_queue(version=version, trigger=Trigger.PERSON, requested_by=None)
            for _ in range(WRITERS)
        ]
    )
    assert errors_in(runs) == []
    assert {run.pk for run in runs} == {VerificationRun.objects.get().pk}


def test_of_many_publications_one_succeeds():
    entry = ready_draft(person())
    outcomes = together(
        *[lambda: entry_publish(entry=entry, requested_by=entry.owner) for _ in range(WRITERS)]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert sum(isinstance(outcome, VerificationRun) for outcome in outcomes) == 1
    assert VerificationRun.objects.count() == 1


def test_of_many_new_versions_one_comes():
    entry, run = published(person())
    verified(run)
    outcomes = together(
        *[lambda: version_create(entry=entry, address=ADDRESS, ref="") for _ in range(WRITERS)]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert sorted(entry.versions.values_list("number", flat=True)) == [1, 2]


def test_drafts_of_one_address_at_one_moment_get_different_names():
    ada = person()
    drafts = together(*[lambda: draft(ada) for _ in range(WRITERS)])
    assert errors_in(drafts) == []
    assert ModelEntry.objects.count() == WRITERS
    assert ModelVersion.objects.count() == WRITERS


def test_a_cancel_and_a_claim_at_one_moment_leave_no_run_that_nobody_ends():
    for _ in range(5):
        run = queued(ready_draft(person(f"p{ModelEntry.objects.count()}")))
        _, claim = together(
            lambda run=run: run_cancel(run=run),
            lambda run=run: run_claim(run_id=run.pk, host="", cpu_model="", lease_seconds=60),
        )
        if claim is not None:
            assert run_cancelled(claim=claim)
        assert VerificationRun.objects.get(pk=run.pk).outcome == "cancelled"


def test_finishing_and_reconciling_at_one_moment_give_exactly_one_result():
    for turn in range(5):
        run = queued(ready_draft(person(f"p{turn}")))
        claim = claimed(run, lease_seconds=-1)
        finished, moved = together(
            lambda claim=claim: run_finish(claim=claim, report=report(), files={}),
            lambda: runs_reconcile(resend_after_seconds=600, max_attempts=3),
        )
        lost = isinstance(finished, LeaseLost)
        assert errors_in([finished, moved], LeaseLost) == []
        assert moved.requeued == int(lost)
        run.refresh_from_db()
        assert (run.state, CheckResult.objects.filter(run=run).exists()) == (
            ("queued", False) if lost else ("finished", True)
        )


def test_an_expired_lease_is_taken_back_once_by_many_reconcilers():
    claimed(queued(ready_draft(person())), lease_seconds=-1)
    moved = together(
        *[lambda: runs_reconcile(resend_after_seconds=600, max_attempts=3) for _ in range(WRITERS)]
    )
    assert errors_in(moved) == []
    assert sum(each.requeued for each in moved) == 1


def test_six_writers_of_logs_lose_nothing():
    claims = [claimed(queued(ready_draft(person(f"p{number}")))) for number in range(WRITERS)]

    def write(claim):
        for number in range(20):
            run_log_append(claim=claim, step=Step.RUN_TESTS, text=str(number))

    assert errors_in(together(*[lambda claim=claim: write(claim) for claim in claims])) == []
    for claim in claims:
        texts = LogChunk.objects.filter(run_id=claim.run_id).order_by("seq")
        assert list(texts.values_list("text", flat=True)) == [str(n) for n in range(20)]


def test_two_threads_of_one_worker_number_their_log_without_collision():
    claim = claimed(queued(ready_draft(person())))
    results = together(
        *[
            lambda: run_log_append(claim=claim, step=Step.RUN_TESTS, text="x")
            for _ in range(WRITERS)
        ]
    )
    assert errors_in(results) == []
    assert sorted(LogChunk.objects.values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_verdict_publication_and_edit_at_one_moment_leave_copies_that_agree():
    """Entry before run, in every service: no two can wait for each other."""
    for turn in range(4):
        ada = person(f"p{turn}")
        entry = ready_draft(ada)
        run = queued(entry)
        claim = claimed(run)
        results = together(
            lambda claim=claim: run_finish(claim=claim, report=failing_report(), files={}),
            lambda entry=entry, ada=ada: entry_publish(entry=entry, requested_by=ada),
            lambda entry=entry: entry_update(entry=entry, fields=EntryFields(title="Other")),
            lambda run=run: run_cancel(run=run),
        )
        assert errors_in(results) == []
        assert ModelEntry.objects.get(pk=entry.pk).level == 4
    assert entries_recount(fix=False) == []


def test_a_release_and_a_reconcile_at_one_moment_requeue_once():
    claim = claimed(queued(ready_draft(person())), lease_seconds=-1)
    released, moved = together(
        lambda: run_release(claim=claim, reason="x", max_attempts=3),
        lambda: runs_reconcile(resend_after_seconds=600, max_attempts=3),
    )
    assert isinstance(released, LeaseLost) == bool(moved.requeued)
    assert VerificationRun.objects.get().state == "queued"


def test_the_same_file_stored_by_many_is_stored_once(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 3_000_000)
    blobs = together(*[lambda: blob_store(path=tmp_path / "f") for _ in range(WRITERS)])
    assert errors_in(blobs) == []
    assert len({blob.pk for blob in blobs}) == 1


def test_bytes_stored_while_old_ones_are_cleared_away_are_there_in_the_end(tmp_path):
    """Whoever was told that a file is kept finds it, however the two fell together."""
    path = tmp_path / "f"
    for turn in range(4):
        path.write_bytes(b"%d" % turn)
        blob = blob_store(path=path)
        past = timezone.now() - timedelta(days=2)
        Blob.objects.filter(pk=blob.pk).update(created_at=past)
        stored, *_ = results = together(lambda: blob_store(path=path), blobs_collect, blobs_collect)
        assert errors_in(results) == []
        assert Blob.objects.get(pk=stored.pk).size == len(path.read_bytes())
        with blob_open(blob.pk) as file:
            assert file.read() == path.read_bytes()


@pytest.mark.parametrize("moment", ["before", "during"])
def test_bytes_stored_as_old_ones_lose_their_row_or_are_removed_stay(tmp_path, monkeypatch, moment):
    path = tmp_path / "f"
    path.write_bytes(b"x")
    blob = blob_store(path=path)
    past = timezone.now() - timedelta(days=2)
    Blob.objects.filter(pk=blob.pk).update(created_at=past)
    remove, delete, storing = blobs._remove_bytes, FileSystemStorage.delete, []

    def store() -> None:
        blob_store(path=path)
        connection.close()

    def stored_before(sha256):
        blob_store(path=path)
        remove(sha256)

    def stored_meanwhile(storage, name):
        storing.append(threading.Thread(target=store))
        storing[0].start()
        storing[0].join(timeout=0.5)
        delete(storage, name)

    if moment == "before":
        monkeypatch.setattr(blobs, "_remove_bytes", stored_before)
    else:
        monkeypatch.setattr(FileSystemStorage, "delete", stored_meanwhile)
    assert blobs_collect() == 1
    for thread in storing:
        thread.join(timeout=60)
    with blob_open(blob.pk) as file:
        assert file.read() == b"x"
