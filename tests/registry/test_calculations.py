"""Calculations: who may ask for one and how often, one worker each, and what is left of them."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from registry_helpers import failing_report, messages, person, published, queued, report, verified

from registry.models import Calculation, CalculationFile, InputFile, ModelEntry, VerificationRun
from registry.selectors.calculations import (
    calculation_get,
    calculations_left,
    calculations_of,
    entry_calculates,
)
from registry.services.blobs import blob_open, blob_store
from registry.services.calculation_offers import entry_calculations_set
from registry.services.calculations import (
    CalculationClaim,
    calculation_ask,
    calculation_cancel,
    calculation_cancelled,
    calculation_claim,
    calculation_finish,
    calculation_heartbeat,
    calculation_log_append,
    calculation_release,
    calculation_remove,
    calculations_reconcile,
)
from registry.services.entries import entry_withdraw
from registry.services.errors import LeaseLost, ServiceError
from registry.services.people import account_close
from registry.spec.calculations import Calculated
from registry.spec.evidence import Environment
from registry.spec.ladder import Level
from registry.spec.manifest import Input, Manifest, Output, ReadManifest

pytestmark = pytest.mark.django_db(transaction=True)

MANIFEST = Manifest(
    run="python run.py",
    inputs=(
        Input(path="in.json"),
        Input(path="data.csv", sha256=hashlib.sha256(b"1,2").hexdigest()),
    ),
    outputs=(Output(path="out.json"),),
)
GIVEN = {"in.json": b'{"x": 1}'}
RECONCILE = {"resend_after_seconds": 600, "max_attempts": 3}


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.CALCULATIONS_A_DAY = 4
    settings.CALCULATIONS_WAITING = 4


@pytest.fixture
def ada():
    return person("ada")


@pytest.fixture
def bob():
    return person("bob")


@pytest.fixture
def entry(ada) -> ModelEntry:
    """A model that was seen to run, and that its owner lets people run."""
    entry = seen(ada, report(read=ReadManifest(manifest=MANIFEST)))
    entry_calculations_set(actor=ada, entry=entry, wanted=True)
    messages("verify")
    return entry


def seen(owner, what, **arguments) -> ModelEntry:
    entry, run = published(owner, **arguments)
    verified(run, what)
    return ModelEntry.objects.get(pk=entry.pk)


def asked(entry, user) -> Calculation:
    return calculation_ask(entry=entry, user=user, files=GIVEN)


def claimed(calculation, *, lease_seconds: float = 60) -> CalculationClaim:
    claim = calculation_claim(calculation_id=calculation.pk, lease_seconds=lease_seconds)
    assert claim is not None
    return claim


def fresh(calculation) -> Calculation:
    return Calculation.objects.get(pk=calculation.pk)


def ended(calculation) -> tuple[str, str]:
    row = fresh(calculation)
    return row.state, row.outcome


def done(tmp_path, content: bytes = b"{}") -> Calculated:
    path = tmp_path / "out"
    path.write_bytes(content)
    return Calculated(outcome="done", command=("sh",), seconds=1.5, files={"out.json": path})


def refusal(call, *arguments, **named) -> str:
    with pytest.raises(ServiceError) as refused:
        call(*arguments, **named)
    return refused.value.code


# --- What is offered --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (report(level=2, level_name="builds"), "calculations_unverified"),
        (report(environment=Environment()), "calculations_unverified"),
        (report(), "calculations_undeclared"),
    ],
    ids=["does-not-run", "no-image", "no-inputs"],
)
def test_only_what_was_seen_to_run_and_declares_its_inputs_is_opened(ada, what, code):
    entry = seen(ada, what)
    assert refusal(entry_calculations_set, actor=ada, entry=entry, wanted=True) == code
    assert not entry_calculates(entry=entry)


def test_a_portal_that_allows_none_opens_and_runs_nothing(ada, bob, entry, settings):
    settings.CALCULATIONS_A_DAY = 0
    assert refusal(asked, entry, bob) == "calculations_closed"
    entry_calculations_set(actor=ada, entry=entry, wanted=False)
    assert (
        refusal(entry_calculations_set, actor=ada, entry=entry, wanted=True) == "calculations_off"
    )


def test_a_model_whose_verdict_falls_is_run_no_more(ada, bob, entry):
    fallen = failing_report(read=ReadManifest(manifest=MANIFEST), level=int(Level.BUILDS))
    verified(queued(entry), fallen)
    assert refusal(asked, entry, bob) == "calculations_unverified"


def test_closing_it_or_withdrawing_it_ends_what_waits_at_its_turn(ada, bob, entry):
    first, second = asked(entry, bob), asked(entry, bob)
    entry_calculations_set(actor=ada, entry=entry, wanted=False)
    assert refusal(asked, entry, bob) == "calculations_closed"
    assert calculation_claim(calculation_id=first.pk, lease_seconds=60) is None
    assert ended(first) == ("finished", "cancelled")
    entry_calculations_set(actor=ada, entry=entry, wanted=True)
    entry_withdraw(entry=entry, reason="gone", actor=ada)
    assert calculation_claim(calculation_id=second.pk, lease_seconds=60) is None
    assert not calculations_of(user=bob).exists()


# --- Asking -----------------------------------------------------------------------------------


def test_a_calculation_is_sent_and_holds_what_it_was_given(bob, entry):
    calculation = asked(entry, bob)
    assert messages("verify") == [[calculation.pk]]
    file = calculation.files.get()
    assert (file.path, file.is_output) == ("in.json", False)
    with blob_open(file.blob_id) as content:
        assert content.read() == GIVEN["in.json"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "input_missing"),
        ({"../in.json": b"1"}, "input_unknown"),
        ({"/etc/passwd": b"1"}, "input_unknown"),
        ({"run.py": b"1"}, "input_unknown"),
        ({"in.json\0": b"1"}, "input_unknown"),
        ({"in.json": b"1" * 600_000, "data.csv": b"1" * 600_000}, "input_too_large"),
    ],
    ids=["nothing", "parent", "absolute", "code", "nul", "large"],
)
def test_only_declared_inputs_of_a_bounded_size_are_taken(bob, entry, settings, files, code):
    settings.CALCULATION_INPUT_MB = 1
    assert refusal(calculation_ask, entry=entry, user=bob, files=files) == code
    assert not Calculation.objects.exists()


def test_neither_cancelling_nor_removing_gives_an_allowance_back(bob, entry):
    for turn in range(4):
        calculation = asked(entry, bob)
        (calculation_cancel if turn % 2 else calculation_remove)(calculation=calculation)
    assert calculations_left(user=bob) == 0
    calculations_reconcile(**RECONCILE)
    assert refusal(asked, entry, bob) == "calculations_used_up"
    Calculation.objects.filter(asked_by=bob).update(queued_at=timezone.now() - timedelta(hours=25))
    assert calculations_left(user=bob) == 4


def test_so_many_may_wait_at_once(bob, entry, settings):
    settings.CALCULATIONS_WAITING = 1
    first = asked(entry, bob)
    assert refusal(asked, entry, bob) == "calculations_waiting"
    calculation_cancel(calculation=first)
    asked(entry, bob)


def together(functions) -> list[object]:
    results: list[object] = []
    gate = threading.Barrier(len(functions))

    def work(function) -> None:
        gate.wait()
        try:
            results.append(function())
        except ServiceError as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_six_requests_at_one_moment_take_no_more_than_the_allowance(bob, entry, settings):
    settings.CALCULATIONS_A_DAY = 2
    results = together([lambda: asked(entry, bob)] * 6)
    assert results.count("calculations_used_up") == 4
    assert Calculation.objects.count() == 2


# --- Carrying out -----------------------------------------------------------------------------


def test_of_many_workers_one_gets_it_and_knows_all_that_is_needed(bob, entry, tmp_path):
    (tmp_path / "data").write_bytes(b"1,2")
    uploaded = blob_store(path=tmp_path / "data")
    InputFile.objects.create(
        entry=entry, name="d", blob=uploaded, sent_by=entry.owner, created_at=timezone.now()
    )
    calculation = asked(entry, bob)
    claims = together(
        [lambda: calculation_claim(calculation_id=calculation.pk, lease_seconds=60)] * 4
    )
    (claim,) = [claim for claim in claims if claim]
    assert (claim.attempt, claim.image, claim.manifest) == (1, "sha256:1", MANIFEST)
    assert claim.inputs == {"in.json": calculation.files.get().blob_id, "data.csv": uploaded.pk}


def test_verifications_go_first(bob, entry):
    calculation = asked(entry, bob)
    run = queued(entry)
    assert calculation_claim(calculation_id=calculation.pk, lease_seconds=60) is None
    messages("verify")
    calculations_reconcile(resend_after_seconds=-1, max_attempts=3)
    assert messages("verify") == []
    verified(run, report(read=ReadManifest(manifest=MANIFEST)))
    claimed(calculation)


def test_a_result_is_kept_for_the_days_of_the_site_and_touches_no_run(bob, entry, tmp_path):
    run = VerificationRun.objects.get()
    before = VerificationRun.objects.values().get(), ModelEntry.objects.values().get()
    calculation = asked(entry, bob)
    claim = claimed(calculation)
    calculation_log_append(claim=claim, text="a\0b")
    calculation_log_append(claim=claim, text="c\n")
    calculation_finish(claim=claim, calculated=done(tmp_path))
    row = fresh(calculation)
    assert (row.outcome, row.log, row.seconds, row.run) == ("done", "abc\n", 1.5, run)
    assert (row.removed_after - row.finished_at).days in {6, 7}
    assert row.files.filter(is_output=True).get().path == "out.json"
    assert (VerificationRun.objects.values().get(), ModelEntry.objects.values().get()) == before
    assert not run.artifacts.exists()


def test_a_lost_worker_writes_nothing_and_another_takes_over(bob, entry, tmp_path):
    calculation = asked(entry, bob)
    stale = claimed(calculation, lease_seconds=-1)
    calculation_log_append(claim=stale, text="half")
    calculations_reconcile(**RECONCILE)
    claim = claimed(calculation)
    assert (claim.attempt, fresh(calculation).log) == (2, "")
    assert not calculation_heartbeat(claim=stale, lease_seconds=60)
    for write in (
        lambda: calculation_finish(claim=stale, calculated=done(tmp_path)),
        lambda: calculation_log_append(claim=stale, text="late"),
    ):
        with pytest.raises(LeaseLost):
            write()
    calculation_cancelled(claim=stale)
    assert calculation_heartbeat(claim=claim, lease_seconds=60)
    calculation_finish(claim=claim, calculated=done(tmp_path))
    assert ended(calculation) == ("finished", "done")


def test_after_its_last_attempt_it_ends_as_a_fault_of_ours(bob, entry):
    calculation = asked(entry, bob)
    for _ in range(2):
        calculation_release(claim=claimed(calculation), reason="no engine.", max_attempts=3)
    claimed(calculation, lease_seconds=-1)
    calculations_reconcile(**RECONCILE)
    assert ended(calculation) == ("finished", "errored")
    assert "fault of the portal" in fresh(calculation).hint


def test_a_cancel_ends_it_queued_running_finishing_or_lost(bob, entry, tmp_path):
    waiting, running, finishing, lost = (asked(entry, bob) for _ in range(4))
    claims = [claimed(each) for each in (running, finishing)]
    claimed(lost, lease_seconds=-1)
    for each in (waiting, running, finishing, lost):
        calculation_cancel(calculation=each)
    assert ended(waiting) == ("finished", "cancelled")
    assert not calculation_heartbeat(claim=claims[0], lease_seconds=60)
    calculation_cancelled(claim=claims[0])
    calculation_finish(claim=claims[1], calculated=done(tmp_path))
    calculations_reconcile(**RECONCILE)
    assert {ended(each) for each in (running, finishing, lost)} == {("finished", "cancelled")}
    assert not CalculationFile.objects.filter(is_output=True).exists()


def test_a_lost_message_is_sent_again(bob, entry):
    calculation = asked(entry, bob)
    messages("verify")
    calculations_reconcile(resend_after_seconds=-1, max_attempts=3)
    assert messages("verify") == [[calculation.pk]]


# --- Afterwards -------------------------------------------------------------------------------


def test_after_its_days_nothing_of_it_is_left(bob, entry, tmp_path):
    calculation = asked(entry, bob)
    claim = claimed(calculation)
    calculation_finish(claim=claim, calculated=done(tmp_path))
    calculations_reconcile(now=timezone.now() + timedelta(days=6), **RECONCILE)
    assert CalculationFile.objects.count() == 2
    calculations_reconcile(now=timezone.now() + timedelta(days=8), **RECONCILE)
    assert (Calculation.objects.count(), CalculationFile.objects.count()) == (0, 0)


def test_what_is_removed_is_seen_by_nobody_and_loses_files_and_log_at_once(bob, entry, tmp_path):
    finished, running = asked(entry, bob), asked(entry, bob)
    claim = claimed(finished)
    calculation_log_append(claim=claim, text="log")
    calculation_finish(claim=claim, calculated=done(tmp_path))
    late = claimed(running)
    for each in (finished, running):
        calculation_remove(calculation=each)
        assert calculation_get(user=bob, calculation_id=each.pk) is None
    calculation_finish(claim=late, calculated=done(tmp_path))
    calculations_reconcile(**RECONCILE)
    assert not calculations_of(user=bob).exists()
    assert not CalculationFile.objects.exists()
    assert fresh(finished).log == ""


def test_one_sees_ones_own_and_staff_sees_all(ada, bob, entry):
    calculation = asked(entry, bob)
    curator = person("curator", is_staff=True)
    allowed = [user.username for user in (ada, bob, curator)
               if calculation_get(user=user, calculation_id=calculation.pk)]  # fmt: skip
    assert allowed == ["bob", "curator"]
    entry.visibility = "private"
    entry.save()
    assert calculation_get(user=bob, calculation_id=calculation.pk) is None


def test_a_closed_account_leaves_no_calculation(bob, entry):
    asked(entry, bob)
    account_close(user=bob)
    assert not Calculation.objects.exists()
