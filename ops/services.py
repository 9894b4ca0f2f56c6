"""Throw-away servers on free loopback ports: PostgreSQL, Redis, a registry of images.

Standard library only.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

START_SECONDS = 30


class ServiceError(Exception):
    """A server is not installed or did not start; the message says what to do."""


def free_port() -> int:
    """A TCP port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find_program(name: str, *, package: str) -> str:
    """The path of a server program. Debian keeps PostgreSQL's away from PATH."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    kept = [str(path) for path in sorted(versions, key=lambda path: float(path.parts[-3]))]
    found = kept[-1] if kept else shutil.which(name)
    if not found:
        raise ServiceError(f"{name} is missing: install the package {package}, or run `make test`.")
    return found


def _wait(answers: Callable[[], bool], *, name: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not answers():
        if time.monotonic() > end:
            raise ServiceError(f"{name} did not start in {START_SECONDS} s:\n{log.read_text()}")
        time.sleep(0.05)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Identity(TypedDict, total=False):
    """Whom a program runs as; empty: as whoever starts it."""

    user: str
    group: str
    extra_groups: list[str]


def _identity(user: str | None) -> Identity:
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _database_user() -> str | None:
    """PostgreSQL refuses to run as root, so root runs it as the user of Debian's package."""
    return "postgres" if os.geteuid() == 0 else None


@contextlib.contextmanager
def _running(
    command: Sequence[str], *, log: Path, port: int, name: str, user: str | None = None
) -> Iterator[None]:
    """Run a server in its own session, so that Ctrl-C reaches us first and we end it in order."""
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=sink, start_new_session=True, **_identity(user)
        )
    try:
        _wait(lambda: process.poll() is not None or _accepts(port), name=name, log=log)
        if process.poll() is not None:
            raise ServiceError(f"{name} ended at once:\n{log.read_text()}")
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL would wait for its clients on SIGTERM
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder that only its owner reads, outside the checkout, which others may not enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"reprise-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """A Redis that keeps nothing; yields its address."""
    program = find_program("redis-server", package="redis-server")
    with _folder("redis") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(folder)]
        with _running(command, log=folder / "log", port=port, name="Redis"):
            yield f"redis://127.0.0.1:{port}/0"


def _make_cluster(folder: Path, password: str) -> Path:
    """A new database cluster in `folder`; nobody else on this machine can sign in."""
    data, secret = folder / "data", folder / "password"
    secret.write_text(password)
    if user := _database_user():
        shutil.chown(folder, user)
        shutil.chown(secret, user)
    initdb = find_program("initdb", package="postgresql")
    options = ["--username=reprise", f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync"]
    options += ["--encoding=UTF8", "--locale=C.UTF-8", f"--pgdata={data}"]
    command = [initdb, *options]
    made = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, **_identity(user)
    )
    if made.returncode:
        raise ServiceError(f"initdb failed:\n{made.stderr}")
    return data


@contextlib.contextmanager
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL that trades safety for speed; yields the address of its database."""
    password, port = secrets.token_hex(16), free_port()
    with _folder("postgresql") as folder:
        data = _make_cluster(folder, password)
        command = [find_program("postgres", package="postgresql"), "-D", str(data)]
        command += ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            command += ["-c", f"{name}=off"]
        log, user = folder / "log", _database_user()
        # It takes connections a moment before it answers them.
        ready = [find_program("pg_isready", package="postgresql"), "-q", "-h", "127.0.0.1"]
        ready += ["-p", str(port)]
        with _running(command, log=log, port=port, name="PostgreSQL", user=user):
            _wait(lambda: subprocess.call(ready) == 0, name="PostgreSQL", log=log)
            yield f"postgresql://reprise:{password}@127.0.0.1:{port}/postgres"


@dataclass(frozen=True, kw_only=True)
class ImageRegistry:
    """A registry that runs: host and port, how it was started, where it keeps all."""

    host: str
    command: tuple[str, ...]
    config: Path
    data: Path

    def collect_garbage(self) -> str:
        """Remove the blobs that no manifest names, as its operator would; what the program says."""
        command = [self.command[0], "garbage-collect", str(self.config)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise ServiceError(f"{command[0]} garbage-collect failed:\n{done.stderr}")
        return done.stdout


@contextlib.contextmanager
def image_registry(auth: Mapping[str, str], *, port: int = 0) -> Iterator[ImageRegistry]:
    """A registry of images that lets in whom the token server of `auth` lets in.

    `auth` are the settings of its token authentication: realm, service, issuer, rootcertbundle.
    """
    program, port = find_program("docker-registry", package="docker-registry"), port or free_port()
    with _folder("images") as folder:
        config, data = folder / "config.json", folder / "data"
        settings = {
            "version": "0.1",
            "log": {"accesslog": {"disabled": True}, "level": "warn"},
            "storage": {
                "filesystem": {"rootdirectory": str(data)},
                "delete": {"enabled": True},
                # else it remembers which blobs it has, and a collection beside it goes unseen
                "cache": {"blobdescriptor": ""},
            },
            "http": {"addr": f"127.0.0.1:{port}"},
            "auth": {"token": dict(auth)},
        }
        config.write_text(json.dumps(settings))  # which is YAML, too
        command = (program, "serve", str(config))
        with _running(command, log=folder / "log", port=port, name="The registry of images"):
            yield ImageRegistry(host=f"127.0.0.1:{port}", command=command, config=config, data=data)
