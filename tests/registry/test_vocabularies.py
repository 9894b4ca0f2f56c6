"""Vocabularies: what ships is laid, what a site changes stays, and people's words find terms."""

from dataclasses import replace

import pytest
from registry_helpers import DESCRIPTION, draft, inspection, newest, person

from registry.models import AuditEvent, Facet, ModelEntry, Term, Vocabulary
from registry.selectors.finding import Wanted, entry_list
from registry.selectors.vocabularies import (
    counts_of_terms,
    entry_terms,
    terms_suggested,
)
from registry.services import ServiceError
from registry.services.entries import entry_publish
from registry.services.recount import entries_recount
from registry.services.versions import version_inspected
from registry.services.vocabularies import (
    term_add,
    term_merge,
    term_move,
    term_rename,
    terms_write,
    vocabularies_load,
)
from registry.spec.frameworks import FRAMEWORKS
from registry.spec.ladder import Origin
from runners.stack import LANGUAGES

pytestmark = pytest.mark.django_db
MODELDB = {
    "model-type", "region", "cell-type", "channel", "receptor", "gene", "transmitter",
    "simulator", "concept",
}  # fmt: skip


@pytest.fixture
def laid():
    vocabularies_load()


@pytest.fixture
def curator():
    return person("curator", is_staff=True)


def term(path, vocabulary="subject"):
    return Term.objects.get(vocabulary=vocabulary, path=path)


def names(entry, vocabulary):
    found = {one.vocabulary.pk: one for one in entry_terms(entry)}
    return [one.name for one in found[vocabulary].terms] if vocabulary in found else []


def refused(function, **arguments):
    with pytest.raises(ServiceError) as error:
        function(**arguments)
    return error.value


def described(owner, name="model", **told):
    entry = draft(owner, name=name)
    read = inspection(description=replace(DESCRIPTION, **told))
    version_inspected(version_id=newest(entry).pk, inspection=read)
    return ModelEntry.objects.get(pk=entry.pk)


def test_a_tree_of_subjects_and_modeldbs_nine_ship(laid):
    assert set(Vocabulary.objects.values_list("pk", flat=True)) >= MODELDB | {"subject"}
    tops = Term.objects.filter(vocabulary="subject", parent=None)
    assert {"Condensed matter", "Neuroscience", "Machine learning"} <= {one.name for one in tops}
    assert term("particle-physics/lattice-field-theory").parent == term("particle-physics")


def test_every_framework_and_language_that_inspection_names_is_a_term(laid):
    for vocabulary, known in (("framework", FRAMEWORKS), ("language", LANGUAGES)):
        terms = set(Term.objects.filter(vocabulary=vocabulary).values_list("name", flat=True))
        assert set(known.values()) <= terms


def test_loading_again_adds_nothing_and_keeps_what_curators_changed(laid, curator):
    moved = term_move(
        actor=curator, term=term("condensed-matter/soft-matter"), parent=term("biophysics")
    )
    term_rename(actor=curator, term=term("chemistry"), name="Chemical physics")
    term_merge(
        actor=curator, term=term("classical-mechanics/acoustics"), into=term("fluid-dynamics")
    )
    assert vocabularies_load() == 0
    assert moved.path == "biophysics/soft-matter"
    assert term("biophysics/soft-matter/polymers").parent == moved
    assert term("condensed-matter/soft-matter").merged_into == moved
    assert term("chemistry").name == "Chemical physics"
    assert AuditEvent.objects.filter(action__startswith="term.").count() == 3


def test_a_term_that_went_and_came_back_is_where_it_was(laid, curator):
    soft = term("condensed-matter/soft-matter")
    term_move(actor=curator, term=soft, parent=None)
    soft.refresh_from_db()
    term_move(actor=curator, term=soft, parent=term("condensed-matter"))
    assert term("condensed-matter/soft-matter/colloids").merged_into is None
    assert vocabularies_load() == 0


def test_terms_are_named_by_path_name_or_another_word(laid):
    entry = described(person())
    for said, meant in (
        ("condensed-matter/superconductivity", "Superconductivity"),
        ("superconductivity", "Superconductivity"),
        ("Ising model", "Lattice spin models"),
        ("MCMC", "Monte Carlo methods"),
    ):
        terms_write(entry=entry, terms={"subject": [said]}, origin=Origin.FORM)
        assert names(entry, "subject") == [meant]


