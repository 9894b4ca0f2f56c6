"""Which Dockerfiles of authors are built, and as what (cases 17 to 19, 21)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.ladder import Cause
from runners.containers.dockerfile import FIRST_LINE, check_author_dockerfile, instructions
from runners.faults import RepositoryFault

ALLOWED = ("python:*", "debian:bookworm*", "scratch")
TOP = "FROM python:3.11-slim\n"


def check(text: str) -> str:
    return check_author_dockerfile(text, allowed_bases=ALLOWED).removeprefix(FIRST_LINE)


def refusal(text: str) -> RepositoryFault:
    with pytest.raises(RepositoryFault) as caught:
        check(text)
    assert caught.value.failure.hint
    assert caught.value.failure.sentence
    return caught.value


def test_an_ordinary_dockerfile_stays_as_it_is():
    text = (
        "# the solver\n"
        "FROM python:3.11-slim AS build\n"
        "ARG VERSION=1\n"
        "ENV PATH=/opt/bin:$PATH\n"
        "WORKDIR /work\n"
        "COPY --chown=1000:1000 . .\n"
        "ADD data.tar.gz /data\n"
        'RUN pip install -r requirements.txt && echo "a  b"\n'
        "FROM debian:bookworm-slim\n"
        "COPY --from=build /opt /opt\n"
        "COPY --from=0 /opt /opt\n"
        'CMD ["python3", "run.py"]\n'
    )
    assert check(text) == text


def test_continued_lines_comments_and_lower_case_become_one_line_each():
    text = (
        "from python:3.11\nrun apt-get update && \\\n  # tools\n\n  apt-get install -y \\\n gcc\n"
    )
    lines = check(text).splitlines()
    assert lines[0] == "FROM python:3.11"
    assert [word for line in lines[1:] if line[0] != "#" for word in line.split()] == (
        ["RUN", "apt-get", "update", "&&", "apt-get", "install", "-y", "gcc"]
    )


@pytest.mark.parametrize(
    "image",
    [
        "python",
        "python:3.11",
        "docker.io/library/python:3",
        "library/python:3",
        "python:3.11@sha256:" + "a" * 64,
        "debian:bookworm-slim",
        "scratch",
        "--platform=linux/amd64 python:3.11",
    ],
)
def test_bases_on_the_list_are_taken(image: str):
    assert check(f"FROM {image}\n").startswith("FROM ")


@pytest.mark.parametrize(
    "image",
    [
        "alpine",
        "reprise/1234:abc",
        "evil/python:3.11",
        "python:5000/evil:1",
        "python/evil:3",
        "registry.example.org/python:3",
        "docker.io/evil/python:3",
        "debian:trixie",
        "scratch:other",
        "sha256:" + "a" * 64,
        "a" * 64,
        "0",
        "python:3.11 python:3.12",
        "PYTHON:3.11",
        "$BASE",
        "${BASE:+python:3}",
    ],
)
def test_bases_outside_of_the_list_are_refused(image: str):
    fault = refusal(f"FROM {image}\n")
    assert fault.failure.cause in {Cause.UNSUPPORTED, Cause.BUILD}
    assert fault.failure.lines


def test_a_stage_is_a_base_under_its_name_only_and_only_below_it():
    assert "FROM one\n" in check(f"FROM python:3 AS one\n{TOP}FROM one\n")
    refusal(f"FROM one\n{TOP}")
    refusal("FROM one AS one\n")
    refusal(f"{TOP}FROM 0\n")


def test_arguments_before_the_first_from_are_put_in():
    text = "ARG PY=3.11\nARG BASE=python:${PY}-slim\nFROM $BASE AS a\nFROM python:${NO:-3.9}\n"
    assert check(text).splitlines()[2:] == ["FROM python:3.11-slim AS a", "FROM python:3.9"]


def test_a_base_that_the_engine_holds_under_another_name_is_swapped():
    text = check_author_dockerfile(
        "FROM docker.io/python:3.11\n",
        allowed_bases=ALLOWED,
        equivalents={"python:3.11": "python:3.11-slim-bookworm"},
    )
    assert text == FIRST_LINE + "FROM python:3.11-slim-bookworm\n"


@pytest.mark.parametrize(
    "line",
    [
        "ADD http://127.0.0.1:2375/images/json /x",
        "ADD --checksum=sha256:aa https://example.org/a /x",
        "ADD git@example.org:a/b.git /x",
        "ADD github.com/a/b /x",
        'ADD ["http://example.org/a", "/x"]',
        'ADD ["http\\u003a//example.org/a", "/x"]',
        "ADD $WHERE /x",
        "ADD \\\n http://example.org/a \\\n /x",
        "add local http://example.org/a /x/",
        "COPY --from=reprise/1234:abc /work /x",
        "COPY --from=python:3.11 /x /x",
        "COPY --from=1 /x /x",
        "COPY --from=$STAGE /x /x",
        'COPY --from="reprise/1" /x /x',
        "COPY --parents a /x",
        "RUN --mount=type=secret,id=site-ca cat /run/secrets/site-ca",
        "RUN --mount=type=ssh true",
        "RUN --mount=type=bind,from=reprise/1234,target=/x true",
        "RUN --mount=from=reprise/1234,target=/x true",
        'RUN --mount=type=bind,"from=reprise/1234",target=/x true',
        "RUN --mount=type=bind,fr\\om=reprise/1234,target=/x true",
        "RUN --mount=type=cache,from=reprise/1234,target=/x true",
        "RUN --mount=type=bind,FROM=reprise/1234,target=/x true",
        "RUN --mount=$MOUNT true",
        "RUN --mount=type=bind,from=0,target=/x true",
        "RUN --security=insecure true",
        "RUN --network=host true",
        "RUN <<EOF\necho\nEOF",
        "RUN cat <<-'EOF' > x\nEOF",
        "COPY <<EOF /x\nEOF",
        "INCLUDE other",
        "RUN echo \x00",
    ],
)
def test_what_reaches_beyond_the_build_is_refused(line: str):
    refusal(f"{TOP}{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "VOLUME /data",
        "VOLUME \\\n /data",
        "HEALTHCHECK --interval=1s CMD true",
        "ONBUILD ADD http://example.org /x",
        "ONBUILD RUN --mount=type=secret,id=site-ca true",
        "# syntax=docker/dockerfile:1",
        "# check=skip=all",
    ],
)
def test_what_only_changes_how_images_are_used_is_dropped(line: str):
    assert check(f"{TOP}{line}\nRUN true\n") == f"{TOP}RUN true\n"


@pytest.mark.parametrize(
    "line", ["# syntax=evil/frontend", "#SYNTAX = evil/frontend", "# escape=\\"]
)
def test_directives_do_not_reach_the_builder(line: str):
    text = check_author_dockerfile(f"{line}\n{TOP}", allowed_bases=ALLOWED)
    assert text == FIRST_LINE + TOP


def test_another_escape_character_is_refused():
    refusal(f"# escape=`\n{TOP}RUN a `\n ADD http://example.org /x\n")


def test_caches_are_dropped_and_own_mounts_stay():
    text = (
        f"{TOP}RUN --mount=type=cache,target=/root/.cache --mount=type=tmpfs,target=/t true\n"
        "RUN --mount=type=bind,source=a,target=/a cat /a\n"
        "COPY --link a b\n"
    )
    assert check(text).splitlines()[1:] == [
        "RUN --mount=type=tmpfs,target=/t true",
        "RUN --mount=type=bind,source=a,target=/a cat /a",
        "COPY a b",
    ]


def test_shifts_and_here_strings_are_no_heredocs():
    text = f"{TOP}RUN echo $((1<<3)) && cat <<<word\n"
    assert check(text) == text


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN true\n", "ENV A=1\n" + TOP, "FROM\n"])
def test_a_file_that_starts_from_nothing_is_refused_as_such(text: str):
    assert refusal(text).failure.cause is Cause.BUILD


def test_a_file_without_bound_is_refused():
    refusal(TOP + "RUN true\n" * 20_000)


STEPS = ("FROM python:3", "from e", "RUN x", "ADD http://e /x", "VOLUME /x", "COPY --from=e a b")
MARKS = (
    "\\",
    "\n",
    " ",
    "#",
    "# syntax=e",
    "`",
    "\t",
    "\r\n",
    "'",
    "\ufeff",
    "\u2028",
    "\x85",
    "<<E",
)
PIECES = st.sampled_from(STEPS + MARKS)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_passes_reads_the_same_when_it_is_read_again(text: str):
    try:
        checked = check_author_dockerfile(TOP + text, allowed_bases=ALLOWED)
    except RepositoryFault:
        return
    steps = [step for step in instructions(checked) if step.name != "COMMENT"]
    assert len(steps) == sum(not line.startswith("#") for line in checked.split("\n")) - 1
    assert not any(step.name in {"ADD", "VOLUME"} for step in steps)
    assert check_author_dockerfile(checked, allowed_bases=ALLOWED).endswith(
        checked.removeprefix(FIRST_LINE)
    )
