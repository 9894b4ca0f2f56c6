"""Accounts as people walk through them: mail, second factors, sign-in elsewhere, news."""

import copy
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from playwright.sync_api import expect

from portal.settings import _origins_of
from registry.models import Notification, User
from registry.models.news import NewsKind
from registry.selectors.people import orcid_is_confirmed
from registry.services.mailing import news_mail
from registry.services.news import news_tell
from tests.browser.conftest import DESK, PHONE
from tests.web import scenery
from tests.web.identity import ORCID, identity_site, offered_by

pytestmark = pytest.mark.browser
HOME = re.compile(r"^http://[^/]+/$")
BOTH = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])


def mailed_link():
    """The first address of the last mail."""
    return re.search(r"http://\S+", mail.outbox[-1].body)[0]


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name).click()


def heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def fits(page):
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def type_password(page, name="ada"):
    page.goto("/accounts/login/")
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password").fill(scenery.PASSWORD)
    press(page, "Sign in")


def be_asked_again(page):
    heading(page, "Is it you?")
    page.get_by_label("Password").fill(scenery.PASSWORD)
    press(page, "Go on")


@BOTH
def test_signing_up_verifying_and_changing_the_address(
    open_browser, transactional_db, settings, viewport
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    page = open_browser(viewport=viewport)
    page.goto("/accounts/signup/")
    page.get_by_label("User name").fill("emmy")
    page.get_by_label("E-mail address").fill("emmy@example.org")
    page.get_by_label("Password", exact=True).fill("12345")
    page.get_by_label("Password (again)").fill("12345")
    press(page, "Create the account")
    expect(page.get_by_text("This password is too short")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("emmy@example.org")
    page.get_by_label("Password", exact=True).fill(scenery.PASSWORD)
    page.get_by_label("Password (again)").fill(scenery.PASSWORD)
    fits(page)
    press(page, "Create the account")
    heading(page, "Look into your mail")
    page.goto(mailed_link())
    expect(page.get_by_text("emmy@example.org", exact=True)).to_be_visible()
    press(page, "Yes, verify it")
    heading(page, "Sign in")
    type_password(page, "emmy")
    page.wait_for_url(HOME)
    page.goto("/accounts/email/")
    page.get_by_label("E-mail address").fill("noether@example.org")
    press(page, "Add the address")
    be_asked_again(page)
    expect(page.locator("strong", has_text="noether@example.org")).to_be_visible()
    fits(page)
    page.goto(mailed_link())
    press(page, "Yes, verify it")
    page.wait_for_url(HOME)
    page.goto("/accounts/email/")
    press(page, "Make it the main one noether@example.org")
    expect(page.get_by_text("verified · your main address")).to_be_visible()
    press(page, "Remove emmy@example.org")
    expect(page.locator("strong", has_text="emmy@example.org")).to_have_count(0)
    assert User.objects.get().email == "noether@example.org"


def test_a_forgotten_password_is_replaced(open_browser, ada):
    page = open_browser(viewport=PHONE)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill("ada@example.org")
    press(page, "Send the link")
    heading(page, "Look into your mail")
    page.goto(mailed_link())
    page.get_by_label("New password").fill("an even better horse")
    page.get_by_label("Password (again)").fill("an even better horse")
    press(page, "Change the password")
    heading(page, "Your password is changed")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("User name or e-mail address").fill("ada")
    page.get_by_label("Password").fill("an even better horse")
    press(page, "Sign in")
    page.wait_for_url(HOME)


def app_code(secret, *, later=0):
    """What an authenticator app shows."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


@BOTH
def test_a_second_factor_is_set_up_used_and_switched_off(open_browser, ada, viewport):
    page = open_browser(viewport=viewport)
    type_password(page)
    page.wait_for_url(HOME)
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Switch it on").click()
    be_asked_again(page)
    picture = page.get_by_alt_text("The key below as a QR code")
    assert picture.evaluate("(image) => image.complete && image.naturalWidth > 0")
    fits(page)
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("code").fill(app_code(secret))
    press(page, "Switch it on")
    heading(page, "Recovery codes")
    recovery = page.locator("#recovery-codes").inner_text().split()
    assert len(recovery) == 10
    for typed in (app_code(secret, later=1), recovery[0]):
        page.context.clear_cookies()
        type_password(page)
        heading(page, "And the code")
        page.get_by_label("Code").fill(typed)
        fits(page)
        press(page, "Sign in")
        page.wait_for_url(HOME)
    page.goto("/accounts/2fa/")
    expect(page.get_by_text("9 of 10 are left")).to_be_visible()
    page.get_by_role("link", name="Switch it off").click()
    be_asked_again(page)
    press(page, "Switch it off")
    expect(page.get_by_text("It is off.")).to_be_visible()


@pytest.fixture
def elsewhere(settings, monkeypatch):
    """A site where people have accounts, which the pages' policy lets a form lead to."""
    with identity_site() as site:
        offered_by(site, settings, monkeypatch)
        policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
        offered = {"openid_connect": settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]}
        policy["DIRECTIVES"]["form-action"] += _origins_of(offered)
        settings.CONTENT_SECURITY_POLICY = policy
        yield site


@pytest.mark.parametrize("way", ["Institute", "GitHub", "ORCID"])
def test_signing_up_with_an_account_elsewhere(open_browser, transactional_db, elsewhere, way):
    page = open_browser()
    page.goto("/accounts/login/")
    press(page, f"Go on with {way}")
    heading(page, "Nearly there")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("E-mail address").fill("ada@institute.example")
    press(page, "Create the account")
    page.wait_for_url(HOME)
    user = User.objects.get()
    assert (user.username, orcid_is_confirmed(user)) == ("ada", way == "ORCID")
    page.goto("/accounts/3rdparty/")
    expect(page.get_by_role("main").get_by_text(way, exact=True)).to_be_visible()
    if way == "ORCID":
        page.goto("/people/ada/")
        expect(page.get_by_role("link", name=ORCID)).to_be_visible()
        expect(page.get_by_text("confirmed by orcid.org")).to_be_visible()


@BOTH
def test_following_reading_news_and_ending_their_mail(open_browser, ada, sign_in, viewport):
    entry, _ = scenery.published(ada, description="Plain words.")
    bob = scenery.person("bob")
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    page = sign_in(open_browser(viewport=viewport), "bob")
    page.goto(f"/models/{entry.pk}/")
    press(page, "Follow")
    expect(page.get_by_role("main").get_by_text("1 follower")).to_be_visible()
    for number in (2, 3):
        news_tell(
            users=[bob],
            kind=NewsKind.FALL,
            cause=f"version-{number}",
            sentence=f"It has a new version: {number}.",
            address=f"/models/{entry.pk}/",
            entry=entry,
        )
    page.goto("/news/")
    expect(page.get_by_text("2 not read yet")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="It has a new version: 3.", exact=True).click()
    page.wait_for_url(f"**/models/{entry.pk}/")
    page.goto("/news/")
    press(page, "Mark all as read")
    expect(page.get_by_text("not read yet")).to_have_count(0)
    assert news_mail(notification_id=Notification.objects.get(cause="version-2").pk)
    page.context.clear_cookies()
    stop = re.search(r"Stop these mails: http://[^/]+(\S+)", mail.outbox[-1].body)[1]
    page.goto(stop)
    press(page, "Stop them")
    heading(page, "No more of these mails")
    sign_in(page, "bob")
    page.goto("/settings/notifications/")
    expect(page.get_by_label(f"{NewsKind.FALL.label}: by mail")).to_have_value("never")
    fits(page)


def test_a_token_is_made_and_an_account_closed_by_keyboard_alone(open_browser, ada, sign_in):
    page = sign_in(open_browser())
    page.goto("/settings/tokens/")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("laptop")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copy it now: it is shown this once.")).to_be_visible()
    secret = page.locator("#secret").inner_text()
    page.reload()
    assert secret not in page.content()
    page.goto("/settings/close/")
    be_asked_again(page)
    page.get_by_label("Your user name, to be sure").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your account is closed.")).to_be_visible()
    page.goto("/people/ada/")
    expect(page.get_by_text("This account is closed.")).to_be_visible()
