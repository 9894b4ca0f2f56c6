"""Sharing a model: people, groups, visibility, handing it over, as its people see it."""

import pytest
from django.urls import reverse

from registry.models import EntryAlias, Membership, ModelEntry, Notification, ResearchGroup
from registry.models.entries import Role, Visibility
from registry.services.groups import group_create, group_invite, group_join
from registry.services.sharing import grant_set, member_set, visibility_set
from tests.web import scenery


@pytest.fixture
def model(ada):
    entry, _ = scenery.published(ada)
    return entry


@pytest.fixture
def settings_page(model):
    return reverse("entry_settings", args=[model.pk])


def text_of(response):
    return response.content.decode()


def test_owner_sees_the_settings_tab_and_what_is_on_it(owner, settings_page):
    page = text_of(owner.get(settings_page))
    for heading in ("People", "Groups", "Reviewers’ links", "Who sees it", "Hand it over"):
        assert f">{heading}</h2>" in page
    assert "Take it down" not in page


def test_strangers_and_other_people_do_not_see_that_there_is_a_settings_tab(
    client, other, settings_page
):
    assert other.get(settings_page).status_code == 404
    assert client.get(settings_page).status_code == 302


def test_owner_adds_a_maintainer_who_then_may_edit_but_not_share(owner, other, model, bob):
    added = owner.post(
        reverse("member_add", args=[model.pk]),
        {"person": "BOB", "role": "maintainer"},
        follow=True,
    )
    assert "bob is a maintainer now." in text_of(added)
    page = text_of(other.get(reverse("entry_settings", args=[model.pk])))
    assert "Add somebody" not in page
    assert "Hand it over" not in page
    refused = other.post(
        reverse("member_add", args=[model.pk]), {"person": "bob", "role": "reader"}
    )
    assert refused.status_code == 404
    assert Notification.objects.get(user=bob).sentence.startswith(
        "Ada Lovelace made you maintainer"
    )


def test_a_name_that_is_not_a_user_name_offers_whom_it_may_mean_and_keeps_the_role(owner, model):
    scenery.person("emmy", first_name="Emmy", last_name="Noether")
    address = reverse("member_add", args=[model.pk])
    page = text_of(owner.post(address, {"person": "noether", "role": "maintainer"}))
    assert "Did you mean one of these?" in page
    assert 'name="person" value="emmy"' in page
    assert '<option value="maintainer" selected>' in page
    # What a click on the name sends: the text first, then the button.
    owner.post(address, {"person": ["noether", "emmy"], "role": "maintainer"})
    assert Membership.objects.get(user__username="emmy").role == Role.MAINTAINER


def test_nobody_is_found_by_e_mail_address(owner, model, bob):
    page = text_of(
        owner.post(
            reverse("member_add", args=[model.pk]), {"person": "bob@example.org", "role": "reader"}
        )
    )
    assert "Nobody here is called" in page
    assert not Membership.objects.filter(user=bob).exists()


def test_owner_changes_and_removes_a_role(owner, model, ada, bob):
    member_set(actor=ada, entry=model, user=bob, role=Role.READER)
    address = reverse("member_change", args=[model.pk, "bob"])
    given = owner.post(address, {"role": "maintainer"}, follow=True)
    assert "bob is a maintainer now." in text_of(given)
    assert Membership.objects.get(user=bob).role == Role.MAINTAINER
    taken = owner.post(address, {"remove": "yes"}, follow=True)
    assert "bob has no role any more." in text_of(taken)
    assert not Membership.objects.filter(user=bob).exists()


def test_owner_cannot_be_removed_or_demoted(owner, model, ada):
    address = reverse("member_change", args=[model.pk, "ada"])
    page = text_of(owner.post(address, {"remove": "yes"}, follow=True))
    assert "Hand it over first" in page
    owner.post(address, {"role": "reader"})
    assert Membership.objects.get(user=ada).role == Role.OWNER


