"""The clients that people have, unmodified, against a portal in place of the hub."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.models import ModelEntry, PullCount
from registry.models.entries import Visibility
from registry.models.pulling import Puller, PullKind
from tests.hub.conftest import BIG, FILES, token_of
from tests.hub.cutting import way_that_breaks
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

CLIENT = Path(__file__).with_name("client.py")


def sha256(content):
    """The digest of a text or of bytes."""
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


SUMS = {path: sha256(content) for path, content in FILES.items()}
pytestmark = pytest.mark.django_db(transaction=True)


def printed(command, environment, **options):
    """What a program prints; it must end well."""
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120,
        **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def private(model, bob, tmp_path):
    """Bob's, whom alone it is shown to."""
    model = Mirrored(tmp_path / "bobs", bob, {"config.json": '{"private": true}\n'})
    ModelEntry.objects.filter(pk=model.entry.pk).update(visibility=Visibility.PRIVATE)
    return model


def what_a_client_gets(python, model, private, environment, tmp_path):
    """Run client.py, and hold what it got to what was published."""
    first = model.entry.current_version.commit
    model.release({**FILES, "new.txt": "new\n"})
    second = model.entry.current_version.commit
    (tmp_path / "pulled").mkdir()
    arguments = ["ada/model", "bob/model", str(tmp_path / "pulled"), token_of(private.owner)]
    got = json.loads(printed([str(python), str(CLIENT), *arguments], environment).splitlines()[-1])
    files = sorted([*FILES, "new.txt"])
    assert (got["id"], got["sha"], got["private"]) == ("ada/model", second, False)
    assert "Monte Carlo" in got["tags"]
    assert got["licence"] == "mit"
    assert sorted(got["siblings"]) == got["files"] == files
    assert got["siblings"]["data/field.bin"][0] == len(FILES["data/field.bin"])
    assert got["listed"] == got["filtered"] == ["ada/model"]
    assert got["folders"] == ["data", "src", "src/phi4"]
    assert got["lying"] == ["src/phi4/a b+ü.txt", "src/phi4/flow.py"]
    assert got["found"] == ["data/field.bin", "src"]
    assert got["branches"] == {"main": second}
    assert got["tags_of_git"] == {"v1": first, "v2": second, "1.2.0": first}
    assert got["exists"] == [True, False]
    assert got["revisions"] == [True, True, False, False]
    assert got["has"] == [True, False, False]
    assert got["file"] == SUMS["data/field.bin"]
    assert got["whole"] == SUMS | {"new.txt": sha256("new\n")}
    assert got["some"] == {"src/phi4/flow.py": SUMS["src/phi4/flow.py"]}
    assert got["card"]["tags"] == ["lattice"]
    assert got["no_file"] in {"EntryNotFoundError", "RemoteEntryNotFoundError"}
    assert got["no_revision"] == "RevisionNotFoundError"
    assert set(got["hidden"]) == {"RepositoryNotFoundError"}
    assert got["with_token"] == ["bob", None, True, '{"private": true}\n', ["bob/model"]]
    assert got["bad_token"] == "HfHubHTTPError"
    return got["client"]


def test_the_library_gets_what_was_published(model, private, environment, tmp_path):
    what_a_client_gets(sys.executable, model, private, environment, tmp_path)
    counted = PullCount.objects.get(version__entry=model.entry, version__number=2)
    # The whole, one by its pattern, and the card; questions are no pulls.
    assert (counted.kind, counted.puller) == (PullKind.HUB, Puller.PERSON)
    assert counted.count == len(FILES) + 1 + 1 + 1


# To fetch and lay a client takes half a minute, and what it asks for changed little since.
@pytest.mark.slow
@pytest.mark.parametrize("release", ["0.25.*", "0.36.*", "1.*"])
def test_older_libraries_get_the_same(release, model, private, environment, tmp_path):
    place = tmp_path / "client"
    printed([sys.executable, "-m", "venv", place], os.environ)
    pip = [place / "bin/python", "-m", "pip", "install", "--quiet"]
    printed([*pip, f"huggingface_hub=={release}"], os.environ)
    found = what_a_client_gets(place / "bin/python", model, private, environment, tmp_path)
    assert found.startswith(release.removesuffix("*"))


HF = str(Path(sys.executable).with_name("hf"))


def test_the_command_line_pulls_a_version(model, environment, tmp_path):
    model.release({**FILES, "src/phi4/flow.py": "print('two')\n"})
    pulled = tmp_path / "pulled"
    command = [HF, "download", "ada/model", "--revision", "v1", "--local-dir", str(pulled)]
    printed([*command, "--include", "src/*", "--include", "*.json"], environment)
    assert (pulled / "src/phi4/flow.py").read_text() == FILES["src/phi4/flow.py"]
    assert (pulled / "config.json").is_file()
    assert not (pulled / "data").exists()


def test_the_use_tab_says_what_to_type(client, model, environment, tmp_path):
    ways = client.get(f"{model.address}use/").context["ways"]
    command = next(way.command for way in ways if way.id == "hub")
    del environment["HF_ENDPOINT"]
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    printed(["sh", "-euc", command], environment | {"PATH": path}, cwd=tmp_path)
    assert sha256((tmp_path / "model/data/field.bin").read_bytes()) == SUMS["data/field.bin"]


def test_the_command_line_pulls_what_is_private_with_a_token_alone(private, environment):
    command = [HF, "download", "bob/model", "config.json"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "not found" in done.stderr
    signed = environment | {"HF_TOKEN": token_of(private.owner)}
    assert "config.json" in printed(command, signed)
    assert "bob" in printed([HF, "auth", "whoami"], signed)
    assert "bob/model" in printed([HF, "models", "ls", "--author", "bob", "--quiet"], signed)


def test_a_download_that_breaks_off_goes_on_where_it_was(ada, mirrors, environment, tmp_path):  # noqa: F811 — the fixture
    large, pulled = BIG * 4, tmp_path / "pulled"
    Mirrored(mirrors, ada, {"field.bin": large})
    # This client writes pieces of 10 MiB: of less it keeps nothing.
    with way_that_breaks(environment["HF_ENDPOINT"], after=11_000_000) as way:
        command = [HF, "download", "ada/model", "field.bin", "--local-dir", str(pulled)]
        printed(command, environment | {"HF_ENDPOINT": way.url})
    assert way.ranges == [f"bytes={10 * 2**20}-"]
    assert sha256((pulled / "field.bin").read_bytes()) == sha256(large)
