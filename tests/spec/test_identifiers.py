"""Names and identifiers."""

import pytest

from registry.spec.identifiers import (
    doi_normalised,
    name_from_title,
    name_is_valid,
    orcid_normalised,
)


@pytest.mark.parametrize(
    "text",
    ["0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097", " 0000-0002-1694-233x "],
)
def test_a_right_orcid_is_accepted_in_any_usual_form(text):
    assert orcid_normalised(text) == text.strip().upper()[-19:]


@pytest.mark.parametrize("text", ["0000-0002-1825-0098", "0000000218250097", "", "1234"])
def test_a_wrong_orcid_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match="ORCID"):
        orcid_normalised(text)


@pytest.mark.parametrize(
    "text", ["10.1038/118558a0", "https://doi.org/10.1038/118558a0", " DOI: 10.1038/118558a0 "]
)
def test_a_doi_is_accepted_in_any_usual_form(text):
    assert doi_normalised(text) == "10.1038/118558a0"


@pytest.mark.parametrize("text", ["", "118558a0", "https://x.example/10.1038/1", "10.1038/1 2"])
def test_what_is_no_doi_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match="begins with"):
        doi_normalised(text)


@pytest.mark.parametrize("name", ["a", "lotka-volterra", "Model_2.1", "x" * 96])
def test_names_that_every_client_takes_are_valid(name):
    assert name_is_valid(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", ".a", "a--b", "a..b", "a.git", "a b", "x" * 97])
def test_names_that_some_client_refuses_are_not(name):
    assert not name_is_valid(name)


@pytest.mark.parametrize("title", ["Ising 2D!", "…", "--", "repo.git", "a" * 300, "ä/ö"])
def test_a_name_made_from_any_title_is_valid(title):
    assert name_is_valid(name_from_title(title))
