"""Images that wait to be pushed: asked for with the verdict, in a repository of their own."""

from datetime import timedelta

import pytest
from registry_helpers import (
    claimed,
    failing_report,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)

from registry import dispatch
from registry.models import ModelEntry, PushedImage
from registry.models.pulling import ImageState
from registry.services.entries import EntryFields, entry_publish, entry_update, entry_withdraw
from registry.services.images import (
    LACKED_MOST,
    image_lacked,
    image_push_failed,
    image_pushed,
    image_to_push,
    images_resend,
    images_to_remove,
)
from registry.services.runs import run_finish
from registry.spec.evidence import Environment, Policy
from registry.spec.ladder import Outcome
from registry.spec.policy import POLICY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_registry(settings):
    settings.REGISTRY = "images.example.org"


@pytest.fixture
def sent(monkeypatch):
    """The messages that went out, in place of a broker."""
    messages = []
    monkeypatch.setattr(dispatch, "_send", lambda name, args: messages.append((name, *args)) or 1)
    return messages


@pytest.fixture
def ada():
    return person("ada")


def in_image(number):
    return report(environment=Environment(image_digest=f"sha256:{number}"))


def model(owner, **arguments):
    entry, run = published(owner, **arguments)
    return entry, verified(run)


def row_of(run):
    return PushedImage.objects.get(pk=run.pk)


def pushed(run):
    wanted = image_to_push(run_id=run.pk)
    assert wanted is not None
    # The same image has the same manifest.
    image_pushed(wanted=wanted, digest=f"{wanted.image}0", size=7)
    return row_of(run)


def test_a_verdict_asks_for_its_image_with_it(ada):
    entry, run = model(ada)
    wanted = image_to_push(run_id=run.pk)
    assert (wanted.image, wanted.tag) == ("sha256:1", "v1")
    assert wanted.repository == f"ada/{entry.name}"
    assert row_of(run).state == ImageState.PENDING


def test_a_model_that_does_not_reproduce_has_an_image_too(ada):
    _, run = published(ada)
    assert row_of(verified(run, failing_report())).state == ImageState.PENDING


@pytest.mark.parametrize(
    "seen",
    [report(environment=Environment()), report(outcome=Outcome.ERRORED, level=None)],
    ids=["nothing built", "no verdict"],
)
def test_nothing_is_asked_for_without_image_or_verdict(ada, seen):
    _, run = published(ada)
    run_finish(claim=claimed(run), report=seen, files={})
    assert not PushedImage.objects.exists()


def test_nothing_is_asked_for_of_a_draft_nor_without_a_registry(ada, settings):
    draft = ready_draft(ada, name="draft")
    verified(queued(draft))
    settings.REGISTRY = ""
    model(ada)
    assert not PushedImage.objects.exists()


def test_a_draft_that_is_published_sends_for_the_image_of_its_verdict(
    ada, sent, django_capture_on_commit_callbacks
):
    draft = ready_draft(ada)
    # by the rules in force, or it would not carry over
    run = verified(queued(draft), report(policy=Policy(version="x", digest=POLICY.digest)))
    with django_capture_on_commit_callbacks(execute=True):
        entry_publish(entry=draft, requested_by=ada)
    assert ("runners.push_image", run.pk) in sent


def test_the_tag_follows_the_verdict_in_force(ada):
    entry, first = model(ada)
    pushed(first)
    second = verified(queued(entry), in_image(2))
    assert row_of(first).tag == "v1"  # until the other is there
    assert pushed(second).tag == "v1"
    assert row_of(first).tag == ""
    assert [one.run_id for one in images_to_remove(keep_days=0)] == [first.pk]
    assert images_to_remove(keep_days=1) == []


def test_a_fall_that_is_doubted_pushes_nothing(ada):
    entry, first = model(ada)
    pushed(first)
    fallen = queued(entry)
    fallen.trigger = "schedule"
    fallen.save()
    verified(fallen, failing_report())
    assert list(PushedImage.objects.values_list("pk", flat=True)) == [first.pk]


