"""What the Use tab says to type, typed: against a repository and a server that are there."""

import os
import subprocess

import pytest

from registry.pulling import Pulled, ways_to_pull
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

FILES = {"README.md": "# Ising\n", "src/ising.py": "print('ran')\n", "a b/c.txt": "x"}
WHOLE = Pulled(
    number=2,
    name="Ising model's",
    address="https://a.example/$(touch pwned)/x.git",
    commit="a" * 40,
    folder="sub; touch pwned",
    model="https://r.example/api/v1/models/1/",
    clone="https://r.example/ada/$(touch pwned).git",
    archive="https://r.example/archive/",
    sha256="0" * 64,
    run=7,
    rerun="python manage.py verify --against https://r.example/receipt/",
    crate="https://r.example/crate/",
    rebuilds=True,
    sums="https://r.example/sums",
    saved="https://r.example/image/",
    image="sha256:5f70",
    reference="r.example:5000/ada/ising@sha256:5f70",
    command=("sh", "-c", "echo it's; touch pwned"),
    pinned=(("REPRISE_SEED", "7"), ("OMP_NUM_THREADS", "$(touch pwned)")),
    start="sub $(touch pwned)",
    component="https://r.example/component/",
    hub="https://r.example/$(touch pwned)",
    full_name="ada/ising",
)


def typed(command, folder):
    """What a shell makes of it, in an empty folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "no_proxy": "*",
    }
    done = subprocess.run(
        ["sh", "-euc", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def model(ada, mirrors, tmp_path, live_server, settings):  # noqa: F811 — the fixture
    """A verified model, with what a run leaves, on a server that answers."""
    settings.PUBLIC_URL = live_server.url
    model = Mirrored(mirrors, ada, FILES)
    files = {"source.tar.gz": tmp_path / "source.tar.gz", "rebuild/Dockerfile": tmp_path / "D"}
    files["receipt.intoto.jsonl"] = tmp_path / "receipt"
    model.archive(files["source.tar.gz"])
    files["rebuild/Dockerfile"].write_text("FROM scratch\n")
    files["receipt.intoto.jsonl"].write_text("{}\n")
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=scenery.report(files), files=files)
    return model


@pytest.fixture
def ways(client, model):
    shown = client.get(f"{model.address}use/").context["ways"]
    return {way.id: way.command for way in shown}


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.mark.django_db(transaction=True)
def test_git_gives_the_very_commit(ways, model, place):
    typed(ways["git"], place)
    clone = place / model.entry.name
    assert (clone / "src/ising.py").read_text() == FILES["src/ising.py"]
    commit = typed(f"git -C '{clone}' rev-parse HEAD", place).strip()
    assert commit == model.entry.current_version.commit


@pytest.mark.django_db(transaction=True)
def test_git_gives_the_same_from_this_portal(ways, model, place):
    typed(ways["clone"], place)
    clone = place / model.entry.name
    assert (clone / "src/ising.py").read_text() == FILES["src/ising.py"]
    commit = typed(f"git -C '{clone}' rev-parse HEAD", place).strip()
    assert commit == model.entry.current_version.commit


@pytest.mark.django_db(transaction=True)
def test_the_archive_has_the_bytes_that_the_page_names(ways, place):
    assert ": OK" in typed(ways["archive"], place)
    assert next(place.glob("*/src/ising.py")).read_text() == FILES["src/ising.py"]


@pytest.mark.django_db(transaction=True)
def test_the_other_forms_have_the_bytes_that_the_portal_names(ways, place):
    assert ": OK" in typed(ways["archives"], place)
    assert next(place.glob("*/src/ising.py")).read_text() == FILES["src/ising.py"]


@pytest.mark.django_db(transaction=True)
def test_metadata_and_crate_come_by_curl(ways, model, place):
    assert f'"accession":{model.entry.pk}' in typed(ways["json"], place)
    typed(ways["crate"], place)
    (crate,) = place.glob("run-*.crate.zip")
    listed = typed(f"unzip -l {crate.name}", place)
    assert "source.tar.gz" in listed


@pytest.mark.django_db(transaction=True)
def test_what_docker_is_to_build_is_there(ways, place):
    *fetching, build = ways["docker"].splitlines()
    typed("\n".join(fetching), place)
    words = build.split()
    assert words[:3] == ["docker", "build", "--file"]
    assert (place / words[3]).read_text() == "FROM scratch\n"
    assert (place / words[-1]).is_dir()


@pytest.mark.django_db(transaction=True)
def test_the_receipt_that_a_rerun_names_is_there(ways, place):
    receipt = ways["rerun"].split()[-1]
    assert typed(f"curl -fsS {receipt}", place) == "{}\n"


def test_no_name_of_a_stranger_becomes_a_command(tmp_path):
    for way in ways_to_pull(WHOLE):
        if way.id == "kubeflow":  # Python, not a shell's
            continue
        words = subprocess.run(
            ["sh", "-c", f"set -n\n{way.command}"], capture_output=True, check=False
        )
        assert words.returncode == 0, way.id
        harmless = "curl() { :; }; git() { :; }; python() { :; }; docker() { :; }; unzip() { :; }; "
        harmless += "hf() { :; }; tar() { :; }; cd() { :; }; sha256sum() { cat >/dev/null; }; "
        harmless += "apptainer() { :; }; "
        subprocess.run(["sh", "-c", harmless + way.command], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []


def test_there_is_a_way_for_each_thing_that_there_is_and_for_nothing_else():
    assert [way.id for way in ways_to_pull(WHOLE)] == [
        "git", "clone", "archive", "archives", "hub", "image", "kubeflow", "rerun", "docker",
        "saved", "crate", "json",
    ]  # fmt: skip
    bare = Pulled(number=1, name="x", address="", commit="a" * 40, folder="", model="https://r/")
    assert [way.id for way in ways_to_pull(bare)] == ["json"]