def test_an_unknown_term_is_refused_with_those_near_it(laid):
    entry = described(person())
    error = refused(
        terms_write, entry=entry, terms={"subject": ["Superconductivty"]}, origin=Origin.FORM
    )
    assert error.code == "term_unknown"
    assert "“Superconductivity”" in error.hint
    assert (
        refused(terms_write, entry=entry, terms={"colour": ["red"]}, origin=Origin.FORM).code
        == "vocabulary_unknown"
    )


def test_an_open_vocabulary_learns_and_a_language_is_not_another(laid):
    entry = described(person())
    terms_write(entry=entry, terms={"gene": ["SHANK3"], "language": ["C++"]}, origin=Origin.FORM)
    assert names(entry, "gene") == ["SHANK3"]
    assert names(entry, "language") == ["C++"]
    assert term("shank3", "gene").name == "SHANK3"


def test_what_inspection_reads_stays_until_a_person_chooses(laid):
    ada = person()
    entry = described(ada, languages=("Python", "C"), frameworks=("JAX", "Unheard of"))
    assert names(entry, "language") == ["C", "Python"]
    assert names(entry, "framework") == ["JAX"]
    terms_write(entry=entry, terms={"language": ["Julia"]}, origin=Origin.FORM)
    entry_publish(entry=entry, requested_by=ada)
    assert names(entry, "language") == ["Julia"]
    assert names(entry, "framework") == ["JAX"]


def test_a_form_that_sends_back_what_it_showed_is_no_persons_choice(laid):
    entry = described(person(), languages=("Python",))
    terms_write(entry=entry, terms={"language": ["Python"]}, origin=Origin.FORM)
    assert Facet.objects.get(entry=entry).origin == Origin.SOURCES


def test_type_ahead_prefers_beginnings_then_words_then_what_is_spelt_nearly_so(laid):
    def first(text):
        return [one.name for one in terms_suggested(vocabulary="subject", text=text)][:2]

    assert first("turb") == ["Turbulence"]
    assert first("QAOA") == ["Quantum circuits and simulators"]
    assert first("field theory")[0] in {"Lattice field theory", "Quantum field theory"}
    assert first("turbulance") == ["Turbulence"]
    assert first("xqzw") == []


def test_terms_names_and_other_words_find_an_entry(laid, curator):
    ada = person()
    entry = described(ada, name="ising")
    entry_publish(entry=entry, requested_by=ada)
    terms_write(entry=entry, terms={"subject": ["Lattice spin models"]}, origin=Origin.FORM)

    def finds(text):
        return entry_list(user=ada, wanted=Wanted(text=text)).exists()

    assert finds("potts")
    assert finds("statistical mechanics")
    spins = term("statistical-mechanics/lattice-spin-models")
    term_rename(actor=curator, term=spins, name="Spins on lattices", synonyms=["clock model"])
    assert finds("clock model")
    assert not finds("potts")
    assert entries_recount(fix=False) == []


def test_merging_takes_entries_narrower_terms_and_words_along(laid, curator):
    entry = described(person())
    both = ["condensed-matter/soft-matter/polymers", "biophysics"]
    terms_write(entry=entry, terms={"subject": both}, origin=Origin.FORM)
    into = term_merge(
        actor=curator, term=term("condensed-matter/soft-matter"), into=term("biophysics")
    )
    assert names(entry, "subject") == ["Biophysics", "Polymers"]
    assert term("biophysics/polymers").parent == into
    assert "Soft matter" in into.synonyms
    terms_write(entry=entry, terms={"subject": ["condensed-matter/soft-matter"]}, origin="form")
    assert names(entry, "subject") == ["Biophysics"]


def test_no_term_stands_below_itself_or_twice(laid, curator):
    soft = term("condensed-matter/soft-matter")
    polymers = term("condensed-matter/soft-matter/polymers")
    assert refused(term_move, actor=curator, term=soft, parent=polymers).code == "term_circle"
    assert refused(term_merge, actor=curator, term=soft, into=polymers).code == "term_circle"
    vocabulary = Vocabulary.objects.get(pk="subject")
    again = refused(
        term_add, actor=curator, vocabulary=vocabulary, name="Soft  matter", parent=soft.parent
    )
    assert again.code == "term_exists"


def test_a_parent_counts_an_entry_of_two_narrower_terms_once(laid):
    ada = person()
    entry = described(ada)
    entry_publish(entry=entry, requested_by=ada)
    paths = ["fluid-dynamics/turbulence", "fluid-dynamics/porous-media"]
    terms_write(entry=entry, terms={"subject": paths}, origin=Origin.FORM)
    counts = counts_of_terms("subject")
    assert counts[term("fluid-dynamics").pk] == 1
    assert counts[term("chemistry").pk] == 0
