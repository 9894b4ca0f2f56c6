"""Publishing without git: an archive chosen from a disk, on a desk and on a phone."""

import zipfile

import pytest
from playwright.sync_api import expect

from registry.models import ModelEntry
from runners.tasks import inspect_version
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.browser
README = "# A pendulum\n\nIt is integrated by a symplectic method, for this test alone.\n"


def be_read():
    inspect_version(ModelEntry.objects.get().versions.get().pk)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_an_archive_is_sent_corrected_and_read(open_browser, ada, sign_in, tmp_path, viewport):
    paper, model = tmp_path / "paper.pdf", tmp_path / "model.zip"
    paper.write_bytes(b"%PDF-1.7")
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("m/models/pendulum/README.md", README)
    page = sign_in(open_browser(viewport=viewport))
    page.goto("/publish/")
    page.get_by_text("A branch, a folder, another short name").click()
    page.get_by_label("Folder").fill("model/pendulum")
    page.get_by_label("zip or tar").set_input_files(paper)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("This is no archive.")).to_be_visible()
    expect(page.get_by_label("Folder")).to_have_value("model/pendulum")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_label("zip or tar").set_input_files(model)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reading the repository")
    be_read()
    expect(page.get_by_text("It has, among others: models/pendulum")).to_be_visible()

    page.get_by_label("Folder").fill("models/pendulum")
    page.get_by_role("button", name="Read it again").click()
    be_read()
    described = page.get_by_role("group", name="The model")
    expect(described.get_by_label("Title")).to_have_value("A pendulum")
    expect(page.get_by_text("models/pendulum in an uploaded archive")).to_be_visible()
