"""Mail about news: nothing lost, nothing twice, nobody bothered who does not want it."""

import re
import socketserver
import threading
from datetime import timedelta
from email import message_from_bytes

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.utils import timezone
from registry_helpers import messages, person

from registry.models import Notification
from registry.models.news import MailChoice, NewsKind
from registry.services import mailing
from registry.services.mailing import (
    MAIL_TRIES,
    mails_resend,
    news_mail,
    unsubscribe_read,
    unsubscribe_token,
)
from registry.services.news import news_choose, news_tell
from runners.tasks import mail_news

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    ada = person(first_name="Ada")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    return ada


def tell(user, *, kind=NewsKind.FALL, cause="fall-1", sentence="A pendulum fell.", detail=""):
    news_tell(
        users=[user], kind=kind, cause=cause, sentence=sentence, address="/models/1/", detail=detail
    )
    return Notification.objects.get(user=user, cause=cause)


def later(**span):
    """As if it had been told so long ago."""
    Notification.objects.update(mail_at=timezone.now() - timedelta(**span))


def links(text):
    return re.findall(r"http://\S+", text)


def test_news_at_once_is_sent_after_commit_as_a_light_task(ada, django_capture_on_commit_callbacks):
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        one = tell(ada)
    assert messages("light") == [[one.pk]]


def test_news_without_a_verified_address_sends_no_task(django_capture_on_commit_callbacks):
    messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        tell(person("bob"))
    assert messages("light") == []


def test_a_mail_says_what_happened_why_one_gets_it_and_how_to_end_it(ada):
    one = tell(ada, sentence="<b>Fell</b>", detail="Two runs saw less.")
    mail_news(one.pk)
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == (["ada@example.org"], "[Reprise] <b>Fell</b>")
    assert "Two runs saw less." in sent.body
    assert f"{settings.PUBLIC_URL}/models/1/" in sent.body
    assert "no longer does what it did" in sent.body
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "&lt;b&gt;Fell&lt;/b&gt;" in html
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Unsubscribe"].strip("<>") in links(sent.body)


