"""Inputs that are not in the repository: fetched by the portal, uploaded, or missing."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from registry.spec.ladder import Cause, Level, Step, StepState
from tests.bench import Bench
from tests.containers.fake_engine import FakeEngine, ScriptedRun
from tests.source.servers import GitServer, certificate, serving

DATA = b"1.5\n2.5\n"
SHA256 = hashlib.sha256(DATA).hexdigest()
FILES = {
    "README.md": "# A model\n\nIt sums.\n",
    "model.py": (
        "import json\n"
        "numbers = [float(line) for line in open('data/in.txt')]\n"
        "json.dump({'sum': sum(numbers)}, open('out.json', 'w'))\n"
    ),
    "test_model.py": "def test_it():\n    assert open('data/in.txt').read()\n",
    "expected.json": '{"sum": 4.0}',
}
RUN = 'run = "python3 model.py"\n[[outputs]]\npath = "out.json"\nexpected = "expected.json"\n'


def manifest(sha256: str = SHA256, url: str = "", path: str = "data/in.txt") -> str:
    given = f'[[inputs]]\npath = "{path}"\nsha256 = "{sha256}"\n'
    return RUN + given + (f'url = "{url}"\n' if url else "")


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path, FakeEngine())


@pytest.fixture
def server(tmp_path: Path, monkeypatch) -> Iterator[GitServer]:
    """By https, with a certificate that this machine trusts for this test."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "in.txt").write_bytes(DATA)
    pem = certificate(tmp_path, "localhost")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(pem))
    with serving(folder, certificate=pem) as server:
        yield server


def allowed(bench: Bench, server: GitServer) -> str:
    """The server's place, allowed as the site's settings would."""
    place = f"localhost:{server.server_port}"
    source = bench.bounds.source
    allow = source.allow | {place}
    bench.bounds = replace(bench.bounds, source=replace(source, allow=allow))
    return f"https://{place}"


def failed(bench: Bench, toml: str) -> str:
    """The sentence and hint of a run that ends with the inputs, before anything is built."""
    report = bench.verify(FILES | {"reprise.toml": toml})
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.DATA), report
    assert bench.notes.states[Step.FETCH_INPUTS] is StepState.FAILED
    assert Step.BUILD_IMAGE not in bench.notes.states
    assert report.hint
    return f"{report.explanation} {report.hint}"


@pytest.mark.docker
def test_an_input_is_fetched_by_https_and_given_to_tests_and_command(real, server):
    url = f"{allowed(real, server)}/file/in.txt?download=1"
    report = real.verify(FILES | {"reprise.toml": manifest(url=url)})
    assert (report.level, report.tests_pass) == (Level.REPRODUCED, True), report
    assert SHA256 in real.notes.logs[Step.FETCH_INPUTS]
    assert len(server.requests) == 1


@pytest.mark.docker
def test_an_uploaded_input_is_given_to_tests_and_command(real):
    real.input_file = lambda sha256: io.BytesIO(DATA) if sha256 == SHA256 else None
    report = real.verify(FILES | {"reprise.toml": manifest()})
    assert (report.level, report.tests_pass) == (Level.REPRODUCED, True), report


def test_every_container_gets_the_file_from_the_disk(bench):
    bench.input_file = lambda _sha256: io.BytesIO(DATA)
    files = {"model/" + path: content for path, content in FILES.items() if path != "README.md"}
    toml = 'workdir = "model"\n' + manifest()
    bench.engine.on_run("model.py", ScriptedRun(files={"model/out.json": b'{"sum": 4.0}'}))
    report = bench.verify({"README.md": "# A model\n", **files, "reprise.toml": toml})
    runs = [run for run in bench.engine.runs if "-inference-" in run.name or "-tests-" in run.name]
    assert len(runs) >= 3
    assert {run.inject["model/data/in.txt"].read_bytes() for run in runs} == {DATA}
    assert len(report.inference) == 2


def test_an_input_that_is_in_the_repository_is_not_fetched(bench):
    toml = manifest(url="https://example.org/in.txt")
    bench.verify(FILES | {"data/in.txt": DATA, "reprise.toml": toml})
    assert bench.notes.states[Step.FETCH_INPUTS] is StepState.SKIPPED
    assert not any(run.inject for run in bench.engine.runs if "-inference-" in run.name)


def test_an_input_that_nobody_uploaded_is_missed(bench):
    said = failed(bench, manifest())
    assert "data/in.txt" in said
    assert "upload it on the entry's edit page" in said


def test_another_file_than_the_declared_one_is_refused(bench, server):
    url = f"{allowed(bench, server)}/file/in.txt"
    assert SHA256 in failed(bench, manifest("0" * 64, url))
    bench.input_file = lambda _sha256: io.BytesIO(b"another")
    assert "not the declared file" in failed(bench, manifest())


def test_inputs_share_the_room_that_a_container_has(bench):
    bench.bounds = replace(bench.bounds, run=replace(bench.bounds.run, workdir_bytes=10))
    bench.input_file = lambda _sha256: io.BytesIO(DATA)
    second = f'[[inputs]]\npath = "b"\nsha256 = "{SHA256}"\n'
    assert "2 bytes that are left for inputs" in failed(bench, manifest() + second)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "https://me:hunter2@a.org/x",
    ],
)
def test_an_address_that_is_not_public_https_is_refused(bench, url):
    assert "hunter2" not in failed(bench, manifest(url=url))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ('[[inputs]]\npath = "a"\nurl = "https://example.org/a"\n', "no sha256"),
        ('[[inputs]]\npath = "a"\n', "not in the repository"),
        (f'[[inputs]]\npath = "../a"\nsha256 = "{SHA256}"\n', "leads out of"),
        (f'[[inputs]]\npath = "out.json"\nsha256 = "{SHA256}"\n', "as an input and as an output"),
        (f'[[inputs]]\npath = "a"\nsha256 = "{SHA256}"\n' * 2, "declared twice"),
    ],
)
def test_an_input_that_cannot_be_meant_is_refused_with_its_place(bench, inputs, said):
    report = bench.verify(FILES | {"reprise.toml": RUN + inputs})
    assert said in report.explanation
    assert "line" in report.explanation
