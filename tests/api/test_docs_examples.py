"""The examples of the docs, typed as they stand there: by bash and curl, at a portal that answers.

Before each block of shell stands a comment that readers do not see:

- `<!-- example: shows "TEXT" -->`: it is run, ends well and prints TEXT;
- `<!-- example: leaves FILE with "TEXT" -->`: it is run, ends well and FILE then holds TEXT;
- `<!-- example: given -->`: it says what the others stand on; the test sets the same names;
- `<!-- no example: REASON -->`: it is not run.

The blocks of a document are run in one folder, one after another.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.models import ModelEntry
from registry.services.entries import EntryFields, entry_update
from tests.api.world import token_of
from tests.registry.registry_helpers import report
from tests.web import scenery
from tests.web.source_scenery import Mirrored, mirrors  # noqa: F401 — a fixture

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = ("api.md",)
BLOCK = re.compile(
    r"(?:<!-- (?P<kind>example|no example): (?P<said>[^\n]*) -->\n)?```(?:sh|bash|console)\n"
    r"(?P<code>.*?)```\n",
    re.DOTALL,
)
SHOWS = re.compile(r'shows "(?P<text>[^"]+)"')
LEAVES = re.compile(r'leaves (?P<file>\S+) with "(?P<text>[^"]+)"')
SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Example:
    """A block and what its comment says of it."""

    said: str
    code: str


def blocks(document: str) -> list[re.Match[str]]:
    return list(BLOCK.finditer((DOCS / document).read_text()))


def examples(document: str) -> list[Example]:
    run = [block for block in blocks(document) if block["kind"] == "example"]
    return [Example(said=block["said"], code=block["code"]) for block in run]


@pytest.fixture
def given(transactional_db, mirrors, live_server, tmp_path):  # noqa: F811 — the fixture
    """What the first block sets: a portal, a model that was reproduced, its owner's token."""
    owner = scenery.person("ada")
    model = Mirrored(mirrors, owner, {"run.py": "print('ran')\n"})
    entry_update(entry=model.entry, fields=EntryFields(title="A pendulum"))
    files = {"source.tar.gz": mirrors / "source.tar.gz"}
    model.archive(files["source.tar.gz"])
    claim = scenery.started(model.entry.current_version.runs.get())
    scenery.run_finish(claim=claim, report=report(files), files=files)
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "run.py").write_text("print('ran')\n")
    (tmp_path / "here").mkdir()
    shutil.make_archive(str(tmp_path / "here" / "model"), "zip", sent)
    token = token_of(owner, "models:write", "account:write")
    return {
        "SITE": live_server.url,
        "MODEL": str(ModelEntry.objects.get().pk),
        "AUTH": f"Authorization: Bearer {token}",
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_run_or_says_why_not(document):
    assert blocks(document)
    for block in blocks(document):
        assert block["kind"], block["code"]
        if block["kind"] == "example" and block["said"] != "given":
            assert SHOWS.fullmatch(block["said"]) or LEAVES.fullmatch(block["said"]), block["said"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_examples_do_what_is_said_of_them(document, given, tmp_path):
    for example in examples(document):
        if example.said == "given":
            assert set(re.findall(r"^export (\w+)=", example.code, re.MULTILINE)) == set(given)
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", example.code],
            cwd=tmp_path / "here",
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, (example.code, done.stderr)
        if shown := SHOWS.fullmatch(example.said):
            assert shown["text"] in done.stdout, (example.code, done.stdout)
        if left := LEAVES.fullmatch(example.said):
            assert left["text"] in (tmp_path / "here" / left["file"]).read_text()