def test_a_cause_gives_one_mail_however_often_the_task_comes(ada):
    one = tell(ada)
    assert [news_mail(notification_id=one.pk) for _ in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_a_sentence_of_several_lines_forges_no_header(ada):
    one = tell(ada, sentence="A\r\nBcc: eve@example.org")
    assert news_mail(notification_id=one.pk)
    assert mail.outbox[0].subject == "[Reprise] A Bcc: eve@example.org"


def test_only_a_verified_address_gets_mail():
    bob = person("bob")
    EmailAddress.objects.create(user=bob, email=bob.email, verified=False, primary=True)
    one = tell(bob)
    assert not news_mail(notification_id=one.pk)
    one.refresh_from_db()
    assert (one.mail, mail.outbox) == (MailChoice.NEVER, [])
    assert one.on_site


def test_news_that_nobody_wants_by_mail_is_not_mailed(ada):
    one = tell(ada, kind=NewsKind.RUN)
    assert not news_mail(notification_id=one.pk)
    later(days=2)
    assert mails_resend(resend_after_seconds=60) == 0


# --- Daily ------------------------------------------------------------------------------------


def test_daily_news_wait_for_the_morning_and_come_in_one_mail(ada):
    for number in range(3):
        tell(ada, kind=NewsKind.VERSION, cause=f"v{number}", sentence=f"Version {number}.")
    first = Notification.objects.order_by("pk")[0]
    assert not news_mail(notification_id=first.pk)
    later(minutes=5)
    assert mails_resend(resend_after_seconds=60) == 1
    assert news_mail(notification_id=first.pk)
    assert mail.outbox[0].subject == "[Reprise] 3 pieces of news"
    assert all(f"Version {number}." in mail.outbox[0].body for number in range(3))
    assert mails_resend(resend_after_seconds=0) == 0


def test_a_digest_holds_one_persons_news_alone(ada):
    bob = person("bob")
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    one = tell(ada, kind=NewsKind.VERSION, cause="v", sentence="For Ada.")
    tell(bob, kind=NewsKind.VERSION, cause="v", sentence="For Bob.")
    later(minutes=5)
    news_mail(notification_id=one.pk)
    assert "For Bob." not in mail.outbox[0].body
    assert len(mail.outbox) == 1


def test_what_is_due_is_asked_for_again_only_after_a_while(ada):
    tell(ada)
    tell(ada, kind=NewsKind.VERSION, cause="v")
    later(minutes=5)
    assert mails_resend(resend_after_seconds=60) == 2
    assert mails_resend(resend_after_seconds=60) == 0


# --- A mail server that is down ---------------------------------------------------------------


class Down:
    """A mail server that refuses everybody."""

    def __init__(self, *_, **__):
        pass

    def send_messages(self, _):
        raise ConnectionRefusedError(111, "refused")


@pytest.fixture
def down(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Down"


def test_a_server_that_is_down_costs_a_try_and_loses_nothing(ada, down, settings):
    one = tell(ada)
    assert not news_mail(notification_id=one.pk)
    one.refresh_from_db()
    assert (one.mail_tries, one.mailed_at) == (1, None)
    assert timedelta(minutes=1) < one.mail_at - timezone.now() <= timedelta(minutes=2)
    assert not news_mail(notification_id=one.pk)  # not before its time
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    later(minutes=3)
    assert mails_resend(resend_after_seconds=60) == 1
    assert news_mail(notification_id=one.pk)
    assert len(mail.outbox) == 1


def test_tries_are_bounded_and_the_news_stays_on_the_site(ada, down):
    one = tell(ada)
    waits = []
    for _ in range(MAIL_TRIES):
        news_mail(notification_id=one.pk)
        one.refresh_from_db()
        waits.append(one.mail_at - timezone.now())
        later(minutes=1)
    assert max(waits) <= mailing.LONGEST_PAUSE
    assert sum(waits, timedelta()) > timedelta(days=1)
    assert one.mail_tries == MAIL_TRIES
    assert not news_mail(notification_id=one.pk)
    assert mails_resend(resend_after_seconds=0) == 0
    assert one.read_at is None


def test_a_worker_that_died_after_claiming_is_followed_by_another(ada, monkeypatch):
    one = tell(ada)
    with monkeypatch.context() as patch:
        patch.setattr(mailing, "_message", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            news_mail(notification_id=one.pk)
    later(minutes=3)
    assert mails_resend(resend_after_seconds=60) == 1
    assert news_mail(notification_id=one.pk)


# --- A real server ----------------------------------------------------------------------------


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a mail needs; the server keeps what it was given."""

    def handle(self):
        self._say("220 stand-in")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 go on")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self._say("221 bye" if word == b"QUIT" else "250 ok")

    def _say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.mails = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 10
        yield server
        server.shutdown()
        thread.join()


def test_a_mail_server_is_given_both_forms_and_the_headers(ada, smtp):
    one = tell(ada)
    assert news_mail(notification_id=one.pk)
    mailed = message_from_bytes(smtp.mails[0])
    assert mailed["To"] == "ada@example.org"
    assert mailed["Message-ID"] == f"<news-{one.pk}@127.0.0.1>"
    assert mailed["List-Unsubscribe"].strip().startswith("<http://127.0.0.1")
    parts = [part.get_content_type() for part in mailed.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


# --- Unsubscribing ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [NewsKind.FALL, None], ids=["a kind", "the digest"])
def test_a_link_names_the_person_and_the_kind(ada, kind):
    asked = unsubscribe_read(unsubscribe_token(user=ada, kind=kind))
    assert asked is not None
    assert (asked.user, asked.kind) == (ada, kind)


def test_a_link_that_was_changed_or_whose_person_is_gone_is_none(ada):
    token = unsubscribe_token(user=ada, kind=NewsKind.FALL)
    assert unsubscribe_read(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert unsubscribe_read("x") is None
    ada.delete()
    assert unsubscribe_read(token) is None


def test_a_choice_made_after_the_news_holds_for_its_mail(ada):
    one = tell(ada)
    news_choose(user=ada, chosen={NewsKind.FALL: (True, MailChoice.NEVER)})
    assert not news_mail(notification_id=one.pk)
    assert mail.outbox == []
