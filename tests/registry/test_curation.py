"""Curation: reports, takedowns, merges, features, and the record of who did what."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from registry_helpers import person, published, ready_draft
from test_races import errors_in, together

from registry.models import AuditEvent, ModelEntry, Notification, ProblemReport
from registry.models.curation import ReportKind, ReportState
from registry.models.entries import Role, Visibility
from registry.models.news import NewsKind
from registry.selectors.curation import (
    audit_search,
    entries_poorly_told,
    featured,
    reports_queue,
)
from registry.selectors.entries import entry_get
from registry.selectors.sharing import reports_for_editors
from registry.services.audit import audit_record
from registry.services.collections import collection_create
from registry.services.curation import collection_feature, entry_feature, entry_merge
from registry.services.entries import EntryFields, entry_update, entry_withdraw
from registry.services.errors import ServiceError
from registry.services.reports import report_create, report_end
from registry.services.sharing import member_set
from registry.services.tokens import token_create, token_revoke

pytestmark = pytest.mark.django_db(transaction=True)


def curator():
    return person("curie", is_staff=True)


def refused(code, function, **arguments):
    with pytest.raises(ServiceError) as caught:
        function(**arguments)
    assert caught.value.code == code, caught.value.sentence


def reported(entry, reporter=None, *, kind=ReportKind.WRONG, email="", text="The sign is wrong."):
    return report_create(entry=entry, reporter=reporter, email=email, kind=kind, text=text)


def told(user, kind):
    return Notification.objects.filter(user=user, kind=kind)


def test_what_is_wrong_or_broken_is_told_to_the_models_people_at_once_without_the_text():
    ada, bob = person(), person("bob")
    entry, _ = published(ada)
    reported(entry, bob, text="Buy cheap pills at example.com")
    (news,) = told(ada, NewsKind.REPORT)
    assert "something said here is not right" in news.sentence
    assert "pills" not in news.sentence + news.detail
    assert reports_for_editors(entry).count() == 1


@pytest.mark.parametrize("kind", [ReportKind.RIGHTS, ReportKind.ABUSE])
def test_of_rights_and_abuse_a_models_people_hear_only_what_a_curator_decides(kind):
    ada, bob, curie = person(), person("bob"), curator()
    entry, _ = published(ada)
    report = reported(entry, bob, kind=kind)
    assert not told(ada, NewsKind.REPORT).exists()
    assert not reports_for_editors(entry).exists()
    assert reports_queue(ended=False).get() == report
    entry_withdraw(entry=entry, actor=curie, reason="Breaks its licence.")
    (news,) = told(ada, NewsKind.CURATION)
    assert "A curator has withdrawn" in news.sentence
    assert news.detail == "Breaks its licence."


def test_a_report_ends_once_and_answers_who_made_it():
    ada, bob, curie = person(), person("bob"), curator()
    entry, _ = published(ada)
    report = reported(entry, bob)
    ending = {"actor": curie, "report": report, "state": ReportState.RESOLVED}
    refused("words_missing", report_end, **ending, words=" ")
    report_end(**ending, words="The sign was corrected.")
    refused("report_ended", report_end, **ending, words="Again.")
    (news,) = told(bob, NewsKind.CURATION)
    assert news.detail == "The sign was corrected."
    assert reports_queue(ended=False).count() == 0
    assert reports_queue(ended=True).get().resolved_by == curie
    assert AuditEvent.objects.get(accession=entry.pk).action == "report.resolved"


def test_a_stranger_who_left_an_address_is_answered_by_mail_and_by_no_other_way():
    entry, _ = published(person())
    report = reported(entry, email="reader@example.net")
    report_end(actor=curator(), report=report, state=ReportState.DISMISSED, words="It is right.")
    (sent,) = mail.outbox
    assert sent.to == ["reader@example.net"]
    assert "It is right." in sent.body
    assert f"/models/{entry.pk}/" in sent.body


def test_an_address_is_not_kept_of_who_has_an_account():
    bob = person("bob")
    entry, _ = published(person())
    assert reported(entry, bob, email="other@example.net").email == ""


def test_of_two_curators_who_end_a_report_at_once_one_answers():
    ada, bob = person(), person("bob")
    curators = [curator(), person("noether", is_staff=True)]
    entry, _ = published(ada)
    report = reported(entry, bob)
    outcomes = together(
        *[
            lambda who=who: report_end(
                actor=who,
                report=ProblemReport.objects.select_related("entry", "reporter").get(pk=report.pk),
                state=ReportState.RESOLVED,
                words=who.username,
            )
            for who in curators
        ]
    )
    assert errors_in(outcomes, ServiceError) == []
    assert told(bob, NewsKind.CURATION).count() == 1


def test_the_database_holds_that_what_is_not_open_has_an_end():
    entry, _ = published(person())
    report = reported(entry)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProblemReport.objects.filter(pk=report.pk).update(state=ReportState.RESOLVED)


def test_an_owner_who_withdraws_is_not_told_of_it_by_a_curator():
    ada = person()
    entry, _ = published(ada)
    entry_withdraw(entry=entry, actor=ada, reason="Superseded.")
    assert not told(ada, NewsKind.CURATION).exists()
    event = AuditEvent.objects.get(action="entry.withdrawn")
    assert (event.actor, event.detail) == ("ada", {"reason": "Superseded."})


def test_a_merged_model_is_a_tombstone_that_leads_on_and_chains_are_cut_short():
    ada, curie = person(), curator()
    first, second, third = (published(ada, name=name)[0] for name in ("a", "b", "c"))
    entry_merge(actor=curie, entry=first, into=second, reason="The same model.")
    entry_merge(actor=curie, entry=second, into=third, reason="The same again.")
    for merged in (first, second):
        merged.refresh_from_db()
        assert (merged.visibility, merged.merged_into_id) == (Visibility.WITHDRAWN, third.pk)
    assert told(ada, NewsKind.CURATION).count() == 2
    merges = AuditEvent.objects.filter(action="entry.merged")
    assert [event.detail["into"] for event in merges] == [third.pk, second.pk]


def test_a_model_is_merged_into_a_public_one_other_than_itself():
    ada, curie = person(), curator()
    entry, hidden = published(ada)[0], ready_draft(ada, name="draft")
    arguments = {"actor": curie, "reason": "The same."}
    refused("into_same", entry_merge, entry=entry, into=entry, **arguments)
    refused("into_hidden", entry_merge, entry=entry, into=hidden, **arguments)
    refused("reason_missing", entry_merge, entry=entry, into=published(ada, name="x")[0],
            actor=curie, reason=" ")  # fmt: skip
    assert not ModelEntry.objects.filter(visibility=Visibility.WITHDRAWN).exists()


def test_of_two_merges_crosswise_at_once_one_is_done():
    ada, curie = person(), curator()
    one, two = (published(ada, name=name)[0] for name in ("one", "two"))
    outcomes = together(
        lambda: entry_merge(actor=curie, entry=one, into=two, reason="The same."),
        lambda: entry_merge(actor=curie, entry=two, into=one, reason="The same."),
    )
    assert errors_in(outcomes, ServiceError) == []
    assert ModelEntry.objects.filter(visibility=Visibility.PUBLIC).count() == 1


def test_the_database_holds_that_a_merged_model_is_withdrawn():
    ada = person()
    one, two = (published(ada, name=name)[0] for name in ("one", "two"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelEntry.objects.filter(pk=one.pk).update(merged_into=two)


def test_what_is_featured_is_public_told_and_recorded():
    ada, curie = person(), curator()
    entry, _ = published(ada)
    entry_feature(actor=curie, entry=entry, featured=True)
    collection = collection_create(owner=ada, title="Mine")
    refused("not_public", collection_feature, actor=curie, collection=collection, featured=True)
    public = collection_create(owner=ada, title="Ours", is_public=True)
    collection_feature(actor=curie, collection=public, featured=True)
    entries, collections = featured()
    assert [*entries] == [entry]
    assert [*collections] == [public]
    assert told(ada, NewsKind.CURATION).count() == 1
    entry_feature(actor=curie, entry=entry, featured=False)
    assert not featured()[0].exists()
    draft = ready_draft(ada, name="draft")
    refused("not_public", entry_feature, actor=curie, entry=draft, featured=True)


def test_new_models_that_say_little_are_shown_to_curators_and_drafts_are_not():
    ada = person()
    entry, _ = published(ada)
    ready_draft(ada, name="draft")
    ModelEntry.objects.update(completeness=30)
    assert entries_poorly_told().get() == entry
    ModelEntry.objects.update(completeness=90)
    assert not entries_poorly_told().exists()


def test_the_record_is_searched_by_words_action_model_and_day():
    ada, curie = person(), curator()
    entry, _ = published(ada)
    audit_record(actor=ada, action="member.added", subject="bob", entry=entry)
    audit_record(actor=curie, action="entry.featured", subject=entry.full_name, entry=entry)
    audit_record(actor=None, action="group.deleted", subject="lattice")
    today = timezone.now().date()

    def actions(**wanted):
        return sorted(audit_search(**wanted).values_list("action", flat=True))

    assert actions(text="ADA bob") == ["member.added"]
    assert actions(text="curie") == ["entry.featured"]
    assert actions(action="group.") == ["group.deleted"]
    assert actions(accession=entry.pk) == ["entry.featured", "member.added"]
    assert len(actions(since=today, until=today)) == 3
    assert actions(text="50% off_") == []


def test_tokens_are_on_record_by_their_prefix_and_never_by_themselves():
    ada = person()
    token, plain = token_create(user=ada, name="laptop", scopes=[], expires_at=None)
    for _ in range(2):
        token_revoke(token=token)
    events = AuditEvent.objects.order_by("pk")
    assert [event.action for event in events] == ["token.created", "token.revoked"]
    assert all(plain not in f"{event.subject} {event.detail}" for event in events)


def test_what_a_curator_corrects_is_recorded_and_told_and_what_its_people_change_is_not():
    ada, bob, curie = person(), person("bob"), curator()
    entry, _ = published(ada)
    member_set(actor=ada, entry=entry, user=bob, role=Role.MAINTAINER)
    for user in (ada, bob):
        entry_update(entry=entry, fields=EntryFields(summary=f"By {user}."), actor=user)
    assert not AuditEvent.objects.filter(action="entry.corrected").exists()
    entry_update(entry=entry, fields=EntryFields(title="The right one"), actor=curie)
    event = AuditEvent.objects.get(action="entry.corrected")
    assert (event.actor, event.detail) == ("curie", {"fields": "title"})
    assert told(ada, NewsKind.CURATION).count() == told(bob, NewsKind.CURATION).count() == 1


def test_a_merged_model_is_found_by_nobody_as_if_it_were_there():
    ada, curie = person(), curator()
    one, two = (published(ada, name=name)[0] for name in ("one", "two"))
    entry_merge(actor=curie, entry=one, into=two, reason="The same.")
    seen = entry_get(user=AnonymousUser(), owner="ada", name="one")
    assert seen is not None
    assert seen.merged_into_id == two.pk
