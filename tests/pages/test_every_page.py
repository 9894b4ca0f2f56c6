"""Every page holds what the portal promises of all: for eyes, keyboards, screen readers, phones.

The pictures of a run are kept under var/screenshots/.
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.test.signals import template_rendered

from tests.pages.catalogue import ROOMS, Scene, templates_named
from tests.pages.looking import Look, invalid_html
from tests.web import scenery
from tests.web.source_scenery import mirrors  # noqa: F401 — a fixture

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Parts of pages, frames of pages, mails; and pages that a fault, a second factor or another site's
# answer brings about, which tests/web and tests/browser look at.
NO_PAGES = ("parts/", "allauth/", "mail/", "socialaccount/snippets/", "mfa/", "socialaccount/")
FRAMES = {"base.html", "error.html", "registry/entry_frame.html", "registry/settings_frame.html"}
BROUGHT_ABOUT = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "429.html",
    "500.html",
    "account/base_reauthenticate.html",
    "account/password_set.html",
    "account/signup_closed.html",
    "account/verified_email_required.html",
    "registry/account_close.html",
    "registry/import_link.html",
    "registry/import_repository.html",
    "registry/import_waiting.html",
    "registry/unsubscribe.html",
}


@pytest.fixture
def rendered():
    """The names of the templates that were rendered since."""
    names = set()

    def note(template, **_):
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.fixture
def scene(transactional_db, mirrors, monkeypatch):  # noqa: F811 — the fixture
    monkeypatch.setattr(settings, "CALCULATIONS_A_DAY", 20)
    ada = scenery.person("ada", first_name="Ada", last_name="Lovelace")
    client = Client()
    client.force_login(ada)
    return Scene(
        ada=ada,
        bob=scenery.person("bob"),
        curator=scenery.person("curator", is_staff=True),
        client=client,
        folder=mirrors,
    )


@pytest.mark.browser
@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_page_is_fit_for_everybody(  # noqa: PLR0917 — fixtures
    room, chromium, live_server, scene, sign_in, rendered, tmp_path
):
    viewer, pages_of = ROOMS[room]
    walked = pages_of(scene)
    pages = tmp_path / "pages"
    pages.mkdir()
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    if viewer:
        sign_in(context.new_page(), viewer)
    look = Look(folder=pages, room=room)
    for page in walked:
        rendered.clear()
        look.at(context, page)
        if page.template not in rendered:
            look.say(page, f"does not show {page.template}")
    context.close()
    wrong = [*look.wrong, *invalid_html(pages)]
    assert not wrong, "\n".join(wrong)


def test_every_page_is_in_the_catalogue():
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    pages = {name for name in there if not name.startswith(NO_PAGES)} - FRAMES - BROUGHT_ABOUT
    assert pages - templates_named() == set()
    assert templates_named() - there == set()
