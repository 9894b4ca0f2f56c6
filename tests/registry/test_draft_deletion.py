"""A draft that was never published can be removed, with all that belongs to it and nothing else."""

import pytest
from django.apps import apps
from django.utils import timezone
from registry_helpers import (
    claimed,
    person,
    published,
    queued,
    ready_draft,
    report,
    verified,
)

from registry.models import AuditEvent, Blob, InputFile, ModelEntry, RunEvent
from registry.services.drafts import entry_draft_delete
from registry.services.errors import ServiceError
from registry.services.inputs import input_file_store
from registry.services.runs import run_event_append, run_finish, run_log_append
from registry.services.typed_forms import typed_form_save
from registry.services.uploads import SentArchive
from registry.spec.ladder import Step, StepState

pytestmark = pytest.mark.django_db


def rows():
    """How many rows each table of the registry has, but for those that outlive a draft."""
    kept = {"user", "auditevent", "blob", "vocabulary", "term"}
    models = apps.get_app_config("registry").get_models()
    counts = {model._meta.model_name: model.objects.count() for model in models}
    return {name: count for name, count in counts.items() if count and name not in kept}


def tried(entry, folder):
    """A draft whose dry run left everything that a run can leave."""
    claim = claimed(queued(entry))
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="2 passed\n")
    run_event_append(
        claim=claim, step=Step.RUN_TESTS, state=StepState.RUNNING, at=timezone.now(),
        seconds=None, message="",
    )  # fmt: skip
    output = folder / "energy.csv"
    output.write_text("1\n")
    files = {"energy.csv": output}
    run_finish(claim=claim, report=report(files), files=files)


def test_everything_of_a_draft_goes_and_only_that(tmp_path):
    ada = person()
    other = ready_draft(ada, name="other")
    tried(other, tmp_path)
    before = rows()
    entry = ready_draft(ada, name="mine")
    tried(entry, tmp_path)
    (tmp_path / "input").write_text("x")
    sent = SentArchive(path=tmp_path / "input", name="input", sent_by=ada)
    input_file_store(entry=entry, file=sent)
    typed_form_save(entry=entry, user=ada, data={"title": "x"}, revision=0)
    entry_draft_delete(entry=entry, actor=ada)
    assert rows() == before
    assert not InputFile.objects.exists()
    assert Blob.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.actor) == ("draft.deleted", "ada/mine", "ada")
    assert event.accession == entry.pk


def test_the_number_of_a_deleted_draft_is_not_given_again():
    ada = person()
    entry = ready_draft(ada)
    number = entry.pk
    entry_draft_delete(entry=entry, actor=ada)
    assert ready_draft(ada).pk > number


def test_what_was_published_is_never_deleted():
    ada = person()
    entry, run = published(ada)
    verified(run)
    with pytest.raises(ServiceError) as refused:
        entry_draft_delete(entry=entry, actor=ada)
    assert refused.value.code == "published"
    assert ModelEntry.objects.get().visibility == "public"


def test_a_queued_run_goes_with_its_draft():
    ada = person()
    entry = ready_draft(ada)
    queued(entry)
    entry_draft_delete(entry=entry, actor=ada)
    assert not ModelEntry.objects.exists()


def test_a_run_that_a_worker_holds_is_stopped_first():
    ada = person()
    entry = ready_draft(ada)
    claim = claimed(queued(entry))
    with pytest.raises(ServiceError) as refused:
        entry_draft_delete(entry=entry, actor=ada)
    assert refused.value.code == "draft_being_verified"
    assert ModelEntry.objects.get().versions.get().runs.get().cancel_requested_at
    assert claim.run_id
    assert not RunEvent.objects.exists()
