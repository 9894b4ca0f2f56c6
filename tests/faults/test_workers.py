"""Workers that die, runs that are cancelled, brokers that are gone: one result, nothing left."""

import time

import pytest

from tests.portal import Portal, wait_for
from tests.repositories import make_repository

pytestmark = [pytest.mark.docker, pytest.mark.redis, pytest.mark.timeout(300)]

README = {"README.md": "# A model\n"}


def sleeping(seconds):
    return README | {"test_model.py": f"import time\n\ndef test_it():\n    time.sleep({seconds})\n"}


@pytest.fixture
def portal(tmp_path, redis_url):
    portal = Portal(tmp_path, f"{redis_url.rsplit('/', 1)[0]}/7")
    try:
        portal.start_pages()
        yield portal
        portal.stop()
        portal.start_worker("sweeper")
        wait_for(lambda: None if portal.containers() else True)
    finally:
        portal.stop()


def test_a_killed_worker_leads_to_exactly_one_result_and_leaves_nothing(portal, tmp_path):
    portal.start_worker("doomed")
    _, run_id = portal.publish(make_repository(tmp_path, sleeping(6)))
    portal.reached(run_id, "run_tests")
    wait_for(lambda: portal.containers() or None)
    portal.kill("doomed")
    assert portal.containers()

    portal.start_worker("heir")
    run = portal.finished(run_id)
    assert (run["outcome"], run["level_name"], run["attempt"]) == ("not_reproduced", "runs", 2)
    assert run["tests"]["passed"] == 1
    assert len(portal.call("GET", "runs/")["results"]) == 1
    wait_for(lambda: None if portal.containers() else True)
    wait_for(lambda: None if any((tmp_path / "var/scratch" / portal.site).iterdir()) else True)


def test_a_cancelled_run_ends_its_container_within_seconds(portal, tmp_path):
    portal.start_worker("worker")
    _, run_id = portal.publish(make_repository(tmp_path, sleeping(600)))
    portal.reached(run_id, "run_tests")
    portal.call("POST", f"runs/{run_id}/cancel/", expect=202)
    run = portal.finished(run_id, seconds=15)
    assert (run["outcome"], run["cause"]) == ("cancelled", None)
    wait_for(lambda: None if portal.containers() else True, seconds=10)


def test_a_log_grows_while_its_step_runs(portal, tmp_path):
    files = README | {
        "test_model.py": "import time\n\ndef test_it():\n"
        "    for n in range(12):\n        print('tick', n, flush=True)\n        time.sleep(1)\n",
        "pytest.ini": "[pytest]\naddopts = -s\n",
    }
    portal.start_worker("worker")
    _, run_id = portal.publish(make_repository(tmp_path, files))
    portal.reached(run_id, "run_tests")

    def ticks():
        chunks = portal.call("GET", f"runs/{run_id}/logs/?step=run_tests")["chunks"]
        return "".join(chunk["text"] for chunk in chunks).count("tick")

    wait_for(lambda: 1 <= ticks() < 12 or None, seconds=20)
    portal.call("POST", f"runs/{run_id}/cancel/", expect=202)


def test_a_huge_log_is_cut_and_the_portal_goes_on(portal, tmp_path):
    flood = (
        "import sys\n\ndef test_it():\n"
        "    for n in range(200):\n        sys.stdout.write('x' * 1_000_000 + '\\n')\n"
    )
    portal.start_worker("worker")
    files = README | {"test_model.py": flood, "pytest.ini": "[pytest]\naddopts = -s\n"}
    _, run_id = portal.publish(make_repository(tmp_path, files))
    run = portal.finished(run_id)
    assert run["outcome"] == "not_reproduced"
    assert run["level_name"] == "runs"
    log = portal.call("GET", f"runs/{run_id}/logs/?step=run_tests")
    assert sum(len(chunk["text"]) for chunk in log["chunks"]) < 20_000_000


def test_publishing_with_a_dead_broker_answers_quickly_and_nothing_is_lost(tmp_path, redis_url):
    portal = Portal(tmp_path, "redis://127.0.0.1:9/0")
    portal.start_pages()
    try:
        begun = time.monotonic()
        entry = portal.call(
            "POST", "models/", {"address": str(make_repository(tmp_path, sleeping(0)))}, expect=201
        )
        assert time.monotonic() - begun < 10
        portal.environment["REPRISE_BROKER_URL"] = f"{redis_url.rsplit('/', 1)[0]}/8"
        portal.start_worker("worker")
        path = f"models/{entry['accession']}/"
        wait_for(lambda: portal.call("GET", path)["version"]["state"] == "ready" or None)
    finally:
        portal.stop()
