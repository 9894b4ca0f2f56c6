"""Finding entries: the same hits on both databases, and no text that breaks the search."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry_helpers import (
    DESCRIPTION,
    draft,
    inspection,
    newest,
    person,
    published,
    ready_draft,
    report,
    verified,
)

from registry.models import ModelEntry, SearchDocument
from registry.selectors.finding import ORDERS, Wanted, entry_list
from registry.selectors.words import text_query
from registry.services.entries import EntryFields, entry_publish, entry_update, entry_withdraw
from registry.services.versions import version_inspected

pytestmark = pytest.mark.django_db
ANYBODY = AnonymousUser()


@pytest.fixture
def ada():
    return person()


def model(owner, name, **told):
    entry = draft(owner, name=name)
    read = inspection(description=replace(DESCRIPTION, **{"keywords": ()} | told))
    version_inspected(version_id=newest(entry).pk, inspection=read)
    entry_publish(entry=entry, requested_by=owner)
    return ModelEntry.objects.get(pk=entry.pk)


def listed(text="", **wanted):
    return entry_list(user=ANYBODY, wanted=Wanted(text=text, **wanted))


def found(text, owner="", **choices):
    kept = {name: (value,) for name, value in choices.items()}
    return [entry.name for entry in listed(text, owner=owner, choices=kept)]


def test_words_are_found_by_their_beginning_without_accents_and_case(ada):
    model(ada, "ising", title="Ising oscillators", summary="Störmer–Verlet, naïve")
    for text in (
        "oscillat",
        "OSCILLATOR",
        "oscillators",
        "stormer",
        "Störmer verlet",
        "isin naive",
    ):
        assert found(text) == ["ising"], text
    for text in ("scillator", "oscillator missing", "verletx"):
        assert found(text) == [], text


def test_a_plural_finds_the_singular(ada):
    model(ada, "one", title="A lattice", summary="")
    assert found("lattices") == ["one"]


def test_title_name_owner_authors_keywords_summary_and_description_are_searched(ada):
    model(
        ada,
        "shortname",
        title="Titleword",
        summary="Summaryword",
        description="# Descriptionword",
        keywords=("Keywordword",),
    )
    for text in (
        "titleword",
        "shortname",
        "ada",
        "lovelace",
        "keywordword",
        "summaryword",
        "descriptionword",
    ):
        assert found(text) == ["shortname"], text


def test_a_hit_in_the_title_comes_before_one_in_the_text(ada):
    model(ada, "first", title="Neurons", summary="of a cell", description="x")
    model(ada, "second", title="Cells", summary="neurons", description="x")
    assert found("neuron") == ["first", "second"]


def test_an_edit_is_found_at_once_and_the_former_words_no_more(ada):
    entry = model(ada, "one", title="Antenna")
    entry_update(entry=entry, fields=EntryFields(title="Molecule"))
    assert (found("antenna"), found("molecule")) == ([], ["one"])


def test_raw_sql_on_the_document_keeps_the_index_right(ada):
    model(ada, "one", title="Antenna")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_searchdocument SET head = 'rewritten'")
    assert (found("antenna"), found("rewritten")) == ([], ["one"])
    SearchDocument.objects.all().delete()
    assert found("rewritten") == []


def expected(text):
    """What must be found of the only entry: every word of the text begins one of its words."""
    document = SearchDocument.objects.get()
    words = f"{document.head} {document.body}".split()
    asked = text_query(text)
    parts = (f" {document.head} ", f" {document.body} ")
    hit = all(any(word.startswith(part) for word in words) for part in asked.words) and all(
        any(f" {' '.join(phrase)} " in part for part in parts) for phrase in asked.phrases
    )
    return ["one"] if hit and (asked or not text.strip()) else []


HOSTILE = (
    "'",
    '"',
    "NEAR(a b)",
    "a AND",
    "OR",
    "NOT",
    "head:x",
    "*",
    "a*",
    "^a",
    "-a",
    "a & | ! b",
    ":*",
    "\\",
    "a\0b",
    "\ud800",
    "%s %(x)s",
    "{a b}",
    "a" * 5000,
    "a " * 5000,
    "'; DROP TABLE registry_user; --",
    "ﷺ" * 300,
    "日本語",
    "٣",
    "½",
    "İ",
    "ß",
    "\u202e\u200b",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_ever_words(text, ada):
    model(ada, "one", title="plain")
    assert found(text) == expected(text)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for(text, ada):
    if not ModelEntry.objects.exists():
        model(ada, "one")
    assert found(text) == expected(text)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(categories=["L", "N", "M", "Z", "P"]), max_size=40))
def test_what_an_entry_says_finds_it(text, ada):
    entry = ModelEntry.objects.first() or model(ada, "one")
    entry_update(entry=entry, fields=EntryFields(title="anchor " + text))
    assert found("anchor " + text) == ["one"]


def test_only_punctuation_finds_nothing_and_nothing_finds_all(ada):
    model(ada, "one")
    assert (found("?!"), found("  "), found("")) == ([], ["one"], ["one"])


def test_drafts_and_tombstones_are_not_listed_to_others(ada):
    ready_draft(ada)
    entry = model(ada, "gone")
    entry_withdraw(entry=entry, actor=entry.owner, reason="Wrong.")
    assert found("") == found("pendulum") == []
    assert [entry.name for entry in entry_list(user=ada, wanted=Wanted())] == ["pendulum"]


def test_filters_narrow_the_list(ada):
    entry, run = published(ada, name="good")
    verified(run, report())
    published(person("bob"), name="new")
    assert found("", level="5") == ["good"]
    assert found("", outcome="reproduced") == ["good"]
    assert found("", owner="BOB") == ["new"]
    assert found("pendulum", owner="ada", level="1") == ["good"]
    assert entry.name == "good"


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_total_and_can_be_cut_at_any_row(order, ada):
    for number in range(5):
        model(ada, f"m{number}", title="Same words")
    everything = list(listed("same", order=order))
    assert len(everything) == 5
    keys = [tuple(getattr(e, key.lstrip("-")) for key in ORDERS[order]) for e in everything]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == 5


def test_the_list_is_one_query_whatever_its_length(ada, django_assert_num_queries):
    for number in range(4):
        model(ada, f"m{number}")
    for text in ("", "pendulum"):
        with django_assert_num_queries(1):
            for entry in listed(text):
                assert entry.full_name == f"ada/{entry.name}"
                assert entry.current_version.number == 1


def test_a_search_uses_the_full_text_index(ada):
    model(ada, "one")
    plan = listed("pend").explain()
    if connection.vendor == "sqlite":
        assert "SCAN registry_search VIRTUAL TABLE INDEX" in plan
        assert "SEARCH registry_modelentry USING INTEGER PRIMARY KEY" in plan
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "registry_search" in listed("pend").explain()


def test_counting_hits_searches_once_and_not_once_for_each_entry(ada):
    if connection.vendor == "sqlite":
        with CaptureQueriesContext(connection) as asked:
            listed("pend").count()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            assert "SCAN registry_search" in cursor.fetchone()[-1]


def test_the_newest_page_of_the_list_needs_no_sorting(ada):
    plan = listed()[:20].explain()
    if connection.vendor == "sqlite":
        assert "entry_newest" in plan
        assert "TEMP B-TREE" not in plan
