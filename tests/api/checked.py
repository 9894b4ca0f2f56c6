"""Calls of the API whose replies are held against its own schema."""

import functools
import re
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator

from tests.api.world import API, send


@functools.cache
def schema() -> dict[str, Any]:
    document: dict[str, Any] = Client().get(f"{API}/schema/?format=json").json()
    return document


@functools.cache
def _form(template: str, method: str, status: str) -> Draft202012Validator | None:
    said = schema()["paths"][template][method]["responses"]
    content = said.get(status, said["default"]).get("content")
    if content is None:
        return None
    part = next(iter(content.values()))["schema"]
    whole = part | {"components": schema()["components"]}
    return Draft202012Validator(whole)


@functools.cache
def _template(path: str) -> str:
    """The address in the schema that a path fits; one without variables is meant first."""
    fitting = [one for one in schema()["paths"] if re.fullmatch(_pattern(one), API + path)]
    return min(fitting, key=lambda one: one.count("{"))


def _pattern(template: str) -> str:
    return re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template))


def call(
    client: Client, method: str, path: str, body: object = None, *, expect: int = 200, **more: Any
) -> Any:
    """What a call replies, once its status and its form were checked; None without content."""
    reply = send(client, method, path, body, **more)
    assert reply.status_code == expect, (method, path, reply.status_code, reply.content)
    form = _form(_template(path.partition("?")[0]), method, str(expect))
    if form is None:
        assert not reply.content
        return None
    form.validate(reply.json())
    return reply.json()
