"""The web server that sites run, with many clients at once, large requests and broken lines."""

import os
import random
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings as session
from django.db import connection

from registry.models import ModelEntry
from registry.services.entries import entry_publish
from tests.gitting.client import commits, pulls
from tests.portal import ROOT, free_port, wait_for

MANY = 24_000  # A partial clone names each file that it lacks: more than git sends in one piece.


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    """Granian on the database of the tests. `var` is its folder, `place` its address."""
    var = tmp_path_factory.mktemp("granian")
    place = f"http://127.0.0.1:{free_port()}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REPRISE_VAR_DIR": str(var),
        "REPRISE_DATABASE_URL": database_of_tests(var),
        "TMPDIR": str(var),
    }
    listening = ["--interface", "wsgi", "--port", place.rpartition(":")[2]]
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *listening, "portal.wsgi:application"],
            cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: answers(place), seconds=90)
        yield SimpleNamespace(var=var, place=place)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def database_of_tests(var: Path) -> str:
    """Its address; empty where it is the file that a site with the folder `var` opens."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        return f"{os.environ['REPRISE_DATABASE_URL'].rpartition('/')[0]}/{name}"
    (var / "reprise.sqlite3").symlink_to(name)
    return ""


@pytest.fixture
def site(model, server):
    """The model as granian serves it."""
    mirrors = server.var / "mirrors"
    mirrors.unlink(missing_ok=True)
    mirrors.symlink_to(session.MIRROR_DIR)
    model.site = f"{server.place}/ada/{model.entry.name}.git"
    return model


def answers(place):
    try:
        return requests.get(f"{place}/a/b.git/HEAD", timeout=5).status_code == 404 or None
    except requests.RequestException:
        return None


def left(folder: Path) -> list[str]:
    """What is still served: the processes of git, and the folders that they read."""
    found = subprocess.run(
        ["pgrep", "-f", f"{folder}/reprise-git-"], capture_output=True, text=True, check=False
    )
    return found.stdout.split() + [str(path) for path in folder.glob("reprise-git-*")]


def test_twenty_clones_at_once_are_all_whole(git, site, server):
    def clone(number):
        git("clone", "-q", site.site, f"it-{number}")
        git("fsck", "--full", "--strict", clone=f"it-{number}")
        return git("rev-parse", "HEAD^{tree}", "v1^{tree}", clone=f"it-{number}")

    with ThreadPoolExecutor(20) as people:
        trees = set(people.map(clone, range(20)))
    first, second, _ = commits(site)
    assert trees == {site.repository.git("rev-parse", f"{second}^{{tree}}", f"{first}^{{tree}}")}
    wait_for(lambda: not left(server.var) or None, seconds=10)


def test_a_request_of_unknown_length_is_read_to_its_end(site):
    """As git sends what is longer than its buffer: in chunks."""
    commit = commits(site)[1].encode()
    body = b"0011command=fetch" + b"0001" + b"000cdeepen 1" + b"0032want " + commit + b"\n"
    body += (b"0032have " + b"1" * 40 + b"\n") * MANY + b"0009done\n" + b"0000"
    answer = requests.post(
        f"{site.site}/git-upload-pack",
        data=(body[at : at + 60_000] for at in range(0, len(body), 60_000)),
        headers={
            "Content-Type": "application/x-git-upload-pack-request",
            "Git-Protocol": "version=2",
        },
        timeout=60,
    )
    assert b"packfile\n" in answer.content, answer.content[:300]


def test_who_breaks_off_leaves_nothing_running(site, server):
    entry_publish(entry=ModelEntry.objects.get(pk=site.entry.pk), requested_by=site.owner)
    site.release({"large": random.Random(1).randbytes(20_000_000)})
    commit = commits(site)[3]
    body = f"0011command=fetch00010032want {commit}\n0009done\n0000"
    place = urlsplit(site.site)
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(
            f"POST {place.path}/git-upload-pack HTTP/1.1\r\nHost: {place.netloc}\r\n"
            "Content-Type: application/x-git-upload-pack-request\r\nGit-Protocol: version=2\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        received = b""
        while b"packfile" not in received:
            received += line.recv(1000) or pytest.fail(str(received))
        assert left(server.var), "git waits for its client to read on"
    wait_for(lambda: not left(server.var) or None, seconds=20)
    assert pulls()[4] == 1
