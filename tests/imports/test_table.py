"""Tables as spreadsheets write them."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.imports.table import (
    COLUMNS,
    ROWS_MOST,
    Row,
    harmless,
    table_read,
    table_written,
)
from registry.spec.manifest import Article, Person

SUBJECTS = ("subject", "model-type")


def rows(text: str, encoding: str = "utf-8") -> tuple[Row, ...]:
    return table_read(text.encode(encoding), vocabularies=SUBJECTS)


def only(text: str) -> Row:
    (row,) = rows(text)
    return row


def test_the_template_is_itself_a_table_that_can_be_read():
    example = [example for _, example in COLUMNS.values()]
    (row,) = table_read(table_written(list(COLUMNS), [example]).encode(), vocabularies=())
    assert row.line == 2
    assert row.model
    assert row.model.address == "https://github.com/you/pendulum"
    assert (row.model.ref, row.model.folder, row.model.name) == (
        "v1.0",
        "models/pendulum",
        "pendulum",
    )
    assert row.model.authors == (
        Person(given="Ada", family="Lovelace", orcid="0000-0002-1825-0097"),
        Person(given="Charles", family="Babbage"),
    )
    assert row.model.article == Article(doi="10.1103/PhysRevLett.126.032001")
    assert row.model.keywords == ("pendulum", "chaos")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_every_spreadsheets_way_of_writing_is_read(encoding, delimiter):
    head = delimiter.join(("Address", "Title", "Model type"))
    cells = delimiter.join(("https://example.org/a", "Étude für Elise", "Synapse"))
    (row,) = rows(f"{head}\r\n{cells}\r\n", encoding)
    assert row.model
    assert row.model.title == "Étude für Elise"
    assert row.model.terms == {"model-type": ("Synapse",)}


def test_lines_are_counted_as_an_editor_counts_them():
    text = 'address,description\nhttps://a.org/x,"two\nlines"\n\nhttps://a.org/y,z\nfoo,\n'
    assert [row.line for row in rows(text)] == [2, 5, 6]
    assert "“foo” is no web address" in rows(text)[2].problem


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",T", "no address"),
        ("ftp://x.org/y,T", "no web address"),
        ("https://user:word@x.org/y,T", "no web address"),
        (f"https://x.org/y,{'t' * 301}", "more than 300"),
        ("https://x.org/y,T,extra", "more cells"),
    ],
    ids=["none", "ftp", "secret", "long", "extra"],
)
def test_a_row_that_is_wrong_says_why(cells, said):
    row = only(f"address,title\n{cells}\n")
    assert row.model is None
    assert said in row.problem


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("licence", "MTI", "MTI"),
        ("doi", "11.1/x", "begins with"),
        ("authors", "Lovelace, Ada (0000-0002-1825-0098)", "last digit"),
        ("name", "a b", "cannot be a name"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_refused(column, cell, said):
    row = only(f'address,{column}\nhttps://x.org/y,"{cell}"\n')
    assert said in row.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column “address”"),
        ("title\nx\n", "no column “address”"),
        ("address,titel\nx,y\n", "Did you mean “title”"),
        ("address,url\nx,y\n", "there twice"),
        ("address\n", "no row below"),
        ('address,title\nhttps://x.org/y,"unfinished\n', "broken at line"),
        ("address\n" + "https://x.org/y\n" * (ROWS_MOST + 1), "more than 500 rows"),
        ("address\n" + "x" * 1_000_001, "larger than 1 MB"),
    ],
    ids=["empty", "no-address", "misspelt", "twice", "no-rows", "quote", "many", "large"],
)
def test_a_table_that_cannot_be_read_says_why(text, said):
    with pytest.raises(ValueError, match=said):
        rows(text)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_nothing_written_is_taken_for_a_formula(cell):
    written = table_written(("title",), [(cell,)])
    _, (read,) = csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert read == harmless(cell) == f"'{cell}"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: f"address\n{t}".encode()))
def test_no_bytes_do_more_than_be_refused(content):
    with suppress(ValueError):
        assert table_read(content, vocabularies=SUBJECTS)
