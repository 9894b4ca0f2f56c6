"""Parts of downloads: of what lies in a blob, and of what is read in pieces."""

import pytest
from django.test import Client

from registry.models import PullCount
from tests.api.world import API

WHOLE = object()
NOTHING = object()
CASES = {
    "bytes=0-": slice(0, None),
    "bytes=5-9": slice(5, 10),
    "bytes=7-7": slice(7, 8),
    "bytes=5-": slice(5, None),
    "bytes=-4": slice(-4, None),
    "bytes=-99999": slice(0, None),
    "bytes=3-18446744073709551615": slice(3, None),
    "bytes=99999-": NOTHING,
    "bytes=-0": NOTHING,
    "bytes=9-5": WHOLE,
    "bytes=-": WHOLE,
    "bytes=0-1,4-5": WHOLE,
    "bytes=a-b": WHOLE,
    "lines=0-1": WHOLE,
}


@pytest.fixture(params=["blob", "pieces"])
def door(request, world):
    run = world.runs["public"]
    archive = f"{API}/models/{world.public.pk}/versions/1/archive/"
    return archive if request.param == "blob" else f"{API}/runs/{run.pk}/crate/"


def test_every_range_gives_what_it_names(door):
    whole = Client().get(door).getvalue()
    for asked, part in CASES.items():
        answer = Client(headers={"Range": asked}).get(door)
        content, size = answer.getvalue(), len(whole)
        if part is NOTHING:
            assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{size}"), asked
            continue
        first, last, _ = (slice(0, None) if part is WHOLE else part).indices(size)
        assert (content, answer["Content-Length"]) == (whole[first:last], str(last - first)), asked
        assert answer["Accept-Ranges"] == "bytes"
        if part is WHOLE:
            assert (answer.status_code, answer.has_header("Content-Range")) == (200, False), asked
        else:
            named = f"bytes {first}-{last - 1}/{size}"
            assert (answer.status_code, answer["Content-Range"]) == (206, named), asked


def test_a_part_is_of_the_bytes_that_the_caller_has_or_all_is_sent(door):
    known = Client().get(door)
    etag, whole = known["ETag"], known.getvalue()
    cases = {etag: 206, '"other"': 200, f"W/{etag}": 200, "Sun, 22 Nov 2026 10:00:00 GMT": 200}
    for validator, status in cases.items():
        answer = Client(headers={"Range": "bytes=3-", "If-Range": validator}).get(door)
        assert (answer.status_code, answer["ETag"]) == (status, etag)
        assert answer.getvalue() == (whole[3:] if status == 206 else whole)


def test_who_has_it_or_only_asks_gets_no_bytes(door):
    etag, size = (Client().head(door)[name] for name in ("ETag", "Content-Length"))
    known = Client(headers={"Range": "bytes=3-", "If-None-Match": etag}).get(door)
    assert (known.status_code, known.content) == (304, b"")
    asked = Client(headers={"Range": "bytes=3-4"}).head(door)
    assert (asked.status_code, asked["Content-Length"], asked.content) == (200, size, b"")
    assert Client(headers={"If-Match": '"other"'}).get(door).status_code == 412


def test_a_download_in_pieces_counts_once(door):
    for asked in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=10-"}):
        Client(headers=asked).get(door).getvalue()
    Client().head(door)
    assert [row.count for row in PullCount.objects.all()] == [2]
