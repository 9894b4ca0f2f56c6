"""Pulls are counted by way, day and kind of program, and nothing of a person is kept."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from registry.models import PullCount
from registry.models.pulling import Puller, PullKind
from registry.selectors.usage import entry_usage
from registry.services.usage import pull_note, puller_of
from tests.registry.registry_helpers import person, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    entry, _ = published(person())
    return entry.current_version


def noted(version, *, status=200, method="GET", **headers):
    request = RequestFactory().generic(method, "/", headers=headers)
    response = HttpResponse(status=status)
    pull_note(request=request, response=response, version_id=version.pk, kind=PullKind.ARCHIVE)
    return sum(PullCount.objects.values_list("count", flat=True))


@pytest.mark.parametrize(
    ("said", "puller"),
    [
        ("curl/7.88.1", Puller.PERSON),
        ("git/2.39.5", Puller.PERSON),
        ("", Puller.PERSON),
        ("hf_hub/2.4.0; python/3.11.7", Puller.PERSON),
        ("hf_hub/2.4.0; python/3.11.7; is_ci/true", Puller.CI),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Puller.ROBOT),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", Puller.ROBOT),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", Puller.PERSON),
        ("reprise-worker/1", Puller.OWN),
    ],
)
def test_programs_are_told_apart_by_what_they_say_of_themselves(said, puller):
    assert puller_of(said) is puller


def test_a_pull_is_counted_once_each_time(version):
    assert noted(version) == 1
    assert noted(version) == 2
    row = PullCount.objects.get()
    assert (row.kind, row.puller, row.version) == (PullKind.ARCHIVE, Puller.PERSON, version)


def test_questions_refusals_and_later_pieces_are_no_pulls(version):
    assert noted(version, method="HEAD") == 0
    assert noted(version, status=304) == 0
    assert noted(version, status=404) == 0
    assert noted(version, status=206, range="bytes=100-") == 0
    assert noted(version, status=206, range="bytes=0-99") == 1


def test_programs_are_counted_apart(version):
    noted(version)
    noted(version, **{"user-agent": "Googlebot/2.1"})
    pullers = PullCount.objects.order_by("puller").values_list("puller", flat=True)
    assert list(pullers) == [Puller.PERSON, Puller.ROBOT]


def test_nothing_of_a_person_is_kept():
    columns = {field.name for field in PullCount._meta.get_fields()}
    assert columns == {"id", "version", "day", "kind", "puller", "count"}


def counted(version, day, count, *, kind=PullKind.GIT, puller=Puller.PERSON):
    PullCount.objects.create(version=version, day=day, kind=kind, puller=puller, count=count)


def test_an_entrys_pulls_are_added_up_by_week_and_way_and_programs_stand_apart(version):
    today = timezone.now().date()
    counted(version, today, 3)
    counted(version, today, 4, kind=PullKind.HUB)
    counted(version, today, 100, puller=Puller.ROBOT)
    counted(version, today - timedelta(days=7), 5)
    counted(version, today - timedelta(days=14), 9)
    usage = entry_usage(entry=version.entry, days=14)
    assert [count for _, count in usage.weeks()] == [5, 7]
    assert usage.kinds == {PullKind.GIT: 8, PullKind.HUB: 4}
    assert usage.pullers == {Puller.PERSON: 12, Puller.ROBOT: 100}


def test_page_and_api_say_the_same_number(version, client):
    counted(version, timezone.now().date(), 12345)
    page = client.get(f"/models/{version.entry_id}/use/").content.decode()
    assert "12,345 times in half a year" in page
    said = client.get(f"/api/v1/models/{version.entry_id}/usage/").json()
    assert (said["total"], said["kinds"]) == (12345, [{"kind": "git", "count": 12345}])
    assert client.get(f"/api/v1/models/{version.entry_id}/usage/?days=0").status_code == 400
    assert client.get("/api/v1/models/987654/usage/").status_code == 404
