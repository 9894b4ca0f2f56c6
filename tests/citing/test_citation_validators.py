"""Every format held to a reader or validator that is not ours."""

import json
import subprocess
from pathlib import Path

import pytest
import rispy
import rocrate
import yaml
from citeproc.source.json import CiteProcJSON
from datacite import schema45
from pybtex.database import parse_string
from rdflib import Graph

from registry.citations import FORMATS
from registry.citations.as_datacite import datacite_json
from registry.citations.as_jsonld import CONTEXT
from registry.citations.work import line
from tests.citing.citing_works import ARTICLE, MODELS, VERIFICATION, VERSION, WITH_DOI, WORKS

SCHEMA_ORG = "http://schema.org/"


def each(works):
    return pytest.mark.parametrize("work", works.values(), ids=works.keys())


@each(WORKS)
def test_pybtex_reads_one_entry_of_bibtex(work):
    read = parse_string(FORMATS["bibtex"].write(work), "bibtex")
    (entry,) = read.entries.values()
    assert len(entry.persons.get("author", ())) == len(work.people)
    expected = {"article": "article", "verification": "techreport"}
    assert entry.type == expected.get(work.kind, "software")


@each(WORKS)
def test_rispy_reads_one_record_of_ris(work):
    (record,) = rispy.loads(FORMATS["ris"].write(work).replace("\r\n", "\n"))
    expected = {"article": "JOUR", "verification": "RPRT"}
    assert record["type_of_reference"] == expected.get(work.kind, "COMP")
    assert record["title"] == line(work.title)
    assert len(record.get("authors", ())) == sum(bool(one.name.strip()) for one in work.people)


def test_ris_says_where_an_article_stands():
    (record,) = rispy.loads(FORMATS["ris"].write(ARTICLE).replace("\r\n", "\n"))
    assert record["authors"] == ["Lovelace, Ada", "Noether, Emmy"]
    assert (record["start_page"], record["end_page"]) == ("034515", "034530")
    assert record["doi"] == "10.1103/PhysRevD.100.034515"


@each(WORKS)
@pytest.mark.filterwarnings("ignore::UserWarning")  # citeproc-py warns of fields it does not set
def test_citeproc_reads_csl_json(work):
    item = json.loads(FORMATS["csl-json"].write(work))
    source = CiteProcJSON([item])
    assert list(source) == [item["id"].lower()]


@each(MODELS)
def test_datacite_accepts_its_json(work):
    told = datacite_json(work)
    assert [error.message for error in schema45.validator.iter_errors(told)] == []
    if "\x00" not in work.title:
        schema45.tostring(told)


@each(MODELS)
def test_cffconvert_accepts_the_citation_file(readers, tmp_path, work):
    (tmp_path / "CITATION.cff").write_text(FORMATS["cff"].write(work))
    done = subprocess.run(
        [readers / "cffconvert", "--validate"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_citation_file_says_what_the_version_is():
    told = yaml.safe_load(FORMATS["cff"].write(WITH_DOI))
    assert told["doi"] == "10.5072/reprise.12.3"
    assert told["license"] == ["MIT", "Apache-2.0"]
    assert told["authors"][1] == {"name": "The Lattice Collaboration"}
    assert told["identifiers"][0]["value"] == VERSION.swhid
    assert told["references"][0]["doi"] == ARTICLE.doi


@each(MODELS)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own use
def test_schema_org_knows_every_word_of_the_json_ld(work):
    told = json.loads(FORMATS["json-ld"].write(work))
    assert told["@context"] == CONTEXT
    graph = Graph().parse(
        data=json.dumps(told | {"@context": {"@vocab": SCHEMA_ORG}}), format="json-ld"
    )
    known = json.loads((Path(rocrate.__file__).parent / "data" / "schema.jsonld").read_text())
    words = {str(one["@id"]).removeprefix("schema:").rpartition("/")[2] for one in known["@graph"]}
    said = {str(term) for _, term, _ in graph if str(term).startswith(SCHEMA_ORG)}
    kinds = {str(kind) for _, term, kind in graph if str(term).endswith("#type")}
    assert {word.removeprefix(SCHEMA_ORG) for word in said | kinds} <= words
    assert said


def test_json_ld_names_authors_by_orcid_and_the_article():
    told = json.loads(FORMATS["json-ld"].write(WITH_DOI))
    assert told["@id"] == "https://doi.org/10.5072/reprise.12.3"
    assert told["sdDatePublished"] == told["dateModified"] == WITH_DOI.modified.isoformat()
    assert told["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert [one["@type"] for one in told["author"]] == ["Person", "Organization", "Person"]
    assert told["license"][0] == "https://spdx.org/licenses/MIT.html"
    assert told["codeRepository"] == VERSION.repository
    assert told["citation"]["@type"] == "ScholarlyArticle"


@pytest.mark.parametrize("style", ["apa", "ieee", "aip", "aps", "nature"])
def test_every_style_leads_to_the_model_and_names_the_version(style):
    text = FORMATS[style].write(WITH_DOI)
    assert "https://doi.org/10.5072/reprise.12.3" in text or "doi: 10.5072/reprise.12.3" in text
    assert "1.2.0" in text
    assert "Lovelace" in text
    assert "φ⁴" in text
    assert not text.startswith(("[", "1"))


@pytest.mark.parametrize("style", ["apa", "ieee", "aip", "aps", "nature"])
def test_every_style_of_a_verification_names_verdict_run_and_receipt(style):
    text = FORMATS[style].write(VERIFICATION)
    for said in ("Verification 17", "reproduced (level 5 of 6)", VERIFICATION.url, "receipt"):
        assert said in text


def test_no_more_than_500_authors_are_named():
    items = json.loads(FORMATS["csl-json"].write(WORKS["crowd"]))
    assert len(items["author"]) == 500
