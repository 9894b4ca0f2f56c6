"""Pulls are counted by way, day and kind of program, and nothing of a person is kept."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from registry.models import PullCount
from registry.models.pulling import Puller, PullKind
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
