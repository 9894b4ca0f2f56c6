"""Who is told how a verification ended, in which words, and that nobody is told twice."""

from django.utils import timezone

from registry.models import Follow, ModelEntry, Notification
from registry.models.entries import Visibility
from registry.models.news import NewsKind
from registry.models.runs import Trigger
from registry.services.runs import run_cancel, run_finish, run_queue, run_release
from tests.registry.registry_helpers import (
    claimed,
    failing_report,
    newest,
    person,
    published,
    report,
    verified,
)


def told(user):
    return list(
        Notification.objects.filter(user=user).order_by("pk").values_list("kind", "sentence")
    )


def follow(user, entry):
    Follow.objects.create(user=user, entry=entry, created_at=timezone.now())


def again(entry, trigger=Trigger.SCHEDULE, who=None):
    return run_queue(version=newest(entry), trigger=trigger, requested_by=who)


def test_whoever_asked_for_a_run_is_told_how_it_ended(db):
    ada = person()
    entry, run = published(ada)
    verified(run)
    ((kind, sentence),) = told(ada)
    assert kind == NewsKind.RUN
    assert sentence == f"Your verification {run.pk} of {entry.title} has ended: reproduced."
    assert Notification.objects.get().address == f"/runs/{run.pk}/"


def test_a_run_that_nobody_asked_for_and_that_saw_the_same_is_no_news(db):
    ada, bob = person(), person("bob")
    entry, run = published(ada)
    verified(run)
    Notification.objects.all().delete()
    follow(bob, entry)
    verified(again(entry))
    assert not Notification.objects.exists()


def test_followers_are_told_of_a_new_verdict(db):
    ada, bob = person(), person("bob")
    entry, run = published(ada)
    follow(bob, entry)
    verified(run)
    assert told(bob) == [(NewsKind.VERSION, f"{entry.title} has a new verdict: reproduced.")]


def test_followers_of_what_is_private_are_told_nothing(db):
    ada, bob = person(), person("bob")
    entry, run = published(ada)
    follow(bob, entry)
    ModelEntry.objects.filter(pk=entry.pk).update(visibility=Visibility.PRIVATE)
    verified(run)
    assert told(bob) == []


def test_a_fall_is_told_to_its_owner_once_it_is_sure_and_to_nobody_twice(db):
    ada = person()
    entry, run = published(ada)
    verified(run)
    follow(ada, entry)
    Notification.objects.all().delete()
    verified(again(entry), failing_report())
    assert told(ada) == []
    second = entry.versions.get().runs.exclude(state="finished").get()
    verified(second, failing_report())
    ((kind, sentence),) = told(ada)
    assert kind == NewsKind.FALL
    assert sentence.startswith(f"{entry.title} no longer does what it did")


def test_a_fault_of_ours_is_told_as_ours(db):
    ada = person()
    _, run = published(ada)
    run_release(claim=claimed(run), reason="gone", max_attempts=1)
    ((_, sentence),) = told(ada)
    assert "could not be carried out; that says nothing of the model" in sentence


def test_a_cancelled_run_is_no_news_to_who_cancelled_it(db):
    ada = person()
    _, run = published(ada)
    run_cancel(run=run)
    assert told(ada) == []


def test_a_run_that_ends_asks_the_database_little_for_its_news(db, django_assert_max_num_queries):
    ada = person()
    entry, run = published(ada)
    for number in range(20):
        follow(person(f"follower{number}"), entry)
    claim = claimed(run)
    with django_assert_max_num_queries(80):
        run_finish(claim=claim, report=report(), files={})
    assert Notification.objects.count() == 21
