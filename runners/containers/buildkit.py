"""Builds through a docker command line that has BuildKit: the SDK has the classic builder only."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from registry.spec.ladder import Cause
from runners.containers.base import BuildRequest
from runners.containers.dockerfile import instructions
from runners.containers.follow import BoundedText, follow
from runners.faults import Check, LogSink, PlatformFault, RepositoryFault
from runners.limits import SitePackages

PROBE_SECONDS = 20
READ_BYTES = 65_536
SHOWN_LINES = 15
# Clients older than this choose BuildKit by a variable; later ones need the buildx plugin.
FIRST_WITHOUT_OWN_BUILDKIT = 23
SECRETS = "/run/secrets"
CA_TARGET = f"{SECRETS}/site-ca"
CA_VARIABLES = (
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
)
# BuildKit writes `NAME=value` of every build argument into the image's history, and an index's
# address may hold a password. So the address travels in configuration files, as a secret; both
# pip and uv look for theirs below the folders of XDG_CONFIG_DIRS, under the user's own.
CONFIG_TARGETS = {
    "site-pip": f"{SECRETS}/site/pip/pip.conf",
    "site-uv": f"{SECRETS}/site/uv/uv.toml",
}
CONFIG_ARGUMENT = f"XDG_CONFIG_DIRS={SECRETS}/site:/etc/xdg"
WHEELS_TARGET = f"{SECRETS}/site-wheels"
WHEELS_VARIABLES = ("UV_FIND_LINKS", "PIP_FIND_LINKS")
# Docker keeps these four out of an image and its history by itself.
PROXY_ARGUMENTS = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")

_OWN_STEP_FAILED = re.compile(r"executor failed running|did not complete successfully")
_NO_BASE = re.compile(
    r"pull access denied|manifest unknown|manifest for .* not found"
    r"|failed to resolve source metadata|repository does not exist"
)
_BASE_WANTED = re.compile(
    r"^ > \[internal\] load metadata for (?:docker\.io/(?:library/)?)?(?P<name>\S+):$", re.MULTILINE
)
_ENGINE_FAILED = re.compile(
    r"cannot connect to the docker daemon|error during connect|failed to dial|code = unavailable"
    r"|no space left on device|dial tcp|failed to do request|i/o timeout|unexpected eof"
    r"|closed transport|server closed|context canceled",
    re.IGNORECASE,
)
_STEP_OUTPUT = re.compile(r"^#\d+ \d+\.\d+ ?(?P<text>.*\S)")


@dataclass(frozen=True)
class _Client:
    """A command that builds with BuildKit, and the variables it wants."""

    command: tuple[str, ...]
    variables: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """What a failed build asks of the engine: does it still answer, can it get other images."""

    alive: Callable[[], bool]
    has_hub: Callable[[], bool]


def for_site(dockerfile: str, site: SitePackages, wheels: str = "") -> str:
    """`dockerfile` with what its RUN steps need to reach this site's package index and wheels.

    The bundle and the index's address are secrets, mounted for one RUN at a time, and so is the
    image `wheels`, which holds the site's own. The variables that point to them are ARGs: RUN sees
    them, the image's environment does not keep them. Without any the text comes back as it is.
    """
    mounts = _mounts(site, wheels)
    if not mounts:
        return dockerfile
    arguments = "".join(f"ARG {name}\n" for name in _site_arguments(site, wheels))
    lines = dockerfile.removesuffix("\n").split("\n")
    for step in reversed(instructions(dockerfile)):
        if step.name == "RUN":
            run = lines[step.first_line]
            lines[step.first_line] = re.sub(r"(?i)^(\s*RUN)\b", rf"\1 {' '.join(mounts)}", run)
        if step.name == "FROM":
            lines[step.last_line] += "\n" + arguments.removesuffix("\n")
    return "\n".join(lines) + "\n"


def build(
    request: BuildRequest,
    *,
    host: str | None,
    site: SitePackages,
    wheels: str,
    engine: EngineFacts,
    log: LogSink,
    check: Check,
) -> None:
    """Build the request's image, network on. Ending the client ends the build.

    Raises RepositoryFault when a step of the Dockerfile fails or takes too long, PlatformFault
    when the engine is at fault or gone.
    """
    text = BoundedText(request.limits.log_bytes)
    with _secret_files(site) as secrets, _context(request, site, wheels) as context:
        client = _start(_command(request, host, site, secrets), context)
        try:
            followed = follow(
                output=iter(lambda: os.read(_output(client).fileno(), READ_BYTES), b""),
                wait=client.wait,
                kill=lambda: _kill(client),
                text=text,
                seconds=request.limits.seconds,
                log=log,
                check=check,
            )
        finally:
            _kill(client)
    if followed.exit_code != 0:
        raise _failure(request, followed.exit_code, text.tail, engine)


@contextlib.contextmanager
def _context(request: BuildRequest, site: SitePackages, wheels: str) -> Iterator[IO[bytes]]:
    """The context to send; for a closed site a copy whose Dockerfile, said again, is rewritten."""
    with request.context.open("rb") as given, tempfile.TemporaryFile() as copy:
        if not _mounts(site, wheels):
            yield given
            return
        shutil.copyfileobj(given, copy)
        _say_again(copy, request.dockerfile, site, wheels)
        copy.seek(0)
        yield copy


def _say_again(context: IO[bytes], name: str, site: SitePackages, wheels: str) -> None:
    """Add the rewritten Dockerfile: whoever unpacks the archive ends with the later of two."""
    context.seek(0)
    with tarfile.open(fileobj=context) as archive:
        member = archive.getmember(name)
        original = archive.extractfile(member)
        text = original.read().decode() if original else ""
    rewritten = for_site(text, site, wheels).encode()
    member.size = len(rewritten)
    context.seek(0)
    with tarfile.open(fileobj=context, mode="a") as archive:
        archive.addfile(member, io.BytesIO(rewritten))


def _mounts(site: SitePackages, wheels: str) -> list[str]:
    """A RUN flag for each secret and for the wheels.

    Readable by all, since the steps may run as anybody.
    """
    targets = {"site-ca": CA_TARGET} if site.ca_bundle else {}
    targets |= CONFIG_TARGETS if site.index_url else {}
    mounts = [
        f"--mount=type=secret,id={name},target={target},mode=0444"
        for name, target in targets.items()
    ]
    return (
        [*mounts, f"--mount=type=bind,from={wheels},target={WHEELS_TARGET}"] if wheels else mounts
    )


def _site_arguments(site: SitePackages, wheels: str) -> list[str]:
    arguments = [f"{name}={CA_TARGET}" for name in CA_VARIABLES] if site.ca_bundle else []
    arguments += [f"{name}={WHEELS_TARGET}" for name in WHEELS_VARIABLES] if wheels else []
    return [*arguments, CONFIG_ARGUMENT] if site.index_url else arguments


@contextlib.contextmanager
def _secret_files(site: SitePackages) -> Iterator[dict[str, Path]]:
    """The files behind the secrets, as long as a build lasts; only we may read them."""
    with tempfile.TemporaryDirectory(prefix="reprise-build-") as folder:
        files = {"site-ca": site.ca_bundle} if site.ca_bundle else {}
        if site.index_url:
            files["site-pip"] = Path(folder, "pip.conf")
            files["site-pip"].write_text(f"[global]\nindex-url = {site.index_url}\n")
            files["site-uv"] = Path(folder, "uv.toml")
            files["site-uv"].write_text(f'[[index]]\nurl = "{site.index_url}"\ndefault = true\n')
        yield files


def _command(
    request: BuildRequest, host: str | None, site: SitePackages, secrets: Mapping[str, Path]
) -> tuple[list[str], dict[str, str]]:
    """The client's command line and environment for one build."""
    client = _client()
    labelled = {**request.annotations, **request.labels.as_dict()}
    labels = [f"--label={name}={value}" for name, value in labelled.items()]
    command = [
        *_bounded(request.limits.seconds),
        *client.command,
        f"--file={request.dockerfile}",
        f"--tag={request.tag}",
        "--progress=plain",
        *(["--no-cache"] if request.anew else []),
        *labels,
        *(f"--secret=id={name},src={path}" for name, path in secrets.items()),
        # Without a value: the client takes it from its environment, and no process list shows it.
        *(f"--build-arg={name}" for name in PROXY_ARGUMENTS if site.proxy),
        "-",
    ]
    proxy = dict.fromkeys(PROXY_ARGUMENTS, site.proxy) if site.proxy else {}
    address = {"DOCKER_HOST": host} if host else {}
    return command, {**os.environ, **client.variables, **address, **proxy}


