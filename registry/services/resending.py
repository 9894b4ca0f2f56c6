"""Messages that a broker lost, sent again: the row says what waits, and since when."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from registry import dispatch

RESEND_AT_ONCE = 500


def rows_resend(waiting: QuerySet[Any], *, task: str, after_seconds: float) -> int:
    """Send `task` again for the rows sent so long ago that the message must be lost; how many.

    A row that somebody else sends or settles meanwhile is left to them.
    """
    late = waiting.filter(sent_at__lt=Now() - timedelta(seconds=after_seconds))
    oldest = late.order_by("sent_at").values_list("pk", "sent_at")[:RESEND_AT_ONCE]
    ids = [
        pk
        for pk, sent_at in oldest
        if late.filter(pk=pk, sent_at__lte=sent_at).update(sent_at=Now())
    ]
    dispatch.send_each_after_commit(task, ids)
    return len(ids)
