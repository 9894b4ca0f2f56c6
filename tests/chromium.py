"""A real Chromium on a real server, with nothing but what a person would have."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.web import scenery

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds: the machine has more to do than this page.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def _is_complaint(message):
    """Any error but of an image in a repository of the scenery, which is mirrored nowhere."""
    return message.type == "error" and "/raw/" not in message.location["url"]


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium")
    assert program, "These tests drive Chromium: install it (apt-get install chromium)."
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's calls run an event loop in this thread, beside which Django would refuse.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium, live_server):
    """Gives a page of a browser of its own; every complaint of the console fails the test."""
    contexts, complaints = [], []

    def opened(**options):
        context = chromium.new_context(
            base_url=live_server.url, **{"viewport": DESK, "locale": "en-GB"} | options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if _is_complaint(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in():
    """Signs a person in through the form."""

    def signed_in(page, name="ada"):
        page.goto("/accounts/login/")
        page.get_by_label("User name or e-mail address").fill(name)
        page.get_by_label("Password").fill(scenery.PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_text(name, exact=True).wait_for()
        return page

    return signed_in
