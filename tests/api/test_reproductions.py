"""Reproductions: what others report of a run, kept apart from what the portal saw."""

import json
from dataclasses import replace

import pytest
from django.test import Client

from registry.models import Reproduction, VerificationRun
from registry.selectors.reproductions import receipt_artifact, receipt_of, reproduction_groups
from registry.services import reproductions
from registry.services.keys import key_register, key_retire
from registry.services.runs import run_finish
from registry.spec.envelope import FILE_BYTES, new_secret_key, public_pem
from registry.spec.receipt import RECEIPT, REPORT
from registry.spec.statements import Reproduces
from runners.attest import attest
from tests.api.world import API, client_of, problem_of, send, token_of
from tests.receipts.receipt_helpers import KEY, LIMITS, SHA, report, signed, signer
from tests.registry.registry_helpers import claimed, person, published

THEIRS = new_secret_key()
PEM = public_pem(THEIRS.public_key)


def finished(run: VerificationRun, folder, **changes) -> VerificationRun:
    """A run ended as a worker ends it: with report, crate and receipt."""
    key_register(public_pem=public_pem(KEY.public_key))
    seen = report(artifacts=(), **changes)
    files = attest(seen, {}, folder=folder, limits=LIMITS, signer=signer())
    run_finish(claim=claimed(run), report=seen, files=files)
    return VerificationRun.objects.get(pk=run.pk)


@pytest.fixture
def run(db, tmp_path):
    return finished(published(person("eve"))[1], tmp_path)


@pytest.fixture
def bob(db):
    user = person("bob")
    headers = {"Authorization": f"Bearer {token_of(user, 'reproductions:write')}"}
    return Client(headers=headers)


def rerun(run, *, key=THEIRS, site="Bob’s lab", of=None, **changes) -> bytes:
    """A receipt of somebody's own run that says which one it repeats."""
    named = of or receipt_of(run).sha256
    by = signer(
        key=key, site=site, run="urn:x:1", url="", reproduces=Reproduces(receipt=named, run="r")
    )
    return signed(report(artifacts=(), **changes), by=by)


def sent(client, run, receipt, pem=PEM):
    body = {"receipt": receipt.decode(), "public_key": pem}
    return send(client, "post", f"/runs/{run.pk}/reproductions/", body)


def test_a_reproduction_is_kept_listed_and_given_back_byte_for_byte(run, bob):
    receipt = rerun(run)
    reply = sent(bob, run, receipt)
    assert reply.status_code == 201, reply.content
    said = reply.json()
    assert (said["site"], said["agrees"], said["level_name"]) == ("Bob’s lab", True, "reproduced")
    assert said["outputs"] == [{"path": "energy.csv", "agreement": "same"}]
    assert said["keyid"] == THEIRS.public_key.keyid
    assert said["by_editor"] is False
    listed = send(Client(), "get", f"/runs/{run.pk}/reproductions/").json()["results"]
    assert listed == [said]
    kept = Client().get(said["receipt"])
    assert b"".join(kept.streaming_content) == receipt


@pytest.mark.parametrize(
    ("changes", "agreement", "agrees"),
    [
        ({"sha": SHA["c"]}, "within", True),
        ({"inference": ()}, "missing", False),
        ({"sha": SHA["c"], "comparisons": ()}, "different", False),
        ({"level": 4, "level_name": "repeatable"}, "same", False),
        ({"tests_pass": False}, "same", False),
    ],
)
def test_whether_it_agrees_is_worked_out_here(run, bob, changes, agreement, agrees):
    said = sent(bob, run, rerun(run, **changes)).json()
    assert said["outputs"] == [{"path": "energy.csv", "agreement": agreement}]
    assert said["agrees"] is agrees


def test_the_same_receipt_counts_once(run, bob):
    receipt = rerun(run)
    first, again = sent(bob, run, receipt), sent(bob, run, receipt)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Reproduction.objects.count() == 1


def test_what_is_altered_or_signed_by_somebody_else_is_refused(run, bob):
    receipt = rerun(run)
    altered = receipt.replace(b"payloadType", b"payloadTypf", 1)
    other = public_pem(new_secret_key().public_key)
    for body, pem in ((altered, PEM), (receipt, other), (receipt, "no key"), (receipt[:-1], PEM)):
        problem = problem_of(sent(bob, run, body, pem), 400)
        assert problem["type"].endswith("receipt-refused")
    assert not Reproduction.objects.exists()


@pytest.mark.parametrize("of", ["0" * 64, ""])
def test_what_reproduces_something_else_is_refused(run, bob, of):
    receipt = rerun(run, of=of) if of else signed(report(), by=signer(key=THEIRS))
    assert problem_of(sent(bob, run, receipt), 400)["type"].endswith("receipt-other")


