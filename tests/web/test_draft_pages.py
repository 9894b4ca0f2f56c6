"""From an address to a published model: each step by form, right and wrong."""

from html import unescape

import html5lib
import pytest

from registry.models import ModelEntry
from registry.services.runs import run_cancel
from registry.spec.manifest import (
    Claim,
    Input,
    Output,
    Plan,
    PlannedEnvironment,
    PlannedTest,
    Proposal,
)
from tests.web import scenery


def fields_of(page):
    """What a browser would send back of the page's edit form, unchanged."""
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//form[@id='edit']")
    sent = {field.get("name"): field.get("value", "") for field in form.iter("input")}
    sent |= {field.get("name"): field.text or "" for field in form.iter("textarea")}
    for field in form.iter("select"):
        chosen = field.find("option[@selected]")
        sent[field.get("name")] = "" if chosen is None else chosen.get("value", "")
    sent.pop("csrfmiddlewaretoken")
    return sent


@pytest.fixture
def draft(ada):
    return scenery.ready(ada)


@pytest.fixture
def form(owner, draft):
    return fields_of(owner.get(f"/models/{draft.pk}/edit/").content.decode())


PLAN = Plan(
    environments=(
        PlannedEnvironment(
            strategy="requirements.txt",
            python="3.9",
            why="runtime.txt names it",
            system_packages=("libgomp1",),
            notes=("cv2 is mapped to opencv-python",),
        ),
        PlannedEnvironment(strategy="imports"),
    ),
    tests=(
        PlannedTest(
            runner="pytest",
            command=("python", "-m", "pytest"),
            why="tests/test_flow.py holds tests",
        ),
        PlannedTest(runner="script", command=("make", "check"), why="Makefile", counted=False),
    ),
    proposals=(
        Proposal(
            command="python run.py --name '<b>'",
            outputs=("out/a.csv", "out/b.csv"),
            why="README.md names it.",
        ),
    ),
)


def planned(owner):
    """A draft whose inspection foresaw something in every part."""
    entry = scenery.pending(owner)
    version = entry.versions.get()
    read = scenery.inspection(version, plan=PLAN)
    assert scenery.version_inspected(version_id=version.pk, inspection=read)
    return ModelEntry.objects.get(pk=entry.pk)


def test_an_address_becomes_a_draft_that_is_read(owner, db):
    reply = owner.post("/publish/", {"address": scenery.ADDRESS})
    entry = ModelEntry.objects.get()
    assert reply["Location"] == f"/models/{entry.pk}/source/"
    page = owner.get(reply["Location"]).content.decode()
    assert "Reading the repository" in page
    assert 'hx-trigger="every 1s"' in page
    assert f'http-equiv="refresh" content="2; url=/models/{entry.pk}/edit/"' in page
    assert owner.get(f"/models/{entry.pk}/edit/")["Location"] == reply["Location"]
    assert entry.name == "lattice-phi4"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": ""}, "Give the address of a repository, or choose an archive"),
        ({"address": scenery.ADDRESS, "name": "a b"}, "letters, digits"),
        ({"address": "x" * 3000}, "at most 2000 characters"),
    ],
)
def test_what_cannot_be_a_source_is_refused_and_kept(owner, db, typed, said):
    page = owner.post("/publish/", typed | {"ref": "v1.0"}).content.decode()
    assert said in page
    assert 'value="v1.0"' in page
    assert not ModelEntry.objects.exists()


def test_a_name_used_before_is_refused(owner, draft):
    typed = {"address": scenery.ADDRESS, "name": "lattice-phi4"}
    page = owner.post("/publish/", typed).content.decode()
    assert "You already have an entry called “lattice-phi4”." in page


def test_reading_polls_and_goes_on_when_it_is_done(owner, ada):
    entry = scenery.pending(ada)
    address, htmx = f"/models/{entry.pk}/source/", {"HX-Request": "true"}
    assert "<html" not in owner.get(address, headers=htmx).content.decode()
    version = entry.versions.get()
    scenery.version_inspected(version_id=version.pk, inspection=scenery.inspection(version))
    assert owner.get(address, headers=htmx)["HX-Redirect"] == f"/models/{entry.pk}/edit/"


