"""Calculations whose worker dies, or that are removed in the middle: one result, nothing left."""

import pytest

from tests.portal import Portal, wait_for
from tests.repositories import make_repository

pytestmark = [pytest.mark.docker, pytest.mark.redis, pytest.mark.timeout(300)]

MODEL = {
    "README.md": "# A model\n",
    "model.py": "import json, time\nasked = json.load(open('in.json'))\n"
    "print('begun', flush=True)\ntime.sleep(asked['seconds'])\n"
    "json.dump(asked, open('out.json', 'w'))\n",
    "in.json": '{"seconds": 0}',
    "expected.json": '{"seconds": 0}',
    "reprise.toml": 'run = "python3 model.py"\n[[inputs]]\npath = "in.json"\n'
    '[[outputs]]\npath = "out.json"\nexpected = "expected.json"\n',
}
OPEN = """
from registry.models import ModelEntry
from registry.services.calculation_offers import entry_calculations_set
entry = ModelEntry.objects.get(pk={accession})
entry_calculations_set(actor=entry.owner, entry=entry, wanted=True)
"""


@pytest.fixture
def portal(tmp_path, redis_url):
    broker = f"{redis_url.rsplit('/', 1)[0]}/6"
    portal = Portal(tmp_path, broker, REPRISE_CALCULATIONS_A_DAY="9")
    try:
        portal.start_pages()
        yield portal
    finally:
        portal.stop()


def asked(portal: Portal, accession: int, seconds: float) -> str:
    """The path of a calculation that a worker has begun."""
    body = {"inputs": {"in.json": {"seconds": seconds}}}
    said = portal.call("POST", f"models/{accession}/calculations/", body, expect=202)
    path = f"calculations/{said['id']}/"
    wait_for(lambda: "begun" in portal.call("GET", path)["log"] or None)
    return path


@pytest.mark.slow  # three minutes; CI kills a worker in a verification, under such a lease
def test_a_killed_worker_leads_to_one_result_and_what_is_removed_ends(portal, tmp_path):
    portal.start_worker("doomed")
    accession, run_id = portal.publish(make_repository(tmp_path, MODEL))
    assert portal.finished(run_id)["outcome"] == "reproduced"
    portal.manage("shell", "-v0", "-c", OPEN.format(accession=accession))

    path = asked(portal, accession, 5)
    portal.kill("doomed")
    assert portal.containers()
    portal.start_worker("heir")
    wait_for(lambda: portal.call("GET", path)["outcome"])
    done = portal.call("GET", path)
    assert (done["outcome"], done["attempt"], done["log"]) == ("done", 2, "begun\n")
    assert [file["path"] for file in done["files"]] == ["in.json", "out.json"]

    gone = asked(portal, accession, 600)
    portal.call("DELETE", gone, expect=204)
    portal.call("GET", gone, expect=404)
    wait_for(lambda: None if portal.containers() else True, seconds=30)
    wait_for(lambda: None if any((tmp_path / "var/scratch" / portal.site).iterdir()) else True)
    run = portal.call("GET", f"runs/{run_id}/")
    assert (run["outcome"], run["attempt"]) == ("reproduced", 1)
    assert len(portal.call("GET", "runs/")["results"]) == 1
