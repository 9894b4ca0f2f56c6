"""Every page holds what the portal promises of all: for eyes, keyboards, screen readers, phones.

The pictures of a run are kept under var/screenshots/.
"""

import pytest
from django.test.signals import template_rendered

from tests.pages.catalogue import ROOMS
from tests.pages.looking import Look, invalid_html
from tests.web import scenery

pytestmark = pytest.mark.browser


@pytest.fixture
def rendered():
    """The names of the templates that were rendered since."""
    names = set()

    def note(template, **_):
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_page_is_fit_for_everybody(  # noqa: PLR0917 — fixtures
    room, chromium, live_server, transactional_db, sign_in, rendered, tmp_path
):
    viewer, scene = ROOMS[room]
    ada = scenery.person("ada", first_name="Ada", last_name="Lovelace")
    scenery.person("curator", is_staff=True)
    walked = scene(ada, tmp_path)
    pages = tmp_path / "pages"
    pages.mkdir()
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    if viewer:
        sign_in(context.new_page(), viewer)
    plain = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    look = Look(folder=pages, room=room)
    for page in walked:
        rendered.clear()
        look.at(context, plain, page)
        if page.template not in rendered:
            look.say(page, f"does not show {page.template}")
    context.close()
    plain.close()
    wrong = [*look.wrong, *invalid_html(pages)]
    assert not wrong, "\n".join(wrong)