def test_what_could_not_be_read_says_why_and_lets_correct_the_address(owner, ada):
    entry = scenery.unreadable(ada)
    page = owner.get(f"/models/{entry.pk}/edit/", follow=True).content.decode()
    assert "There is no repository at this address" in page
    assert "Is it mistyped?" in page
    assert 'value="https://github.com/ada/does-not-exist"' in page
    owner.post(f"/models/{entry.pk}/source/", {"address": scenery.ADDRESS, "ref": ""})
    version = entry.versions.get()
    assert (version.state, version.address) == ("pending", scenery.ADDRESS)


def test_the_form_is_filled_and_says_where_from(owner, draft, form):
    page = owner.get(f"/models/{draft.pk}/edit/").content.decode()
    assert form["title"].startswith("Flow-based sampling")
    assert form["authors-0-family"] == "Lovelace"
    assert form["authors-1-affiliation"] == "Mathematisches Institut, Göttingen"
    assert form["licence"] == "MIT"
    assert form["article-doi"] == "10.1103/PhysRevD.100.034515"
    assert form["article-authors"] == "Lovelace, Ada\nNoether, Emmy"
    assert (form["article-year"], form["article-journal"]) == ("2019", "Physical Review D")
    assert form["run"] == "python -m phi4.reproduce --seed 1"
    assert form["outputs-0-expected"] == "expected/magnetisation.csv"
    assert form["authors-TOTAL_FORMS"] == "2"
    assert "from CITATION.cff" in page
    assert "No CITATION.cff for the software itself" in page


def test_saving_unchanged_keeps_every_origin(owner, draft, form):
    before = (draft.origins, draft.versions.get().description_origins)
    sent = {name: text.replace("\n", "\r\n") for name, text in form.items()}  # as browsers do
    assert owner.post(f"/models/{draft.pk}/edit/", sent | {"action": "save"}).status_code == 302
    after = ModelEntry.objects.get()
    assert (after.origins, after.versions.get().description_origins) == before
    assert after.versions.get().manifest_value == scenery.MANIFEST


def test_what_a_person_corrects_is_kept(owner, draft, form):
    typed = {
        "title": "Flows for φ⁴", "keywords": "flow, flow , torus", "authors-2-given": "Kurt",
        "authors-2-family": "Gödel", "authors-2-orcid": "0000-0002-1694-233X",
        "licence": "Apache-2.0", "article-doi": "https://doi.org/10.1000/x", "test": "pytest -q",
        "outputs-0-rtol": "0.001", "outputs-3-path": "out/new.csv", "authors-TOTAL_FORMS": "3",
        "outputs-TOTAL_FORMS": "4",
    }  # fmt: skip
    owner.post(f"/models/{draft.pk}/edit/", form | typed | {"action": "save"})
    entry = ModelEntry.objects.get()
    version = entry.versions.get()
    assert entry.title == "Flows for φ⁴"
    assert entry.keywords == ["flow", "torus"]
    assert version.people[2].orcid == "0000-0002-1694-233X"
    assert version.licence == "Apache-2.0"
    assert version.citations.get(kind="article").doi == "10.1000/x"
    manifest = version.manifest_value
    assert manifest.test == "pytest -q"
    assert manifest.run == scenery.MANIFEST.run
    assert manifest.outputs[0].rtol == 1e-3
    assert manifest.outputs[3] == Output(path="out/new.csv")


