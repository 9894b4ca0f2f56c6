"""Telling people what happened, once a cause."""

from collections.abc import Iterable

from django.utils import timezone

from registry.models import ModelEntry, NewsChoice, Notification, User
from registry.models.news import MailChoice, NewsKind
from registry.services.text import cut

# How each kind is told to whoever has not chosen.
DEFAULTS: dict[NewsKind, MailChoice] = {
    NewsKind.RUN: MailChoice.NEVER,
    NewsKind.FALL: MailChoice.AT_ONCE,
    NewsKind.VERSION: MailChoice.DAILY,
    NewsKind.SHARING: MailChoice.AT_ONCE,
    NewsKind.REPORT: MailChoice.AT_ONCE,
    NewsKind.SEARCH: MailChoice.DAILY,
    NewsKind.CURATION: MailChoice.AT_ONCE,
}


def news_tell(
    *,
    users: Iterable[User],
    kind: NewsKind,
    cause: str,
    sentence: str,
    address: str,
    entry: ModelEntry | None = None,
    detail: str = "",
) -> None:
    """Tell each of `users` what happened, in the transaction in which it did.

    `cause` names the event, as in `run-17-ended`: whoever was told of it is not told again.
    `address` is a path of this site. Nobody gets what they chose not to have.
    """
    people = {user.pk: user for user in users}
    chosen = {
        choice.user_id: choice
        for choice in NewsChoice.objects.filter(user__in=people.values(), kind=kind)
    }
    told = [
        Notification(
            user=user,
            kind=kind,
            cause=cause,
            entry=entry,
            sentence=cut(sentence, 500),
            detail=detail,
            address=address,
            created_at=timezone.now(),
            mail=chosen[user.pk].mail if user.pk in chosen else DEFAULTS[kind],
            read_at=None if user.pk not in chosen or chosen[user.pk].on_site else timezone.now(),
        )
        for user in people.values()
    ]
    Notification.objects.bulk_create(told, ignore_conflicts=True)
