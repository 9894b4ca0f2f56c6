"""A whole portal in processes of its own, driven as a person or a program would: over HTTP."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import requests
from django.conf import settings as session

ROOT = Path(__file__).parents[1]
LEASE_SECONDS = 6


class Portal:
    """Pages, workers and beat on a database and in folders that nobody else uses."""

    def __init__(self, folder: Path, broker_url: str, **settings: str) -> None:
        self.folder = folder
        self.site = f"{session.SITE_NAME}-{uuid.uuid4().hex[:8]}"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "REPRISE_VAR_DIR": str(folder / "var"),
            "REPRISE_BROKER_URL": broker_url,
            "REPRISE_PUBLIC_URL": self.url,
            "REPRISE_SITE_NAME": self.site,
            "REPRISE_SOURCE_ALLOW": "file",
            "REPRISE_LEASE_SECONDS": str(LEASE_SECONDS),
            "REPRISE_RECONCILE_SECONDS": "2",
            "REPRISE_RESEND_SECONDS": "4",
            **settings,
        }
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""
        shutil.copytree(_laid(), folder / "var")

    def manage(self, *arguments: str) -> str:
        """The output of a management command."""
        return _managed(*arguments, environment=self.environment)

    def start_pages(self) -> None:
        """Start the web server and wait until it answers."""
        port = self.url.rpartition(":")[2]
        granian = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
        self._spawn("pages", [*granian, "--workers", "1", "portal.wsgi:application"])
        wait_for(lambda: self._answers() or None, seconds=30)

    def start_worker(self, name: str, *, queues: str = "verify,light", beat: bool = True) -> None:
        """Start a worker of its own name; it takes one run at a time."""
        celery = ["celery", "-A", "portal", "worker", "-Q", queues, "-c", "1", "-n", f"{name}@%h"]
        self._spawn(name, [*celery, *(["-B"] if beat else [])])

    def kill(self, name: str) -> None:
        """SIGKILL to a part and all its children, as a machine that loses power."""
        child = self._children.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def stop(self) -> None:
        """End every part."""
        for name in list(self._children):
            self.kill(name)

    def pid_of(self, name: str) -> int:
        """The process of a part, whose children do its work."""
        return self._children[name].pid

    def log_of(self, name: str) -> str:
        """What a part has printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def publish(self, repository: Path, **fields: Any) -> tuple[int, int]:
        """Draft, wait until read, publish: the accession and the run's id."""
        entry = self.call("POST", "models/", {"address": str(repository)}, expect=201)
        accession = entry["accession"]
        path = f"models/{accession}/"
        wait_for(lambda: self.call("GET", path)["version"]["state"] != "pending" or None)
        self.call("PATCH", path, {"licence": "MIT", "title": "A model", **fields})
        run = self.call("POST", f"{path}publish/", expect=202)
        return accession, run["id"]

    def finished(self, run_id: int, *, seconds: float = 120) -> dict[str, Any]:
        """The run, once it is finished."""

        def ended() -> dict[str, Any] | None:
            run = self.call("GET", f"runs/{run_id}/")
            return run if run["state"] == "finished" else None

        return wait_for(ended, seconds=seconds)

    def reached(self, run_id: int, step: str) -> None:
        """Wait until a run is in the middle of a step."""

        def running() -> bool | None:
            steps = self.call("GET", f"runs/{run_id}/")["steps"]
            return {s["step"]: s["state"] for s in steps}.get(step) == "running" or None

        wait_for(running)

    def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        """One call of the REST API with a token that may do everything."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(
            method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=20
        )
        assert answer.status_code == expect, (path, answer.status_code, answer.text[:2000])
        return answer.json() if answer.content else None

    @property
    def token(self) -> str:
        """An API token of a person called tester, made on first use."""
        if not self._token:
            self._token = self.manage("shell", "-v0", "-c", TOKEN_CODE).splitlines()[-1]
        return self._token

    def containers(self) -> list[str]:
        """Names of the containers that this portal's runs have on the engine."""
        label = f"label=org.reprise.site={self.site}"
        command = ["docker", "ps", "-a", "--filter", label, "--format", "{{.Names}}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def _spawn(self, name: str, arguments: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=2).ok
        except requests.RequestException:
            return False


@cache
def _laid() -> Path:
    """The data of a portal on which nothing happened yet, laid once a session: it takes seconds."""
    folder = Path(session.VAR_DIR, "laid")
    migrated = os.environ.get("REPRISE_TEST_MIGRATED")
    if migrated:
        folder.mkdir()
        shutil.copy(migrated, folder / "reprise.sqlite3")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REPRISE_VAR_DIR": str(folder),
    }
    _managed("migrate", "-v0", environment=environment)
    _managed("vocabularies", "-v0", environment=environment)
    _managed("collectstatic", "-v0", "--no-input", environment=environment)
    return folder


def _managed(*arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


TOKEN_CODE = """
from registry.models import User
from registry.services.tokens import SCOPES, token_create
user = User.objects.create_user("tester", email="tester@example.org", password="long and secret")
print(token_create(user=user, name="t", scopes=SCOPES, expires_at=None)[1])
"""


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(seen: Callable[[], Any], *, seconds: float = 60) -> Any:
    """The first answer of `seen` that is not None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = seen()
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not seen within {seconds} s")
