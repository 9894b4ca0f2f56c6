"""What is typed is kept, and of two windows neither overwrites the other."""

import pytest
from django.utils import timezone
from registry_helpers import inspection, newest, person, ready_draft
from test_races import together

from registry.models import ModelEntry, TypedForm
from registry.selectors.typed_forms import typed_form_of
from registry.services.entries import EntryFields, entry_update
from registry.services.errors import ServiceError
from registry.services.typed_forms import typed_form_discard, typed_form_save
from registry.services.versions import version_inspected, version_retarget

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return ready_draft(person())


def save(entry, text, revision):
    return typed_form_save(
        entry=entry, user=entry.owner, data={"title": text}, revision=revision
    ).revision


def kept(entry):
    typed = typed_form_of(entry=entry, user=entry.owner)
    return typed.data["title"] if typed else None


def code_of(refused, *arguments, **named):
    with pytest.raises(ServiceError) as raised:
        refused(*arguments, **named)
    return raised.value.code


def test_each_keystroke_builds_on_the_one_before(entry):
    revision = save(entry, "A", 0)
    revision = save(entry, "A p", revision)
    assert (kept(entry), save(entry, "A pen", revision)) == ("A p", 3)
    assert TypedForm.objects.get().saved_at <= timezone.now()


def test_another_window_does_not_overwrite_what_is_newer(entry):
    seen = save(entry, "first", 0)
    save(entry, "second", seen)
    assert code_of(save, entry, "old", seen) == "typed_elsewhere"
    assert code_of(save, entry, "blank window", 0) == "typed_elsewhere"
    assert kept(entry) == "second"


def test_what_was_discarded_does_not_come_back_by_a_late_message(entry):
    seen = save(entry, "x", 0)
    typed_form_discard(entry=entry, user=entry.owner)
    assert code_of(save, entry, "late", seen) == "typed_elsewhere"
    assert kept(entry) is None


def test_everybody_has_what_they_typed_themselves(entry):
    bob = person("bob")
    save(entry, "mine", 0)
    typed_form_save(entry=entry, user=bob, data={"title": "his"}, revision=0)
    assert kept(entry) == "mine"
    assert typed_form_of(entry=entry, user=bob).data == {"title": "his"}


@pytest.mark.parametrize(
    "data",
    [{"description": "x" * 500_000}, {f"a{n}": "" for n in range(4000)}],
    ids=["long", "wide"],
)
def test_more_than_a_form_holds_is_refused(entry, data):
    refused = code_of(typed_form_save, entry=entry, user=entry.owner, data=data, revision=0)
    assert refused == "typed_too_much"


def test_no_character_is_an_error_of_the_database(entry):
    typed_form_save(entry=entry, user=entry.owner, data={"title": "a\0\ud800b"}, revision=0)
    assert "\0" not in kept(entry)


@pytest.mark.django_db(transaction=True)
def test_of_many_windows_at_once_one_is_kept(entry):
    results = together(*[lambda n=n: save(entry, str(n), 0) for n in range(4)])
    assert sum(isinstance(result, int) for result in results) == 1


def test_a_change_that_rests_on_an_older_one_is_refused(entry):
    seen = entry.revision
    entry_update(entry=entry, fields=EntryFields(title="Theirs"), revision=seen)
    mine = EntryFields(title="Mine")
    assert code_of(entry_update, entry=entry, fields=mine, revision=seen) == "stale"
    assert ModelEntry.objects.get().title == "Theirs"
    entry_update(entry=entry, fields=mine, revision=seen + 1)
    assert ModelEntry.objects.get().title == "Mine"


def test_who_saw_no_form_changes_single_fields_and_is_counted(entry):
    seen = entry.revision
    entry_update(entry=entry, fields=EntryFields(title="By the API"))
    assert ModelEntry.objects.get().revision == seen + 1


def test_reading_another_commit_makes_an_open_form_old(entry):
    seen = entry.revision
    version = version_retarget(version=newest(entry), address="https://example.org/b")
    version_inspected(version_id=version.pk, inspection=inspection(address=version.address))
    late = {"entry": entry, "fields": EntryFields(title="x"), "revision": seen}
    assert code_of(entry_update, **late) == "stale"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_asked_to_compare(entry):
    def saved(title):
        return entry_update(entry=entry, fields=EntryFields(title=title), revision=1).title

    results = together(*[lambda t=t: saved(t) for t in ("a", "b", "c")])
    assert sum(isinstance(result, str) for result in results) == 1
