"""Addresses of pages, as people paste them."""

import pytest

from registry.imports.places import Place, document_address, repository_at

MODELDB = "https://modeldb.science/api/v1/models/144027"
ZENODO = "https://zenodo.org/api/records/3727209"


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        ("https://modeldb.science/144027", MODELDB),
        ("modeldb.science/144027?tab=2", MODELDB),
        ("https://modeldb.yale.edu/144027", MODELDB),
        ("https://senselab.med.yale.edu/ModelDB/ShowModel.cshtml?model=144027#tabs-2", MODELDB),
        (MODELDB, MODELDB),
        ("https://zenodo.org/records/3727209", ZENODO),
        ("https://zenodo.org/record/3727209#.X", ZENODO),
        ("10.5281/zenodo.3727209", ZENODO),
        ("https://doi.org/10.5281/zenodo.3727209", ZENODO),
        ("https://huggingface.co/a/b", "https://huggingface.co/a/b/raw/main/README.md"),
        ("https://huggingface.co/a/b/tree/v1", "https://huggingface.co/a/b/raw/v1/README.md"),
        ("https://huggingface.co/datasets/a/b", "https://huggingface.co/datasets/a/b"),
        (
            "https://bioimage.io/#/artifacts/affable-shark",
            "https://hypha.aicell.io/bioimage-io/artifacts/affable-shark/files/rdf.yaml",
        ),
        ("https://bioimage.io/#/?id=10.5281%2Fzenodo.3727209", ZENODO),
        (
            "https://github.com/a/b/blob/main/codemeta.json",
            "https://raw.githubusercontent.com/a/b/main/codemeta.json",
        ),
        ("https://gitlab.com/a/b/-/blob/main/c.json", "https://gitlab.com/a/b/-/raw/main/c.json"),
        ("https://example.org/rdf.yaml", "https://example.org/rdf.yaml"),
    ],
)
def test_a_pasted_page_leads_to_its_description(pasted, asked):
    assert document_address(pasted) == asked


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("https://github.com/a/b", Place(address="https://github.com/a/b")),
        ("git+https://github.com/a/b.git", Place(address="https://github.com/a/b")),
        (
            "https://github.com/a/b/tree/v1.0/models/x",
            Place(address="https://github.com/a/b", ref="v1.0", folder="models/x"),
        ),
        (
            "https://gitlab.com/a/b/-/tree/main",
            Place(address="https://gitlab.com/a/b", ref="main"),
        ),
        (
            "https://github.com/a/b/releases/tag/v2",
            Place(address="https://github.com/a/b", ref="v2"),
        ),
        ("https://example.org/x.git", Place(address="https://example.org/x.git")),
        ("https://example.org/x", Place()),
        ("10.1000/182", Place()),
        (None, Place()),
    ],
)
def test_a_repository_is_known_by_its_address_and_its_pages(written, place):
    assert repository_at(written) == place
