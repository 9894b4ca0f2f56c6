"""What a list can be narrowed to, what is counted, and what somebody may have meant."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from registry_helpers import COMMIT, person, published, ready_draft, report, verified

from registry.caching import process_cache
from registry.models import ModelEntry, Notification, SavedSearch
from registry.selectors.facets import chips_of, facets_counted
from registry.selectors.finding import Wanted, entries_fitting, entry_list, wanted_read
from registry.selectors.meant import entry_meant, respelt, ways_on
from registry.services import ServiceError
from registry.services.entries import EntryFields, entry_update
from registry.services.saved_searches import (
    search_change,
    search_save,
    searches_news,
)
from registry.services.vocabularies import terms_write, vocabularies_load
from registry.spec.ladder import Origin

pytestmark = pytest.mark.django_db
ANYBODY = AnonymousUser()


@pytest.fixture(autouse=True)
def fresh():
    process_cache.clear()


@pytest.fixture
def ada():
    vocabularies_load()
    return person()


def model(owner, name, subjects=(), **columns):
    entry, _ = published(owner, name=name)
    terms_write(entry=entry, terms={"subject": list(subjects)}, origin=Origin.FORM)
    ModelEntry.objects.filter(pk=entry.pk).update(**columns)
    return ModelEntry.objects.get(pk=entry.pk)


def read(query):
    return wanted_read(QueryDict(query))[0]


def found(query, user=ANYBODY):
    return {entry.name for entry in entry_list(user=user, wanted=read(query))}


def counted(query, user=ANYBODY):
    facets = facets_counted(user=user, wanted=read(query))
    return {
        facet.name: {choice.value: choice.count for choice in facet.choices} for facet in facets
    }


def ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def three(ada):
    model(
        ada, "spins", ["Lattice spin models"], level=5, outcome="reproduced", verified_at=ago(2),
        run_seconds=30, peak_memory_mb=100, image_mb=400, licence="MIT",
    )  # fmt: skip
    model(
        ada, "flow", ["Turbulence", "Lattice spin models"], level=4, outcome="not_reproduced",
        verified_at=ago(100), run_seconds=900, peak_memory_mb=2000, image_mb=3000, licence="MIT",
        needs_gpu=True,
    )  # fmt: skip
    model(ada, "plain", licence="GPL-3.0-only", needs_download=True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("subject=statistical-mechanics", {"spins", "flow"}),
        ("subject=fluid-dynamics", {"flow"}),
        ("subject=fluid-dynamics&subject=statistical-mechanics", {"spins", "flow"}),
        ("subject=statistical-mechanics&gpu=no", {"spins"}),
        ("level=5", {"spins"}),
        ("level=5&level=4", {"spins", "flow"}),
        ("level=Reproduced", {"spins"}),
        ("outcome=not_reproduced", {"flow"}),
        ("verified=week", {"spins"}),
        ("verified=half-year", {"spins", "flow"}),
        ("verified=never", {"plain"}),
        ("verified=week&verified=never", {"spins", "plain"}),
        ("time=minute", {"spins"}),
        ("time=hour", {"flow"}),
        ("memory=256mb&memory=4gb", {"spins", "flow"}),
        ("image=more", {"flow"}),
        ("licence=MIT", {"spins", "flow"}),
        ("gpu=yes", {"flow"}),
        ("network=yes", {"plain"}),
        ("licence=Never-Heard", set()),
    ],
)
def test_within_a_facet_any_and_between_facets_all(three, query, names):
    assert found(query) == names


def test_a_count_is_what_choosing_it_would_show(three):
    for query in ("", "level=4", "subject=statistical-mechanics", "q=pendulum&gpu=no&level=5"):
        wanted = read(query)
        for facet in facets_counted(user=ANYBODY, wanted=wanted):
            for choice in facet.choices:
                alone = wanted.without(facet.name).plus(facet.name, choice.value)
                shown = entries_fitting(user=ANYBODY, wanted=alone).count()
                assert choice.count == shown, (query, facet.name, choice.value)


def test_counts_hide_what_the_viewer_may_not_see(three, ada):
    draft = ready_draft(ada, name="secret")
    terms_write(entry=draft, terms={"subject": ["Chaos"]}, origin=Origin.FORM)
    assert "nonlinear-dynamics" not in counted("")["subject"]
    assert counted("", user=ada)["subject"]["nonlinear-dynamics"] == 1


def test_a_chosen_parent_shows_its_children(three):
    assert "statistical-mechanics/lattice-spin-models" not in counted("")["subject"]
    below = counted("subject=statistical-mechanics")["subject"]
    assert below["statistical-mechanics/lattice-spin-models"] == 2


def test_counting_takes_few_queries_however_many_models(three, ada):
    def queries(query):
        with CaptureQueriesContext(connection) as seen:
            facets_counted(user=ANYBODY, wanted=read(query))
        return len(seen)

    chosen = "subject=statistical-mechanics&level=4&licence=MIT"
    plain, narrowed = queries(""), len(read(chosen).choices)
    for number in range(3):
        model(ada, f"more-{number}", ["Chaos"], licence=f"L-{number}")
    assert queries("") == plain <= 5
    assert queries(chosen) <= plain + 2 * narrowed + 5


def test_beyond_the_cap_the_newest_are_counted(three, monkeypatch):
    monkeypatch.setattr("registry.selectors.facets.CANDIDATES", 2)
    assert counted("")["gpu"] == {"no": 1, "yes": 1}


def test_equal_searches_have_equal_addresses(three):
    one = read("order=newest&level=5&subject=fluid-dynamics&q=+ising+&subject=chemistry&page=3")
    other = read("subject=chemistry&q=ising&subject=fluid-dynamics&level=reproduced&order=newest")
    expected = "q=ising&level=5&subject=chemistry&subject=fluid-dynamics&order=newest"
    assert one.query() == other.query() == expected
    assert read(one.query()).query() == one.query()


def test_wrong_values_are_named_and_left_out(ada):
    wanted, complaints = wanted_read(
        QueryDict("level=99&subject=nothing&order=colour&what=1&owner=a%00&time=minute")
    )
    assert set(complaints) == {"level", "subject", "order", "what", "owner"}
    assert wanted == Wanted(choices={"time": ("minute",)})


def test_chips_are_in_words_and_take_one_away(three):
    chips = chips_of(read("subject=fluid-dynamics&level=5&licence=MIT"))
    assert [(chip.facet, chip.label) for chip in chips] == [
        ("Verified at least", "reproduced"),
        ("Licence", "MIT"),
        ("Subject", "Fluid dynamics"),
    ]
    assert chips[0].without.query() == "licence=MIT&subject=fluid-dynamics"


def test_phrases_stand_together_and_words_need_not(ada):
    entry = model(ada, "one")
    entry_update(entry=entry, fields=EntryFields(title="Phase transition of a lattice gas"))
    for text in ('"lattice gas"', '"phase transition" lattice', "gas lattice", '"transition of"'):
        assert found(f"q={text}") == {"one"}, text
    for text in ('"gas lattice"', '"lattice ga"', '"lattice phase"'):
        assert found(f"q={text}") == set(), text


def test_level_and_recency_lift_a_hit_but_not_over_a_much_better_one(ada):
    model(ada, "old", level=0)
    model(ada, "good", level=5, outcome="reproduced", verified_at=ago(3))
    model(ada, "new", level=0)
    names = [entry.name for entry in entry_list(user=ANYBODY, wanted=read("q=oscillator"))]
    assert names == ["good", "new", "old"]
    entry_update(entry=ModelEntry.objects.get(name="old"), fields=EntryFields(title="Oscillator"))
    names = [entry.name for entry in entry_list(user=ANYBODY, wanted=read("q=oscillator"))]
    assert names[0] == "old"


def test_cheapest_and_last_verified_come_first_and_the_unknown_last(three):
    def order(name):
        return [one.name for one in entry_list(user=ANYBODY, wanted=Wanted(order=name))]

    assert order("cheapest") == ["spins", "flow", "plain"]
    assert order("verified") == ["spins", "flow", "plain"]


@pytest.mark.parametrize(
    "text",
    ["{pk}", "#{pk}", "ada/pendulum", "10.1103/PhysRevLett.126.032001",
     "https://doi.org/10.1103/physrevlett.126.032001", COMMIT, COMMIT[:9],
     "swh:1:dir:" + "c" * 40],
)  # fmt: skip
def test_a_name_of_a_model_means_the_model(text):
    entry, _ = published(person(), name="pendulum")
    assert entry_meant(user=ANYBODY, text=text.format(pk=entry.pk)) == entry


def test_what_one_may_not_see_or_what_is_several_is_not_meant():
    ada = person()
    secret = ready_draft(ada, name="secret")
    assert entry_meant(user=ANYBODY, text=str(secret.pk)) is None
    assert entry_meant(user=ANYBODY, text=COMMIT) is None
    published(ada, name="one")
    published(ada, name="two")
    for text in (COMMIT, "999999999999", "pendulum", "a/b/c", "10.x", "\0", "1" * 400):
        assert entry_meant(user=ANYBODY, text=text) is None


def test_a_typing_error_is_mended_by_the_words_of_the_index(ada):
    entry = model(ada, "one")
    entry_update(entry=entry, fields=EntryFields(title="Lattice simulation of quarks"))
    assert respelt("latice") == "lattice"
    assert respelt("lattcie quark") == "lattice quark"
    assert respelt('simulatoin "of quarks"') == 'simulation "of quarks"'
    for text in ("lattice", "xyzzyq", "qua", '"latice"', ""):
        assert respelt(text) == "", text


def test_an_empty_list_leads_on(three):
    ways = {
        way.label: way.count
        for way in ways_on(
            user=ANYBODY, wanted=read("q=turbulance&subject=statistical-mechanics"), most=100
        )
    }
    assert ways["Without the words “turbulance”"] == 2
    assert ways["Turbulence"] == 1


def test_a_saved_search_tells_once_of_what_is_published_since(ada):
    bob = person("bob")
    model(ada, "before")
    search = search_save(user=bob, name="Pendula", wanted=read("q=pendulum"), notify=True)
    assert searches_news() == 0
    entry = model(ada, "after")
    ready_draft(ada, name="hidden")
    assert (searches_news(), searches_news()) == (1, 0)
    told = Notification.objects.get(user=bob)
    assert told.entry == entry
    assert told.sentence == "A new model matches your search “Pendula”."
    assert told.address == "/models/?q=pendulum"
    search_change(search=SavedSearch.objects.get(pk=search.pk), name="P", notify=False)
    model(ada, "unheard")
    assert searches_news() == 0


def test_a_name_is_used_once_for_a_persons_searches(ada):
    search_save(user=ada, name="Pendula", wanted=read("q=pendulum"), notify=False)
    with pytest.raises(ServiceError, match="already keep"):
        search_save(user=ada, name="pendula", wanted=read("q=x"), notify=False)
    search_save(user=person("bob"), name="Pendula", wanted=read(""), notify=False)


def test_licence_and_what_is_fetched_are_copied_beside_the_entry(ada):
    entry = ready_draft(ada, name="one")
    assert entry.licence == "MIT"
    entry_update(entry=entry, fields=EntryFields(licence="Apache-2.0"))
    assert ModelEntry.objects.get(pk=entry.pk).licence == "Apache-2.0"


def test_verification_keeps_the_facets_true(ada):
    _, run = published(ada, name="one")
    verified(run, report())
    assert counted("")["outcome"] == {"reproduced": 1}
    assert found("verified=week") == {"one"}
