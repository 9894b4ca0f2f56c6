"""A portal seen from its API: one entry of every visibility, made by the services alone."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from registry.models import ModelEntry, User, VerificationRun
from registry.models.entries import Visibility
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.runs import run_event_append, run_finish, run_log_append
from registry.services.tokens import token_create
from registry.spec.evidence import ArtifactFile
from registry.spec.ladder import Step, StepState
from tests.registry.registry_helpers import claimed, person, published, ready_draft, report

API = "/api/v1"
ARCHIVE = b"\x1f\x8b a deterministic archive"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class World:
    """`ada` owns all entries, `bob` none. Each but the draft has a finished run."""

    ada: User
    bob: User
    draft: ModelEntry
    private: ModelEntry
    public: ModelEntry
    withdrawn: ModelEntry
    runs: dict[str, VerificationRun]

    def entry(self, visibility: str) -> ModelEntry:
        found: ModelEntry = getattr(self, visibility)
        return found


def archived_run(run: VerificationRun, folder: Path, **changes: object) -> VerificationRun:
    """The run finished with a report, a log, steps, an archive and a hostile page."""
    claim = claimed(run)
    for state, seconds in ((StepState.RUNNING, None), (StepState.PASSED, 1.5)):
        run_event_append(
            claim=claim,
            step=Step.FETCH_SOURCE,
            state=state,
            at=run.queued_at,
            seconds=seconds,
            message="",
        )
    for number in range(3):
        run_log_append(claim=claim, step=Step.FETCH_SOURCE, text=f"piece {number}\n")
    run_log_append(claim=claim, step=Step.RUN_TESTS, text="2 passed\n")
    files = {"source.tar.gz": folder / "source", "out/page.html": folder / "page"}
    files["source.tar.gz"].write_bytes(ARCHIVE)
    files["out/page.html"].write_bytes(b"<script>alert(1)</script>")
    seen = report(**changes)
    kept = tuple(
        ArtifactFile(
            name=name,
            media_type="text/html",
            size=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for name, path in files.items()
    )
    run_finish(claim=claim, report=replace(seen, artifacts=kept), files=files)
    return VerificationRun.objects.get(pk=run.pk)


def make_world(folder: Path) -> World:
    ada, bob = person("ada"), person("bob")
    draft = ready_draft(ada, name="drafted")
    runs = {}
    entries = {}
    for visibility in ("private", "public", "withdrawn"):
        entry, run = published(ada, name=visibility)
        runs[visibility] = archived_run(run, folder)
        entries[visibility] = entry
    entry_update(entry=entries["private"], fields=EntryFields(visibility=Visibility.PRIVATE))
    withdrawn = entries["withdrawn"]
    entry_withdraw(entry=withdrawn, actor=withdrawn.owner, reason="It was somebody else's.")
    return World(
        ada=ada,
        bob=bob,
        draft=draft,
        runs=runs,
        **{name: ModelEntry.objects.get(pk=entry.pk) for name, entry in entries.items()},
    )


def client_of(role: str, world: World) -> Client:
    """A client of one role: anonymous, bob, ada, or ada's token with some scopes."""
    client = Client()
    if role in {"ada", "bob"}:
        client.force_login(getattr(world, role))
    elif role != "anonymous":
        scopes = {"token": (), "models": ("models:write",), "runs": ("runs:write",)}[role]
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token_of(world.ada, *scopes)}"
    return client


def token_of(user: User, *scopes: str) -> str:
    return token_create(user=user, name="test", scopes=scopes, expires_at=None)[1]


def send(client: Client, method: str, path: str, body: object = None, **more: Any) -> HttpResponse:
    """A request with a JSON body."""
    content = {"data": body or {}, "content_type": "application/json"} if method != "get" else {}
    response: HttpResponse = getattr(client, method)(API + path, **content, **more)
    return response


def problem_of(response: HttpResponse, status: int) -> dict[str, Any]:
    """The problem document of a refusal, its shape checked."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    body: dict[str, Any] = response.json()
    assert set(body) >= {"type", "title", "status", "detail", "instance"}
    assert set(body) <= {"type", "title", "status", "detail", "instance", "errors", "hint"}
    assert body["status"] == status
    assert body["type"].startswith("urn:reprise:problem:")
    return body
