"""What every engine promises: held by the fake that other tests use, and by the real one."""

import time

import pytest

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault, Stopped
from tests.containers.bench import DOCKERFILE, MB, Bench
from tests.containers.fake_engine import FakeEngine, ScriptedBuild, ScriptedRun


def test_says_what_it_is(bench: Bench):
    assert bench.engine.describe()
    assert bench.engine.isolation() in {"runc", "runsc", "userns"}


def test_a_build_gives_an_image_with_digest_and_working_folder(bench: Bench):
    image = bench.build(DOCKERFILE)
    assert image.digest.startswith("sha256:")
    assert image.workdir == "/work"
    assert image.size > 0
    assert bench.engine.has_image(bench.tag)
    assert bench.engine.built(bench.tag) == image
    assert bench.engine.digest(bench.tag) == image.digest


def test_an_image_that_is_discarded_is_gone(bench: Bench):
    image = bench.build(DOCKERFILE, run="b-run")  # another image than the one that all share
    bench.engine.discard(image)
    assert bench.engine.built(bench.tag) is None
    bench.engine.discard(image)


def test_a_push_to_where_nothing_listens_is_the_platforms_fault_and_leaves_no_name(bench: Bench):
    image = bench.build(DOCKERFILE)
    with pytest.raises(PlatformFault):
        bench.engine.push(image.digest, name="127.0.0.1:9/a/b", tag="v1", token="t", seconds=30)
    assert bench.engine.built(bench.tag) == image
    assert not bench.engine.has_image("127.0.0.1:9/a/b:v1")


def test_an_image_that_was_never_built_is_not_held(bench: Bench):
    assert not bench.engine.has_image(f"{bench.site}:never")
    assert bench.engine.built(f"{bench.site}:never") is None
    assert bench.engine.digest(f"{bench.site}:never") is None


def test_a_failing_build_step_is_the_authors_fault_and_its_log_is_kept(bench: Bench):
    fault = RepositoryFault(Cause.BUILD, "A step failed.", lines=("no such package",))
    bench.teach_build("exit 3", ScriptedBuild(log="no such package\n", fault=fault))
    with pytest.raises(RepositoryFault) as caught:
        bench.build(f"{DOCKERFILE}RUN echo no such package && exit 3\n")
    assert caught.value.failure.cause is Cause.BUILD
    assert "no such package" in caught.value.failure.lines
    assert "no such package" in bench.log


def test_a_stopped_build_lets_the_stop_through(bench: Bench):
    def check() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        bench.build(f"{DOCKERFILE}RUN sleep 60\n", check=check)


def test_a_run_gives_its_exit_code_and_log(bench: Bench):
    bench.teach("print", ScriptedRun(exit_code=7, log="hello from inside\n"))
    result = bench.python("print('hello from inside'); raise SystemExit(7)")
    assert (result.exit_code, result.timed_out, result.out_of_memory) == (7, False, False)
    assert bench.log == "hello from inside\n"
    assert not result.log_truncated
    assert 0 < result.seconds < 60


def test_outputs_are_collected_under_names_of_ours(bench: Bench):
    files = {"given/in.txt": b"changed", "made.txt": b"new"}
    bench.teach("made.txt", ScriptedRun(files=files))
    request = bench.request(
        "python3",
        "-c",
        "open('made.txt', 'w').write('new'); open('given/in.txt', 'w').write('changed')",
        collect=("nowhere.txt", "given/in.txt", "made.txt"),
        inject={"given/other.txt": b"put there"},
    )
    result = bench.run(request)
    assert result.exit_code == 0
    assert {path: file.read_bytes() for path, file in result.files.items()} == files
    assert [file.name for file in result.files.values()] == ["out-001", "out-002"]
    assert all(file.parent == request.into for file in result.files.values())
    assert result.refused == {}


def test_a_file_is_put_there_from_memory_and_from_a_folder(bench: Bench):
    large = bench.folder / "large.bin"
    large.write_bytes(b"x" * 3 * MB)
    bench.teach("stat", ScriptedRun(log="3145728 5\n"))
    code = "import os; print(os.stat('data/large.bin').st_size, os.stat('small').st_size)"
    result = bench.python(code, inject={"data/large.bin": large, "small": b"bytes"})
    assert (result.exit_code, bench.log) == (0, "3145728 5\n")


def test_what_was_put_there_is_no_output_unless_the_command_writes_it(bench: Bench):
    result = bench.python("pass", inject={"out.txt": b"an answer"}, collect=("out.txt",))
    assert (result.exit_code, result.files, result.refused) == (0, {}, {})


