"""Who people are, what they publish, and what is left of them when they go."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from registry.models import (
    ApiToken,
    AuditEvent,
    Collection,
    Follow,
    GroupMember,
    Membership,
    ModelEntry,
    NewsChoice,
    Notification,
    ResearchGroup,
    User,
)
from registry.models.entries import Role, Visibility
from registry.models.news import MailChoice, NewsKind
from registry.services.entries import EntryFields, entry_update
from registry.services.following import entry_follow
from registry.services.news import news_choose, news_tell
from registry.services.people import user_orcid_confirm
from registry.services.tokens import token_authenticate, token_create
from tests.web import scenery

ORCID = "0000-0002-1825-0097"


def text(client, address):
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


def collection(owner, name, *, public):
    now = timezone.now()
    return Collection.objects.create(
        owner=owner, name=name, title=name, is_public=public, created_at=now, updated_at=now
    )


# --- The page that all see --------------------------------------------------------------------


def test_a_page_shows_name_affiliation_and_public_models_alone(client, ada):
    User.objects.filter(pk=ada.pk).update(affiliation="Ockham Park")
    scenery.published(ada, title="Shown")
    private, _ = scenery.published(ada, "https://github.com/ada/b", title="Not shown")
    entry_update(entry=private, fields=EntryFields(visibility=Visibility.PRIVATE))
    page = text(client, "/people/ADA/")
    assert "Ada Lovelace" in page
    assert "Ockham Park" in page
    assert "1 public model" in page
    assert "Shown" in page
    assert "Not shown" not in page
    assert "ada@example.org" not in page


def test_an_orcid_says_whether_it_was_typed_or_confirmed(client, ada):
    User.objects.filter(pk=ada.pk).update(orcid=ORCID)
    assert "as typed; not confirmed" in text(client, "/people/ada/")
    SocialAccount.objects.create(user=ada, provider="orcid", uid=ORCID)
    page = text(client, "/people/ada/")
    assert "confirmed by orcid.org" in page
    assert f'href="https://orcid.org/{ORCID}"' in page


def test_another_persons_orcid_account_confirms_nothing(client, ada, bob):
    User.objects.filter(pk=ada.pk).update(orcid=ORCID)
    SocialAccount.objects.create(user=bob, provider="orcid", uid=ORCID)
    assert "not confirmed" in text(client, "/people/ada/")


def test_private_collections_are_shown_to_their_owner_alone(client, owner, ada):
    collection(ada, "open-one", public=True)
    collection(ada, "secret-one", public=False)
    page = text(client, "/people/ada/")
    assert "open-one" in page
    assert "secret-one" not in page
    assert "secret-one" in text(owner, "/people/ada/")


def test_a_group_is_shown_once_the_invitation_is_accepted(client, ada):
    now = timezone.now()
    group = ResearchGroup.objects.create(name="lattice", title="Lattice people", created_at=now)
    member = GroupMember.objects.create(group=group, user=ada, invited_at=now)
    assert "Lattice people" not in text(client, "/people/ada/")
    member.accepted_at = now
    member.save()
    assert "Lattice people" in text(client, "/people/ada/")


@pytest.mark.parametrize("name", ["nobody", "%00", "a b"], ids=["unknown", "nul", "no name"])
def test_whoever_is_not_here_is_not_found(client, db, name):
    assert client.get(f"/people/{name}/").status_code == 404


def test_more_models_than_fit_go_on_to_a_second_page(client, ada):
    for number in range(21):
        entry = scenery.pending(ada, f"https://github.com/ada/m{number}")
        ModelEntry.objects.filter(pk=entry.pk).update(visibility=Visibility.PUBLIC)
    assert 'href="?page=2" rel="next"' in text(client, "/people/ada/")
    assert 'rel="prev"' in text(client, "/people/ada/?page=2")
    assert client.get("/people/ada/?page=nonsense").status_code == 200


# --- One's own --------------------------------------------------------------------------------


def test_a_confirmed_orcid_is_not_typed_over(owner, ada):
    SocialAccount.objects.create(user=ada, provider="orcid", uid=ORCID)
    user_orcid_confirm(user=ada, orcid=ORCID)
    page = text(owner, "/settings/profile/")
    assert "Confirmed by orcid.org" in page
    owner.post("/settings/profile/", {"first_name": "A", "orcid": "0000-0001-5109-3700"})
    ada.refresh_from_db()
    assert (ada.first_name, ada.orcid) == ("A", ORCID)


@pytest.mark.parametrize(
    "address", ["/settings/profile/", "/settings/tokens/", "/settings/notifications/"]
)
def test_settings_share_one_navigation_that_says_where_one_is(owner, address):
    page = text(owner, address)
    assert f'href="{address}" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1
    for other in ("/accounts/email/", "/accounts/2fa/", "/accounts/3rdparty/", "/groups/"):
        assert f'href="{other}"' in page


@pytest.mark.parametrize(
    "address",
    ["/settings/profile/", "/settings/tokens/", "/settings/notifications/", "/news/"],
)
def test_strangers_are_asked_to_sign_in(client, db, address):
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


# --- Going ------------------------------------------------------------------------------------


@pytest.fixture
def leaving(owner):
    owner.post("/accounts/reauthenticate/", {"password": scenery.PASSWORD})
    return owner


def test_closing_takes_the_typed_name(leaving, ada):
    page = leaving.post("/settings/close/", {"username": "bob"}).content.decode()
    assert "This is not your user name" in page
    ada.refresh_from_db()
    assert ada.is_active


def test_before_closing_one_reads_what_stays(leaving, ada):
    scenery.published(ada, title="Phi to the fourth")
    page = text(leaving, "/settings/close/")
    assert "1 published model will have nobody to look after it" in page
    assert "Phi to the fourth" in page


def test_after_closing_nothing_lets_anybody_in_as_this_person(leaving, ada):
    _, secret = token_create(user=ada, name="x", scopes=[], expires_at=None)
    SocialAccount.objects.create(user=ada, provider="github", uid="1")
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={"secret": "x"})
    elsewhere = Client()
    elsewhere.force_login(ada)
    leaving.post("/settings/close/", {"username": "ada"})
    assert token_authenticate(secret) is None
    assert elsewhere.get("/settings/profile/").status_code == 302
    reply = Client().post("/accounts/login/", {"login": "ada", "password": scenery.PASSWORD})
    assert "errorlist" in reply.content.decode()
    assert not SocialAccount.objects.exists()
    assert not Authenticator.objects.exists()
    assert ApiToken.objects.get().revoked_at


def test_after_closing_the_name_and_the_models_stay(leaving, client, ada):
    entry, _ = scenery.published(ada, title="Phi to the fourth")
    leaving.post("/settings/close/", {"username": "ada"})
    page = text(client, "/people/ada/")
    assert "This account is closed" in page
    assert "Phi to the fourth" in page
    assert "Lovelace" not in page.partition("<h2")[0]
    assert client.get(f"/models/{entry.pk}/").status_code == 200
    again = {"username": "Ada", "email": "x@example.org"}
    passwords = dict.fromkeys(["password1", "password2"], scenery.PASSWORD)
    assert "already" in client.post("/accounts/signup/", again | passwords).content.decode()


def test_closing_removes_what_is_the_persons_alone_and_is_recorded(leaving, ada, bob):
    entry, _ = scenery.published(bob, "https://github.com/bob/a")
    own, _ = scenery.published(ada)
    entry_follow(user=ada, entry=entry)
    Membership.objects.create(entry=entry, user=ada, role=Role.MAINTAINER)
    news_tell(users=[ada], kind=NewsKind.FALL, cause="x", sentence="x", address="/")
    news_choose(user=ada, chosen={NewsKind.FALL: (True, MailChoice.NEVER)})
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    leaving.post("/settings/close/", {"username": "ada"})
    for model in (Follow, Notification, NewsChoice, EmailAddress):
        assert not model.objects.exists(), model
    assert list(Membership.objects.filter(user=ada).values_list("entry", "role")) == [
        (own.pk, Role.OWNER)
    ]
    ada.refresh_from_db()
    assert (ada.email, ada.first_name, ada.username) == ("", "", "ada")
    said = AuditEvent.objects.get(action="account.closed")
    assert (said.actor, said.detail) == ("ada", {"published_models": 1})