def test_a_rerun_of_another_commit_is_refused(run, bob):
    other = replace(report().source, commit="b" * 40)
    problem = problem_of(sent(bob, run, rerun(run, source=other)), 400)
    assert "another commit" in problem["detail"]


def test_the_portals_own_key_makes_no_independent_reproduction(run, bob):
    problem = problem_of(sent(bob, run, rerun(run, key=KEY), public_pem(KEY.public_key)), 400)
    assert problem["type"].endswith("receipt-ours")


def test_strangers_and_tokens_without_the_scope_send_nothing(run):
    problem_of(sent(Client(), run, rerun(run)), 401)
    other = Client(headers={"Authorization": f"Bearer {token_of(person('bob'), 'runs:write')}"})
    assert "reproductions:write" in problem_of(sent(other, run, rerun(run)), 403)["detail"]


def test_a_body_beyond_the_bound_is_refused_unread(run, bob):
    huge = bob.post(
        f"{API}/runs/{run.pk}/reproductions/",
        b"x" * (FILE_BYTES * 2),
        content_type="application/json",
    )
    assert problem_of(huge, 413)["type"].endswith("too-large")


def test_one_person_cannot_fill_the_page(run, bob, monkeypatch):
    monkeypatch.setattr(reproductions, "SENT_MOST", 2)
    for second in range(2):
        when = f"2026-01-01T00:02:0{second}+00:00"
        assert sent(bob, run, rerun(run, finished_at=when)).status_code == 201
    problem_of(sent(bob, run, rerun(run)), 409)


def test_a_run_without_a_receipt_takes_no_reproduction(world):
    bob = Client(headers={"Authorization": f"Bearer {token_of(world.bob, 'reproductions:write')}"})
    problem = problem_of(sent(bob, world.runs["public"], rerun(None, of="0" * 64)), 409)
    assert problem["type"].endswith("receipt-missing")


def test_what_one_may_not_know_of_takes_no_reproduction(world):
    bob = client_of("bob", world)
    problem_of(sent(bob, world.runs["private"], rerun(None, of="0" * 64)), 404)


def test_an_editors_own_reproduction_is_marked(run):
    eve = run.version.entry.owner
    own = Client(headers={"Authorization": f"Bearer {token_of(eve, 'reproductions:write')}"})
    assert sent(own, run, rerun(run)).json()["by_editor"] is True
    (group,) = reproduction_groups(version=run.version)
    assert group.by_editors


def test_groups_are_by_site_key_and_family_of_processors(run, bob):
    host = report().host
    for model, sha in (("Apple M1", "a"), ("Apple M1 Pro", "c"), ("Neoverse-N1", "a")):
        seen = {"host": replace(host, cpu_model=model), "sha": SHA[sha]}
        told = {} if sha == "a" else {"comparisons": ()}
        assert sent(bob, run, rerun(run, **seen, **told)).status_code == 201
    groups = {group.cpu_family: group for group in reproduction_groups(version=run.version)}
    assert (groups["Apple M1"].count, groups["Apple M1"].agree) == (2, 1)
    assert groups["Apple M1"].differ == 1
    assert groups["ARM Neoverse N1"].count == 1


def test_pages_show_them_apart_and_escaped(run, bob):
    sent(bob, run, rerun(run, site="<script>alert(1)</script>"))
    for address in (f"/runs/{run.pk}/", f"/models/{run.version.entry_id}/reproducibility/"):
        page = Client().get(address).content.decode()
        assert "Reported by others, not checked by this portal." in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page
        assert f"verify --against http://127.0.0.1:8000/api/v1/runs/{run.pk}/artifacts/" in page


def test_the_page_offers_receipt_report_and_key(run):
    page = Client().get(f"/runs/{run.pk}/").content.decode()
    for address in (
        f"{API}/runs/{run.pk}/artifacts/{RECEIPT}/",
        f"{API}/runs/{run.pk}/artifacts/{REPORT}/",
        f"/.well-known/reprise-keys/{KEY.public_key.keyid}.pem",
        "/.well-known/reprise-keys.json",
    ):
        assert f'href="{address}"' in page
        assert Client().get(address).status_code == 200


def test_an_unsigned_run_says_so_and_nothing_is_wrong(world):
    page = Client().get(f"/runs/{world.runs['public'].pk}/").content.decode()
    assert "No receipt" in page
    assert "verify --against" not in page


def test_a_key_retired_since_keeps_its_receipts(run):
    key_retire(keyid=KEY.public_key.keyid)
    assert receipt_of(run) is not None
    assert "what it signed before stays valid" in Client().get(f"/runs/{run.pk}/").content.decode()


def test_the_stored_report_is_the_one_that_was_signed(run):
    stored = Client().get(f"{API}/runs/{run.pk}/artifacts/{REPORT}/")
    assert json.loads(b"".join(stored.streaming_content)) == run.report
    assert receipt_artifact(run) is not None
