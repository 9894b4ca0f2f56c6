"""What the database itself refuses, whoever asks: services, raw SQL, the admin."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.db import DataError, Error, IntegrityError, connection, transaction
from django.db.models.functions import Now
from registry_helpers import (
    COMMIT,
    DESCRIPTION,
    claimed,
    draft,
    inspection,
    newest,
    person,
    published,
    queued,
    ready_draft,
    verified,
)

from registry.models import (
    ApiToken,
    Artifact,
    Blob,
    Citation,
    LogChunk,
    Membership,
    ModelEntry,
    ModelVersion,
    RunEvent,
    User,
    VerificationRun,
)
from registry.models.triggers import GUARDS
from registry.services.blobs import blob_store
from registry.services.entries import entry_publish
from registry.services.runs import run_event_append, run_log_append
from registry.services.versions import version_inspected
from registry.spec.ladder import Step, StepState

pytestmark = pytest.mark.django_db


def refused(model, pk, **columns):
    """Whether the database refuses to change one row."""
    try:
        with transaction.atomic():
            model.objects.filter(pk=pk).update(**columns)
    except (IntegrityError, DataError):
        return True
    return False


def refused_sql(sql, *params):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            connection.check_constraints()
    except Error:
        return True
    return False


def undone(function, *arguments):
    """What a function returns; what it changed is rolled back."""
    with transaction.atomic():
        result = function(*arguments)
        transaction.set_rollback(True)
    return result


def test_usernames_differ_by_more_than_case():
    person("ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ADA", "other@example.org")


def test_emails_differ_by_more_than_case_but_may_all_be_missing():
    User.objects.create_user("ada", "ada@example.org")
    User.objects.create_user("bob", "")
    User.objects.create_user("cyd", "")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("dan", "ADA@EXAMPLE.ORG")


@pytest.mark.parametrize("orcid", ["x", "0000-0002-1825-009", "0000-0002-1825-0097\n"])
def test_an_orcid_has_its_form(orcid):
    assert refused(User, person().pk, orcid=orcid)


def test_a_token_digest_is_a_digest():
    token = ApiToken(user=person(), name="t", prefix="p", digest="plain text", created_at=Now())
    with pytest.raises(IntegrityError), transaction.atomic():
        token.save()


def test_an_entry_name_is_unique_for_its_owner_whatever_its_case():
    ada = person()
    entry = draft(ada, name="model")
    other = draft(ada, name="other")
    assert refused(ModelEntry, other.pk, name="MODEL")
    assert draft(person("bob"), name="model").pk != entry.pk


def test_an_accession_is_positive():
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelEntry.objects.create(
            accession=-1, owner=person(), name="n", created_at=Now(), updated_at=Now()
        )


@pytest.mark.parametrize(
    "columns",
    [
        {"level": 7},
        {"visibility": "secret"},
        {"visibility": "withdrawn"},
        {"withdrawn_reason": "why"},
        {"outcome": "reproduced"},
        {"outcome": "errored", "verified_at": Now()},
        {"cause": "bad luck"},
    ],
)
def test_an_entry_holds_only_what_makes_sense(columns):
    assert refused(ModelEntry, draft(person()).pk, **columns)


def test_an_entry_has_one_owner_and_a_person_one_role():
    entry = draft(person())
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(entry=entry, user=person("bob"), role="owner")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(entry=entry, user=entry.owner, role="reader")


@pytest.mark.parametrize(
    "columns",
    [
        {"commit": "a" * 39},
        {"commit": "A" * 40},
        {"commit": "g" * 40},
        {"state": "ready"},
        {"state": "ready", "commit": COMMIT},
        {"state": "failed"},
        {"failure": {"cause": "fetch"}},
        {"published_at": Now()},
        {"number": 0},
        {"manifest_digest": "no digest"},
    ],
)
def test_a_pending_version_holds_only_what_makes_sense(columns):
    assert refused(ModelVersion, newest(draft(person())).pk, **columns)


def test_a_commit_with_a_line_end_is_none():
    version = newest(draft(person()))
    sql = "UPDATE registry_modelversion SET commit = %s WHERE id = %s"
    assert refused_sql(sql.replace("commit", '"commit"'), COMMIT[:-1] + "\n", version.pk)


def test_an_entry_has_one_unpublished_version():
    entry = draft(person())
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.create(
            entry=entry, number=2, address="a", created_at=Now(), sent_at=Now()
        )


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "finished"},
        {"outcome": "cancelled"},
        {"finished_at": Now()},
        {"state": "finished", "outcome": "cancelled"},
        {"state": "finished", "outcome": "cancelled", "finished_at": Now(), "level": 1},
        {"state": "finished", "outcome": "reproduced", "finished_at": Now(), "level": 5},
        {"state": "finished", "outcome": "reproduced", "finished_at": Now(), "report": {}},
        {"state": "finished", "outcome": "won", "finished_at": Now()},
        {"state": "running"},
        {"state": "running", "started_at": Now(), "attempt": 1, "lease_expires_at": Now()},
        {"lease_token": "0" * 32},
        {"lease_expires_at": Now()},
        {"state": "paused"},
        {"level": 3},
        {"cause": "bad luck"},
        {"trigger": "whim"},
        {"commit": "main"},
    ],
)
def test_a_queued_run_holds_only_what_makes_sense(columns):
    assert refused(VerificationRun, queued(ready_draft(person())).pk, **columns)


@pytest.mark.parametrize("level", [-1, 7])
def test_the_level_of_a_run_is_on_the_ladder(level):
    run = queued(ready_draft(person()))
    ended = {"state": "finished", "outcome": "reproduced", "finished_at": Now(), "report": {}}
    assert refused(VerificationRun, run.pk, **ended, level=level)
    assert not refused(VerificationRun, run.pk, **ended, level=6)


def test_a_running_run_cannot_lose_only_its_token():
    run = queued(ready_draft(person()))
    claimed(run)
    assert refused(VerificationRun, run.pk, lease_token=None)
    assert refused(VerificationRun, run.pk, state="queued")


def test_a_version_has_one_unfinished_run():
    run = queued(ready_draft(person()))
    columns = VerificationRun.objects.filter(pk=run.pk).values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        VerificationRun.objects.create(**columns | {"id": None})


@pytest.mark.parametrize(
    "column", [field.column for field in ModelVersion._meta.concrete_fields if field.name != "id"]
)
def test_no_column_of_a_published_version_changes(column):
    entry, _ = published(person())
    sql = f'UPDATE registry_modelversion SET "{column}" = "{column}" WHERE entry_id = %s'
    assert refused_sql(sql, entry.pk)


def test_a_published_version_is_never_deleted():
    entry, _ = published(person())
    assert refused_sql("DELETE FROM registry_modelversion WHERE entry_id = %s", entry.pk)


def test_an_unpublished_version_changes_and_goes():
    version = newest(ready_draft(person()))
    assert not refused(ModelVersion, version.pk, label="2")
    Citation.objects.filter(version=version).delete()
    ModelEntry.objects.update(current_version=None)
    assert not refused_sql("DELETE FROM registry_modelversion WHERE id = %s", version.pk)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE registry_citation SET title = 'mine'",
        "DELETE FROM registry_citation",
        """INSERT INTO registry_citation
               (version_id, kind, title, authors, journal, volume, pages, doi, url)
           SELECT version_id, 'article', title, authors, journal, volume, pages, doi, url
           FROM registry_citation""",
    ],
)
def test_the_citation_of_a_published_version_is_frozen(sql):
    silent = replace(DESCRIPTION, article=None)
    entry = draft(person())
    version_inspected(version_id=newest(entry).pk, inspection=inspection(description=silent))
    assert not undone(refused_sql, sql)
    entry_publish(entry=entry, requested_by=entry.owner)
    assert refused_sql(sql)


def test_a_finished_run_never_changes():
    run = verified(queued(ready_draft(person())))
    assert refused(VerificationRun, run.pk, level=6)
    assert refused(VerificationRun, run.pk, outcome="cancelled")


def test_evidence_and_what_is_appended_never_change(tmp_path):
    run = queued(ready_draft(person()))
    claim = claimed(run)
    run_event_append(
        claim=claim,
        step=Step.DECIDE,
        state=StepState.PASSED,
        at=run.queued_at,
        seconds=1,
        message="",
    )
    run_log_append(claim=claim, step=Step.DECIDE, text="log")
    VerificationRun.objects.filter(pk=run.pk).update(
        state="queued", lease_token=None, lease_expires_at=None
    )
    verified(run)
    (tmp_path / "f").write_text("bytes")
    Artifact.objects.create(run=run, name="f", media_type="t", blob=blob_store(path=tmp_path / "f"))
    kept = {
        RunEvent: {"message": "x"},
        LogChunk: {"text": "x"},
        apps.get_model("registry.CheckResult"): {"message": "x"},
        apps.get_model("registry.TestOutcome"): {"state": "failed"},
        apps.get_model("registry.OutputComparison"): {"agrees": False},
        Artifact: {"name": "x"},
        Blob: {"size": 0},
    }
    for model, columns in kept.items():
        row = model.objects.first()
        assert refused(model, row.pk, **columns), model


def test_a_blob_in_use_is_not_deleted(tmp_path):
    (tmp_path / "f").write_text("bytes")
    blob = blob_store(path=tmp_path / "f")
    run = queued(ready_draft(person()))
    Artifact.objects.create(run=run, name="f", media_type="t", blob=blob)
    assert refused_sql("DELETE FROM registry_blob WHERE sha256 = %s", blob.pk)


def test_every_guard_is_in_the_database():
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    assert {guard[0] for guard in GUARDS} <= present
