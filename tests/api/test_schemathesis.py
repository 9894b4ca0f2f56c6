"""The whole API against its schema: data that fits and data that does not, under three roles.

Every request is taken back. `slow` asks far more, by other seeds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from registry.models import Term
from registry.services.tokens import SCOPES
from registry.services.vocabularies import vocabularies_load
from registry.services.webhooks import webhook_create
from registry.spec.events import SAID
from tests.api.world import API, World, client_of, send, token_of

ROLES = ["stranger", "owner", "other"]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
]
NOBODY = 10**6
REFUSED = ["4xx"]


@contextmanager
def taken_back() -> Iterator[None]:
    """One request within the transaction of the test, as those of Django's own client are."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def things(world: World) -> dict[str, list[object]]:
    """What can stand in an address: one of each thing that the owner has, and one there is not."""
    owner = client_of("ada", world)

    def made(path: str, body: dict[str, object], name: str = "id") -> list[object]:
        answer = send(owner, "post", path, body)
        assert answer.status_code in {201, 202}, (path, answer.content)
        return [answer.json()[name], NOBODY]

    vocabularies_load()
    model = f"/models/{world.public.pk}"
    made("/collections/", {"title": "Put together"}, "name")
    made("/groups/", {"name": "put-together", "title": "Together"}, "name")
    entries = [world.public, world.private, world.draft, world.withdrawn]
    return {
        "accession": [*(entry.pk for entry in entries), NOBODY],
        "number": [1, 2, NOBODY],
        "older": [1, 2],
        "newer": [1, 2],
        "run_id": [*(run.pk for run in world.runs.values()), NOBODY],
        "username": ["ada", "bob", "nobody"],
        "owner": ["ada", "nobody"],
        "name": ["put-together", "nothing", "source.tar.gz"],
        "slug": ["subject", "nothing"],
        "term_id": [*Term.objects.values_list("pk", flat=True)[:2], NOBODY],
        "webhook_id": [*_webhook(world), NOBODY],
        "search_id": made("/users/me/searches/", {"name": "Mine", "query": "q=pendulum"}),
        "link_id": made(
            f"{model}/reviewer-links/", {"label": "A journal", "days": 30, "is_anonymous": False}
        ),
        "transfer_id": made(f"{model}/transfer/", {"recipient": "bob"}),
    }


def _webhook(world: World) -> list[int]:
    events = [event.value for event in SAID]
    hook = webhook_create(owner=world.ada, address="https://example.org/told", events=events)
    return [hook.pk]


def of_world(world: World) -> dict[str, Any]:
    """The schema, with what this world has in the place of any number or name in an address."""
    raw = Client().get(f"{API}/schema/?format=json").json()
    known = things(world)
    for path in raw["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["schema"]["enum"] = known[parameter["name"]]
    return raw


def headers_of(role: str, world: World) -> dict[str, str]:
    if role == "stranger":
        return {}
    user = {"owner": world.ada, "other": world.bob}[role]
    return {"Authorization": f"Bearer {token_of(user, *SCOPES)}"}


def faults(world: World, role: str, *, examples: int, seeded: int) -> list[str]:
    """What is wrong with any operation, by its name."""
    schema = schemathesis.openapi.from_dict(of_world(world))
    schema.app = get_wsgi_application()
    # 410: whether a model was withdrawn is looked at before what is asked of it.
    schema.config.checks.negative_data_rejection.expected_statuses = REFUSED
    headers = headers_of(role, world)
    found = []
    for made in schema.get_all_operations():
        operation = made.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _asked(operation, mode, headers, examples=examples, seeded=seeded)
            except (FailureGroup, AssertionError) as failure:
                found.append(f"{operation.label} ({mode.name}): {_said(failure)}")
    return found


def _said(failure: BaseException) -> str:
    inner = getattr(failure, "exceptions", [failure])
    return "\n".join(str(one) for one in inner)


def _asked(operation, mode, headers, *, examples: int, seeded: int) -> None:
    @seed(seeded)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.headers = {**(case.headers or {}), **headers}
        with taken_back():
            response = case.call()
        case.validate_response(response, checks=CHECKS)

    ask()


@pytest.fixture
def _no_bound(settings):
    """Allowances have tests of their own."""
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1000000/minute")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("_no_bound")
def test_the_whole_api_is_as_its_schema_says(world, role):
    found = faults(world, role, examples=1, seeded=ROLES.index(role))
    assert not found, "\n\n".join(found)


# Minutes: many examples of each operation, which seldom find what the few do not.
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seeded", [11, 12, 13])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("_no_bound")
def test_the_whole_api_is_as_its_schema_says_to_many(world, role, seeded):
    found = faults(world, role, examples=20, seeded=seeded)
    assert not found, "\n\n".join(found)
