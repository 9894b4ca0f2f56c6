"""Records as other portals give them, read whole."""

from pathlib import Path

import pytest

from registry.imports import modeldb
from registry.imports.document import parsed
from registry.imports.formats import model_read
from registry.imports.model import ImportedModel
from registry.spec.manifest import Article, Person

RECORDS = Path(__file__).parent / "records"
CHRISTIAAN = Person(
    given="Christiaan", family="Huygens", orcid="0000-0002-1825-0097", affiliation="Leiden"
)


def record(name: str, at: str = "") -> ImportedModel:
    return model_read((RECORDS / name).read_bytes(), at=at)


def test_a_record_of_modeldb_gives_its_texts_and_where_its_code_is():
    found = record("modeldb.json")
    assert found.origin == "ModelDB record 144027"
    assert found.page == "https://modeldb.science/144027"
    assert found.address == "https://github.com/ModelDBRepository/144027"
    assert found.archive == "https://modeldb.science/download/144027"
    assert found.title == "Axonal Na+ channels in layer 5"
    assert found.summary == "We show how channels in the initial segment set the threshold."
    assert "\n\nRun mosinit.hoc for figure 3; see I\\_Na." in found.description
    assert found.description.endswith("## Experimental motivation\n\nRecordings by Kole & Stuart.")


def test_a_record_of_modeldb_gives_people_without_their_addresses():
    found = record("modeldb.json")
    assert found.authors == (
        Person(given="Maarten", family="Kole"),
        Person(given="Greg", family="Stuart"),
    )
    assert "example.org" not in str(found.authors)
    assert "The submitter's e-mail address is left out." in found.left_out


def test_all_nine_vocabularies_of_modeldb_are_taken_over():
    assert record("modeldb.json").terms == {
        "model-type": ("Neuron or other electrically excitable cell",),
        "region": ("Neocortex",),
        "cell-type": ("Neocortex L5/6 pyramidal GLU cell",),
        "channel": ("I Na,p", "I K"),
        "gene": ("Nav1.6 SCN8A",),
        "transmitter": ("Gaba",),
        "simulator": ("NEURON",),
        "concept": ("Action Potential Initiation",),
    }


def test_a_paper_of_modeldb_is_the_article():
    found = record("modeldb.json")
    assert found.article == Article(title="Kole MH, Stuart GJ (2008)", year=2008)
    assert found.article_at == "https://modeldb.science/api/v1/papers/39981"
    assert modeldb.article(parsed((RECORDS / "modeldb-paper.json").read_bytes())) == Article(
        title="Is action potential threshold lowest in the axon?",
        authors=(Person(given="M. H.", family="Kole"), Person(given="G. J.", family="Stuart")),
        year=2008,
        journal="Nature Neuroscience",
        volume="11",
        pages="1253–1255",
        doi="10.1038/nn.2203",
    )


def test_a_model_card_gives_its_text_its_licence_and_its_results():
    found = record("card.md", at="https://huggingface.co/ada/phase-net/raw/main/README.md")
    assert found.origin == "Hugging Face model card ada/phase-net"
    assert found.address == found.page == "https://huggingface.co/ada/phase-net"
    assert (found.title, found.licence) == ("Phase net", "Apache-2.0")
    assert found.summary == "A small network that tells the phases of the Ising model apart."
    assert "| Phase classification | Ising 64x64 | Accuracy | 0.987 |" in found.description
    assert "Provide a quick summary" not in found.description
    assert found.keywords == ("image-classification", "physics")
    assert found.terms == {"framework": ("PyTorch",)}
    assert found.article == Article(doi="10.48550/arXiv.2103.04786")
    assert any("ada/phase-pictures" in sentence for sentence in found.left_out)


def test_a_model_card_from_a_file_names_the_repository_that_its_text_links_to():
    assert record("card.md").address == "https://github.com/ada/phase-net"


def test_a_licence_without_an_spdx_name_is_told_and_not_guessed():
    card = b"---\nlicense: other\nlicense_name: my-own-terms\ntags: [x]\n---\n# M\n"
    found = model_read(card)
    assert found.licence == ""
    assert "The licence “my-own-terms” has no SPDX name. Choose the one that is meant." in (
        found.left_out
    )


