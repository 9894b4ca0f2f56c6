"""News: each once a cause, to whoever wants it; what is read, chosen and followed."""

from datetime import UTC, datetime

import pytest
import registry_helpers
from django.db import connection
from django.test.utils import CaptureQueriesContext
from registry_helpers import person, published

from registry.models import Follow, Notification
from registry.models.entries import Visibility
from registry.models.news import MailChoice, NewsKind
from registry.selectors.news import (
    followers_count,
    followers_of,
    follows,
    follows_of,
    news_of,
    news_unread_count,
)
from registry.services import news
from registry.services.entries import EntryFields, entry_publish, entry_update
from registry.services.following import entry_follow, entry_unfollow
from registry.services.news import news_choose, news_read, news_stop_mail, news_tell
from registry.services.versions import version_create, version_inspected

pytestmark = pytest.mark.django_db


def tell(*users, kind=NewsKind.VERSION, cause="version-1-published", **said):
    whole = {"sentence": "A pendulum has a new version: 2.", "address": "/models/1/"} | said
    news_tell(users=users, kind=kind, cause=cause, **whole)


def test_the_same_cause_is_told_once():
    ada = person()
    tell(ada)
    tell(ada, sentence="Again.")
    assert [one.sentence for one in news_of(ada)] == ["A pendulum has a new version: 2."]


def test_a_closed_account_is_told_nothing():
    ada = person(is_active=False)
    tell(ada)
    assert not Notification.objects.exists()


def test_who_wants_neither_site_nor_mail_gets_nothing():
    ada = person()
    news_choose(user=ada, chosen={NewsKind.VERSION: (False, MailChoice.NEVER)})
    tell(ada)
    assert not Notification.objects.exists()


def test_news_by_mail_alone_are_not_shown_and_not_counted():
    ada = person()
    news_choose(user=ada, chosen={NewsKind.VERSION: (False, MailChoice.DAILY)})
    tell(ada)
    assert Notification.objects.get().mail == MailChoice.DAILY
    assert (list(news_of(ada)), news_unread_count(ada)) == ([], 0)


def test_unread_news_come_first_then_the_newest():
    ada = person()
    for number in range(4):
        tell(ada, cause=f"c{number}", sentence=str(number))
    for sentence in "31":
        news_read(user=ada, only=Notification.objects.get(sentence=sentence).pk)
    assert [one.sentence for one in news_of(ada)] == ["2", "0", "3", "1"]
    assert news_unread_count(ada) == 2


def test_counting_takes_one_query():
    ada = person()
    tell(ada)
    with CaptureQueriesContext(connection) as asked:
        assert news_unread_count(ada) == 1
    assert len(asked) == 1


def test_reading_anothers_news_changes_nothing():
    ada, bob = person(), person("bob")
    tell(ada)
    assert news_read(user=bob, only=Notification.objects.get().pk) == 0
    assert news_unread_count(ada) == 1


def test_what_was_read_on_the_site_is_not_in_the_daily_mail():
    ada = person()
    tell(ada)
    news_read(user=ada)
    assert Notification.objects.get().mail == MailChoice.NEVER


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-03-01T04:59:00", "2026-03-01T05:00:00"),
        ("2026-03-01T05:00:00", "2026-03-02T05:00:00"),
        ("2026-12-31T23:59:00", "2027-01-01T05:00:00"),
    ],
)
def test_daily_mail_is_due_in_the_next_morning(now, then, monkeypatch):
    moment, due = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (now, then))
    monkeypatch.setattr(news.timezone, "now", lambda: moment)
    tell(person())
    assert Notification.objects.get().mail_at == due


def test_choosing_no_mail_holds_for_mail_that_waits():
    ada = person()
    tell(ada)
    tell(ada, kind=NewsKind.FALL, cause="fall")
    news_choose(user=ada, chosen={NewsKind.VERSION: (True, MailChoice.NEVER)})
    assert set(Notification.objects.values_list("kind", "mail")) == {
        ("version", "never"),
        ("fall", "at-once"),
    }


def test_stopping_one_kind_leaves_the_others_and_the_site():
    ada = person()
    news_stop_mail(user=ada, kind=NewsKind.FALL)
    tell(ada, kind=NewsKind.FALL, cause="fall")
    tell(ada, kind=NewsKind.REPORT, cause="report")
    assert set(Notification.objects.values_list("kind", "mail", "on_site")) == {
        ("fall", "never", True),
        ("report", "at-once", True),
    }


def test_stopping_the_digest_leaves_mail_at_once():
    ada = person()
    news_choose(user=ada, chosen={NewsKind.SHARING: (True, MailChoice.DAILY)})
    news_stop_mail(user=ada, kind=None)
    for kind in (NewsKind.VERSION, NewsKind.SEARCH, NewsKind.SHARING, NewsKind.FALL):
        tell(ada, kind=kind, cause=kind.value)
    assert set(Notification.objects.values_list("kind", "mail")) == {
        ("version", "never"),
        ("search", "never"),
        ("sharing", "never"),
        ("fall", "at-once"),
    }


# --- Following --------------------------------------------------------------------------------


def test_following_twice_counts_once_and_ends_at_once():
    entry, _ = published(person())
    bob = person("bob")
    entry_follow(user=bob, entry=entry)
    entry_follow(user=bob, entry=entry)
    assert (follows(user=bob, entry=entry), followers_count(entry)) == (True, 1)
    entry_unfollow(user=bob, entry=entry)
    entry_unfollow(user=bob, entry=entry)
    assert (follows(user=bob, entry=entry), followers_count(entry)) == (False, 0)


def test_who_may_no_longer_see_a_model_hears_nothing_of_it():
    entry, _ = published(person())
    bob = person("bob")
    entry_follow(user=bob, entry=entry)
    assert followers_of(entry) == [bob]
    entry = entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert followers_of(entry) == []
    assert list(follows_of(bob)) == []
    assert Follow.objects.count() == 1


def test_followers_hear_of_a_new_version_and_its_publisher_does_not():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    entry_follow(user=ada, entry=entry)
    entry_follow(user=bob, entry=entry)
    version = version_create(entry=entry, address=registry_helpers.ADDRESS, ref="v2")
    read = registry_helpers.inspection(ref="v2")
    assert version_inspected(version_id=version.pk, inspection=read)
    entry_publish(entry=entry, requested_by=ada)
    told = Notification.objects.get()
    assert (told.user, told.kind, told.entry) == (bob, NewsKind.VERSION, entry)
    assert told.sentence == "A pendulum has a new version: 2 (1.0)."
    assert told.address == f"/models/{entry.pk}/"
