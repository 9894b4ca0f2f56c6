"""An entry's way from a draft to publication and withdrawal, and its versions'."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from registry_helpers import (
    ADDRESS,
    ARTICLE,
    COMMIT,
    DESCRIPTION,
    MANIFEST,
    OTHER_COMMIT,
    draft,
    inspection,
    messages,
    newest,
    person,
    published,
    queued,
    ready_draft,
    verified,
)

from registry.models import Membership, ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.entries import (
    entries_visible_to,
    entry_get,
    entry_may_edit,
    entry_may_withdraw,
    entry_versions,
)
from registry.services.entries import (
    EntryFields,
    entry_draft_create,
    entry_publish,
    entry_update,
    entry_withdraw,
)
from registry.services.errors import ServiceError
from registry.services.obstacles import entry_obstacles
from registry.services.runs import run_cancel
from registry.services.versions import (
    version_create,
    version_inspected,
    version_inspection_failed,
    version_retarget,
    version_to_inspect,
    versions_resend,
)
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause, Origin
from registry.spec.manifest import Article, Person

pytestmark = pytest.mark.django_db


def code_of(function, **arguments):
    """The code with which a service refuses."""
    with pytest.raises(ServiceError) as refused:
        function(**arguments)
    assert refused.value.sentence.endswith((".", "…"))
    return refused.value.code


def test_a_draft_has_an_owner_a_pending_version_and_a_name_from_its_address():
    entry = draft(person())
    assert (entry.full_name, entry.visibility) == ("ada/pendulum", Visibility.DRAFT)
    assert entry.memberships.get().role == "owner"
    assert newest(entry).state == "pending"
    assert entry.current_version == newest(entry)


def test_inspection_is_asked_for_after_commit_and_not_before(django_capture_on_commit_callbacks):
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        entry = draft(person())
        assert messages("light") == []
    assert messages("light") == [[newest(entry).pk]]


def test_a_second_draft_of_the_same_address_gets_the_next_free_name():
    ada = person()
    names = [draft(ada).name for _ in range(3)]
    assert names == ["pendulum", "pendulum-2", "pendulum-3"]


def test_a_name_that_is_taken_is_refused_whatever_its_case():
    ada = person()
    draft(ada, name="model")
    assert code_of(entry_draft_create, owner=ada, address="x", ref="", name="MODEL") == "name_taken"


@pytest.mark.parametrize(("address", "name"), [("  ", ""), ("\0", "")])
def test_an_empty_address_is_refused(address, name):
    refused = code_of(entry_draft_create, owner=person(), address=address, ref="", name=name)
    assert refused == "address_missing"


@pytest.mark.parametrize("user", ["ada:secret@", "token@"])
def test_an_address_with_a_secret_is_refused_before_it_reaches_a_row(user):
    address = f"https://{user}example.org/m.git"
    refused = code_of(entry_draft_create, owner=person(), address=address, ref="")
    assert refused == "address_secret"
    assert not ModelVersion.objects.exists()


def test_an_address_too_long_for_its_column_is_refused():
    assert code_of(entry_draft_create, owner=person(), address="x" * 2001, ref="") == "too_long"


def test_an_inspection_fills_the_version_the_page_and_the_citations():
    entry = ready_draft(person())
    version = newest(entry)
    assert (entry.title, entry.keywords) == ("A pendulum", ["mechanics", "Hamiltonian"])
    assert entry.origins["title"] == Origin.CITATION_CFF
    assert (version.commit, version.licence, version.label) == (COMMIT, "MIT", "1.0")
    assert version.readme_path == "README.md"
    assert version.people == DESCRIPTION.authors
    assert version.manifest_value == MANIFEST
    assert version.manifest_digest == MANIFEST.digest
    assert version.manifest_missing == ["test"]
    software, article = version.citations.order_by("-kind")
    assert (software.year, software.people) == (2024, DESCRIPTION.authors)
    assert article.article == version.article == ARTICLE


def test_an_article_with_endless_text_is_kept_as_far_as_its_columns_take_it():
    entry = draft(person())
    endless = replace(ARTICLE, title="\0x" * 2000, journal="j" * 999, pages="1" * 99)
    said = replace(DESCRIPTION, article=endless)
    assert version_inspected(version_id=newest(entry).pk, inspection=inspection(description=said))
    kept = newest(entry).article
    assert (len(kept.title), len(kept.journal), len(kept.pages)) == (1000, 300, 50)


def test_an_article_is_corrected_and_taken_away():
    entry = ready_draft(person())
    mine = replace(ARTICLE, year=1844, doi="")
    entry_update(entry=entry, fields=EntryFields(article=mine))
    assert newest(entry).article == mine
    assert newest(entry).description_origins["article"] == Origin.FORM
    entry_update(entry=entry, fields=EntryFields(article=Article()))
    assert newest(entry).article is None
    too_long = EntryFields(article=replace(ARTICLE, journal="x" * 301))
    assert code_of(entry_update, entry=entry, fields=too_long) == "too_long"


def test_an_inspection_with_nul_surrogates_and_endless_text_is_kept_as_far_as_it_is_text():
    entry = draft(person())
    hostile = replace(
        DESCRIPTION,
        title="a\0b\ud800" + "x" * 1000,
        authors=(Person(given="\0Ada", family="L\ud800"),),
        keywords=("\0",),
    )
    read = inspection(description=hostile, licence="\0MIT", readme="\0R")
    assert version_inspected(version_id=newest(entry).pk, inspection=read)
    entry.refresh_from_db()
    assert entry.title == ("ab?" + "x" * 1000)[:300]
    assert newest(entry).people[0].given == "Ada"


def test_what_a_person_wrote_outlives_a_new_inspection():
    entry = ready_draft(person())
    mine = EntryFields(
        title="My title",
        licence="Apache-2.0",
        authors=(Person(family="Babbage"),),
        manifest=replace(MANIFEST, run="python mine.py"),
        article=Article(title="Mine"),
    )
    entry_update(entry=entry, fields=mine)
    version = version_retarget(version=newest(entry), address=ADDRESS, ref="v2")
    assert (version.state, version.commit) == ("pending", "")
    later = inspection(
        commit=OTHER_COMMIT,
        ref="v2",
        description=replace(DESCRIPTION, title="Theirs", summary="Newer"),
    )
    assert version_inspected(version_id=version.pk, inspection=later)
    entry, version = ModelEntry.objects.get(), ModelVersion.objects.get()
    assert (entry.title, entry.summary) == ("My title", "Newer")
    assert (version.licence, version.people[0].family) == ("Apache-2.0", "Babbage")
    assert version.manifest_value.run == "python mine.py"
    assert version.manifest_edited
    assert version.manifest_digest == version.manifest_value.digest
    assert version.article == Article(title="Mine")
    assert version.commit == OTHER_COMMIT


def test_saving_a_form_unchanged_marks_nothing_as_written_by_hand():
    entry = ready_draft(person())
    version = newest(entry)
    same = EntryFields(
        title=entry.title,
        licence=version.licence,
        authors=version.people,
        article=version.article,
        manifest=MANIFEST,
    )
    entry_update(entry=entry, fields=same)
    assert Origin.FORM not in ModelEntry.objects.get().origins.values()
    assert Origin.FORM not in newest(entry).description_origins.values()
    assert not newest(entry).manifest_edited


def test_an_inspection_of_a_former_address_is_ignored():
    version = newest(draft(person()))
    target = version_to_inspect(version_id=version.pk)
    version_retarget(version=version, address=ADDRESS + "2", ref="")
    assert not version_inspected(version_id=version.pk, inspection=inspection(), target=target)
    failure = Failure(cause=Cause.FETCH, sentence="No.")
    assert not version_inspection_failed(version_id=version.pk, failure=failure, target=target)
    assert ModelVersion.objects.get().state == "pending"
    assert version_to_inspect(version_id=version.pk) == (ADDRESS + "2", "", "")


def test_a_second_inspection_of_a_ready_version_is_ignored():
    version = newest(ready_draft(person()))
    later = inspection(commit=OTHER_COMMIT)
    assert not version_inspected(version_id=version.pk, inspection=later)
    assert ModelVersion.objects.get().commit == COMMIT


def test_a_failed_inspection_keeps_its_reason_and_can_be_tried_again():
    entry = draft(person())
    failure = Failure(cause=Cause.FETCH, sentence="There is no such repository.", hint="Check it.")
    assert version_inspection_failed(version_id=newest(entry).pk, failure=failure)
    assert newest(entry).failure_value == failure
    (obstacle, *_) = entry_obstacles(entry=entry)
    assert (obstacle.code, obstacle.hint) == ("version_failed", "Check it.")
    version_retarget(version=newest(entry), address=ADDRESS, ref="")
    assert newest(entry).state == "pending"


def test_a_lost_inspection_message_is_sent_again_once(django_capture_on_commit_callbacks):
    version = newest(draft(person()))
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        assert versions_resend(resend_after_seconds=60) == 0
        assert versions_resend(resend_after_seconds=-60) == 1
    assert messages("light") == [[version.pk]]
    assert versions_resend(resend_after_seconds=60) == 0
    assert versions_resend(resend_after_seconds=-60) == 1


def test_a_draft_without_title_and_licence_names_all_its_obstacles():
    entry = draft(person())
    bare = inspection(licence=None, description=replace(DESCRIPTION, title="", licence=""))
    assert entry_obstacles(entry=entry)[0].code == "version_pending"
    version_inspected(version_id=newest(entry).pk, inspection=bare)
    entry.refresh_from_db()
    codes = [obstacle.code for obstacle in entry_obstacles(entry=entry)]
    assert codes == ["title_missing", "licence_missing"]
    assert all(obstacle.hint for obstacle in entry_obstacles(entry=entry))
    assert code_of(entry_publish, entry=entry, requested_by=entry.owner) == "title_missing"
    stated = EntryFields(title="T", licence="NONE")
    entry_update(entry=entry, fields=stated)
    assert entry_publish(entry=entry, requested_by=entry.owner).state == "queued"


def test_publishing_freezes_the_version_with_its_citation_and_queues_a_run():
    entry, run = published(person())
    version = newest(entry)
    assert (entry.visibility, entry.current_version) == (Visibility.PUBLIC, version)
    assert version.published_at is not None
    assert version.citation["authors"][0]["family"] == "Lovelace"
    assert version.citation["commit"] == COMMIT
    assert version.citation["article"]["journal"] == ARTICLE.journal
    assert (run.trigger, run.commit, run.requested_by) == ("publication", COMMIT, entry.owner)


def test_publishing_twice_is_refused():
    entry, _ = published(person())
    refused = code_of(entry_publish, entry=entry, requested_by=entry.owner)
    assert refused == "nothing_to_publish"


def test_publishing_while_the_draft_is_verified_takes_over_its_run():
    entry = ready_draft(person())
    run = queued(entry)
    assert entry_publish(entry=entry, requested_by=entry.owner) == run


def test_a_verdict_on_the_draft_counts_after_publication():
    entry = ready_draft(person())
    verified(queued(entry))
    entry_publish(entry=entry, requested_by=entry.owner)
    assert ModelEntry.objects.get().level == 5


def test_a_verdict_on_a_former_commit_of_the_draft_does_not_count():
    entry = ready_draft(person())
    verified(queued(entry))
    version = version_retarget(version=newest(entry), address=ADDRESS, ref="")
    version_inspected(version_id=version.pk, inspection=inspection(commit=OTHER_COMMIT))
    entry_publish(entry=entry, requested_by=entry.owner)
    assert (ModelEntry.objects.get().level, ModelEntry.objects.get().outcome) == (0, "")


def test_a_published_version_can_be_neither_retargeted_nor_edited():
    entry, _ = published(person())
    version = newest(entry)
    refused = code_of(version_retarget, version=version, address=ADDRESS, ref="x")
    assert refused == "version_published"
    frozen = EntryFields(licence="GPL-3.0-only")
    assert code_of(entry_update, entry=entry, fields=frozen) == "version_published"


def test_the_page_of_a_published_entry_can_still_be_edited():
    entry, _ = published(person())
    entry_update(entry=entry, fields=EntryFields(title="Better", licence="MIT"))
    assert ModelEntry.objects.get().title == "Better"


def test_what_is_being_verified_keeps_its_address_and_manifest():
    entry = ready_draft(person())
    run = queued(entry)
    refused = code_of(version_retarget, version=newest(entry), address=ADDRESS, ref="")
    assert refused == "version_being_verified"
    edit = EntryFields(manifest=replace(MANIFEST, run="python other.py"))
    assert code_of(entry_update, entry=entry, fields=edit) == "version_being_verified"
    run_cancel(run=run)
    entry_update(entry=entry, fields=edit)


def test_a_new_version_becomes_current_only_when_it_is_published():
    entry, run = published(person())
    verified(run)
    version = version_create(entry=entry, address=ADDRESS, ref="v2")
    assert version.number == 2
    assert code_of(version_create, entry=entry, address=ADDRESS, ref="") == "version_unpublished"
    later = inspection(commit=OTHER_COMMIT, description=replace(DESCRIPTION, title="Second"))
    version_inspected(version_id=version.pk, inspection=later)
    entry.refresh_from_db()
    assert (entry.current_version.number, entry.title, entry.level) == (1, "A pendulum", 5)
    entry_publish(entry=entry, requested_by=entry.owner)
    entry.refresh_from_db()
    assert (entry.current_version.number, entry.title, entry.level) == (2, "Second", 0)


def test_withdrawal_needs_a_reason_and_leaves_a_tombstone_for_all():
    entry, _ = published(person())
    assert code_of(entry_withdraw, entry=entry, actor=entry.owner, reason=" ") == "reason_missing"
    entry_withdraw(entry=entry, actor=entry.owner, reason="An error in equation 3.")
    seen = entry_get(user=person("bob"), accession=entry.pk)
    assert seen.withdrawn_reason == "An error in equation 3."
    assert entry_obstacles(entry=seen)[0].code == "withdrawn"


def test_public_and_private_change_into_each_other_but_into_nothing_else():
    entry, _ = published(person())
    entry = entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PRIVATE))
    assert entry.visibility == Visibility.PRIVATE
    entry = entry_update(entry=entry, fields=EntryFields(visibility=Visibility.PUBLIC))
    for wrong in (Visibility.DRAFT, Visibility.WITHDRAWN):
        assert code_of(entry_update, entry=entry, fields=EntryFields(visibility=wrong))
    other = draft(entry.owner)
    early = EntryFields(visibility=Visibility.PUBLIC)
    assert code_of(entry_update, entry=other, fields=early) == "visibility"


def test_an_entry_can_be_renamed_but_not_onto_another():
    ada = person()
    entry, other = draft(ada), draft(ada, name="other")
    assert code_of(entry_update, entry=entry, fields=EntryFields(name="OTHER")) == "name_taken"
    assert code_of(entry_update, entry=entry, fields=EntryFields(name="a--b")) == "name_invalid"
    entry_update(entry=entry, fields=EntryFields(name="third"))
    assert entry_get(user=ada, owner="ADA", name="Third") == entry
    assert other.name == "other"


def test_drafts_are_seen_by_owner_members_and_staff_alone():
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    staff = person("staff", is_staff=True)
    entry = ready_draft(ada)
    Membership.objects.create(entry=entry, user=bob, role="reader")
    for viewer, sees in ((ada, 1), (bob, 1), (eve, 0), (AnonymousUser(), 0), (staff, 1)):
        assert entries_visible_to(viewer).count() == sees
    assert [entry_may_edit(user=u, entry=entry) for u in (ada, bob, eve, staff)] == [
        True,
        False,
        False,
        True,
    ]
    Membership.objects.filter(user=bob).update(role="maintainer")
    assert entry_may_edit(user=bob, entry=entry)
    assert not entry_may_withdraw(user=bob, entry=entry)
    assert not entry_may_edit(user=AnonymousUser(), entry=entry)


def test_unpublished_versions_of_a_public_entry_are_for_its_editors():
    entry, _ = published(person())
    version_create(entry=entry, address=ADDRESS, ref="v2")
    assert [v.number for v in entry_versions(user=entry.owner, entry=entry)] == [2, 1]
    assert [v.number for v in entry_versions(user=person("eve"), entry=entry)] == [1]