def test_a_description_of_the_zoo_is_read_in_its_newer_format():
    found = record("rdf.yaml")
    assert found.origin == "bioimage.io affable-shark"
    assert (found.address, found.ref, found.folder) == (
        "https://github.com/ada/nuclei",
        "v1.10",
        "model",
    )
    assert found.label == "1.10"
    assert found.authors == (
        Person(
            given="Ada",
            family="Lovelace",
            orcid="0000-0002-1825-0097",
            affiliation="Institute for Pictures",
        ),
    )
    assert found.article == Article(
        title="Lovelace, A. (2021). Nuclei. Nature Methods.", doi="10.1038/s41592-020-01008-z"
    )
    assert (found.licence, found.keywords) == ("MIT", ("2d", "fluorescence", "nuclei"))
    assert found.terms == {"framework": ("PyTorch",)}
    assert any("documentation.md" in sentence for sentence in found.left_out)


def test_a_description_of_the_zoo_is_read_in_its_older_format():
    found = record("rdf-0.4.yaml")
    assert found.origin == "bioimage.io polite-pig"
    assert found.address == "https://gitlab.com/charles/membranes"
    assert found.description == "Segments \\*membranes\\*."
    assert found.authors == (Person(given="Charles", family="Babbage"),)
    assert found.article == Article(title="Babbage (1837)", url="https://example.org/babbage")
    assert found.terms == {"framework": ("TensorFlow",)}


def test_what_is_no_model_of_the_zoo_is_refused():
    with pytest.raises(ValueError, match="describes a dataset, not a model"):
        model_read(b"format_version: 0.4.0\ntype: dataset\nname: D\n")


def test_a_record_of_zenodo_is_read_whole():
    found = record("zenodo.json")
    assert found.origin == "Zenodo record 3727209"
    assert (found.address, found.ref) == ("https://github.com/christiaan/pendulum", "v1.2")
    assert found.archive.endswith("/files/pendulum-v1.2.zip/content")
    assert found.authors == (CHRISTIAAN,)
    assert (found.licence, found.label) == ("CC-BY-4.0", "v1.2")
    assert found.keywords == ("pendulum", "chaos")
    assert found.article == Article(doi="10.1103/PhysRevLett.126.032001")
    assert found.description == (
        "A damped pendulum: see here (<https://example.org/p>).\n\n- energy\\_1\n- phase"
    )


def test_what_a_page_of_zenodo_exports_is_read_likewise():
    found = record("zenodo-export.json")
    assert found.authors == (CHRISTIAAN,)
    assert (found.licence, found.keywords) == ("MIT", ("pendulum",))
    assert found.archive.endswith("pendulum.tar.gz/content")


def test_what_a_deposit_is_told_is_read_likewise():
    found = record("zenodo-deposit.json")
    assert found.origin == "Zenodo deposit"
    assert (found.address, found.licence) == ("https://github.com/c/p", "GPL-3.0-or-later")


def test_codemeta_is_read_in_version_two():
    found = record("codemeta-2.json")
    assert found.origin == "CodeMeta file of Pendulum"
    assert found.address == "https://github.com/ada/pendulum"
    assert (found.licence, found.label) == ("Apache-2.0", "1.2")
    assert found.terms == {"language": ("Fortran",)}
    assert found.authors == (
        Person(given="Ada", family="Lovelace", orcid="0000-0002-1825-0097", affiliation="Engines"),
    )
    assert found.article == Article(
        title="On pendula",
        year=2021,
        journal="Physical Review Letters",
        volume="126",
        doi="10.1103/PhysRevLett.126.032001",
    )


def test_codemeta_is_read_in_version_three():
    found = record("codemeta-3.json")
    assert found.address == "https://example.org/git/pendulum"
    assert found.archive == "https://example.org/pendulum.zip"
    assert found.licence == "MIT OR Apache-2.0"
    assert found.terms == {"language": ("Python", "C")}
