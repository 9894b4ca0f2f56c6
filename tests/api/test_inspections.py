"""What of a repository was understood, through the API: a draft is an inspection to be polled."""

import json
from pathlib import Path

from django.test import Client
from jsonschema import Draft202012Validator

from registry.models import ModelEntry
from registry.services.versions import version_inspected
from registry.spec.manifest import Plan, PlannedEnvironment, PlannedTest, Proposal
from tests.api.test_schema import resolved
from tests.api.world import API, client_of, send
from tests.registry.registry_helpers import inspection, newest

PLAN = Plan(
    environments=(
        PlannedEnvironment(strategy="poetry.lock", python="3.9", why="runtime.txt names it"),
    ),
    tests=(PlannedTest(runner="pytest", command=("pytest",), why="test_a.py", counted=True),),
    proposals=(Proposal(command="python run.py", outputs=("a.csv",), why="README.md names it"),),
)


def test_a_draft_is_polled_until_it_says_what_would_be_tried(world):
    client = client_of("models", world)
    made = send(client, "post", "/models/", {"address": "https://example.org/ada/tides"}).json()
    door = f"/models/{made['accession']}/"
    assert made["draft_version"]["state"] == "pending"
    assert made["draft_version"]["plan"]["environments"] == []
    version = newest(ModelEntry.objects.get(pk=made["accession"]))
    read = inspection(address=version.address, plan=PLAN)
    assert version_inspected(version_id=version.pk, inspection=read)
    shown = send(client, "get", door).json()["draft_version"]
    assert shown["state"] == "ready"
    assert shown["manifest_origins"] == {"run": "reprise.toml"}
    assert shown["manifest_missing"] == ["test"]
    assert shown["plan"]["environments"][0]["why"] == "runtime.txt names it"
    assert shown["plan"]["tests"][0] == {
        "runner": "pytest", "command": ["pytest"], "why": "test_a.py", "counted": True,
    }  # fmt: skip
    assert shown["plan"]["proposals"][0]["outputs"] == ["a.csv"]
    schema = client.get(f"{API}/schema/?format=json").json()
    form = resolved(schema, schema["components"]["schemas"]["Version"])
    Draft202012Validator(form).validate(shown)


def test_the_schema_of_the_manifest_is_served_as_it_is_published(db):
    reply = Client().get(f"{API}/schema/manifest/")
    published = Path(__file__).parents[2] / "docs/reprise.schema.json"
    assert reply.json() == json.loads(published.read_text())
