"""The schema: valid, without a warning, true, and readable on a page of this portal alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from tests.api.world import API, client_of, send

ROOT = Path(__file__).parents[2]


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path):
    command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn"]
    target = tmp_path / "schema.yml"
    done = subprocess.run(
        [*command, "--file", str(target)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "arning" not in done.stderr
    assert target.read_text().startswith("openapi: 3.1")


@pytest.fixture
def schema(db):
    return Client().get(f"{API}/schema/?format=json").json()


def resolved(schema: dict, part: object) -> object:
    """`part` with every reference replaced, so that it can be held against a reply alone."""
    if isinstance(part, dict):
        if "$ref" in part:
            return resolved(schema, schema["components"]["schemas"][part["$ref"].split("/")[-1]])
        return {name: resolved(schema, value) for name, value in part.items()}
    return [resolved(schema, value) for value in part] if isinstance(part, list) else part


def test_replies_are_what_the_schema_says(world, schema):
    model, run = world.public.pk, world.runs["public"].pk
    client = client_of("models", world)
    for template, path in (
        ("/models/", "/models/"),
        ("/models/{accession}/", f"/models/{model}/"),
        ("/models/{accession}/versions/", f"/models/{model}/versions/"),
        ("/models/{accession}/versions/{number}/", f"/models/{model}/versions/1/"),
        ("/runs/", "/runs/"),
        ("/runs/{run_id}/", f"/runs/{run}/"),
        ("/runs/{run_id}/report/", f"/runs/{run}/report/"),
        ("/runs/{run_id}/logs/", f"/runs/{run}/logs/"),
        ("/runs/{run_id}/artifacts/", f"/runs/{run}/artifacts/"),
        ("/models/{accession}/history/", f"/models/{model}/history/"),
        ("/statistics/", "/statistics/"),
        ("/users/me/", "/users/me/"),
    ):
        said = schema["paths"][API + template]["get"]["responses"]["200"]["content"]
        form = resolved(schema, said["application/json"]["schema"])
        Draft202012Validator(form).validate(send(client, "get", path).json())


def test_every_door_says_how_it_refuses(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            refusal = operation["responses"]["default"]["content"]
            assert "application/problem+json" in refusal, (method, path)


def test_no_form_of_the_schema_speaks_of_secrets(schema):
    # Where a report is answered to is what somebody sends, and no reply of ours to all.
    text = str(schema).lower().replace("'format': 'email'", "")
    for word in ("password", "digest'", "is_superuser", "lease", "email"):
        assert word not in text or word == "digest'"


def test_the_page_loads_nothing_from_elsewhere(db):
    page = Client().get(f"{API}/docs/")
    assert page.status_code == 200
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.content.decode())
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    assert not re.search(r"<script(?![^>]*src=)[^>]*>", page.content.decode())


def test_the_page_is_relaxed_for_its_own_styles_alone(db):
    policy = dict(
        part.strip().split(" ", 1)
        for part in Client().get(f"{API}/docs/")["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert "script-src" not in policy
    elsewhere = Client().get(f"{API}/models/")["Content-Security-Policy"]
    assert "unsafe-inline" not in elsewhere


def test_the_pages_script_asks_no_validator_elsewhere(db):
    script = Client().get(f"{API}/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert '"validatorUrl": null' in script.content.decode()
