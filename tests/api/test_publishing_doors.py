"""All that the pages of publishing do, and all that pages of runs show, by the API alone."""

from dataclasses import replace

import pytest
from django.test import Client

from registry.models import ModelEntry, VerificationRun
from registry.services.versions import version_create, version_inspected
from registry.services.vocabularies import vocabularies_load
from registry.spec.evidence import Policy
from registry.spec.policy import POLICY
from tests.api.world import API, client_of, problem_of, send
from tests.registry.registry_helpers import (
    failing_report,
    inspection,
    newest,
    published,
    queued,
    report,
    verified,
)

DRAFT = {"address": "https://example.org/pendulum.git", "name": "pendulum"}


@pytest.fixture
def owner(world):
    client = client_of("ada", world)
    client.raise_request_exception = True
    return client


def as_read(accession: int) -> None:
    """What a worker does."""
    version = newest(ModelEntry.objects.get(pk=accession))
    version_inspected(version_id=version.pk, inspection=inspection(address=version.address))


def test_a_model_is_published_step_by_step(owner):
    made = send(owner, "post", "/models/", DRAFT).json()
    door = f"/models/{made['accession']}/"
    # 1. Source: it was another one.
    other = send(owner, "post", f"{door}source/", {"address": "https://example.org/other.git"})
    assert (other.status_code, other.json()["address"]) == (202, "https://example.org/other.git")
    again = send(owner, "post", f"{door}source/")
    assert again.json()["address"] == "https://example.org/other.git"
    assert problem_of(send(owner, "post", f"{door}try/"), 409)["hint"]
    as_read(made["accession"])
    # 2. Check.
    check = send(owner, "get", f"{door}check/").json()
    assert check["run"] is None
    said = {"title": "A pendulum", "licence": "MIT", "revision": made["revision"]}
    problem_of(send(owner, "patch", door, said), 409)
    said["revision"] = send(owner, "get", door).json()["revision"]
    assert send(owner, "patch", door, said).json()["revision"] > said["revision"]
    assert send(owner, "get", f"{door}check/").json()["obstacles"] == []
    # 3. Try.
    run = send(owner, "post", f"{door}try/")
    assert run.status_code == 202
    seen = report(policy=Policy(version=POLICY.version, digest=POLICY.digest))
    verified(VerificationRun.objects.get(pk=run.json()["id"]), seen)
    assert send(owner, "get", f"{door}check/").json()["run"].endswith(f"/runs/{run.json()['id']}/")
    assert Client().get(f"{API}{door}").status_code == 404
    # 4. Publish, with the verdict that is there.
    assert send(owner, "post", f"{door}publish/").json()["id"] == run.json()["id"]
    assert Client().get(f"{API}{door}").json()["level_name"] == "reproduced"
    problem_of(send(owner, "post", f"{door}try/"), 409)


def test_a_draft_says_what_is_missing_and_can_be_deleted(owner, world):
    door = f"/models/{world.draft.pk}/"
    problem_of(send(client_of("bob", world), "delete", door), 404)
    problem_of(send(owner, "delete", f"/models/{world.public.pk}/"), 409)
    assert send(owner, "delete", door).status_code == 204
    problem_of(send(owner, "get", door), 404)


def test_a_model_is_withdrawn_with_its_reason(owner, world):
    door = f"/models/{world.public.pk}/withdraw/"
    problem_of(send(client_of("bob", world), "post", door, {"reason": "x"}), 403)
    problem_of(send(owner, "post", door, {"reason": " "}), 400)
    gone = send(owner, "post", door, {"reason": "A unit was wrong."}).json()
    assert (gone["visibility"], gone["withdrawn_reason"]) == ("withdrawn", "A unit was wrong.")
    problem_of(send(owner, "post", door, {"reason": "Again."}), 410)


def test_terms_are_set_and_shown_by_vocabulary(owner, world):
    vocabularies_load()
    door = f"/models/{world.public.pk}/"
    shown = send(owner, "patch", door, {"terms": {"subject": ["Turbulence"]}}).json()
    (term,) = shown["terms"]["subject"]
    assert term.endswith("/turbulence")
    problem_of(send(owner, "patch", door, {"terms": {"subject": ["Nothing such"]}}), 400)
    assert send(owner, "patch", door, {"terms": {"subject": []}}).json()["terms"] == {}


