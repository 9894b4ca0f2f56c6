"""Pages of a list while it changes: what stands all the time is listed once, in its order."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.models import ModelEntry
from registry.models.entries import Visibility
from tests.api.world import API
from tests.registry.registry_helpers import person

START = 8
WORDS = "pendulum"
# Relevance moves with every entry and with time: docs/api.md says to fetch by another order.
ORDERS = ["newest", "updated", "verified", "level", "cheapest"]
CHANGES = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "move"]), st.integers(0, 20), st.integers(0, 5)),
    max_size=4,
)


def entry(owner, number, rank):
    now = timezone.now() - timedelta(days=rank)
    outcome = {"outcome": "reproduced", "verified_at": now} if rank % 2 else {}
    return ModelEntry.objects.create(
        owner=owner,
        name=f"model-{number}",
        title=WORDS,
        visibility=Visibility.PUBLIC,
        created_at=now,
        updated_at=now,
        level=rank,
        run_seconds=rank or None,
        **outcome,
    )


def changed(owner, change, standing, number):
    """One change of the list; the rows that did not stand all the time."""
    kind, which, rank = change
    if kind == "add" or not standing:
        entry(owner, number, rank)
        return standing
    chosen = sorted(standing)[which % len(standing)]
    rows = ModelEntry.objects.filter(pk=chosen)
    if kind == "remove":
        rows.update(visibility=Visibility.DRAFT)
    else:
        now = timezone.now()
        rows.update(updated_at=now, level=rank, run_seconds=rank + 0.5)
    return standing - {chosen}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("backwards", [False, True], ids=["onwards", "back"])
def test_what_stands_all_the_time_is_listed_once(db, order, backwards):
    owner = person()

    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        ranks=st.lists(st.integers(0, 5), min_size=START, max_size=START),
        between=st.lists(CHANGES, min_size=5, max_size=5),
        size=st.integers(1, 4),
    )
    def walk(ranks, between, size):
        ModelEntry.objects.all().delete()
        for number, rank in enumerate(ranks):
            entry(owner, number, rank)
        first = f"{API}/models/?order={order}&page_size={size}"
        whole = [
            row["accession"]
            for row in Client().get(f"{API}/models/?order={order}").json()["results"]
        ]
        standing, seen, number, pending = set(whole), [], START, list(between)
        link, way = (first, "next")
        if backwards:
            last = Client().get(first.replace(f"page_size={size}", "page_size=100")).json()
            assert last["next"] is None
            pages = [Client().get(first).json()]
            while pages[-1]["next"]:
                pages.append(Client().get(pages[-1]["next"]).json())
            seen += [row["accession"] for row in reversed(pages[-1]["results"])]
            link, way = pages[-1]["previous"], "previous"
        while link:
            page = Client().get(link).json()
            rows = [row["accession"] for row in page["results"]]
            seen += rows if way == "next" else rows[::-1]
            for change in pending.pop() if pending else ():
                number += 1
                standing = changed(owner, change, standing, number)
            link = page[way]
        kept = [one for one in seen if one in standing]
        expected = [one for one in whole if one in standing]
        assert kept == (expected if way == "next" else expected[::-1])

    walk()