def test_outputs_that_are_links_are_refused_with_the_reason(bench: Bench):
    bench.teach("symlink", ScriptedRun(refused={"out": "it is a symbolic link, not a file"}))
    result = bench.python("import os; os.symlink('/etc/passwd', 'out')", collect=("out",))
    assert result.refused == {"out": "it is a symbolic link, not a file"}
    assert result.files == {}


def test_a_run_without_end_is_ended_for_its_time(bench: Bench):
    bench.teach("sleep(100)", ScriptedRun(timed_out=True, seconds=1))
    result = bench.python("import time; time.sleep(100)", seconds=1.0)
    assert result.timed_out
    assert result.exit_code is None
    assert not result.out_of_memory
    assert result.seconds < 20


def test_a_run_that_takes_too_much_memory_is_told(bench: Bench):
    bench.teach("b'x' *", ScriptedRun(exit_code=137, out_of_memory=True))
    result = bench.python(f"print(len(b'x' * {400 * MB}))", memory_bytes=64 * MB)
    assert result.out_of_memory
    assert result.exit_code == 137


def test_the_memory_of_a_run_is_told_when_it_lasts_long_enough_to_be_seen(bench: Bench):
    bench.teach("bytearray", ScriptedRun(peak_memory_bytes=96 * MB))
    code = f"import time; kept = bytearray(80 * {MB}); time.sleep(3)"
    result = bench.python(code)
    assert result.exit_code == 0
    assert 80 * MB <= (result.peak_memory_bytes or 0) < 160 * MB


def test_the_memory_of_a_run_that_is_over_at_once_is_not_known(bench: Bench):
    assert bench.python("pass").peak_memory_bytes is None


def test_a_log_beyond_its_limit_is_cut_and_said_to_be_and_its_end_is_kept(bench: Bench):
    bench.teach("'x' *", ScriptedRun(log="x" * 90_000 + "\nFAILED\n"))
    result = bench.python("print('x' * 90_000 + '\\nFAILED')", log_bytes=1000)
    assert result.log_truncated
    assert bench.log.startswith("x" * 1000 + "\n[The log is longer than 1,000 bytes.")
    assert bench.log.endswith("x\nFAILED\n")
    assert len(bench.log) < 35_000


def test_of_a_log_that_is_cut_nothing_is_said_twice(bench: Bench):
    bench.teach("'x' *", ScriptedRun(log="x" * 990 + "\nonce" + "q" * 90))
    bench.python("print('x' * 990 + '\\nonce' + 'q' * 90, end='')", log_bytes=1000)
    assert bench.log.count("once") == 1
    assert bench.log.count("q") == 90


def test_a_second_run_of_the_same_name_is_refused_and_harms_nothing(bench: Bench):
    bench.teach("first", ScriptedRun(log="first\n", files={"out": b"1"}))
    first = bench.request(
        "python3", "-c", "open('out', 'w').write('1'); print('first')", collect=("out",)
    )
    second = bench.request("python3", "-c", "print('second')", name=first.name)
    refusals: list[str] = []

    def start_second(text: str) -> None:
        with pytest.raises(PlatformFault) as caught:
            bench.run(second)
        refusals.append(f"{text}{caught.value}")

    result = bench.engine.run(first, log=start_second, check=lambda: None)
    assert len(refusals) == 1
    assert first.name in refusals[0]
    assert result.files["out"].read_bytes() == b"1"


def test_a_stopped_run_lets_the_stop_through_and_frees_its_name(bench: Bench):
    calls: list[float] = []

    def check() -> None:
        calls.append(time.monotonic())
        if isinstance(bench.engine, FakeEngine) or bench.logged:
            raise Stopped

    name = bench.name()
    code = "import time; print('here', flush=True); time.sleep(100)"
    with pytest.raises(Stopped):
        bench.run(bench.request("python3", "-c", code, name=name), check=check)
    assert bench.run(bench.request("python3", "-c", "pass", name=name)).exit_code == 0


def test_an_engines_data_folder_is_a_folder_of_this_machine_or_none(bench: Bench):
    folder = bench.engine.data_folder()
    assert folder is None or folder.is_dir()


def test_removing_what_is_left_of_nothing_removes_nothing(bench: Bench):
    now = int(time.time())
    site = f"{bench.site}-empty"
    assert bench.engine.remove_leftovers(site=site, live_runs=frozenset(), now=now) == 0
    removed = bench.engine.remove_images(
        site=site, live_runs=frozenset(), keep_seconds=0, budget_bytes=0, now=now
    )
    assert removed == 0
