"""Runs git as if whoever answers it were hostile: small environment, fixed settings, hard limits.

The limits hold without us: `prlimit` and `timeout` bound git and its children in memory, file
size, CPU and wall time also after the worker that started them was killed.
"""

import fcntl
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from git.cmd import Git

from runners.faults import Check, PlatformFault

_PROGRAMS = {"git": "git", "env": "coreutils", "timeout": "coreutils", "prlimit": "util-linux"}
# The first with http.curloptResolve, without which a connection could not be tied to an address.
_OLDEST_GIT = (2, 37)

_OPEN_FILES = 256
_MESSAGE_BYTES = 64_000
_PIECE_BYTES = 1 << 19
_TICK_SECONDS = 0.1
# Our own clock ends git first, since it can say why; `timeout` is for when we are gone.
_GRACE_SECONDS = 5

# How this machine reaches the internet. Nothing else of our environment gets to git.
_NETWORK_VARIABLES = (
    "HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
)  # fmt: skip

_SETTINGS = {
    # No program of anyone's.
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.askPass": "",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    # No other place than the one asked for. Without redirects git follows no alternates either.
    "protocol.allow": "never",
    "protocol.version": "2",
    "http.followRedirects": "false",
    "http.sslVerify": "true",
    "transfer.bundleURI": "false",
    # A server that sends less than 100 bytes a second for 30 seconds is given up.
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "30",
    # Objects are checked, and written as one pack, so that the limit on file size bounds them all.
    "transfer.fsckObjects": "true",
    "transfer.unpackLimit": "1",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    # Little memory: one thread, large files streamed, small windows.
    "pack.threads": "1",
    "core.bigFileThreshold": "16m",
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "256m",
}
# Old and harmless slips of old programs, found in honest histories.
_FORGIVEN = (
    "zeroPaddedFilemode", "badTimezone", "missingEmail", "missingSpaceBeforeEmail",
    "missingSpaceBeforeDate", "zeroPaddedDate",
)  # fmt: skip
_SETTINGS |= {f"fetch.fsck.{slip}": "ignore" for slip in _FORGIVEN}


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one git command may use. Memory is the address space of each of its processes."""

    seconds: float
    memory_bytes: int
    file_bytes: int
    output_bytes: int


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A git command that came to its end. `complaint` is what it wrote to standard error."""

    code: int
    output: bytes
    complaint: str


class OutOfTime(Exception):
    """Git was ended because its time was up."""


class TooMuch(Exception):
    """Git was ended because it wrote more than it may."""


