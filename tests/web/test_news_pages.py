"""News as people read them, choose them, end them; and the button that follows a model."""

import re

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory

from registry.models import Follow, NewsChoice, Notification
from registry.models.entries import Visibility
from registry.models.news import MailChoice, NewsKind
from registry.services.entries import EntryFields, entry_update
from registry.services.mailing import unsubscribe_token
from registry.services.news import news_tell
from tests.web import scenery


def tell(user, cause, *, kind=NewsKind.FALL, address="/rules/", **said):
    news_tell(users=[user], kind=kind, cause=cause, sentence=f"About {cause}.", address=address)
    return Notification.objects.get(cause=cause, user=user)


def text(client, address="/news/"):
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def test_without_news_the_page_says_what_will_come_here(owner):
    page = text(owner)
    assert "Nothing yet" in page
    assert "Mark all as read" not in page


def test_unread_news_stand_first_and_are_counted(owner, ada):
    tell(ada, "one")
    tell(ada, "two")
    owner.get(f"/news/{Notification.objects.get(cause='two').pk}/")
    page = text(owner)
    assert page.index("About one.") < page.index("About two.")
    assert "1 not read yet" in page
    assert "<title>News (1)" in page


def test_a_link_goes_through_and_marks_as_read(owner, ada):
    one = tell(ada, "one", address="/rules/")
    assert owner.get(f"/news/{one.pk}/")["Location"] == "/rules/"
    one.refresh_from_db()
    assert one.read_at


def test_nobody_opens_the_news_of_another(other, ada):
    one = tell(ada, "one")
    assert other.get(f"/news/{one.pk}/").status_code == 404
    other.post("/news/read/", {"only": one.pk})
    one.refresh_from_db()
    assert one.read_at is None


@pytest.mark.parametrize(
    ("said", "left"), [({"only": "first"}, 1), ({}, 0), ({"only": "²"}, 0)], ids=repr
)
def test_marking_takes_one_or_all(owner, ada, said, left):
    first = tell(ada, "one")
    tell(ada, "two")
    owner.post("/news/read/", {"only": first.pk} if said.get("only") == "first" else said)
    assert Notification.objects.filter(read_at=None).count() == left


def test_a_hostile_sentence_stays_text(owner, ada):
    news_tell(
        users=[ada],
        kind=NewsKind.REPORT,
        cause="x",
        sentence="<script>alert(1)</script>",
        detail="<img src=x>",
        address="/",
    )
    page = text(owner)
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_many_news_are_cut_into_pages(owner, ada):
    for number in range(31):
        tell(ada, f"n{number}")
    assert 'href="?page=2" rel="next"' in text(owner)
    assert "About n0." in text(owner, "/news/?page=2")


def drawn(template, user, **said):
    request = RequestFactory().get("/models/1/")
    request.user = user
    return Template(template).render(Context({"request": request, "user": user} | said))


def test_the_count_of_the_header_asks_once_and_nothing_of_strangers(ada, django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser

    tell(ada, "one")
    template = "{% load people %}{% news_count user as n %}{{ n }}"
    with django_assert_num_queries(1):
        assert drawn(template, ada) == "1"
    with django_assert_num_queries(0):
        assert drawn(template, AnonymousUser()) == "0"


# --- Choices ----------------------------------------------------------------------------------


def test_every_kind_has_its_row_with_what_holds_now(owner, ada):
    NewsChoice.objects.create(user=ada, kind="run", on_site=False, mail="at-once")
    page = text(owner, "/settings/notifications/")
    for kind in NewsKind:
        assert kind.label in page
    assert re.search(r'name="fall-site"[^>]*checked', page)
    assert not re.search(r'name="run-site"[^>]*checked', page)
    chosen = re.search(r'name="run-mail".*?</select>', page, re.DOTALL)[0]
    assert 'value="at-once" selected' in chosen


def test_choices_are_kept_as_a_whole(owner, ada):
    typed = {f"{kind}-mail": "never" for kind in NewsKind}
    typed |= {"fall-mail": "daily", "fall-site": "on"}
    assert owner.post("/settings/notifications/", typed).status_code == 302
    kept = {one.kind: (one.on_site, one.mail) for one in NewsChoice.objects.filter(user=ada)}
    assert kept.pop("fall") == (True, MailChoice.DAILY)
    assert set(kept.values()) == {(False, MailChoice.NEVER)}


def test_a_choice_that_does_not_exist_changes_nothing(owner):
    typed = {f"{kind}-mail": "never" for kind in NewsKind} | {"fall-mail": "hourly"}
    assert "errorlist" in owner.post("/settings/notifications/", typed).content.decode()
    assert not NewsChoice.objects.exists()


def test_who_has_no_verified_address_is_told_that_no_mail_comes(owner):
    assert "verify an e-mail address first" in text(owner, "/settings/notifications/")


# --- Unsubscribing ----------------------------------------------------------------------------


def test_a_mail_programs_one_click_ends_a_kind_without_a_sign_in(ada):
    token = unsubscribe_token(user=ada, kind=NewsKind.FALL)
    program = Client(enforce_csrf_checks=True)
    address = f"/news/unsubscribe/{token}/"
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert NewsChoice.objects.get(user=ada).mail == MailChoice.NEVER


def test_looking_at_the_link_changes_nothing_and_offers_the_button(client, ada):
    token = unsubscribe_token(user=ada, kind=None)
    page = text(client, f"/news/unsubscribe/{token}/")
    assert "Stop these mails?" in page
    assert not NewsChoice.objects.exists()
    assert "daily digest" in client.post(f"/news/unsubscribe/{token}/").content.decode()


def test_a_forged_link_is_not_found(client, db):
    assert client.post("/news/unsubscribe/nonsense/").status_code == 404


# --- Following --------------------------------------------------------------------------------

BUTTON = "{% load people %}{% follow_button entry %}"


def test_following_and_unfollowing_by_the_button(other, bob, ada):
    entry, _ = scenery.published(ada)
    other.post(f"/models/{entry.pk}/follow/")
    assert Follow.objects.get().user == bob
    assert "1 follower" in drawn(BUTTON, bob, entry=entry)
    assert "Unfollow" in drawn(BUTTON, bob, entry=entry)
    assert entry.title in text(other)
    other.post(f"/models/{entry.pk}/unfollow/")
    assert "0 followers" in drawn(BUTTON, bob, entry=entry)


def test_a_stranger_is_led_to_the_sign_in_and_back(client, ada):
    from django.contrib.auth.models import AnonymousUser

    entry, _ = scenery.published(ada)
    button = drawn(BUTTON, AnonymousUser(), entry=entry)
    assert 'href="/accounts/login/?next=/models/1/"' in button
    assert client.post(f"/models/{entry.pk}/follow/").status_code == 302
    assert not Follow.objects.exists()


def test_what_one_may_not_see_cannot_be_followed(other, ada):
    entry, _ = scenery.published(ada)
    entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert other.post(f"/models/{entry.pk}/follow/").status_code == 404


def test_following_takes_a_press_of_a_button(other, ada):
    entry, _ = scenery.published(ada)
    assert other.get(f"/models/{entry.pk}/follow/").status_code == 405