@pytest.mark.parametrize(
    ("typed", "authors"),
    [
        ("Volterra, Vito", [("Vito", "Volterra")]),
        ("Volterra, V.; Lotka, A. J.", [("V.", "Volterra"), ("A. J.", "Lotka")]),
        ("Vito Volterra and Alfred Lotka", [("Vito", "Volterra"), ("Alfred", "Lotka")]),
        ("Volterra, V., and Lotka, A.\r\n\r\n", [("V.", "Volterra"), ("A.", "Lotka")]),
        ("{Physics & Co, Rome}\r\n ENIAC", [("", "Physics & Co, Rome"), ("", "ENIAC")]),
        (" , ;{}", []),
    ],
)
def test_an_articles_authors_are_understood_as_people_type_them(owner, draft, form, typed, authors):
    owner.post(f"/models/{draft.pk}/edit/", form | {"article-authors": typed, "action": "save"})
    article = draft.versions.get().article
    assert [(person.given, person.family) for person in article.authors] == authors
    assert article.journal == "Physical Review D"
    again = owner.get(f"/models/{draft.pk}/edit/").content.decode()
    owner.post(f"/models/{draft.pk}/edit/", fields_of(again) | {"action": "save"})
    assert draft.versions.get().article == article


def test_correcting_one_field_of_an_article_keeps_what_the_form_does_not_show(owner, draft, form):
    owner.post(f"/models/{draft.pk}/edit/", form | {"article-year": "2020", "action": "save"})
    version = draft.versions.get()
    assert version.article == scenery.replace(scenery.DESCRIPTION.article, year=2020)
    assert version.description_origins["article"] == "form"


def test_an_article_whose_fields_are_all_emptied_is_no_article(owner, draft, form):
    emptied = {name: "" for name in form if name.startswith("article-")}
    owner.post(f"/models/{draft.pk}/edit/", form | emptied | {"action": "save"})
    assert draft.versions.get().article is None


CLAIM = {
    "claims-0-label": "Table 2, row 3", "claims-0-output": "out/table2.json",
    "claims-0-at": "$.T_c", "claims-0-value": "2.269", "claims-0-tolerance": "0.005",
    "claims-0-unit": "J/k",
}  # fmt: skip


def test_claims_inputs_and_kinds_reach_the_manifest(owner, draft, form):
    typed = CLAIM | {
        "inputs-0-path": "data/a.csv", "inputs-0-sha256": "0" * 64,
        "inputs-0-url": "https://example.org/a.csv", "outputs-0-kind": "text",
    }  # fmt: skip
    owner.post(f"/models/{draft.pk}/edit/", form | typed | {"action": "save"})
    manifest = draft.versions.get().manifest_value
    assert manifest.outputs[2].claims == (
        Claim(label="Table 2, row 3", at="$.T_c", value=2.269, tolerance=0.005, unit="J/k"),
    )
    assert manifest.inputs == (
        Input(path="data/a.csv", sha256="0" * 64, url="https://example.org/a.csv"),
    )
    assert manifest.outputs[0].kind == "text"
    assert manifest.outputs[1] == scenery.MANIFEST.outputs[1]
    again = fields_of(owner.get(f"/models/{draft.pk}/edit/").content.decode())
    assert (again["claims-0-output"], again["outputs-0-kind"]) == ("out/table2.json", "text")
    owner.post(f"/models/{draft.pk}/edit/", again | {"action": "save"})
    assert draft.versions.get().manifest_value == manifest


