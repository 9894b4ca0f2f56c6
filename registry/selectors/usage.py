"""Queries about how often models are pulled."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from registry.models import ModelEntry, PullCount
from registry.models.pulling import Puller

LATELY = timedelta(days=30)


def pulls_lately(entries: Iterable[ModelEntry]) -> dict[int, int]:
    """Accession → how often people pulled the entry in the last 30 days, if at all. One query."""
    people = PullCount.objects.filter(
        version__entry__in=list(entries),
        puller=Puller.PERSON,
        day__gt=timezone.now().date() - LATELY,
    )
    return dict(people.values_list("version__entry").annotate(Sum("count")))