def test_completeness_says_what_would_raise_it(world):
    told = Client().get(f"{API}/models/{world.public.pk}/completeness/").json()
    assert 0 < told["score"] < 100
    assert all(one["mend"] and one["weight"] for one in told["missing"])


def test_what_broke_a_model_is_searched_between_two_runs(owner, world):
    good = world.runs["public"]
    bad = verified(queued(world.public), failing_report())
    door = f"/models/{world.public.pk}/bisections/"
    body = {"good": good.pk, "bad": bad.pk}
    problem_of(send(client_of("bob", world), "post", door, body), 403)
    hidden = {"good": good.pk, "bad": world.runs["private"].pk}
    assert problem_of(send(owner, "post", door, hidden), 400)["errors"][0]["pointer"] == "#/bad"
    problem_of(send(owner, "post", door, {"good": bad.pk, "bad": good.pk}), 409)
    begun = send(owner, "post", door, body)
    assert begun.status_code == 202, begun.content
    assert Client().get(f"{API}{door}").json()["results"] == [begun.json()]


def test_a_hook_is_opened_renewed_and_set_by_editors_alone(owner, world):
    door = f"/models/{world.public.pk}/watch/"
    problem_of(Client().get(f"{API}{door}"), 401)
    problem_of(send(client_of("bob", world), "post", door), 403)
    assert send(owner, "get", door).json()["hook"] is None
    first = send(owner, "post", door).json()
    second = send(owner, "post", door).json()
    assert first["hook"] == second["hook"]
    assert first["secret"] != second["secret"]
    told = send(owner, "patch", door, {"branch": "stable"}).json()
    assert (told["branch"], told["hook"]) == ("stable", first["hook"])
    assert "secret" not in told
    problem_of(send(owner, "post", door, headers={"Idempotency-Key": "k"}), 400)
    problem_of(send(owner, "post", f"/models/{world.draft.pk}/watch/"), 409)


def test_two_runs_are_compared_the_older_first(world):
    older = world.runs["public"]
    tests = failing_report().tests
    assert tests is not None
    fallen = tuple(replace(one, state="failed") for one in tests.outcomes[:1])
    seen = failing_report(tests=replace(tests, outcomes=(*fallen, *tests.outcomes[1:])))
    newer = verified(queued(world.public), seen)
    door = f"{API}/runs/compare/"
    told = Client().get(f"{door}?a={newer.pk}&b={older.pk}").json()
    assert (told["older"]["id"], told["newer"]["id"]) == (older.pk, newer.pk)
    assert told["tests"] | {"same": 1, "failing": ["test_a"]} == told["tests"]
    assert {one["step"] for one in told["times"]} >= {"run_tests"}
    assert {one["name"] for one in told["facts"]} >= {"Commit", "Image"}
    problem_of(Client().get(f"{door}?a={older.pk}&b={older.pk}"), 400)
    problem_of(Client().get(f"{door}?a={older.pk}"), 400)
    for hidden in (world.runs["private"].pk, 10**6):
        problem_of(Client().get(f"{door}?a={older.pk}&b={hidden}"), 404)


def test_a_runs_events_tests_and_lines_are_listed(world):
    door = f"{API}/runs/{world.runs['public'].pk}/"
    events = Client().get(f"{door}events/").json()["results"]
    assert [event["state"] for event in events][:2] == ["running", "passed"]
    names = [test["name"] for test in Client().get(f"{door}tests/").json()["results"]]
    assert names == ["test_a", "test_b"]
    assert Client().get(f"{door}tests/?state=failed").json()["results"] == []
    lines = Client().get(f"{door}lines/?line=2").json()
    assert lines["steps"] == ["fetch_source", "run_tests"]
    assert [line["text"] for line in lines["lines"]][:2] == ["piece 1", "piece 2"]
    found = Client().get(f"{door}lines/?q=PIECE 2").json()["lines"]
    assert found == [{"number": 3, "text": "piece 2"}]
    problem_of(Client().get(f"{door}lines/?step=nap"), 400)


def test_of_a_further_version_the_last_source_is_read_again(owner, world):
    entry, run = published(world.ada, name="further")
    verified(run, report())
    version_create(entry=entry, address="https://example.org/next.git")
    again = send(owner, "post", f"/models/{entry.pk}/source/", {"ref": "v2"}).json()
    assert (again["address"], again["ref"]) == ("https://example.org/next.git", "v2")