def _bounded(seconds: float) -> list[str]:
    """A bound on the client that outlives this process, where the machine has the program."""
    timeout = shutil.which("timeout")
    return [timeout, "--kill-after=5", str(int(seconds) + 30)] if timeout else []


@cache
def _client() -> _Client:
    """The first docker command on this machine that can build with BuildKit."""
    folders = [*os.get_exec_path(), "/usr/bin"]
    for path in dict.fromkeys(str(Path(folder, "docker")) for folder in folders):
        if _answer(path, "buildx", "version"):
            # An image with provenance is an index, whose digest is not the image's.
            return _Client(
                (path, "buildx", "build", "--load"), {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
            )
        version = re.search(r"version (\d+)\.", _answer(path, "--version"))
        if version and int(version[1]) < FIRST_WITHOUT_OWN_BUILDKIT:
            return _Client((path, "build"), {"DOCKER_BUILDKIT": "1"})
    raise PlatformFault(
        "No docker command on this machine can build with BuildKit. Install docker-buildx."
    )


def _answer(*command: str) -> str:
    """What a program prints, empty when there is none or it fails."""
    try:
        ended = subprocess.run(  # noqa: S603, TID251 — this is the engine's BuildKit adapter
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout if ended.returncode == 0 else ""


def _start(
    command_and_environment: tuple[list[str], dict[str, str]], context: IO[bytes]
) -> subprocess.Popen[bytes]:
    command, environment = command_and_environment
    try:
        return subprocess.Popen(  # noqa: S603 — no shell, and no word of it is the author's
            command,
            env=environment,
            stdin=context,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise PlatformFault(f"The docker command cannot be started: {error}") from error


def _output(client: subprocess.Popen[bytes]) -> IO[bytes]:
    assert client.stdout is not None  # noqa: S101 — it was asked for as a pipe
    return client.stdout


def _kill(client: subprocess.Popen[bytes]) -> None:
    """End the client and what it started; the engine then gives up the build."""
    if client.poll() is None:
        os.killpg(client.pid, signal.SIGKILL)
    client.wait()
    _output(client).close()


def _failure(
    request: BuildRequest, exit_code: int | None, tail: str, engine: EngineFacts
) -> Exception:
    """What a failed build means: the engine's trouble, or a step of the Dockerfile."""
    lines = tuple(_meaningful(tail))
    if exit_code is None:
        return RepositoryFault(
            Cause.TIMEOUT,
            f"Building the image took longer than {request.limits.seconds:g} seconds.",
            hint="Install ready-made packages instead of compiling; leave out what is not used.",
            lines=lines,
        )
    reason = _last_words(tail)
    own = _OWN_STEP_FAILED.search(reason) is not None
    base = None if own else _BASE_WANTED.search(tail)
    if base and (_NO_BASE.search(reason) or not engine.has_hub()):
        return RepositoryFault(
            Cause.UNSUPPORTED,
            f"The image “{base['name']}” that the Dockerfile starts from cannot be had here.",
            hint="Start from an official python image, or ask the portal's operator for this one.",
            lines=lines,
        )
    if not engine.alive() or (not own and _ENGINE_FAILED.search(reason)):
        return PlatformFault(f"The engine could not go on with a build: {reason}")
    sentence = (
        "A step of building the image failed."
        if own
        else "The Dockerfile could not be built as it is written."
    )
    return RepositoryFault(Cause.BUILD, sentence, lines=lines)


def _last_words(tail: str) -> str:
    """The client's own last line: its summary of what went wrong."""
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _meaningful(tail: str) -> list[str]:
    """The last lines that the build's own programs wrote, else the last of the log.

    The client repeats the end of a failed step below a rule, so reading stops there.
    """
    told = tail.partition("\n------\n")[0].splitlines()
    written = [found["text"] for line in told if (found := _STEP_OUTPUT.match(line))]
    return (written or [line for line in tail.splitlines() if line.strip()])[-SHOWN_LINES:]
