"""The guarded git: what it sees of this machine, and what ends it."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.faults import PlatformFault, Stopped
from runners.source import guard
from tests.source.repositories import Repository

ALLOWANCE = guard.Allowance(
    seconds=20, memory_bytes=2**30, file_bytes=10_000_000, output_bytes=100_000
)


def go_on() -> None:
    pass


@pytest.fixture(autouse=True)
def _programs_are_looked_for_again() -> Iterator[None]:
    yield
    guard._require_programs.cache_clear()


def shell(repository: Repository, script: str, **options: object) -> guard.Finished:
    """What a shell started by guarded git says: it sees what git and its children see."""
    settings = {"alias.probe": f"!{script}"}
    given: dict[str, object] = {"allowance": ALLOWANCE, "check": go_on, **options}
    variables = guard.environment(protocol="https", settings=settings)
    return guard.run(("probe",), repository=repository.folder, variables=variables, **given)


def test_git_sees_nothing_of_our_environment(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("AWS_SECRET_ACCESS_KEY", "REPRISE_SECRET_KEY", "GIT_DIR", "GIT_SSH_COMMAND",
               "GIT_PROXY_COMMAND", "GIT_TRACE", "GIT_EXEC_PATH", "LD_LIBRARY_PATH")  # fmt: skip
    for name in secrets:
        monkeypatch.setenv(name, "/hunter2")
    seen = shell(repository, "env").output.decode()
    assert "hunter2" not in seen
    assert "HOME=/nonexistent" in seen
    assert "GIT_ALLOW_PROTOCOL=https" in seen


def test_the_sites_proxy_and_certificates_reach_git(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/site/ca.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.internal:3128")
    seen = shell(repository, "env").output.decode()
    assert "GIT_SSL_CAINFO=/site/ca.pem" in seen
    assert "HTTPS_PROXY=http://proxy.internal:3128" in seen
    assert "HTTPS_PROXY" not in guard.environment()


def test_no_setting_of_the_machine_or_its_user_counts(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text('[url "ext::sh -c id"]\n\tinsteadOf = https://\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=/bin/id'")
    variables = guard.environment(protocol="https")
    listed = guard.run(
        ("config", "--list", "--show-scope"),
        repository=repository.folder,
        variables=variables,
        allowance=ALLOWANCE,
        check=go_on,
    ).output.decode()
    scopes = {line.split("\t")[0] for line in listed.splitlines()}
    assert scopes == {"local", "command"}
    assert "core.fsmonitor=false" in listed
    assert "insteadof" not in listed


@pytest.mark.parametrize(
    "address", ["ext::sh -c id", "git://127.0.0.1/x", "ssh://127.0.0.1/x", "file:///tmp", "/tmp"]
)
def test_no_other_protocol_than_the_one_named_is_spoken(
    repository: Repository, address: str
) -> None:
    finished = guard.run(
        ("ls-remote", address),
        repository=repository.folder,
        variables=guard.environment(protocol="https"),
        allowance=ALLOWANCE,
        check=go_on,
    )
    assert finished.code != 0
    assert "not allowed" in finished.complaint


def test_limits_of_the_system_are_set(repository: Repository) -> None:
    limits = shell(repository, "cat /proc/self/limits").output.decode()
    values = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert values["Max file size"] == "10000000"
    assert values["Max address space"] == str(2**30)
    assert (values["Max cpu time"], values["Max core file size"]) == ("25", "0")


def running(marker: str) -> bool:
    """Whether a process with `marker` on its command line is alive."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in entry.read_text():
                return True
        except OSError:
            continue
    return False


def gone(marker: str, *, within: float = 1) -> bool:
    """Whether every process with `marker` on its command line ends in that time."""
    deadline = time.monotonic() + within
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not running(marker)


@pytest.mark.parametrize(
    "script", ["sleep 987{0}", "sleep 987{0} & wait", "sleep 987{0} >&2 & exit 1"]
)
def test_time_ends_git_and_all_that_it_started(repository: Repository, script: str) -> None:
    marker = f"{os.getpid()}"
    began = time.monotonic()
    with pytest.raises(guard.OutOfTime):
        shell(
            repository,
            script.format(marker),
            allowance=guard.Allowance(
                seconds=0.5, memory_bytes=2**30, file_bytes=100, output_bytes=100
            ),
        )
    assert time.monotonic() - began < 4
    assert gone(f"987{marker}")


def test_a_stop_ends_git_within_half_a_second(repository: Repository) -> None:
    began = time.monotonic()
    called: list[float] = []

    def check() -> None:
        called.append(time.monotonic())
        if time.monotonic() - began > 1.2:
            raise Stopped

    with pytest.raises(Stopped):
        shell(repository, f"sleep 986{os.getpid()}", check=check)
    assert time.monotonic() - began < 2.5
    assert max(b - a for a, b in itertools.pairwise(called)) < 0.5
    assert gone(f"986{os.getpid()}")


def test_endless_output_is_ended(repository: Repository) -> None:
    with pytest.raises(guard.TooMuch):
        shell(repository, "yes")


def test_endless_complaints_are_forgotten_but_for_their_end(repository: Repository) -> None:
    finished = shell(repository, "yes | head -c 3000000 >&2; echo the end >&2; exit 3; :")
    assert finished.code == 3
    assert finished.complaint.endswith("the end\n")
    assert len(finished.complaint) <= 64_000


def test_git_ends_by_itself_when_its_worker_was_killed(repository: Repository) -> None:
    marker = f"985{os.getpid()}"
    program = (
        "import sys; from pathlib import Path; from runners.source import guard\n"
        "guard._GRACE_SECONDS = 1\n"
        "guard.run(('probe',), repository=Path(sys.argv[1]), check=lambda: None,\n"
        f"  variables=guard.environment(settings={{'alias.probe': '!sleep {marker}'}}),\n"
        "  allowance=guard.Allowance(\n"
        "    seconds=1, memory_bytes=2**30, file_bytes=100, output_bytes=100))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(repository.folder)])
    deadline = time.monotonic() + 20
    while not running(f"sleep\0{marker}") and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert running(f"sleep\0{marker}")
    assert gone(f"sleep\0{marker}", within=20)


@pytest.mark.parametrize("missing", ["git", "prlimit", "timeout"])
def test_a_missing_program_is_our_fault_and_is_named(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    guard._require_programs.cache_clear()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in {"git", "env", "prlimit", "timeout"} - {missing}:
        (programs / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(PlatformFault, match=f"program {missing} is missing"):
        shell(repository, "true")


def test_a_git_without_pinned_connections_is_refused(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard._require_programs.cache_clear()
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.36.9\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(PlatformFault, match=r"git 2\.37 or newer is needed"):
        shell(repository, "true")
