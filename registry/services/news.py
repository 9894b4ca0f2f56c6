"""Telling people what happened, once a cause; what they have read, and how they want to be told."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from registry import dispatch
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
# When daily mails go out, in UTC: before Europe and Africa begin their day.
DIGEST_HOUR = time(5, 0)


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
    people, now = {user.pk: user for user in users if user.is_active}, timezone.now()
    told = [
        Notification(
            user=people[pk],
            kind=kind,
            cause=cause,
            entry=entry,
            sentence=cut(sentence, 500),
            detail=detail,
            address=address,
            created_at=now,
            on_site=choice.on_site,
            mail=choice.mail,
            mail_at=_mail_at(MailChoice(choice.mail), now),
        )
        for pk, choice in _choices(people, kind).items()
        if choice.on_site or choice.mail != MailChoice.NEVER
    ]
    with transaction.atomic():
        Notification.objects.bulk_create(told, ignore_conflicts=True)
        dispatch.send_each_after_commit(dispatch.MAIL_NEWS, _to_mail_now(cause, people))


def news_read(*, user: User, only: int | None = None) -> int:
    """Mark a person's news as read, all or one; returns how many were new.

    What was read here is not repeated in a daily mail.
    """
    news = Notification.objects.filter(user=user)
    if only is not None:
        news = news.filter(pk=only)
    with transaction.atomic():
        news.filter(mail=MailChoice.DAILY, mailed_at=None).update(mail=MailChoice.NEVER)
        return news.filter(read_at=None).update(read_at=timezone.now())


def news_choose(*, user: User, chosen: Mapping[NewsKind, tuple[bool, MailChoice]]) -> None:
    """Keep how a person wants each kind: whether on the site, and when by mail.

    It holds for mail that waits already, too.
    """
    with transaction.atomic():
        for kind, (on_site, mail) in chosen.items():
            NewsChoice.objects.update_or_create(
                user=user, kind=kind, defaults={"on_site": on_site, "mail": mail}
            )
            if mail == MailChoice.NEVER:
                _waiting(user).filter(kind=kind).update(mail=MailChoice.NEVER)


def news_stop_mail(*, user: User, kind: NewsKind | None) -> None:
    """Send no more mail of a kind; without a kind, none of those that come in a daily digest."""
    chosen = _choices_of(user)
    stopped = {
        one: (choice.on_site, MailChoice.NEVER)
        for one, choice in chosen.items()
        if one == kind or (kind is None and choice.mail == MailChoice.DAILY)
    }
    news_choose(user=user, chosen=stopped)


def _choices(people: Mapping[int, User], kind: NewsKind) -> dict[int, NewsChoice]:
    """What each person chose of one kind, or what holds for whoever has not chosen."""
    chosen = {
        choice.user_id: choice
        for choice in NewsChoice.objects.filter(user__in=people.keys(), kind=kind)
    }
    return {
        pk: chosen.get(pk) or NewsChoice(user=user, kind=kind, mail=DEFAULTS[kind])
        for pk, user in people.items()
    }


def _choices_of(user: User) -> dict[NewsKind, NewsChoice]:
    return {kind: _choices({user.pk: user}, kind)[user.pk] for kind in NewsKind}


def _waiting(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(user=user, mailed_at=None)


def _mail_at(mail: MailChoice, now: datetime) -> datetime | None:
    if mail == MailChoice.NEVER:
        return None
    return now if mail == MailChoice.AT_ONCE else _next_digest(now)


def _next_digest(now: datetime) -> datetime:
    today = datetime.combine(now.date(), DIGEST_HOUR, tzinfo=now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def _to_mail_now(cause: str, people: Iterable[int]) -> list[int]:
    """Those just told who want a mail at once and have a verified address to send it to."""
    return list(
        Notification.objects.filter(
            cause=cause,
            user__in=people,
            mail=MailChoice.AT_ONCE,
            mailed_at=None,
            mail_tries=0,
            user__emailaddress__primary=True,
            user__emailaddress__verified=True,
        ).values_list("pk", flat=True)
    )