def environment(
    *, protocol: str = "", pins: str | None = None, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of a git command that may speak `protocol` ("" for none at all)."""
    chosen = dict(_SETTINGS) | dict(settings or {})
    if protocol:
        chosen[f"protocol.{protocol}.allow"] = "always"
    if pins:
        chosen["http.curloptResolve"] = pins
    fixed = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": protocol or "none",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    return fixed | _as_variables(chosen) | (_network() if protocol else {})


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Git's settings as variables: they stand above every file of settings."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _network() -> dict[str, str]:
    """The site's proxy and its own certificate authorities, if it has any."""
    found = {name: os.environ[name] for name in _NETWORK_VARIABLES if os.environ.get(name)}
    bundle = site_certificates()
    return found | ({"GIT_SSL_CAINFO": bundle} if bundle else {})


def site_certificates() -> str | None:
    """The file of the site's own certificate authorities, if it has any."""
    return os.environ.get("GIT_SSL_CAINFO") or os.environ.get("SSL_CERT_FILE")


def start(
    arguments: tuple[str, ...],
    *,
    repository: Path,
    variables: Mapping[str, str],
    limits: tuple[str, ...],
    istream: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start git on the bare `repository`, in a session of its own, behind the guards."""
    _require_programs()
    # GitPython adds our environment to the one it is given: take out again what is not meant.
    strangers = [f"--unset={name}" for name in os.environ if name not in variables]
    command = ["env", *strangers, *limits, "git", f"--git-dir={repository}", *arguments]
    wrapper = Git(str(repository.parent)).execute(
        command, istream=istream, as_process=True, env=variables, start_new_session=True
    )
    # Taken out of GitPython's wrapper, which ends git as soon as it is collected.
    process, wrapper.proc = wrapper.proc, None
    if process is None:
        raise PlatformFault("git could not be started on this machine.")
    return process


def run(
    arguments: tuple[str, ...],
    *,
    repository: Path,
    variables: Mapping[str, str],
    allowance: Allowance,
    check: Check,
    watch: Callable[[], None] = lambda: None,
) -> Finished:
    """Run git to its end. `check` and `watch` are called ten times a second, and may raise.

    Raises OutOfTime or TooMuch when the allowance is used up. However it ends, nothing of git
    is left running.
    """
    guards = (*_hard_limits(allowance), "timeout", "--signal=KILL", _whole(allowance.seconds))
    process = start(arguments, repository=repository, variables=variables, limits=guards)
    try:
        output, complaint = _drain(process, allowance, (check, watch))
    finally:
        end(process)
    text = complaint.decode("utf-8", "replace")
    return Finished(code=process.returncode, output=output, complaint=text)


def listen(process: "subprocess.Popen[bytes]", complaint: bytearray) -> Iterator[bytes]:
    """What git says, in pieces of at most 512 KiB as it says them, until it says no more.

    The end of what it writes to standard error is left in `complaint`.
    """
    stdout, stderr = present(process.stdout), present(process.stderr)
    with suppress(OSError):  # A user may have so many large pipes; small ones are slower.
        fcntl.fcntl(stdout, fcntl.F_SETPIPE_SZ, _PIECE_BYTES)
    with selectors.DefaultSelector() as ready:
        for stream in (stdout, stderr):
            ready.register(stream, selectors.EVENT_READ)
        while ready.get_map():
            for key, _ in ready.select():
                piece = os.read(key.fd, _PIECE_BYTES)
                if not piece:
                    ready.unregister(key.fileobj)
                elif key.fileobj is stdout:
                    yield piece
                else:
                    complaint.extend(piece)
                    del complaint[:-_MESSAGE_BYTES]


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill git with all that it started, and wait until it is gone.

    The group is killed before git is waited for: until then nobody else can have its number.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(BrokenPipeError):  # What git was not told before it ended.
                stream.close()


def _hard_limits(allowance: Allowance) -> tuple[str, ...]:
    cpu = _whole(allowance.seconds)
    sizes = (f"--as={allowance.memory_bytes}", f"--fsize={allowance.file_bytes}")
    return ("prlimit", *sizes, f"--cpu={cpu}", f"--nofile={_OPEN_FILES}", "--core=0", "--")


def _whole(seconds: float) -> str:
    return str(int(seconds) + _GRACE_SECONDS)


def _drain(
    process: "subprocess.Popen[bytes]", allowance: Allowance, calls: tuple[Check, Check]
) -> tuple[bytes, bytes]:
    """Standard output and error until both end, while time, amount and `calls` are watched."""
    output, complaint = bytearray(), bytearray()
    deadline = time.monotonic() + allowance.seconds
    with selectors.DefaultSelector() as ready:
        ready.register(present(process.stdout), selectors.EVENT_READ, output)
        ready.register(present(process.stderr), selectors.EVENT_READ, complaint)
        while ready.get_map() or not _is_over(process):
            for call in calls:
                call()
            if time.monotonic() > deadline:
                raise OutOfTime
            _read_ready(ready)
            if len(output) > allowance.output_bytes:
                raise TooMuch
            del complaint[:-_MESSAGE_BYTES]
    return bytes(output), bytes(complaint)


def _is_over(process: "subprocess.Popen[bytes]") -> bool:
    """Whether git itself has ended, without waiting for it; see `end`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def present(stream: IO[bytes] | None) -> IO[bytes]:
    """A pipe of a process that was started with one."""
    if stream is None:
        raise PlatformFault("git could not be listened to.")
    return stream


def _read_ready(ready: selectors.BaseSelector) -> None:
    if not ready.get_map():
        time.sleep(_TICK_SECONDS / 10)
    for key, _ in ready.select(_TICK_SECONDS):
        piece = os.read(key.fd, 1 << 16)
        key.data.extend(piece)
        if not piece:
            ready.unregister(key.fileobj)


@cache
def _require_programs() -> None:
    """Raise PlatformFault unless the programs are there and git is new enough."""
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            raise PlatformFault(f"The program {program} is missing here: install {package}.")
    text = str(Git().execute(["git", "--version"]))
    found = re.search(r"(\d+)\.(\d+)", text)
    if found is None or tuple(map(int, found.groups())) < _OLDEST_GIT:
        oldest = ".".join(map(str, _OLDEST_GIT))
        raise PlatformFault(f"This machine has {text}; git {oldest} or newer is needed.")
