"""Who passes the doors of accounts, sharing and curation: every door, every role."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from registry.models import Membership, Vocabulary
from registry.models.curation import ReportKind
from registry.models.entries import Role
from registry.services.collections import collection_add, collection_create
from registry.services.groups import group_create
from registry.services.reports import report_create
from registry.services.reviewer_links import reviewer_link_create
from registry.services.sharing import grant_set
from registry.services.tokens import SCOPES
from registry.services.transfers import transfer_offer
from registry.services.vocabularies import term_add
from tests.api.world import problem_of, send, token_of
from tests.registry.registry_helpers import person

ROLES = ("stranger", "other", "reader", "owner", "curator")
LINK = {"label": "Journal X", "days": 30, "is_anonymous": False}
REPORT = {"kind": "wrong", "text": "The title has a mistake."}
# Door, method, body; what each role gets of a private model, and of a public one.
MODEL_DOORS = (
    ("members/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("members/olga/", "put", {"role": "reader"}, (401, 404, 403, 200, 200),
     (401, 403, 403, 200, 200)),
    ("members/rita/", "delete", None, (401, 404, 204, 204, 204), (401, 403, 204, 204, 204)),
    ("grants/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("grants/lattice/", "put", {"role": "reader"}, (401, 404, 403, 200, 200),
     (401, 403, 403, 200, 200)),
    ("grants/lattice/", "delete", None, (401, 404, 403, 204, 204), (401, 403, 403, 204, 204)),
    ("reviewer-links/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("reviewer-links/", "post", LINK, (401, 404, 403, 201, 201), (401, 403, 403, 201, 201)),
    ("reviewer-links/{link}/", "delete", None, (401, 404, 403, 204, 204),
     (401, 403, 403, 204, 204)),
    ("transfer/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("transfer/", "delete", None, (401, 404, 403, 204, 204), (401, 403, 403, 204, 204)),
    ("log/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("reports/", "get", None, (404, 404, 403, 200, 200), (401, 403, 403, 200, 200)),
    ("reports/", "post", REPORT, (404, 404, 201, 201, 201), (201, 201, 201, 201, 201)),
    ("follow/", "get", None, (404, 404, 200, 200, 200), (200, 200, 200, 200, 200)),
    ("follow/", "put", None, (401, 404, 200, 200, 200), (401, 200, 200, 200, 200)),
    ("follow/", "delete", None, (401, 404, 200, 200, 200), (401, 200, 200, 200, 200)),
    ("calculations/offered/", "put", None, (401, 404, 403, 409, 409), (401, 403, 403, 409, 409)),
    ("calculations/offered/", "delete", None, (401, 404, 403, 204, 204),
     (401, 403, 403, 204, 204)),
    ("versions/1/doi/", "get", None, (404, 404, 404, 404, 404), (404, 404, 404, 404, 404)),
    ("versions/1/doi/", "post", {"understood": False}, (401, 404, 403, 400, 400),
     (401, 403, 403, 400, 400)),
    ("featured/", "put", None, (401, 404, 404, 404, 409), (401, 404, 404, 404, 204)),
    ("featured/", "delete", None, (401, 404, 404, 404, 204), (401, 404, 404, 404, 204)),
    ("merge/", "post", {"into": 987654, "reason": "Twice."}, (401, 404, 404, 404, 400),
     (401, 404, 404, 404, 400)),
)  # fmt: skip
# Of things that are the owner's, and of what the portal has besides.
OTHER_DOORS = (
    ("/collections/", "get", None, (200, 200, 200, 200, 200)),
    ("/collections/", "post", {"title": "Glasses"}, (401, 201, 201, 201, 201)),
    ("/collections/ada/open/", "get", None, (200, 200, 200, 200, 200)),
    ("/collections/ada/open/", "patch", {"title": "New"}, (401, 403, 403, 200, 403)),
    ("/collections/ada/open/", "delete", None, (401, 403, 403, 204, 403)),
    ("/collections/ada/open/items/", "get", None, (200, 200, 200, 200, 200)),
    ("/collections/ada/open/items/{public}/", "patch", {"note": "See"},
     (401, 403, 403, 200, 403)),
    ("/collections/ada/open/items/{public}/", "delete", None, (401, 403, 403, 204, 403)),
    ("/collections/ada/open/featured/", "put", None, (401, 404, 404, 404, 204)),
    ("/collections/ada/closed/", "get", None, (404, 404, 404, 200, 200)),
    ("/collections/ada/closed/", "patch", {"title": "New"}, (401, 404, 404, 200, 403)),
    ("/collections/ada/closed/items/", "get", None, (404, 404, 404, 200, 200)),
    ("/collections/ada/closed/items/", "post", {"model": 987654}, (401, 404, 404, 404, 403)),
    ("/collections/ada/closed/featured/", "put", None, (401, 404, 404, 404, 409)),
    ("/featured/models/", "get", None, (200, 200, 200, 200, 200)),
    ("/featured/collections/", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/subject/", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/none/", "get", None, (404, 404, 404, 404, 404)),
    ("/vocabularies/subject/suggest/?q=opt", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/subject/terms/", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/subject/terms/", "post", {"name": "Plasma"}, (401, 404, 404, 404, 201)),
    ("/vocabularies/subject/terms/{term}/", "get", None, (200, 200, 200, 200, 200)),
    ("/vocabularies/subject/terms/{term}/", "patch", {"name": "Light"},
     (401, 404, 404, 404, 200)),
    ("/vocabularies/subject/terms/{term}/merge/", "post", {"into": "physics"},
     (401, 404, 404, 404, 200)),
    ("/users/ada/", "get", None, (200, 200, 200, 200, 200)),
    ("/users/nobody/", "get", None, (404, 404, 404, 404, 404)),
    ("/users/me/", "patch", {"affiliation": "CERN"}, (401, 200, 200, 200, 200)),
    ("/users/me/tokens/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/tokens/", "post", {"name": "ci", "scopes": [], "expires_at": None},
     (401, 201, 201, 201, 201)),
    ("/users/me/tokens/{token}/", "delete", None, (401, 404, 404, 204, 404)),
    ("/users/me/tokens/current/", "get", None, (401, 404, 404, 404, 404)),
    ("/users/me/news/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/news/read/", "post", None, (401, 204, 204, 204, 204)),
    ("/users/me/news/{news}/read/", "post", None, (401, 404, 404, 204, 404)),
    ("/users/me/news-choices/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/news-choices/", "patch", {}, (401, 200, 200, 200, 200)),
    ("/users/me/follows/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/invitations/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/searches/", "get", None, (401, 200, 200, 200, 200)),
    ("/users/me/searches/", "post", {"name": "L", "query": ""}, (401, 201, 201, 201, 201)),
    ("/users/me/searches/{search}/", "get", None, (401, 404, 404, 200, 404)),
    ("/users/me/searches/{search}/", "patch", {"notify": True}, (401, 404, 404, 200, 404)),
    ("/users/me/searches/{search}/", "delete", None, (401, 404, 404, 204, 404)),
    ("/transfers/", "get", None, (401, 200, 200, 200, 200)),
    ("/transfers/{offer}/", "get", None, (401, 404, 404, 200, 404)),
    ("/transfers/{offer}/accept/", "post", {"name": "x"}, (401, 404, 404, 403, 404)),
    ("/transfers/{offer}/decline/", "post", None, (401, 404, 404, 403, 404)),
    ("/groups/", "get", None, (200, 200, 200, 200, 200)),
    ("/groups/", "post", {"name": "plasma"}, (401, 201, 201, 201, 201)),
    ("/groups/lattice/", "get", None, (200, 200, 200, 200, 200)),
    ("/groups/lattice/", "delete", None, (401, 403, 403, 204, 403)),
    ("/groups/none/", "get", None, (404, 404, 404, 404, 404)),
    ("/groups/lattice/models/", "get", None, (200, 200, 200, 200, 200)),
    ("/groups/lattice/members/", "get", None, (200, 200, 200, 200, 200)),
    ("/groups/lattice/members/", "post", {"username": "olga"}, (401, 403, 403, 201, 403)),
    ("/groups/lattice/members/ada/", "patch", {"is_manager": True}, (401, 403, 403, 200, 403)),
    ("/groups/lattice/members/olga/", "delete", None, (401, 403, 403, 404, 403)),
    ("/groups/lattice/join/", "post", None, (401, 409, 409, 409, 409)),
    ("/lookups/", "post", {"kind": "article", "address": "10.1103/PhysRev.1.1"},
     (401, 202, 202, 202, 202)),
    ("/lookups/987654/", "get", None, (401, 404, 404, 404, 404)),
    ("/imports/", "post", {"address": "https://modeldb.science/144027"},
     (401, 202, 202, 202, 202)),
    ("/imports/987654/", "get", None, (401, 404, 404, 404, 404)),
    ("/imports/987654/draft/", "post", None, (401, 404, 404, 404, 404)),
    ("/imports/tables/987654/", "get", None, (401, 404, 404, 404, 404)),
    ("/imports/tables/987654/make/", "post", None, (401, 404, 404, 404, 404)),
    ("/curation/reports/", "get", None, (404, 404, 404, 404, 200)),
    ("/curation/reports/{report}/", "get", None, (404, 404, 404, 404, 200)),
    ("/curation/reports/{report}/end/", "post", {"state": "resolved", "words": "Done."},
     (401, 404, 404, 404, 200)),
    ("/curation/poorly-told/", "get", None, (404, 404, 404, 404, 200)),
    ("/curation/log/", "get", None, (404, 404, 404, 404, 200)),
)  # fmt: skip
SCOPED = (
    ("/users/me/", "patch", "account:write"),
    ("/collections/", "post", "account:write"),
    ("/models/{public}/reports/", "post", "account:write"),
    ("/groups/", "post", "sharing:write"),
    ("/models/{public}/members/rita/", "put", "sharing:write"),
    ("/users/me/tokens/", "post", "tokens:write"),
    ("/imports/", "post", "models:write"),
    ("/curation/reports/1/end/", "post", "curation:write"),
    ("/vocabularies/subject/terms/", "post", "curation:write"),
)


@pytest.fixture
def clients(world):
    """A client a role, with what the doors lead to."""
    people = {
        "other": world.bob,
        "reader": person("rita"),
        "owner": world.ada,
        "curator": person("cora", is_staff=True),
    }
    for entry in (world.private, world.public):
        Membership.objects.create(entry=entry, user=people["reader"], role=Role.READER)
    made = {role: Client() for role in ROLES}
    for role, user in people.items():
        made[role].force_login(user)
    return made


@pytest.fixture
def named(world, clients):
    """What the addresses of the doors name."""
    ada = world.ada
    group = group_create(user=ada, name="lattice", title="")
    links = {}
    for entry in (world.private, world.public):
        grant_set(actor=ada, entry=entry, group=group, role=Role.READER)
        links[entry.pk] = reviewer_link_create(
            actor=ada, entry=entry, label="Referees", days=30, is_anonymous=False
        )[0].pk
        offer = transfer_offer(
            actor=ada, entry=entry, recipient=person(f"heir{entry.pk}"), sender_stays=True
        )
    for title, is_public in (("Open", True), ("Closed", False)):
        collection = collection_create(owner=ada, title=title, is_public=is_public)
        collection_add(collection=collection, entry=world.public)
    subject = Vocabulary.objects.create(slug="subject", name="Subject")
    physics = term_add(actor=ada, vocabulary=subject, name="Physics", parent=None)
    term = term_add(actor=ada, vocabulary=subject, name="Optics", parent=physics)
    person("olga")
    told = {"reporter": None, "email": "", "kind": ReportKind.WRONG, "text": "No."}
    report = report_create(entry=world.public, **told)
    token_of(ada)
    search = send(
        clients["owner"], "post", "/users/me/searches/", {"name": "S", "query": "level=2"}
    )
    return {
        "links": links,
        "public": world.public.pk,
        "term": term.pk,
        "offer": offer.pk,
        "report": report.pk,
        "token": ada.api_tokens.get().pk,
        "news": ada.notifications.filter(on_site=True)[0].pk,
        "search": search.json()["id"],
    }


def statuses(clients, method, path, body):
    """What each role is answered; nothing of it stays."""
    seen = {}
    for role, client in clients.items():
        cache.clear()  # allowances are another test's
        with transaction.atomic():
            reply = send(client, method, path, body)
            transaction.set_rollback(True)
        seen[role] = reply.status_code
        if reply.status_code >= 400:
            problem_of(reply, reply.status_code)
    return tuple(seen[role] for role in ROLES)


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_doors_of_a_model(world, clients, named, visibility):
    entry = world.entry(visibility)
    seen, expected = {}, {}
    for door, method, body, hidden, shown in MODEL_DOORS:
        path = f"/models/{entry.pk}/" + door.format(link=named["links"][entry.pk])
        seen[method, door] = statuses(clients, method, path, body)
        expected[method, door] = hidden if visibility == "private" else shown
    assert seen == expected


def test_doors_of_a_withdrawn_model(world, clients, named):
    for door, method, body, *_ in MODEL_DOORS:
        path = f"/models/{world.withdrawn.pk}/" + door.format(link=1)
        owner = statuses(clients, method, path, body)[ROLES.index("owner")]
        assert owner in ({200} if door == "follow/" else {404, 409, 410}), (method, door)


def test_all_other_doors(clients, named):
    seen, expected = {}, {}
    for path, method, body, roles in OTHER_DOORS:
        seen[method, path] = statuses(clients, method, path.format(**named), body)
        expected[method, path] = roles
    assert seen == expected


def test_what_is_hidden_is_answered_as_what_is_not_there(world, clients, named):
    for door, method, body, hidden, _ in MODEL_DOORS:
        if hidden[1] != 404:
            continue
        named_door = door.format(link=named["links"][world.private.pk])
        there = send(clients["other"], method, f"/models/{world.private.pk}/{named_door}", body)
        absent = send(clients["other"], method, f"/models/987654/{named_door}", body)
        assert there.json() | {"instance": ""} == absent.json() | {"instance": ""}


def test_each_door_names_the_scope_that_a_token_lacks(world, named):
    for path, method, scope in SCOPED:
        others = [one for one in SCOPES if one != scope]
        client = Client(headers={"Authorization": f"Bearer {token_of(world.ada, *others)}"})
        refusal = problem_of(send(client, method, path.format(**named), {}), 403)
        assert refusal["type"].endswith("missing-scope")
        assert scope in refusal["detail"]


def test_unknown_fields_are_refused(clients, named):
    for path, method, body, roles in OTHER_DOORS:
        if body and roles[ROLES.index("curator")] in {200, 201, 202}:
            wrong = send(clients["curator"], method, path.format(**named), {**body, "nmae": "x"})
            assert problem_of(wrong, 400)["errors"][0]["pointer"] == "#/nmae", (method, path)
