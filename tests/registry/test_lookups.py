"""Questions to servers elsewhere: asked, answered, asked again, forgotten."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from registry_helpers import messages, person

from registry.models import Lookup
from registry.models.outside import LookupKind, LookupState
from registry.selectors.lookups import lookup_get
from registry.services import ServiceError
from registry.services.lookups import (
    ASKED_AN_HOUR,
    lookup_answered,
    lookup_ask,
    lookup_failed,
    lookup_to_answer,
    lookups_remove_old,
    lookups_resend,
)
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from registry.spec.manifest import Article, Person
from runners import tasks
from runners.faults import PlatformFault, RepositoryFault

DOI = "10.1103/PhysRevLett.126.032001"
ARTICLE = Article(title="On pendula", authors=(Person(given="Ada", family="Lovelace"),), doi=DOI)
FAILURE = Failure(cause=Cause.DATA, sentence="Not there.", hint="Look again.")


@pytest.fixture
def ada(db):
    return person()


def asked(user, address=DOI, kind=LookupKind.ARTICLE) -> Lookup:
    return lookup_ask(user=user, kind=kind, address=address)


def test_a_question_is_sent_once_its_row_is_there(ada, django_capture_on_commit_callbacks):
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        lookup = asked(ada, f"https://doi.org/{DOI}")
    assert messages("light") == [[lookup.pk]]
    question = lookup_to_answer(lookup_id=lookup.pk)
    assert question
    assert (question.kind, question.address) == (LookupKind.ARTICLE, DOI)


def test_an_answer_is_kept_and_is_the_askers_alone(ada):
    lookup = asked(ada)
    assert lookup_answered(lookup_id=lookup.pk, result=ARTICLE)
    found = lookup_get(user=ada, lookup_id=lookup.pk)
    assert found
    assert (found.state, found.article_value) == (LookupState.ANSWERED, ARTICLE)
    assert lookup_get(user=person("bob"), lookup_id=lookup.pk) is None
    assert lookup_get(user=AnonymousUser(), lookup_id=lookup.pk) is None


def test_nobody_waits_for_a_second_answer(ada):
    lookup = asked(ada)
    assert lookup_failed(lookup_id=lookup.pk, failure=FAILURE)
    assert not lookup_answered(lookup_id=lookup.pk, result=ARTICLE)
    assert lookup_to_answer(lookup_id=lookup.pk) is None
    lookup.refresh_from_db()
    assert lookup.failure_value == FAILURE


def test_the_same_question_is_not_asked_again_while_its_answer_is_fresh(ada):
    first = asked(ada)
    assert asked(ada).pk == first.pk
    lookup_answered(lookup_id=first.pk, result=ARTICLE)
    assert asked(ada).pk == first.pk
    Lookup.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert asked(ada).pk != first.pk


def test_what_failed_is_asked_again(ada):
    first = asked(ada)
    lookup_failed(lookup_id=first.pk, failure=FAILURE)
    assert asked(ada).pk != first.pk


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        (LookupKind.ARTICLE, "", "address_missing"),
        (LookupKind.ARTICLE, "11.1/x", "address_doi"),
        (LookupKind.REFS, "https://me:word@example.org/x", "address_secret"),
        (LookupKind.MODEL, "https://example.org/" + "x" * 2000, "too_long"),
    ],
)
def test_what_is_no_address_is_refused(ada, kind, address, code):
    with pytest.raises(ServiceError) as refusal:
        asked(ada, address, kind)
    assert refusal.value.code == code
    assert refusal.value.hint
    assert not Lookup.objects.exists()


def test_nobody_asks_without_end(ada):
    for number in range(ASKED_AN_HOUR):
        asked(ada, f"10.1000/{number}")
    with pytest.raises(ServiceError, match="in an hour"):
        asked(ada, "10.1000/once-more")
    assert asked(person("bob"), "10.1000/once-more")


def test_what_was_lost_is_sent_again_and_what_is_old_is_forgotten(
    ada, django_capture_on_commit_callbacks
):
    lookup = asked(ada)
    assert lookups_resend(resend_after_seconds=60) == 0
    Lookup.objects.update(sent_at=timezone.now() - timedelta(seconds=90))
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        assert lookups_resend(resend_after_seconds=60) == 1
    assert messages("light") == [[lookup.pk]]
    assert lookups_remove_old() == 0
    Lookup.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert lookups_remove_old() == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (RepositoryFault(Cause.DATA, "No such DOI.", hint="Look."), "No such DOI."),
        (PlatformFault("no network"), "cannot reach the other server"),
        (RuntimeError("a slip of ours"), "cannot reach the other server"),
    ],
    ids=["theirs", "network", "ours"],
)
def test_every_question_ends_with_an_answer_or_a_reason(ada, monkeypatch, fault, said):
    def fails(_doi, _asking):
        raise fault

    monkeypatch.setattr(tasks.telling, "look_up_article", fails)
    lookup = asked(ada)
    tasks.look_up(lookup.pk)
    lookup.refresh_from_db()
    assert lookup.failure_value
    assert said in lookup.failure_value.sentence


def test_the_task_keeps_what_was_understood(ada, monkeypatch):
    monkeypatch.setattr(tasks.telling, "look_up_article", lambda _doi, _asking: ARTICLE)
    lookup = asked(ada)
    tasks.look_up(lookup.pk)
    lookup.refresh_from_db()
    assert lookup.article_value == ARTICLE
