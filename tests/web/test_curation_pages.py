"""Reporting a problem, and what curators do with it, as each of them sees it."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registry.models import AuditEvent, ModelEntry, Notification, ProblemReport
from registry.models.curation import ReportKind, ReportState
from registry.models.entries import Visibility
from registry.services.collections import collection_create
from registry.services.reports import report_create
from tests.web import scenery


@pytest.fixture(autouse=True)
def _no_reports_counted_before():
    cache.clear()


@pytest.fixture
def model(ada):
    return scenery.published(ada)[0]


@pytest.fixture
def curator(db):
    browser = Client()
    browser.force_login(scenery.person("curie", is_staff=True))
    return browser


def text_of(response):
    return response.content.decode()


def report(model, **changes):
    wanted = {"reporter": None, "email": "", "kind": ReportKind.WRONG, "text": "The sign."}
    return report_create(entry=model, **wanted | changes)


def test_a_stranger_reports_a_problem_and_only_curators_and_its_people_read_it(
    client, owner, other, curator, model
):
    address = reverse("entry_report", args=[model.pk])
    assert address in text_of(client.get(reverse("entry_page", args=[model.pk])))
    typed = {"kind": "wrong", "text": "Eq. 3 <b>differs</b>.", "email": "reader@example.net"}
    thanked = client.post(address, typed, follow=True)
    assert "Thank you. The curators look at it." in text_of(thanked)
    found = ProblemReport.objects.get()
    assert (found.email, found.reporter) == ("reader@example.net", None)
    settings = text_of(owner.get(reverse("entry_settings", args=[model.pk])))
    assert "Eq. 3 &lt;b&gt;differs&lt;/b&gt;." in settings
    assert "reader@example.net" not in settings
    assert "Eq. 3" in text_of(curator.get(reverse("curation")))
    assert "Eq. 3" not in text_of(other.get(reverse("entry_page", args=[model.pk])))


def test_what_was_typed_comes_back_when_something_is_missing(client, model):
    address = reverse("entry_report", args=[model.pk])
    page = text_of(client.post(address, {"text": "Half a report", "email": "nonsense"}))
    assert "Half a report" in page
    assert 'value="nonsense"' in page
    assert not ProblemReport.objects.exists()


def test_who_has_an_account_is_not_asked_for_an_address(other, model, bob):
    address = reverse("entry_report", args=[model.pk])
    assert "e-mail" not in text_of(other.get(address))
    other.post(address, {"kind": "broken", "text": "Does not build."})
    assert ProblemReport.objects.get().reporter == bob


def test_reports_are_taken_only_so_often_from_one_network(client, model):
    address = reverse("entry_report", args=[model.pk])
    typed = {"kind": "other", "text": "x"}
    answers = [client.post(address, typed).status_code for _ in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert ProblemReport.objects.count() == 10
    assert "Send this one later" in text_of(client.post(address, typed))


def test_what_one_may_not_see_one_cannot_report(client, ada):
    draft = scenery.ready(ada)
    assert client.get(reverse("entry_report", args=[draft.pk])).status_code == 404


def test_curators_pages_are_not_there_for_others(client, owner, curator, model):
    found = report(model)
    addresses = [
        reverse("curation"), reverse("curation_log"), reverse("curation_report", args=[found.pk]),
        reverse("curation_take_down", args=[model.pk]), reverse("curation_merge", args=[model.pk]),
    ]  # fmt: skip
    for address in addresses:
        assert owner.get(address).status_code == 404
        assert client.get(address).status_code == 302
        assert curator.get(address).status_code == 200
    assert owner.post(reverse("curation_feature", args=[model.pk])).status_code == 404


def test_a_curator_answers_a_report_and_whoever_made_it_is_told(curator, model, bob):
    found = report(model, reporter=bob)
    address = reverse("curation_report", args=[found.pk])
    empty = text_of(curator.post(address, {"state": "resolved", "words": ""}))
    assert "This field is required" in empty
    page = curator.post(address, {"state": "dismissed", "words": "It is right."}, follow=True)
    assert "Ended, and answered." in text_of(page)
    found.refresh_from_db()
    assert (found.state, found.resolved_by.username) == (ReportState.DISMISSED, "curie")
    assert Notification.objects.get(user=bob).detail == "It is right."
    ended = text_of(curator.get(reverse("curation") + "?state=ended"))
    assert "dismissed by curie" in ended
    assert "It is right." in text_of(curator.get(address))


def test_a_curator_takes_a_model_down_and_its_tombstone_says_why(curator, client, model, ada):
    address = reverse("curation_take_down", args=[model.pk])
    curator.post(address, {"reason": "Not the authors’ to publish."})
    page = client.get(reverse("entry_page", args=[model.pk]))
    assert page.status_code == 410
    assert "Not the authors’ to publish." in text_of(page)
    assert "withdrawn" in Notification.objects.filter(user=ada).first().sentence
    assert AuditEvent.objects.get(action="entry.withdrawn").actor == "curie"


def test_a_merged_models_pages_lead_on_for_good_and_say_where_one_came_from(
    curator, client, model, ada
):
    kept, _ = scenery.published(ada, "https://github.com/ada/kept", title="The kept one")
    address = reverse("curation_merge", args=[model.pk])
    wrong = text_of(curator.post(address, {"into": 9999, "reason": "The same."}))
    assert "There is no model of this number." in wrong
    curator.post(address, {"into": kept.pk, "reason": "The same model."})
    page = client.get(reverse("entry_page", args=[model.pk]))
    assert page.status_code == 301
    arrived = text_of(client.get(page.url))
    assert "The kept one" in arrived
    assert f"Model {model.pk} became part of this one" in arrived
    badge = text_of(client.get(reverse("badge_svg", args=[model.pk])))
    assert "withdrawn" in badge


def test_a_merged_model_whose_goal_is_hidden_meanwhile_is_a_tombstone(curator, client, model, ada):
    kept, _ = scenery.published(ada, "https://github.com/ada/kept")
    curator.post(
        reverse("curation_merge", args=[model.pk]), {"into": kept.pk, "reason": "The same."}
    )
    ModelEntry.objects.filter(pk=kept.pk).update(visibility=Visibility.PRIVATE)
    assert client.get(reverse("entry_page", args=[model.pk])).status_code == 410


def test_a_curator_features_a_model_and_a_collection(curator, model, ada):
    settings = reverse("entry_settings", args=[model.pk])
    assert "Feature it on the front page" in text_of(curator.get(settings))
    curator.post(reverse("curation_feature", args=[model.pk]), {"on": "yes"})
    assert "Take it from the front page" in text_of(curator.get(settings))
    collection = collection_create(owner=ada, title="For a course", is_public=True)
    curator.post(reverse("curation_feature_collection", args=[collection.pk]), {"on": "yes"})
    queue = text_of(curator.get(reverse("curation")))
    assert "For a course" in queue
    assert model.title in queue


def test_new_models_that_say_little_are_listed_with_a_way_to_correct_them(curator, model):
    ModelEntry.objects.update(completeness=20)
    page = text_of(curator.get(reverse("curation")))
    assert "20 % of what readers look for" in page
    assert reverse("entry_edit", args=[model.pk]) in page


def test_a_curator_may_correct_what_a_model_says(curator, other, model):
    edit = reverse("entry_edit", args=[model.pk])
    assert curator.get(edit).status_code == 200
    assert other.get(edit).status_code == 404


def test_the_log_is_searched_and_a_wrong_date_is_no_error(curator, model, ada):
    curator.post(reverse("curation_feature", args=[model.pk]), {"on": "yes"})
    log = reverse("curation_log")
    assert "entry featured" in text_of(curator.get(log, {"q": "curie", "model": model.pk}))
    assert "0 events" in text_of(curator.get(log, {"q": "nobody-at-all"}))
    assert curator.get(log, {"since": "yesterday", "page": "x"}).status_code == 200


def test_the_queue_costs_no_query_more_for_each_report(
    curator, model, ada, django_assert_max_num_queries
):
    for _ in range(5):
        report(model, reporter=ada)
    with django_assert_max_num_queries(10):
        curator.get(reverse("curation"))
