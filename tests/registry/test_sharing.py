"""Sharing: what must hold of roles, groups, transfers, links and collections, whoever asks at once.

The databases decide the races, so all of this runs on SQLite and on PostgreSQL.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from registry_helpers import person, published, ready_draft
from test_races import errors_in, together

from registry.models import (
    AuditEvent,
    Collection,
    EntryAlias,
    GroupMember,
    Membership,
    ModelEntry,
    Notification,
    ReviewerLink,
    Transfer,
)
from registry.models.entries import Role, Visibility
from registry.selectors.collections import collection_items, collections_listed
from registry.selectors.entries import (
    entries_visible_to,
    entry_get,
    entry_may_edit,
    entry_may_withdraw,
    entry_versions,
    versions_visible_to,
)
from registry.services.collections import (
    collection_add,
    collection_create,
    collection_move,
    collection_note,
    collection_remove,
)
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.errors import ServiceError
from registry.services.groups import (
    group_create,
    group_delete,
    group_invite,
    group_join,
    group_manager_set,
    group_member_remove,
)
from registry.services.reviewer_links import (
    reviewer_link_create,
    reviewer_link_open,
    reviewer_link_revoke,
    reviewer_links_used,
)
from registry.services.sharing import (
    grant_remove,
    grant_set,
    member_remove,
    member_set,
    visibility_set,
)
from registry.services.transfers import (
    transfer_accept,
    transfer_decline,
    transfer_offer,
    transfer_take_back,
)

pytestmark = pytest.mark.django_db(transaction=True)


def refused(code, function, **arguments):
    with pytest.raises(ServiceError) as caught:
        function(**arguments)
    assert caught.value.code == code, caught.value.sentence
    assert caught.value.sentence
    return caught.value


def owners_of(entry):
    return list(
        Membership.objects.filter(entry=entry, role=Role.OWNER).values_list(
            "user__username", flat=True
        )
    )


def joined(group, *users):
    manager = GroupMember.objects.filter(group=group, is_manager=True).first().user
    for user in users:
        group_invite(actor=manager, group=group, user=user)
        group_join(user=user, group=group)


# --- Roles ----------------------------------------------------------------------------------------


def test_a_role_is_given_changed_and_taken_and_each_is_recorded():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    member_set(actor=ada, entry=entry, user=bob, role=Role.READER)
    assert entry_get(user=bob, accession=entry.pk)
    assert not entry_may_edit(user=bob, entry=entry)
    member_set(actor=ada, entry=entry, user=bob, role=Role.MAINTAINER)
    assert entry_may_edit(user=bob, entry=entry)
    assert not entry_may_withdraw(user=bob, entry=entry)
    member_remove(actor=ada, entry=entry, user=bob)
    assert entry_get(user=bob, accession=entry.pk) is None
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert [*actions] == ["member.added", "member.changed", "member.removed"]


def test_the_same_role_twice_is_one_event_and_one_piece_of_news():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    for _ in range(2):
        member_set(actor=ada, entry=entry, user=bob, role=Role.READER)
    assert AuditEvent.objects.count() == 1
    assert Notification.objects.filter(user=bob).count() == 1


def test_ownership_is_not_given_away_as_a_role_nor_taken():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    refused("role", member_set, actor=ada, entry=entry, user=bob, role=Role.OWNER)
    refused("person_owns", member_set, actor=bob, entry=entry, user=ada, role=Role.READER)
    refused("owner_stays", member_remove, actor=ada, entry=entry, user=ada)
    assert owners_of(entry) == ["ada"]


def test_nothing_of_a_withdrawn_model_is_shared():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    entry_withdraw(entry=entry, actor=ada, reason="Wrong.")
    refused("withdrawn", member_set, actor=ada, entry=entry, user=bob, role=Role.READER)
    refused("withdrawn", transfer_offer, actor=ada, entry=entry, recipient=bob, sender_stays=True)


def test_visibility_goes_to_and_fro_once_published_and_a_draft_is_not_shown_by_it():
    ada = person()
    entry, _ = published(ada)
    visibility_set(actor=ada, entry=entry, visibility=Visibility.PRIVATE)
    assert entry_get(user=AnonymousUser(), accession=entry.pk) is None
    visibility_set(actor=ada, entry=entry, visibility=Visibility.PUBLIC)
    assert entry_get(user=AnonymousUser(), accession=entry.pk)
    assert AuditEvent.objects.filter(action="entry.visibility").count() == 2
    draft = ready_draft(ada, name="a-draft")
    refused("visibility", visibility_set, actor=ada, entry=draft, visibility=Visibility.PUBLIC)


# --- Groups ---------------------------------------------------------------------------------------


def test_a_groups_role_is_that_of_members_who_accepted_and_of_nobody_else():
    ada, bob, eve = person(), person("bob"), person("eve")
    entry = ready_draft(ada)
    group = group_create(user=ada, name="lattice", title="")
    grant_set(actor=ada, entry=entry, group=group, role=Role.MAINTAINER)
    group_invite(actor=ada, group=group, user=bob)
    assert entry_get(user=bob, accession=entry.pk) is None
    group_join(user=bob, group=group)
    assert entry_may_edit(user=bob, entry=entry)
    assert not entry_may_withdraw(user=bob, entry=entry)
    assert versions_visible_to(bob).count() == entry_versions(user=bob, entry=entry).count() == 1
    assert entry_get(user=eve, accession=entry.pk) is None
    assert entry_get(user=AnonymousUser(), accession=entry.pk) is None
    grant_set(actor=ada, entry=entry, group=group, role=Role.READER)
    assert entry_get(user=bob, accession=entry.pk)
    assert not entry_may_edit(user=bob, entry=entry)
    group_member_remove(actor=ada, group=group, user=bob)
    assert entry_get(user=bob, accession=entry.pk) is None


def test_a_manager_who_is_invited_elsewhere_gets_nothing_there_by_it():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    granted = group_create(user=ada, name="granted", title="")
    group_create(user=bob, name="other", title="")
    grant_set(actor=ada, entry=entry, group=granted, role=Role.READER)
    group_invite(actor=ada, group=granted, user=bob)
    assert entry_get(user=bob, accession=entry.pk) is None


def test_who_is_member_and_in_a_group_has_the_greater_of_both_roles():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    group = group_create(user=ada, name="lattice", title="")
    joined(group, bob)
    member_set(actor=ada, entry=entry, user=bob, role=Role.READER)
    grant_set(actor=ada, entry=entry, group=group, role=Role.MAINTAINER)
    assert entry_may_edit(user=bob, entry=entry)
    assert entries_visible_to(bob).count() == 1
    grant_remove(actor=ada, entry=entry, group=group)
    assert not entry_may_edit(user=bob, entry=entry)
    assert entries_visible_to(bob).count() == 1


def test_one_shares_with_groups_of_ones_own_alone():
    ada, bob = person(), person("bob")
    group = group_create(user=bob, name="others", title="")
    arguments = {"actor": ada, "entry": ready_draft(ada), "group": group, "role": Role.READER}
    refused("group_foreign", grant_set, **arguments)
    group_invite(actor=bob, group=group, user=ada)
    refused("group_foreign", grant_set, **arguments)


def test_a_group_that_is_deleted_takes_its_roles_along():
    ada, bob = person(), person("bob")
    entry = ready_draft(ada)
    group = group_create(user=ada, name="lattice", title="")
    joined(group, bob)
    grant_set(actor=ada, entry=entry, group=group, role=Role.READER)
    group_delete(actor=ada, group=group)
    assert entry_get(user=bob, accession=entry.pk) is None
    event = AuditEvent.objects.get(action="group.deleted")
    assert event.detail["models"] == [entry.pk]


def test_groups_names_differ_by_more_than_case_and_can_stand_in_an_address():
    ada = person()
    group_create(user=ada, name="lattice", title="")
    refused("name_taken", group_create, user=ada, name="LATTICE", title="")
    refused("name_invalid", group_create, user=ada, name="a/b", title="")


def test_the_last_manager_stays_until_there_is_another():
    ada, bob = person(), person("bob")
    group = group_create(user=ada, name="lattice", title="")
    joined(group, bob)
    refused("last_manager", group_member_remove, actor=ada, group=group, user=ada)
    alone = {"actor": ada, "group": group, "user": ada, "is_manager": False}
    refused("last_manager", group_manager_set, **alone)
    group_manager_set(actor=ada, group=group, user=bob, is_manager=True)
    group_member_remove(actor=ada, group=group, user=ada)
    assert GroupMember.objects.get(is_manager=True).user == bob


def test_of_two_managers_who_leave_at_once_one_stays():
    ada, bob = person(), person("bob")
    group = group_create(user=ada, name="lattice", title="")
    joined(group, bob)
    group_manager_set(actor=ada, group=group, user=bob, is_manager=True)
    outcomes = together(
        *[
            lambda user=user: group_member_remove(actor=user, group=group, user=user)
            for user in (ada, bob)
        ]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert sum(isinstance(outcome, ServiceError) for outcome in outcomes) == 1
    assert GroupMember.objects.filter(is_manager=True).count() == 1


# --- Transfers ------------------------------------------------------------------------------------


def offered(sender, recipient, entry, *, sender_stays=True):
    return transfer_offer(actor=sender, entry=entry, recipient=recipient, sender_stays=sender_stays)


def test_an_accepted_offer_changes_owner_name_roles_and_search_and_keeps_the_old_name():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    old = entry.name
    moved = transfer_accept(offer=offered(ada, bob, entry), name="bobs-pendulum")
    assert (moved.owner, moved.name) == (bob, "bobs-pendulum")
    assert owners_of(entry) == ["bob"]
    assert Membership.objects.get(entry=entry, user=ada).role == Role.MAINTAINER
    stranger = AnonymousUser()
    for owner, name in (("bob", "bobs-pendulum"), ("ada", old), ("ADA", old.upper())):
        found = entry_get(user=stranger, owner=owner, name=name)
        assert found is not None
        assert found.pk == entry.pk
    assert "bob" in ModelEntry.objects.get(pk=entry.pk).search_document.head.split()
    assert AuditEvent.objects.filter(action="entry.transferred", accession=entry.pk).exists()


def test_the_old_name_gives_way_to_a_model_that_bears_it_now_and_is_no_way_around_rights():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    old = entry.name
    transfer_accept(offer=offered(ada, bob, entry), name="moved")
    visibility_set(actor=bob, entry=entry, visibility=Visibility.PRIVATE)
    assert entry_get(user=AnonymousUser(), owner="ada", name=old) is None
    newer, _ = published(ada, name=old)
    found = entry_get(user=AnonymousUser(), owner="ada", name=old)
    assert found is not None
    assert found.pk == newer.pk


def test_a_model_that_is_renamed_is_still_found_under_its_old_name():
    ada = person()
    entry, _ = published(ada)
    old = entry.name
    entry_update(entry=entry, fields=EntryFields(name="renamed"))
    found = entry_get(user=AnonymousUser(), owner="ada", name=old)
    assert found is not None
    assert found.name == "renamed"


def test_names_are_kept_once_however_often_a_model_goes_to_and_fro():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    for sender, recipient in ((ada, bob), (bob, ada), (ada, bob)):
        transfer_accept(offer=offered(sender, recipient, entry), name="pendulum")
        entry.refresh_from_db()
    assert EntryAlias.objects.filter(entry=entry).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryAlias.objects.create(owner="ADA", name="PENDULUM", entry=entry)


def test_a_sender_who_does_not_stay_has_no_role():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    transfer_accept(offer=offered(ada, bob, entry, sender_stays=False), name="p")
    assert not Membership.objects.filter(entry=entry, user=ada).exists()


def test_a_taken_name_changes_nothing_and_another_one_is_accepted_afterwards():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    published(bob, name="pendulum")
    offer = offered(ada, bob, entry)
    refused("name_taken", transfer_accept, offer=offer, name="PENDULUM")
    refused("name_invalid", transfer_accept, offer=offer, name="a/b")
    offer.refresh_from_db()
    assert offer.ended_at is None
    assert owners_of(entry) == ["ada"]
    assert not EntryAlias.objects.exists()
    transfer_accept(offer=offer, name="pendulum-2")
    assert owners_of(entry) == ["bob"]


def test_one_offer_at_a_time_to_somebody_else():
    ada, bob, eve = person(), person("bob"), person("eve")
    entry = ready_draft(ada)
    refused("recipient_owns", offered, sender=ada, recipient=ada, entry=entry)
    offer = offered(ada, bob, entry)
    refused("transfer_open", offered, sender=ada, recipient=eve, entry=entry)
    transfer_decline(offer=offer)
    refused("transfer_ended", transfer_accept, offer=offer, name="x")
    refused("transfer_ended", transfer_take_back, actor=ada, offer=offer)
    offered(ada, eve, entry)


def test_an_offer_ends_when_the_model_is_withdrawn():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    offer = offered(ada, bob, entry)
    entry_withdraw(entry=entry, actor=ada, reason="Wrong.")
    refused("withdrawn", transfer_accept, offer=offer, name="x")
    offer.refresh_from_db()
    assert offer.accepted is False


def test_of_acceptance_and_taking_back_at_once_one_counts():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    offer = offered(ada, bob, entry)
    outcomes = together(
        lambda: transfer_accept(offer=Transfer.objects.get(pk=offer.pk), name="moved"),
        lambda: transfer_take_back(actor=ada, offer=Transfer.objects.get(pk=offer.pk)),
    )
    assert errors_in(outcomes, ServiceError) == []
    assert sum(isinstance(outcome, ServiceError) for outcome in outcomes) == 1
    offer.refresh_from_db()
    assert owners_of(entry) == (["bob"] if offer.accepted else ["ada"])
    assert ModelEntry.objects.get(pk=entry.pk).owner.username == owners_of(entry)[0]


def test_of_two_offers_at_once_one_is_open():
    ada, bob, eve = person(), person("bob"), person("eve")
    entry, _ = published(ada)
    outcomes = together(*[lambda to=to: offered(ada, to, entry) for to in (bob, eve)])
    assert errors_in(outcomes, ServiceError) == []
    assert Transfer.objects.filter(ended_at=None).count() == 1


def test_of_two_models_accepted_at_once_under_one_name_one_gets_it():
    ada, bob = person(), person("bob")
    offers = [offered(ada, bob, published(ada, name=name)[0]) for name in ("one", "two")]
    outcomes = together(
        *[lambda offer=offer: transfer_accept(offer=offer, name="same") for offer in offers]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert bob.entries.count() == 1
    assert Transfer.objects.filter(ended_at=None).count() == 1


# --- Reviewers' links -----------------------------------------------------------------------------


def link_of(entry, **changes):
    wanted = {"label": "Journal", "days": 30, "is_anonymous": False} | changes
    return reviewer_link_create(actor=entry.owner, entry=entry, **wanted)


def test_a_link_opens_until_it_is_revoked_or_its_day_comes():
    ada = person()
    entry = ready_draft(ada)
    link, key = link_of(entry)
    assert reviewer_link_open(key=key) == link
    assert reviewer_link_open(key=key[:-1]) is None
    assert key not in ReviewerLink.objects.get().digest
    ReviewerLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert reviewer_link_open(key=key) is None
    ReviewerLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    reviewer_link_revoke(actor=ada, link=link)
    assert reviewer_link_open(key=key) is None
    assert reviewer_links_used(links=[link.pk]) == []


def test_use_is_noted_at_most_once_a_minute():
    _, key = link_of(ready_draft(person()))
    reviewer_link_open(key=key)
    first = ReviewerLink.objects.get().last_used_at
    assert first is not None
    reviewer_link_open(key=key)
    assert ReviewerLink.objects.get().last_used_at == first


def test_revoking_twice_is_one_event():
    link, _ = link_of(ready_draft(person()))
    for _ in range(2):
        reviewer_link_revoke(actor=link.created_by, link=link)
    assert AuditEvent.objects.filter(action="reviewer_link.revoked").count() == 1


def test_a_public_model_gets_no_anonymous_link():
    entry, _ = published(person())
    refused("anonymous_public", link_of, entry=entry, is_anonymous=True)
    link_of(entry)


def test_a_link_lasts_one_of_the_offered_times():
    refused("days", link_of, entry=ready_draft(person()), days=10_000)


@pytest.mark.parametrize("is_stranger", [True, False], ids=["stranger", "person"])
def test_what_a_request_reviews_is_seen_with_all_versions_and_never_changed(is_stranger):
    ada, bob = person(), person("bob")
    entry, other = ready_draft(ada), ready_draft(ada, name="other")
    viewer = AnonymousUser() if is_stranger else bob
    viewer.reviewed = frozenset({entry.pk})
    assert entry_get(user=viewer, accession=entry.pk)
    assert entry_get(user=viewer, accession=other.pk) is None
    assert entry_versions(user=viewer, entry=entry).count() == 1
    assert {version.entry_id for version in versions_visible_to(viewer)} == {entry.pk}
    assert not entry_may_edit(user=viewer, entry=entry)


# --- Collections ----------------------------------------------------------------------------------


def titles_in(collection, viewer):
    return [item.entry.name for item in collection_items(user=viewer, collection=collection)]


def test_a_collection_keeps_its_order_and_words_and_shows_what_its_viewer_may_see():
    ada, bob = person(), person("bob")
    entries = [published(ada, name=name)[0] for name in ("a", "b", "c")]
    secret = ready_draft(ada, name="secret")
    collection = collection_create(owner=ada, title="My models", is_public=True)
    for entry in (*entries, secret):
        collection_add(collection=collection, entry=entry, note=f"Why {entry.name}")
    assert titles_in(collection, ada) == ["a", "b", "c", "secret"]
    assert titles_in(collection, bob) == ["a", "b", "c"]
    last = collection.items.get(entry=entries[2])
    collection_move(item=last, up=True)
    assert titles_in(collection, bob) == ["a", "c", "b"]
    first = collection.items.get(entry=entries[0])
    collection_move(item=first, up=True)
    assert titles_in(collection, bob) == ["a", "c", "b"]
    collection_move(item=first, up=False)
    collection_note(item=first, note="Read this later")
    assert titles_in(collection, bob) == ["c", "a", "b"]
    collection_remove(item=last)
    assert titles_in(collection, bob) == ["a", "b"]
    refused("entry_there", collection_add, collection=collection, entry=entries[0])


def test_a_withdrawn_model_stays_in_a_collection_as_a_tombstone():
    ada = person()
    entry, _ = published(ada)
    collection = collection_create(owner=ada, title="My models", is_public=True)
    collection_add(collection=collection, entry=entry)
    entry_withdraw(entry=entry, actor=ada, reason="Wrong.")
    (item,) = collection_items(user=AnonymousUser(), collection=collection)
    assert item.entry.visibility == Visibility.WITHDRAWN


def test_private_collections_are_their_owners_alone():
    ada, bob = person(), person("bob")
    collection_create(owner=ada, title="Mine")
    assert collections_listed(ada).count() == 1
    assert collections_listed(bob).count() == 0
    assert collections_listed(AnonymousUser()).count() == 0


def test_collections_of_one_title_get_names_of_their_own():
    ada = person()
    names = [collection_create(owner=ada, title="Ising models!").name for _ in range(3)]
    assert names == ["Ising-models", "Ising-models-2", "Ising-models-3"]
    refused("title_missing", collection_create, owner=ada, title="  ")


def test_of_many_collections_of_one_title_at_once_each_gets_a_name():
    ada = person()
    made = together(*[lambda: collection_create(owner=ada, title="Same") for _ in range(4)])
    assert errors_in(made) == []
    assert Collection.objects.filter(owner=ada).count() == 4


def test_of_many_who_add_a_model_at_once_one_does():
    ada = person()
    entry, _ = published(ada)
    collection = collection_create(owner=ada, title="Same")
    outcomes = together(
        *[lambda: collection_add(collection=collection, entry=entry) for _ in range(4)]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert collection.items.count() == 1
