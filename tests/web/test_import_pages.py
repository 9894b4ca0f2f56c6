"""Bringing models from elsewhere, as a person sees it: a report first, then drafts."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from registry.imports.formats import model_read
from registry.models import Facet, Lookup, ModelEntry
from registry.models.entries import Visibility
from registry.models.outside import LookupKind, LookupState
from registry.services.entries import EntryFields, entry_update
from registry.services.imports import repository_ask
from registry.services.lookups import lookup_answered, lookup_failed
from registry.services.versions import version_inspected
from registry.services.vocabularies import vocabularies_load
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause, Origin
from tests.web import scenery

RECORDS = Path(__file__).parents[1] / "imports" / "records"
START, TABLE = "/publish/import/", "/publish/import/csv/"
HEAD = "address,title,licence,subject\n"
GOOD = "https://github.com/ada/pendulum,A pendulum,MIT,Classical mechanics\n"


@pytest.fixture
def terms(db):
    vocabularies_load()


def sent(name: str, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (RECORDS / name).read_bytes() if content is None else content)


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def brought(client, name: str, content: bytes | None = None) -> str:
    """The address of the report on a file."""
    answer = client.post(START, {"file": sent(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def table(client, text: str) -> str:
    """The address of the report on a table."""
    answer = client.post(TABLE, {"file": sent("models.csv", text.encode())})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def test_publishing_leads_to_bringing(owner):
    assert START in page(owner, "/publish/")
    assert TABLE in page(owner, START)


@pytest.mark.parametrize("address", [START, TABLE, f"{START}1/", f"{TABLE}1/"])
def test_only_who_has_signed_in_brings_models(client, db, address):
    answer = client.get(address)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url


def test_a_file_gives_a_report_and_makes_nothing(owner, terms):
    report = page(owner, brought(owner, "modeldb.json"))
    assert "Nothing is made yet" in report
    assert "Axonal Na+ channels in layer 5" in report
    assert "Kole, Maarten" not in report
    assert "Maarten Kole" in report
    assert "<li>a licence</li>" in report
    assert "The submitter&#x27;s e-mail address is left out." in report
    assert "Neocortex L5/6 pyramidal GLU cell" in report
    assert not ModelEntry.objects.exists()


def test_terms_that_are_not_known_are_told_with_what_is_near(owner, terms):
    record = json.loads((RECORDS / "modeldb.json").read_bytes())
    record["neurons"]["value"] = [{"object_name": "Cerebellum Purkinje GABA cells"}]
    report = page(owner, brought(owner, "x.json", json.dumps(record).encode()))
    assert "“Cerebellum Purkinje GABA cells”; near to it: Cerebellum Purkinje GABA cell" in report


def test_terms_of_a_vocabulary_that_this_site_does_not_keep_are_told(owner):
    assert "simulator: “NEURON”" in page(owner, brought(owner, "modeldb.json"))


def test_the_draft_holds_what_the_record_says_and_keeps_it_when_its_repository_is_read(
    owner, ada, terms
):
    report = brought(owner, "modeldb.json")
    answer = owner.post(report, {"address": "https://github.com/ModelDBRepository/144027"})
    entry = ModelEntry.objects.get()
    assert answer.url == reverse("entry_source", args=[entry.accession])
    assert (entry.owner, entry.visibility) == (ada, Visibility.DRAFT)
    version = entry.versions.get()
    assert version_inspected(version_id=version.pk, inspection=scenery.inspection(version))
    entry.refresh_from_db()
    version.refresh_from_db()
    assert entry.title == "Axonal Na+ channels in layer 5"
    assert entry.origins["title"] == "ModelDB record 144027"
    assert [person.name for person in version.people] == ["Maarten Kole", "Greg Stuart"]
    assert version.licence == scenery.inspection(version).licence
    facets = Facet.objects.filter(entry=entry, origin="ModelDB record 144027")
    assert "NEURON" in set(facets.values_list("term__name", flat=True))
    assert "from ModelDB record 144027" in page(owner, f"/models/{entry.accession}/edit/")


def test_what_a_person_corrects_of_it_is_theirs_and_the_rest_the_records(owner, terms):
    owner.post(brought(owner, "modeldb.json"), {"address": "https://github.com/M/1"})
    entry = ModelEntry.objects.get()
    entry = entry_update(entry=entry, fields=EntryFields(title="Mine", summary=entry.summary))
    assert entry.origins["title"] == Origin.FORM
    assert entry.origins["summary"] == "ModelDB record 144027"


def test_a_record_without_a_repository_asks_for_one_and_loses_nothing(owner):
    report = brought(owner, "c.json", b'{"@type": "SoftwareSourceCode", "name": "Pendulum"}')
    shown = page(owner, report)
    assert "No repository is named" in shown
    answer = owner.post(report, {"address": "", "ref": "v1", "folder": "a"}).content.decode()
    assert "Give the address of a repository" in answer
    assert 'value="v1"' in answer
    assert not ModelEntry.objects.exists()


def test_an_entry_from_the_same_place_is_pointed_to(owner):
    report = brought(owner, "zenodo-deposit.json")
    owner.post(report, {"address": "https://github.com/c/p"})
    assert "You have an entry from this address already" in page(owner, report)


@pytest.mark.parametrize(
    ("content", "said"), [(b"words", "none of the descriptions"), (b"{", "broken at line 1")]
)
def test_a_file_that_cannot_be_read_is_said_beside_its_field(owner, content, said):
    answer = owner.post(START, {"file": sent("x.json", content)})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Lookup.objects.exists()


def test_neither_and_both_are_refused(owner):
    assert "or choose a file" in owner.post(START, {"address": ""}).content.decode()
    both = {"address": "https://x.org", "file": sent("card.md")}
    assert "one of both is read" in owner.post(START, both).content.decode()


def test_an_address_is_watched_until_its_answer_is_there(owner, ada):
    report = owner.post(START, {"address": "https://modeldb.science/144027"}).url
    waiting = page(owner, report)
    assert "Asking for its description" in waiting
    assert '<meta http-equiv="refresh" content="2">' in waiting
    moving = owner.get(report, headers={"HX-Request": "true"})
    assert "<html" not in moving.content.decode()
    lookup = Lookup.objects.get()
    imported = model_read((RECORDS / "modeldb.json").read_bytes())
    assert lookup_answered(lookup_id=lookup.pk, result=imported)
    repository_ask(lookup_id=lookup.pk)
    assert owner.get(report, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Asking whether" in page(owner, report)
    refs = Lookup.objects.get(kind=LookupKind.REFS)
    lookup_answered(lookup_id=refs.pk, result={"tags": ["v2", "v1"], "branches": ["main"]})
    part = owner.get(f"{report}?part=repository", headers={"HX-Request": "true"}).content.decode()
    assert "1 branch and 2 tags, the newest <code>v2</code>" in " ".join(part.split())
    assert "hx-get" not in part


def test_an_address_without_an_answer_says_why_and_what_else_to_do(owner):
    report = owner.post(START, {"address": "https://modeldb.science/1"}).url
    failure = Failure(cause=Cause.DATA, sentence="Nothing there <b>.", hint="Save it as a file.")
    lookup_failed(lookup_id=Lookup.objects.get().pk, failure=failure)
    shown = page(owner, report)
    assert "Nothing there &lt;b&gt;." in shown
    assert "Save it as a file." in shown
    assert START in shown


def test_a_repository_that_is_not_there_is_told_before_the_draft_is_made(owner):
    report = brought(owner, "zenodo.json")
    refs = Lookup.objects.get(kind=LookupKind.REFS)
    failure = Failure(cause=Cause.FETCH, sentence="There is no public repository.", hint="Look.")
    lookup_failed(lookup_id=refs.pk, failure=failure)
    shown = page(owner, report)
    assert "There is no public repository." in shown
    assert "pendulum-v1.2.zip" in shown


def test_reports_are_their_owners_alone(owner, other, terms):
    for report in (brought(owner, "card.md"), table(owner, HEAD + GOOD)):
        assert other.get(report).status_code == 404
        assert other.post(report, {"address": "https://github.com/a/b"}).status_code == 404


def test_hostile_records_are_shown_as_text(owner):
    record = {
        "@type": "SoftwareSourceCode",
        "name": "<script>alert(1)</script>\u202e",
        "codeRepository": "javascript:alert(1)",
        "url": "javascript:alert(2)",
    }
    shown = page(owner, brought(owner, "x.json", json.dumps(record).encode()))
    assert "<script>alert(1)" not in shown
    assert "javascript:" not in shown


def test_a_table_is_judged_row_by_row_and_nothing_is_made(owner, terms):
    text = HEAD + GOOD + "https://github.com/ada/b,B,MTI,\n" + GOOD + "https://x.org/c,C,,Alchemy\n"
    report = page(owner, table(owner, text))
    assert "1 to be made" in report
    assert "The same as line 2." in report
    assert "MTI" in report
    assert "has no term “Alchemy”" in report
    assert "Make 1 draft<" in report
    assert not ModelEntry.objects.exists()


def test_the_button_makes_the_drafts_and_asking_twice_makes_nothing_twice(owner, ada, terms):
    address = table(owner, HEAD + GOOD + "https://github.com/ada/b,B,MIT,\n")
    assert owner.post(address).url == address
    assert ModelEntry.objects.filter(owner=ada, visibility=Visibility.DRAFT).count() == 2
    entry = ModelEntry.objects.get(title="A pendulum")
    assert Facet.objects.get(entry=entry).term.name == "Classical mechanics"
    owner.post(address)
    again = table(owner, HEAD + "http://www.github.com/ada/pendulum.git/,Other,MIT,\n")
    assert "Already there" in page(owner, again)
    assert f'href="/models/{entry.accession}/"' in page(owner, again)
    assert ModelEntry.objects.count() == 2


def test_a_row_that_became_wrong_meanwhile_leaves_the_others_be(owner, ada, terms):
    text = "address,name\nhttps://x.org/a,one\nhttps://x.org/b,two\n"
    address = table(owner, text)
    ModelEntry.objects.create(
        owner=ada, name="one", created_at=ada.date_joined, updated_at=ada.date_joined
    )
    owner.post(address)
    report = page(owner, address)
    assert "1 made" in report
    assert "already have an entry called “one”" in report


def test_the_report_can_be_taken_along_and_runs_nothing(owner, terms):
    address = table(owner, "address,title\nhttps://x.org/a,=1+1\n")
    answer = owner.get(f"{address}report.csv")
    assert "attachment" in answer["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["line"], row["state"], row["title"]) == ("2", "new", "'=1+1")


def test_the_template_is_there_for_everybody(client, db):
    assert client.get(f"{TABLE}template.csv").content.decode("utf-8-sig").startswith("address,ref")


def test_a_table_that_cannot_be_read_is_said(owner):
    answer = owner.post(TABLE, {"file": sent("x.csv", b"titel\nx\n")})
    assert "Did you mean “title”?" in answer.content.decode()


def test_a_long_table_is_shown_in_pages(owner):
    text = "address\n" + "".join(f"https://x.org/{number}\n" for number in range(500))
    address = table(owner, text)
    first = owner.get(address)
    assert len(first.content) < 150_000
    assert "Page 1 of 5" in first.content.decode()
    assert "https://x.org/499" in page(owner, f"{address}?page=5")


def test_an_operator_brings_a_folder_at_once(ada, terms, tmp_path, capsys):
    (tmp_path / "a.csv").write_text(HEAD + GOOD)
    (tmp_path / "b.json").write_bytes((RECORDS / "modeldb.json").read_bytes())
    call_command("import", str(tmp_path), "--owner", "ada", "--dry-run")
    assert not ModelEntry.objects.exists()
    call_command("import", str(tmp_path), "--owner", "ada")
    assert ModelEntry.objects.filter(owner=ada).count() == 2
    call_command("import", str(tmp_path), "--owner", "ada")
    assert ModelEntry.objects.count() == 2
    assert "b.json:1: there /models/" in capsys.readouterr().out


def test_an_operator_is_told_what_could_not_be_brought(ada, tmp_path, capsys):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(CommandError, match="1 could not be brought"):
        call_command("import", str(tmp_path / "a.json"), "--owner", "ada")
    assert "broken at line 1" in capsys.readouterr().out
    for arguments in ((str(tmp_path / "none"), "ada"), (str(tmp_path), "nobody")):
        with pytest.raises(CommandError, match="There is no"):
            call_command("import", arguments[0], "--owner", arguments[1])


def test_a_file_is_kept_as_an_answer_until_it_is_forgotten(owner):
    brought(owner, "card.md")
    lookup = Lookup.objects.get(kind=LookupKind.MODEL)
    assert (lookup.state, lookup.address) == (LookupState.ANSWERED, "file:card.md")
