"""The command `reprise`, installed alone, at a real portal: from an empty folder to a verdict."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from ops.services import redis_server
from tests.portal import Portal

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv-tools" / "bin" / "uv"
DOCUMENT = ROOT / "docs" / "command-line.md"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program as `pipx install` lays it: the wheel, and no more than it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([UV, "build", "--quiet", "--wheel", "-o", folder, ROOT], check=True)
    subprocess.run([UV, "venv", "--quiet", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    wheel = next(folder.glob("*.whl"))
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, wheel], check=True)
    return folder / "venv" / "bin" / "reprise"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portal")
    with redis_server() as redis_url:
        portal = Portal(folder, f"{redis_url.rsplit('/', 1)[0]}/6")
        try:
            portal.start_pages()
            portal.start_worker("worker")
            yield portal
        finally:
            portal.stop()


@pytest.fixture
def reprise(program, portal, tmp_path):
    """Runs the program in a folder of its own, logged in nowhere."""
    home = {"REPRISE_CONFIG_DIR": str(tmp_path / "config"), "HOME": str(tmp_path)}
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}

    def run(*words, status=0, given="", **environment):
        done = subprocess.run(
            [program, *map(str, words)],
            env={**kept, **home, **environment},
            cwd=tmp_path,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done

    return run


@pytest.mark.docker
def test_from_an_empty_folder_to_a_verdict_that_is_watched(reprise, portal, tmp_path):
    said = reprise("login", portal.url, "--token-stdin", given=f"{portal.token}\n").stdout
    assert "as tester" in said
    assert (tmp_path / "config" / "login.json").stat().st_mode & 0o777 == 0o600
    reprise("new", "orbit", "--title", "An oscillator")
    assert "is there already" in reprise("new", "orbit", status=2).stderr
    left = reprise("publish", "orbit", "--name", "orbit", status=2)
    assert "--yes" in left.stderr
    done = reprise("publish", "orbit", "--name", "orbit-2", "--yes", "--expect", "reproduced")
    assert "reproduced" in done.stdout
    model = json.loads(reprise("status", "tester/orbit-2", "--json").stdout)
    assert (model["level_name"], model["title"]) == ("reproduced", "An oscillator")
    assert "An oscillator" in reprise("status", model["page"]).stdout
    reprise("status", model["accession"], "--expect", "sustained", status=1)
    again = json.loads(reprise("verify", model["accession"], "--no-wait", "--json").stdout)
    watched = reprise("watch", again["id"], "--log", "--expect", "reproduced")
    assert "1 passed" in watched.stdout
    for step in snippet_steps():
        named = {"REPRISE_URL": portal.url, "REPRISE_TOKEN": portal.token}
        reprise(*words_of(step, model["accession"]), **named)


def snippet_steps() -> list[str]:
    """What the snippets for GitHub Actions and GitLab CI in the documentation run."""
    blocks = DOCUMENT.read_text().split("```yaml\n")[1:]
    github, gitlab = (yaml.safe_load(block.split("```")[0]) for block in blocks)
    steps = [step["run"] for step in github["jobs"]["reproduce"]["steps"]]
    return [line for line in [*steps, *gitlab["reproduce"]["script"]] if "reprise verify" in line]


def words_of(line: str, accession: int) -> list[str]:
    """The words after `reprise` in a line of a snippet, of this portal's model."""
    words = line.split("reprise verify ")[1].split()
    assert words[0] == "12"
    return ["verify", str(accession), *words[1:]]


def test_what_goes_wrong_is_said_with_what_to_do(reprise, portal):
    assert "reprise login" in reprise("status", "1", status=3).stderr
    wrong = reprise("login", portal.url, "--token-stdin", given="reprise_no\n", status=2).stderr
    assert "account page" in wrong
    here = {"REPRISE_URL": portal.url}
    assert "no model" in reprise("status", "nobody/nothing", status=3, **here).stderr
    reprise("status", "987654", status=2, **here)
    assert "not logged in" in reprise("verify", "1", status=3, **here).stderr
    nowhere = {"REPRISE_URL": "http://127.0.0.1:9", "REPRISE_TOKEN": "x"}
    assert "cannot be reached" in reprise("status", "1", status=3, **nowhere).stderr
    reprise("status", "1", "--expect", "perfect", status=2, **here)
    known = {"REPRISE_URL": portal.url, "REPRISE_TOKEN": portal.token}
    refused = reprise("publish", "https://127.0.0.1/x", "--yes", status=3, **known).stderr
    assert "public" in refused
    assert "_REPRISE_COMPLETE" in reprise("--show-completion", "bash").stdout