def test_a_licence_is_kept_in_the_spelling_of_spdx(owner, draft, form):
    typed = form | {"licence": "mit or apache-2.0", "action": "save"}
    owner.post(f"/models/{draft.pk}/edit/", typed)
    assert draft.versions.get().licence == "MIT OR Apache-2.0"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "This field is required"),
        ({"article-doi": "not a doi"}, "A DOI begins with"),
        ({"article-year": "90"}, "greater than or equal to 1000"),
        ({"article-url": "ftp x"}, "Enter a valid URL"),
        ({"article-authors": "V. Volterra, A. Lotka"}, "Write each on a line of its own"),
        ({"article-authors": "Volterra, V., Lotka, A."}, "Write each on a line of its own"),
        ({"authors-0-orcid": "0000-0002-1825-0098"}, "mistyped"),
        (
            {"authors-TOTAL_FORMS": "3", "authors-2-affiliation": "Nowhere"},
            "Write the name of this author",
        ),
        ({"outputs-0-rtol": "0.5"}, "less than or equal to 0.01"),
        ({"outputs-TOTAL_FORMS": "4", "outputs-3-rtol": "0.001"}, "Name the file"),
        ({"inputs-0-url": "https://example.org/a"}, "Name the file that the command reads"),
        ({"inputs-0-path": "a", "inputs-0-url": "https://e.org/a"}, "Add the SHA-256"),
        ({"inputs-0-path": "a", "inputs-0-sha256": "A" * 64}, "64 of the characters"),
        ({"claims-0-label": "Table 2"}, "which output holds it"),
        (CLAIM | {"claims-0-tolerance": "2"}, "At most half of the value"),
        (CLAIM | {"claims-0-output": "out/other.csv"}, "No output above is this file"),
        (CLAIM | {"claims-0-value": "inf"}, "Enter a number"),
        ({"licence": "Apache 2"}, "Do you mean Apache-2.0"),
        ({"licence": "MIT AND"}, "is no SPDX expression"),
        ({"python": "2.7"}, "Write one version of Python"),
        ({"authors-0-given": "x" * 300}, "at most 200"),
        ({"authors-TOTAL_FORMS": "x"}, "tampered"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(owner, draft, form, wrong, said):
    typed = form | {"summary": "Typed with care."} | wrong | {"action": "next"}
    page = owner.post(f"/models/{draft.pk}/edit/", typed).content.decode()
    assert said in page
    assert "Typed with care." in page
    assert "Something below needs correcting" in page
    assert ModelEntry.objects.get().visibility == "draft"


def test_checking_leads_to_trying_and_trying_to_publishing(owner, client, draft, form):
    reply = owner.post(f"/models/{draft.pk}/edit/", form | {"action": "next"})
    assert reply["Location"] == f"/models/{draft.pk}/try/"
    assert f'href="/models/{draft.pk}/publish/"' in owner.get(reply["Location"]).content.decode()
    reply = owner.post(f"/models/{draft.pk}/publish/")
    assert reply["Location"].startswith("/runs/")
    assert b"Queued" in client.get(reply["Location"]).content
    assert client.get(f"/models/{draft.pk}/").status_code == 200


def test_publishing_without_a_licence_says_what_to_write_and_where(owner, ada):
    entry = scenery.pending(ada)
    version = entry.versions.get()
    bare = scenery.replace(scenery.DESCRIPTION, licence="")
    read = scenery.inspection(version, description=bare, licence=None)
    scenery.version_inspected(version_id=version.pk, inspection=read)
    form, publish = f"/models/{entry.pk}/edit/", f"/models/{entry.pk}/publish/"
    page = owner.get(publish).content.decode()
    assert "Nothing says under which licence" in page
    assert f'href="{form}#id_licence">Mend it' in page
    assert '<button class="primary">Publish</button>' not in page
    assert owner.post(publish)["Location"] == publish
    assert ModelEntry.objects.get().visibility == "draft"
    sent = fields_of(owner.get(form).content.decode())
    owner.post(form, sent | {"licence": "NONE", "action": "save"})
    owner.post(publish)
    assert ModelEntry.objects.get().visibility == "public"


def test_a_draft_shows_what_a_verification_would_try_and_why(owner, ada):
    entry = planned(ada)
    raw = owner.get(f"/models/{entry.pk}/edit/").content.decode()
    page = unescape(raw)
    assert "<b>" not in raw
    assert "requirements.txt, Python 3.9, with libgomp1" in page
    assert "runtime.txt names it" in page
    assert "cv2 is mapped to opencv-python" in page
    assert "If that does not work:" in page
    assert "<code>python -m pytest </code>" in page
    assert "tests/test_flow.py holds tests" in page
    assert "it reports no counts, so it is never said to pass" in page
    assert "It seems to write out/a.csv, out/b.csv." in page


def test_a_proposal_is_filled_in_by_a_button_and_nothing_typed_is_lost(owner, ada):
    entry = planned(ada)
    address = f"/models/{entry.pk}/edit/"
    page = owner.get(address).content.decode()
    assert '<button class="compact" form="edit" name="action" value="use-1">' in page
    form = fields_of(page) | {"title": "Typed meanwhile"}
    assert owner.post(address, form | {"action": "use-1"})["Location"] == address
    version = entry.versions.get()
    assert version.manifest_value.run == "python run.py --name '<b>'"
    paths = [output.path for output in version.manifest_value.outputs]
    assert paths == [*(one.path for one in scenery.MANIFEST.outputs), "out/a.csv", "out/b.csv"]
    assert version.manifest_origins["run"] == version.manifest_origins["outputs"] == "form"
    assert ModelEntry.objects.get().title == "Typed meanwhile"
    assert "Check it before you publish" in owner.get(address).content.decode()
    again = fields_of(owner.get(address).content.decode())
    owner.post(address, again | {"action": "use-1"})
    assert len(entry.versions.get().manifest_value.outputs) == len(paths)


@pytest.mark.parametrize("action", ["use-0", "use-2", "use-", "use-x"])
def test_a_button_that_is_not_on_the_page_fills_in_nothing(owner, ada, action):
    entry = planned(ada)
    address = f"/models/{entry.pk}/edit/"
    owner.post(address, fields_of(owner.get(address).content.decode()) | {"action": action})
    assert entry.versions.get().manifest_value == scenery.MANIFEST


def test_why_nothing_can_be_rebuilt_is_shown_on_the_draft(owner, ada):
    entry = scenery.pending(ada)
    read = scenery.inspection(entry.versions.get(), plan=Plan(unsupported="It is all Matlab."))
    scenery.version_inspected(version_id=entry.current_version_id, inspection=read)
    assert "It is all Matlab." in owner.get(f"/models/{entry.pk}/edit/").content.decode()


def test_a_command_of_several_lines_survives_saving(owner, ada):
    entry = scenery.pending(ada)
    command = "set -e\necho a # first\npython run.py"
    manifest = scenery.replace(scenery.MANIFEST, run=command)
    read = scenery.replace(scenery.READ, manifest=manifest)
    scenery.version_inspected(
        version_id=entry.current_version_id,
        inspection=scenery.inspection(entry.versions.get(), read=read),
    )
    address = f"/models/{entry.pk}/edit/"
    form = fields_of(owner.get(address).content.decode())
    sent = {name: text.replace("\n", "\r\n") for name, text in form.items()}  # as browsers do
    owner.post(address, sent | {"action": "save"})
    assert entry.versions.get().manifest_value == manifest


def test_a_published_version_shows_only_what_may_still_change(owner, ada):
    entry, _ = scenery.published(ada)
    address = f"/models/{entry.pk}/edit/"
    form = fields_of(owner.get(address).content.decode())
    assert "licence" not in form
    assert owner.post(address, form | {"title": "A better title"}).status_code == 302
    assert ModelEntry.objects.get().title == "A better title"


def test_a_new_version_changes_the_page_only_when_published(owner, ada):
    entry, run = scenery.published(ada)
    run_cancel(run=run)
    owner.post(f"/models/{entry.pk}/versions/new/", {"address": scenery.ADDRESS, "ref": "v2"})
    version = entry.versions.get(number=2)
    said = scenery.replace(scenery.DESCRIPTION, title="Second edition")
    scenery.version_inspected(
        version_id=version.pk, inspection=scenery.inspection(version, description=said)
    )
    form = fields_of(owner.get(f"/models/{entry.pk}/edit/").content.decode())
    assert form["title"] == "Second edition"
    owner.post(f"/models/{entry.pk}/edit/", form | {"action": "save"})
    assert ModelEntry.objects.get().title == scenery.DESCRIPTION.title
    owner.post(f"/models/{entry.pk}/publish/")
    assert ModelEntry.objects.get().title == "Second edition"