def test_what_was_overtaken_while_it_waited_is_not_pushed(ada):
    entry, first = model(ada)
    second = verified(queued(entry), in_image(2))
    assert image_to_push(run_id=first.pk) is None
    assert row_of(first).state == ImageState.REMOVED
    assert image_to_push(run_id=second.pk).image == "sha256:2"


def test_a_push_that_was_overtaken_has_the_tag_moved_again(ada):
    entry, first = model(ada)
    late = image_to_push(run_id=first.pk)
    second = verified(queued(entry), in_image(2))
    pushed(second)
    image_pushed(wanted=late, digest=f"{late.image}0", size=7)
    assert row_of(first).tag == "v1"
    assert pushed(second).tag == "v1"
    assert row_of(first).tag == ""


def test_one_that_cannot_have_the_tag_again_is_still_there_to_be_removed(ada):
    entry, first = model(ada)
    late = image_to_push(run_id=first.pk)
    second = verified(queued(entry), in_image(2))
    pushed(second)
    image_pushed(wanted=late, digest=f"{late.image}0", size=7)
    for _ in range(LACKED_MOST):
        assert row_of(second).state == ImageState.PENDING
        image_lacked(run_id=second.pk)
    assert (row_of(second).state, row_of(second).tag) == (ImageState.READY, "")


def test_a_digest_that_two_runs_share_stays_with_the_later(ada):
    entry, first = model(ada)
    pushed(first)
    pushed(verified(queued(entry), in_image(1)))
    assert images_to_remove(keep_days=0) == []


def test_a_renamed_model_keeps_its_repository_and_nobody_else_gets_it(ada):
    entry, run = model(ada, name="pendulum")
    entry_update(entry=entry, fields=EntryFields(name="swing"))
    again = verified(queued(ModelEntry.objects.get(pk=entry.pk)), in_image(2))
    assert row_of(again).repository == row_of(run).repository == "ada/pendulum"
    other, others_run = model(ada, name="Pendulum")
    assert row_of(others_run).repository == f"ada/pendulum/{other.pk}"


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        ("Wave_2d", "ada/wave_2d"),
        ("_wave", "ada/wave/{}"),
        ("a._b", "ada/a-b/{}"),
        ("_", "ada/model/{}"),
    ],
)
def test_a_name_that_no_registry_takes_is_fitted_and_numbered(ada, name, fitted):
    entry, run = model(ada, name=name)
    assert row_of(run).repository == fitted.format(entry.pk)


def test_images_of_withdrawn_models_are_removed_or_never_pushed(ada):
    entry, run = model(ada)
    pushed(run)
    other, waiting = model(ada, name="other")
    for one in (entry, other):
        entry_withdraw(entry=one, reason="Wrong.", actor=ada)
    assert [one.run_id for one in images_to_remove(keep_days=1)] == [run.pk]
    assert image_to_push(run_id=waiting.pk) is None
    assert row_of(waiting).state == ImageState.REMOVED


def test_what_waits_is_sent_again_and_after_a_fault_not_at_once(
    ada, sent, django_capture_on_commit_callbacks
):
    _, run = model(ada)
    row = PushedImage.objects.filter(pk=run.pk)
    assert images_resend(resend_after_seconds=120) == 0
    row.update(sent_at=row.get().sent_at - timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        assert images_resend(resend_after_seconds=120) == 1
    assert sent[-1:] == [("runners.push_image", run.pk)]
    image_push_failed(run_id=run.pk, reason="The registry is down.")
    row.update(sent_at=row.get().sent_at - timedelta(minutes=5))
    assert images_resend(resend_after_seconds=120) == 0
    assert row.get().state == ImageState.PENDING


def test_an_image_that_no_engine_has_fails_in_the_end_and_a_new_run_brings_another(ada):
    entry, run = model(ada)
    for _ in range(LACKED_MOST):
        assert row_of(run).state == ImageState.PENDING
        image_lacked(run_id=run.pk)
    assert (row_of(run).state, row_of(run).failure[:9]) == (ImageState.FAILED, "No worker")
    assert image_to_push(run_id=verified(queued(entry), in_image(2)).pk).image == "sha256:2"
