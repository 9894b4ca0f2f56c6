"""Mail about news: what is due is claimed, sent, and only then marked as sent.

The row is the truth. A mail server that is down costs a try; the next one waits longer, and after
MAIL_TRIES the news is left to the site alone. A worker that dies between sending and marking sends
the same mail twice, under the same Message-ID: better than not at all.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from registry import dispatch
from registry.models import Notification, User
from registry.models.news import MailChoice, NewsKind
from registry.services.resending import RESEND_AT_ONCE

logger = logging.getLogger(__name__)
# With the pauses below, a mail server may be down for a day and a half.
MAIL_TRIES = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=6)
SUBJECT_CHARACTERS = 150
_unsubscribing = Signer(salt="news.unsubscribe")


@dataclass(frozen=True, kw_only=True)
class Unsubscribing:
    """Whose mail a signed link ends: of one kind, or (None) all that comes in a digest."""

    user: User
    kind: NewsKind | None


def news_mail(*, notification_id: int) -> bool:
    """Send the mail that a piece of news is due in; whether one went out.

    1. Claim the row, or, for daily mail, all rows that are due for the same person.
    2. Give up where there is no verified address.
    3. Send. 4. Mark as sent; a failure leaves the rows to their next try.
    """
    news = _claim(notification_id)
    if not news:
        return False
    address = _verified_address(news[0].user)
    if not address:
        _rows(news).update(mail=MailChoice.NEVER)
        return False
    try:
        _message(news, address).send()
    except (SMTPException, OSError) as fault:
        logger.warning("Mail of news %s, try %s: %s", news[0].pk, news[0].mail_tries + 1, fault)
        return False
    _rows(news).update(mailed_at=timezone.now())
    return True


def mails_resend(*, resend_after_seconds: float) -> int:
    """Ask for the mails that are due, and for those whose message must be lost."""
    late = timezone.now() - timedelta(seconds=resend_after_seconds)
    with transaction.atomic():
        due = _unsent().filter(mail_at__lte=late)
        at_once = (
            due.filter(mail=MailChoice.AT_ONCE).order_by("mail_at").values_list("pk", flat=True)
        )
        people = due.filter(mail=MailChoice.DAILY).values("user").annotate(first=Min("pk"))
        daily = dict(people.values_list("user", "first")[:RESEND_AT_ONCE])
        ids = [*at_once[:RESEND_AT_ONCE], *daily.values()]
        # From here on a message is under way; it is taken for lost when this is old again.
        Notification.objects.filter(pk__in=ids).update(mail_at=Now())
        due.filter(mail=MailChoice.DAILY, user__in=daily).update(mail_at=Now())
        dispatch.send_each_after_commit(dispatch.MAIL_NEWS, ids)
    return len(ids)


def unsubscribe_token(*, user: User, kind: NewsKind | None) -> str:
    """What an unsubscribe link holds: signed, so that nobody ends another's mail."""
    return _unsubscribing.sign_object({"user": user.pk, "kind": kind})


def unsubscribe_read(token: str) -> Unsubscribing | None:
    """What a link asks for, without a sign-in; None for one that was not made here."""
    try:
        asked = _unsubscribing.unsign_object(token)
        kind = NewsKind(asked["kind"]) if asked["kind"] else None
        return Unsubscribing(user=User.objects.get(pk=asked["user"]), kind=kind)
    except (BadSignature, ValueError, User.DoesNotExist):
        return None


def _unsent() -> QuerySet[Notification]:
    waiting = Notification.objects.filter(mailed_at=None, mail_tries__lt=MAIL_TRIES)
    return waiting.exclude(mail=MailChoice.NEVER)


def _rows(news: Sequence[Notification]) -> QuerySet[Notification]:
    return Notification.objects.filter(pk__in=[one.pk for one in news])


@transaction.atomic
def _claim(notification_id: int) -> list[Notification]:
    """What this mail is to hold, counted as tried; nothing when somebody else has it."""
    due = _unsent().select_for_update(of=("self",)).select_related("user", "entry")
    due = due.filter(mail_at__lte=timezone.now())
    first = due.filter(pk=notification_id).first()
    if first is None:
        return []
    whole = due.filter(user=first.user, mail=MailChoice.DAILY).order_by("pk")
    news = list(whole) if first.mail == MailChoice.DAILY else [first]
    for one in news:
        tries = one.mail_tries + 1
        again = timezone.now() + min(FIRST_PAUSE * 2**one.mail_tries, LONGEST_PAUSE)
        Notification.objects.filter(pk=one.pk).update(mail_tries=tries, mail_at=again)
    return news


def _verified_address(user: User) -> str:
    """The main one of the person's verified addresses, empty where there is none."""
    verified = EmailAddress.objects.filter(user=user, user__is_active=True, verified=True)
    return str(verified.order_by("-primary").values_list("email", flat=True).first() or "")


def _message(news: Sequence[Notification], address: str) -> EmailMultiAlternatives:
    """One mail, as text and as simple HTML, with a link that ends such mail (RFC 8058)."""
    first, site = news[0], settings.PUBLIC_URL.rstrip("/")
    is_digest = first.mail == MailChoice.DAILY
    kind = None if is_digest else NewsKind(first.kind)
    token = unsubscribe_token(user=first.user, kind=kind)
    stop = site + reverse("news_unsubscribe", args=[token])
    said = {
        "news": news,
        "user": first.user,
        "kind": kind,
        "site": site,
        "stop": stop,
        "choices": site + reverse("news_choices"),
    }
    mail = EmailMultiAlternatives(
        subject=_subject(news, is_digest=is_digest),
        body=render_to_string("mail/news.txt", said),
        to=[address],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Message-ID": f"<news-{first.pk}@{urlsplit(site).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("mail/news.html", said), "text/html")
    return mail


def _subject(news: Sequence[Notification], *, is_digest: bool) -> str:
    if is_digest and len(news) > 1:
        return f"[Reprise] {len(news)} pieces of news"
    return f"[Reprise] {' '.join(news[0].sentence.split())[:SUBJECT_CHARACTERS]}"
