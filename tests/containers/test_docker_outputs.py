"""Outputs that are not what they should be (case 26)."""

import pytest
from docker.models.containers import Container

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault
from tests.containers.bench import MB, Bench

pytestmark = pytest.mark.docker


def refused_reason(bench: Bench, code: str, path: str, **options: float) -> str:
    result = bench.python(code, collect=(path,), **options)
    assert path not in result.files
    return result.refused.get(path, "")


def test_a_link_in_the_path_is_not_followed(docker_bench: Bench):
    assert "link" in refused_reason(docker_bench, "pass", "linked/passwd")
    assert "link" in refused_reason(docker_bench, "import os; os.symlink('a.txt', 'o')", "o")
    code = "import os; os.symlink('deep', 'short')"
    assert "link" in refused_reason(docker_bench, code, "short/file")


def test_special_files_and_folders_are_refused(docker_bench: Bench):
    assert "special" in refused_reason(docker_bench, "import os; os.mkfifo('o')", "o")
    assert "folder" in refused_reason(docker_bench, "import os; os.mkdir('o')", "o")
    code = "import socket; socket.socket(socket.AF_UNIX).bind('o')"
    assert "special" in refused_reason(docker_bench, code, "o")


def test_a_huge_sparse_file_is_refused_without_being_read(docker_bench: Bench):
    code = f"open('o', 'wb').truncate({15 * MB})"
    assert "bytes" in refused_reason(docker_bench, code, "o")
    code = "open('o', 'wb').truncate(1 << 40)"
    assert docker_bench.python(code, collect=("o",)).files["o"].read_bytes() == b""
    assert "File too large" in docker_bench.log


def test_outputs_share_one_allowance(docker_bench: Bench):
    code = f"[open(n, 'wb').write(bytes({3 * MB})) for n in 'ab']"
    result = docker_bench.python(code, collect=("a", "b"))
    assert set(result.files) == {"a"}
    assert "bytes" in result.refused["b"]


def test_a_hard_link_is_taken_as_the_file_it_is(docker_bench: Bench):
    result = docker_bench.python("import os; os.link('a.txt', 'o')", collect=("o",))
    assert result.files["o"].read_bytes() == b"hello\n"


def test_a_setuid_file_loses_every_bit_and_its_name(docker_bench: Bench):
    code = "import os; open('o', 'w').write('x'); os.chmod('o', 0o6777)"
    result = docker_bench.python(code, collect=("o",))
    assert result.files["o"].stat().st_mode & 0o7777 == 0o600
    assert result.files["o"].name == "out-000"


def test_a_file_that_its_owner_closed_is_still_taken(docker_bench: Bench):
    code = """
import os
os.mkdir("d")
open("d/o", "w").write("x")
os.chmod("d/o", 0)
os.chmod("d", 0)
"""
    result = docker_bench.python(code, collect=("d/o",))
    assert result.files["d/o"].read_bytes() == b"x"


def test_a_deep_path_and_odd_names_are_taken(docker_bench: Bench):
    deep = "/".join("d" * 60) + "/o"
    odd = "-n \n\x1b[31m'\"$(id)"
    code = f"""
import os
os.makedirs(os.path.dirname({deep!r}))
for path in ({deep!r}, {odd!r}):
    open(path, "w").write("x")
"""
    result = docker_bench.python(code, collect=(deep, odd))
    assert set(result.files) == {deep, odd}
    assert sorted(file.name for file in result.files.values()) == ["out-000", "out-001"]


def test_an_output_outside_of_the_working_folder_is_not_there(docker_bench: Bench):
    result = docker_bench.python("pass", collect=("../etc/passwd",))
    assert result.files == {}
    assert "out of the working folder" in result.refused["../etc/passwd"]


def test_a_file_given_in_replaces_a_link_and_never_goes_through_it(docker_bench: Bench):
    code = "import os; print(open('linked/passwd').read(), os.path.islink('linked'))"
    docker_bench.python(code, inject={"linked/passwd": b"ours"})
    assert docker_bench.log == "ours False\n"


def test_outputs_of_a_run_that_was_ended_for_its_time_are_taken(docker_bench: Bench):
    code = "import time; open('o', 'w').write('part'); time.sleep(60)"
    result = docker_bench.python(code, collect=("o",), seconds=1.5)
    assert result.timed_out
    assert result.files["o"].read_bytes() == b"part"


def test_what_the_image_holds_is_no_output_unless_the_command_writes_it(docker_bench: Bench):
    """Also from a sticky folder of others, beside a link, and under a name that is a pattern."""
    old = ("out.txt", "d/out.txt", "link.txt", "[a]*.txt")
    image = docker_bench.build(
        "FROM python:3.11-slim-bookworm\n"
        "WORKDIR /work\n"
        "RUN mkdir d && echo old | tee out.txt d/out.txt '[a]*.txt' aa.txt"
        " && chown -R 33:33 d && chmod 1755 d && ln -s aa.txt link.txt\n"
    )
    request = docker_bench.request("ls", image=image, collect=old)
    result = docker_bench.run(request)
    assert (result.exit_code, result.files, result.refused) == (0, {}, {})
    assert docker_bench.log.split() == ["aa.txt", "d"]
    command = ("sh", "-c", "echo new > link.txt; ls -l link.txt")
    written = docker_bench.run(docker_bench.request(*command, image=image, collect=old))
    assert {path: file.read_bytes() for path, file in written.files.items()} == {
        "link.txt": b"new\n"
    }


def test_inputs_that_do_not_fit_are_the_authors_fault(docker_bench: Bench):
    request = docker_bench.request("true", inject={"big": bytes(17 * MB)})
    with pytest.raises(RepositoryFault) as caught:
        docker_bench.run(request)
    assert caught.value.failure.cause is Cause.RESOURCES


@pytest.fixture
def losing(monkeypatch):
    """Gives a list: how many of the next answers to questions about outputs an engine loses."""
    left, ask = [0], Container.exec_run

    def exec_run(self, command, **options):
        answer = ask(self, command, **options)
        if "readlink" not in " ".join(command) or not left[0]:
            return answer
        left[0] -= 1
        return answer._replace(output=answer.output[: len(answer.output) // 2])

    monkeypatch.setattr(Container, "exec_run", exec_run)
    return left


def test_an_output_is_not_taken_for_missing_when_the_engine_loses_what_it_was_told(
    docker_bench: Bench, losing
):
    losing[0] = 3
    result = docker_bench.python("open('o', 'w').write('x')", collect=("o", "not written"))
    assert (set(result.files), result.refused, losing[0]) == ({"o"}, {}, 0)
    losing[0] = 100
    with pytest.raises(PlatformFault, match="did not say what stands"):
        docker_bench.python("open('o', 'w').write('x')", collect=("o",))
