"""How runs end: by themselves, for their time, by memory, by us; and what is left (23 to 25)."""

import subprocess
import time

import pytest

from runners.faults import Stopped
from tests.containers.bench import MB, Bench

pytestmark = pytest.mark.docker


def left_of(name: str) -> str:
    """What the engine still holds under a run's name: containers and volumes."""
    kinds = (["ps", "--all", "--format", "{{.Names}}"], ["volume", "ls", "--format", "{{.Name}}"])
    outputs = [
        subprocess.run(
            ["docker", *kind, "--filter", f"name={name}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for kind in kinds
    ]
    return "".join(outputs)


def test_nothing_is_left_of_a_run(docker_bench: Bench):
    name = docker_bench.name()
    docker_bench.run(docker_bench.request("true", name=name))
    assert left_of(name) == ""


def test_a_cancelled_run_is_gone_within_two_seconds(docker_bench: Bench):
    name = docker_bench.name()
    asked: list[float] = []

    def check() -> None:
        if docker_bench.logged:
            assert left_of(name).count(name) == 3
            asked.append(time.monotonic())
            raise Stopped

    code = "import time; print('on', flush=True); time.sleep(60)"
    with pytest.raises(Stopped):
        docker_bench.run(docker_bench.request("python3", "-c", code, name=name), check=check)
    assert time.monotonic() - asked[0] < 10  # of the 60 that it would take
    assert left_of(name) == ""


def test_check_is_called_again_and_again_while_nothing_happens(docker_bench: Bench):
    calls: list[float] = []
    docker_bench.run(
        docker_bench.request("sleep", "3"), check=lambda: calls.append(time.monotonic())
    )
    # Twice a second; of a busy machine half of that is asked.
    assert len(calls) >= 3
    assert calls[-1] - calls[0] > 1


def test_what_log_raises_ends_the_run_too(docker_bench: Bench):
    name = docker_bench.name()

    def full(_: str) -> None:
        raise OSError("disk full")

    code = "import time; print('on', flush=True); time.sleep(60)"
    request = docker_bench.request("python3", "-c", code, name=name)
    with pytest.raises(OSError, match="disk full"):
        docker_bench.engine.run(request, log=full, check=lambda: None)
    assert left_of(name) == ""


def test_a_program_that_ignores_every_signal_is_ended_for_its_time(docker_bench: Bench):
    code = """
import os, signal, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
if os.fork():
    os.setsid() if os.getpid() != os.getpgid(0) else None
try:
    os.kill(1, signal.SIGSTOP)
except OSError:
    pass
print("still here", flush=True)
while True:
    time.sleep(1)
"""
    started = time.monotonic()
    result = docker_bench.python(code, seconds=1.0)
    assert result.timed_out
    assert "still here" in docker_bench.log
    assert time.monotonic() - started < 30


def test_a_program_that_leaves_children_behind_ends_with_its_own_exit_code(docker_bench: Bench):
    code = "import os, time; os.fork() or time.sleep(60); os._exit(5)"
    result = docker_bench.python(code)
    assert result.exit_code == 5
    assert result.seconds < 10


def test_a_child_that_ran_out_of_memory_is_seen_though_the_exit_code_is_zero(docker_bench: Bench):
    code = f"""
import os
if os.fork() == 0:
    print(len(b"x" * {400 * MB}))
    os._exit(0)
os.wait()
"""
    result = docker_bench.python(code, memory_bytes=64 * MB)
    assert result.exit_code == 0
    assert result.out_of_memory


def test_a_program_that_kills_itself_did_not_run_out_of_memory(docker_bench: Bench):
    result = docker_bench.python("import os; os.kill(os.getpid(), 9)")
    assert result.exit_code == 137
    assert not result.out_of_memory


def test_two_hundred_megabytes_of_log_take_neither_memory_nor_long(docker_bench: Bench):
    code = """
import sys
line = b"x" * 99 + b"\\n"
for _ in range(2_000):
    sys.stdout.buffer.write(line * 1_000)
"""
    result = docker_bench.python(code)
    assert result.exit_code == 0
    assert result.log_truncated
    assert 200_000 <= len(docker_bench.log) < 234_000
    assert docker_bench.log.count("The log is longer") == 1
    assert result.seconds < 30


def test_a_log_is_made_safe_to_store(docker_bench: Bench):
    code = r"""
import sys
sys.stdout.buffer.write(b"\x1b[31mred\x1b[0m \x00nul \xff\xfe bad \xf0\x9f\x98\x80 <script>\n")
"""
    docker_bench.python(code)
    assert docker_bench.log == "\x1b[31mred\x1b[0m nul \ufffd\ufffd bad \U0001f600 <script>\n"


def test_both_streams_are_in_the_log(docker_bench: Bench):
    docker_bench.python("import sys; print('out'); print('err', file=sys.stderr)")
    assert sorted(docker_bench.log.split()) == ["err", "out"]


def test_the_log_grows_while_the_program_runs(docker_bench: Bench):
    seen: list[float] = []
    code = "import time; print('early', flush=True); time.sleep(2); print('late')"
    request = docker_bench.request("python3", "-c", code)
    docker_bench.engine.run(
        request, log=lambda _: seen.append(time.monotonic()), check=lambda: None
    )
    assert seen[1] - seen[0] > 1
