"""Every door × visibility × role: what one may not know of is not there.

The doors are read off the site's own addresses, so that one that is added is tried as well: an
address with a part that is not known here fails. A hidden model and one that never was must get
the same answer, whatever is asked and by whom; and that answer is never 403.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from registry.models import ModelEntry, User, VerificationRun
from registry.models.entries import Role, Visibility
from registry.services.sharing import member_set
from registry.services.tokens import SCOPES, token_create
from tests.api.world import archived_run
from tests.registry.registry_helpers import person, published

pytestmark = pytest.mark.django_db

ABSENT = 987_654
TITLE = "Unmentionable pendulum of the seventh kind"
SHOWN = "Pendulum for everybody"
METHODS = ("get", "post", "patch", "delete")
# Lists that want a question.
ASKED = ("models/?q=pendulum", "api/v1/models/?q=pendulum", "models.atom?q=pendulum")
# Some of the doors that show a private model to its readers, of every kind.
SHOWN_BY_API = {
    "api/v1/models/<accession>/",
    "api/v1/models/<accession>/citation/",
    "api/v1/models/<accession>/history/",
    "api/v1/models/<accession>/usage/",
    "api/v1/models/<accession>/versions/",
    "api/v1/models/<accession>/versions/<number>/",
    "api/v1/models/<accession>/versions/<number>/archive/",
    "api/v1/runs/<run_id>/",
    "api/v1/runs/<run_id>/artifacts/",
    "api/v1/runs/<run_id>/crate/",
    "api/v1/runs/<run_id>/logs/",
    "api/v1/runs/<run_id>/report/",
}
SHOWN_ON_PAGES = {
    "models/<accession>/",
    "models/<accession>/badge.svg",
    "models/<accession>/card.png",
    "models/<accession>/cite/",
    "models/<accession>/files/",
    "models/<accession>/linkset.json",
    "models/<accession>/reproducibility/",
    "models/<accession>/use/",
    "models/<accession>/v<number>/",
    "models/<accession>/versions/",
    "runs/<run_id>/",
    "runs/<run_id>/log/",
}
# What stands for a part of an address other than the model's own; of both models the same.
PARTS = {
    "number": "1",
    "older": "1",
    "newer": "1",
    "path": "README.md",
    "username": "bob",
    "link_id": "1",
    "rest": "info/refs",
    "revision": "main",
    "rev": "main",
}
# The addresses of other things than models: who may see those is tested where they are.
ELSEWHERE = re.compile(
    r"^(admin|accounts)/|<(lookup_id|slug|search_id|key|transfer_id|report_id|collection_id|keyid"
    r"|token_id|news_id|token)>|^(api/v1/)?(groups|collections|people)/"
)
NAMES_A_MODEL = re.compile(r"<(accession|run_id|owner)>")
# What a door may say of what is not there: 401 and 302 ask who it is, before anything is looked up.
NOT_THERE = {302, 400, 401, 404, 405, 411, 413, 415, 501}


@dataclass(frozen=True)
class Door:
    """An address of the site, with its parts in angle brackets."""

    address: str

    def of(self, entry: ModelEntry | None, run: VerificationRun | None) -> str:
        """The address for a model; for None, for one that never was."""
        parts = PARTS | {
            "accession": str(entry.pk if entry else ABSENT),
            "run_id": str(run.pk if run else ABSENT),
            "owner": entry.owner.username if entry else "nobody",
            "name": entry.name if entry else "nothing",
        }
        return "/" + re.sub(r"<(\w+)>", lambda part: parts[part[1]], self.address)


def _addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = before + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address)
        else:
            yield address


def _lists() -> list[str]:
    """The addresses that name nothing in particular."""
    found = _addresses(get_resolver().url_patterns)
    return [one for one in found if re.fullmatch(r"[\w/.-]*", one) and not ELSEWHERE.search(one)]


def _doors() -> tuple[Door, ...]:
    found = (one for one in _addresses(get_resolver().url_patterns) if NAMES_A_MODEL.search(one))
    return tuple(
        Door(one)
        for one in found
        if "<accession>" in one.split("items/")[0] or not ELSEWHERE.search(one)
    )


@dataclass(frozen=True)
class World:
    """A model that is hidden, its run, and who may see it besides its owner."""

    entry: ModelEntry
    run: VerificationRun
    owner: User
    reader: User
    other: User

    def client(self, role: str) -> Client:
        """Who asks: `stranger`, or a person by session, or by a token with all scopes."""
        if role == "stranger":
            return Client()
        who, _, by = role.partition(" by ")
        person = getattr(self, who)
        if by == "token":
            _, token = token_create(user=person, name="all", scopes=SCOPES, expires_at=None)
            return Client(headers={"authorization": f"Bearer {token}"})
        client = Client()
        client.force_login(person)
        return client


@pytest.fixture
def world(request, tmp_path):
    """A model with a finished run that everybody saw, and that is hidden now."""
    owner, reader, other = (person(name) for name in ("ada", "reader", "bob"))
    entry, run = published(owner, name="pendulum")
    run = archived_run(run, tmp_path)
    member_set(actor=owner, entry=entry, user=reader, role=Role.READER)
    ModelEntry.objects.filter(pk=entry.pk).update(title=TITLE, visibility=request.param)
    entry.refresh_from_db()
    return World(entry=entry, run=run, owner=owner, reader=reader, other=other)


# Those who may not know of a model, by what it is.
UNKNOWING = [
    (Visibility.DRAFT, "stranger"),
    (Visibility.DRAFT, "other"),
    (Visibility.PRIVATE, "stranger"),
    (Visibility.PRIVATE, "other"),
    (Visibility.PRIVATE, "other by token"),
]


def _said(response: HttpResponseBase, door: Door, world: World) -> tuple[int, str]:
    """The status, and the words without the address that was asked for."""
    content = b"" if response.streaming else response.content
    words = re.sub(
        r"csrfmiddlewaretoken\S+ \S+|nonce-\S+|nonce=\S+", "", content.decode("utf-8", "replace")
    )
    for own in (str(world.entry.pk), str(world.run.pk), str(ABSENT)):
        words = re.sub(rf"\b{own}\b", "N", words)
    names = (world.entry.name, "nothing", world.owner.username, "nobody")
    return response.status_code, re.sub("|".join(map(re.escape, names)), "X", words)


def _asked(client: Client, method: str, door: Door, world: World, *, absent: bool) -> str:
    """What is said of the hidden model, or of one that never was; its status first."""
    whose = (None, None) if absent else (world.entry, world.run)
    response = getattr(client, method)(door.of(*whose))
    status, words = _said(response, door, world)
    return f"{status} {words}"


@pytest.mark.parametrize(("world", "role"), UNKNOWING, indirect=["world"])
def test_a_hidden_model_is_answered_like_one_that_never_was(world, role):
    client, told = world.client(role), []
    for door in _doors():
        for method in METHODS if role.endswith("token") else METHODS[:2]:
            hidden, absent = (
                _asked(client, method, door, world, absent=absent) for absent in (False, True)
            )
            if hidden != absent or int(hidden[:3]) not in NOT_THERE:
                told.append(f"{method} {door.address}: {hidden[:3]}, {absent[:3]}")
    assert told == []


@pytest.mark.parametrize("role", ["owner", "reader", "reader by token"])
@pytest.mark.parametrize("world", [Visibility.PRIVATE], indirect=True)
def test_the_same_doors_are_open_to_whom_it_is_shown(world, role):
    """Else nothing that is said above would mean anything."""
    client = world.client(role)
    opened = {
        door.address
        for door in _doors()
        if _asked(client, "get", door, world, absent=False)
        != _asked(client, "get", door, world, absent=True)
    }
    # A token opens no page, and a session is nothing to clients of the hub, git or docker.
    assert not (SHOWN_BY_API if role.endswith("token") else SHOWN_BY_API | SHOWN_ON_PAGES) - opened


@pytest.mark.parametrize(("world", "role"), UNKNOWING, indirect=["world"])
def test_no_list_feed_or_index_names_a_hidden_model(world, role, tmp_path):
    shown, _ = published(world.other, name="shown")
    ModelEntry.objects.filter(pk=shown.pk).update(title=SHOWN)
    client, naming, leaking = world.client(role), [], []
    for address in [*_lists(), *ASKED]:
        response = client.get(f"/{address}")
        content = b"".join(response.streaming_content) if response.streaming else response.content
        naming += [address] if SHOWN.encode() in content else []
        leaking += [address] if TITLE.encode() in content else []
    assert leaking == []
    assert {"", "models/", "api/v1/models/"} <= set(naming)