def test_reader_of_a_private_model_sees_it_and_may_leave(other, model, ada, bob):
    visibility_set(actor=ada, entry=model, visibility=Visibility.PRIVATE)
    page = reverse("entry_page", args=[model.pk])
    assert other.get(page).status_code == 404
    member_set(actor=ada, entry=model, user=bob, role=Role.READER)
    assert other.get(page).status_code == 200
    leave = reverse("leave", args=[model.pk])
    assert "You are its reader" in text_of(other.get(leave))
    other.post(leave)
    assert other.get(page).status_code == 404


def test_visibility_is_changed_on_the_tab(owner, client, model):
    address = reverse("visibility_change", args=[model.pk])
    owner.post(address, {"visibility": "private"})
    assert client.get(reverse("entry_page", args=[model.pk])).status_code == 404
    owner.post(address, {"visibility": "public"})
    assert client.get(reverse("entry_page", args=[model.pk])).status_code == 200


def test_a_group_gets_a_role_and_only_who_accepted_has_it(owner, other, model, ada, bob):
    visibility_set(actor=ada, entry=model, visibility=Visibility.PRIVATE)
    group = group_create(user=ada, name="lattice", title="Lattice group")
    owner.post(reverse("grant_add", args=[model.pk]), {"group": "lattice", "role": "maintainer"})
    group_invite(actor=ada, group=group, user=bob)
    page = reverse("entry_settings", args=[model.pk])
    assert other.get(page).status_code == 404
    other.post(reverse("group_answer", args=["lattice"]), {"join": "yes"})
    assert other.get(page).status_code == 200
    grant = reverse("grant_change", args=[model.pk, "lattice"])
    given = owner.post(grant, {"role": "reader"}, follow=True)
    assert "Everybody in lattice is a reader now." in text_of(given)
    assert other.get(page).status_code == 404
    assert other.get(reverse("entry_page", args=[model.pk])).status_code == 200
    taken = owner.post(grant, {"remove": "yes"}, follow=True)
    assert "lattice has no role any more." in text_of(taken)
    assert other.get(reverse("entry_page", args=[model.pk])).status_code == 404


def test_a_groups_page_lists_only_the_models_that_the_viewer_may_see(
    owner, client, model, ada, bob
):
    group = group_create(user=ada, name="lattice", title="Lattice group")
    private = scenery.ready(ada, "https://github.com/ada/secret", title="A secret model")
    for entry in (model, private):
        grant_set(actor=ada, entry=entry, group=group, role=Role.READER)
    address = reverse("group_page", args=["lattice"])
    assert "A secret model" in text_of(owner.get(address))
    seen = text_of(client.get(address))
    assert "A secret model" not in seen
    assert model.title in seen


def test_a_group_is_founded_invited_to_managed_and_deleted(owner, other, ada, bob):
    made = owner.post(reverse("group_list"), {"name": "lattice", "title": "Lattice"}, follow=True)
    assert "Your group is there." in text_of(made)
    owner.post(reverse("group_invite", args=["lattice"]), {"person": "bob"})
    assert "You are invited to" in text_of(other.get(reverse("group_list")))
    other.post(reverse("group_answer", args=["lattice"]), {"join": "yes"})
    stuck = owner.post(reverse("group_answer", args=["lattice"]), {"leave": "yes"}, follow=True)
    assert "A group always has a manager." in text_of(stuck)
    owner.post(reverse("group_member", args=["lattice", "bob"]), {"manager": "yes"})
    owner.post(reverse("group_answer", args=["lattice"]), {"leave": "yes"})
    page = text_of(other.get(reverse("group_page", args=["lattice"])))
    assert "Ada Lovelace" not in page
    other.post(reverse("group_delete", args=["lattice"]))
    assert not ResearchGroup.objects.exists()


