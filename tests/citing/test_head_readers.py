"""The head of a model's page, read by a program that reads articles' pages."""

import json
import subprocess

import pytest
from django.test import Client

from tests.web import scenery

PROGRAM = (
    "import json, pathlib; from trafilatura import extract_metadata as read;"
    "told = read(pathlib.Path('page.html').read_text());"
    "print(json.dumps([told.title, told.author, told.date, told.image]))"
)


@pytest.mark.django_db
def test_trafilatura_finds_title_authors_date_and_picture(readers, tmp_path):
    entry, _ = scenery.published(scenery.person("ada"))
    page = Client().get(f"/models/{entry.pk}/").content
    (tmp_path / "page.html").write_bytes(page)
    command = [readers / "python", "-I", "-c", PROGRAM]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    title, authors, date, picture = json.loads(done.stdout)
    assert title == entry.title
    assert "Lovelace" in authors
    assert "Noether" in authors
    assert date == "2024-05-06"
    assert picture.endswith(f"/models/{entry.pk}/card.png")