def test_a_plain_member_manages_nothing(owner, other, ada, bob):
    group = group_create(user=ada, name="lattice", title="")
    group_invite(actor=ada, group=group, user=bob)
    group_join(user=bob, group=group)
    assert "Invite somebody" not in text_of(other.get(reverse("group_page", args=["lattice"])))
    for name, arguments in (("group_invite", ["lattice"]), ("group_delete", ["lattice"])):
        assert other.post(reverse(name, args=arguments), {"person": "ada"}).status_code == 404
    taken = other.post(reverse("group_member", args=["lattice", "ada"]), {"remove": "yes"})
    assert taken.status_code == 404


def test_an_offer_is_accepted_and_the_old_address_still_leads_to_the_model(
    owner, other, client, model, bob
):
    old = f"/ada/{model.name}/"
    owner.post(
        reverse("transfer_begin", args=[model.pk]), {"recipient": "bob", "sender_stays": "on"}
    )
    news = Notification.objects.get(user=bob)
    page = text_of(other.get(news.address))
    assert "Ada Lovelace offers you this model" in page
    done = other.post(news.address, {"name": "phi4-flow", "accept": "yes"}, follow=True)
    assert "It is yours now." in text_of(done)
    assert client.get("/bob/phi4-flow/").url == client.get(old).url
    assert ModelEntry.objects.get(pk=model.pk).owner == bob
    roles = dict(Membership.objects.filter(entry=model).values_list("user__username", "role"))
    assert roles == {"ada": "maintainer", "bob": "owner"}
    assert owner.get(reverse("entry_settings", args=[model.pk])).status_code == 200


def test_a_name_that_the_recipient_has_already_is_chosen_anew(owner, other, model, bob):
    scenery.published(bob)
    owner.post(reverse("transfer_begin", args=[model.pk]), {"recipient": "bob"})
    offer = model.transfers.get()
    address = reverse("transfer", args=[offer.pk])
    page = text_of(other.post(address, {"name": model.name, "accept": "yes"}))
    assert "You already have an entry called" in page
    assert f'value="{model.name}"' in page
    other.post(address, {"name": "another-name", "accept": "yes"})
    moved = ModelEntry.objects.get(pk=model.pk)
    assert (moved.owner, moved.name) == (bob, "another-name")
    assert not Membership.objects.filter(entry=model, user__username="ada").exists()


def test_an_offer_is_declined_or_taken_back_and_nothing_changes(owner, other, client, model, ada):
    begin = reverse("transfer_begin", args=[model.pk])
    owner.post(begin, {"recipient": "bob"})
    first = model.transfers.get()
    other.post(reverse("transfer", args=[first.pk]), {"name": "x", "decline": "yes"})
    assert "does not take over" in Notification.objects.get(user=ada).sentence
    owner.post(begin, {"recipient": "bob"})
    owner.post(reverse("transfer_end", args=[model.pk]))
    second = model.transfers.order_by("-pk").first()
    late = other.post(reverse("transfer", args=[second.pk]), {"name": "x", "accept": "yes"})
    assert "This offer ended on" in text_of(late)
    assert ModelEntry.objects.get(pk=model.pk).owner == ada
    assert not EntryAlias.objects.exists()


def test_an_offer_concerns_two_people_alone(owner, client, model, ada):
    scenery.person("bob")
    eve = scenery.person("eve")
    owner.post(reverse("transfer_begin", args=[model.pk]), {"recipient": "bob"})
    client.force_login(eve)
    assert client.get(reverse("transfer", args=[model.transfers.get().pk])).status_code == 404


def test_the_recipient_of_a_private_model_sees_what_is_offered(owner, other, model, ada, bob):
    visibility_set(actor=ada, entry=model, visibility=Visibility.PRIVATE)
    owner.post(reverse("transfer_begin", args=[model.pk]), {"recipient": "bob"})
    page = other.get(reverse("transfer", args=[model.transfers.get().pk]))
    assert model.title in text_of(page)


def test_the_tab_shows_who_did_what(owner, model, ada, bob):
    member_set(actor=ada, entry=model, user=bob, role=Role.READER)
    for address in ("entry_settings", "entry_log"):
        page = text_of(owner.get(reverse(address, args=[model.pk])))
        assert "member added" in page
        assert "role: reader" in page
