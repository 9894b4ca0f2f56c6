"""The main job with nothing played: a real repository, worker, engine and browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from runners.source.committed import repository_from_folder
from tests.portal import Portal
from tests.web import scenery

pytestmark = [
    pytest.mark.browser,
    pytest.mark.docker,
    pytest.mark.redis,
    pytest.mark.timeout(400),
]

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def portal(tmp_path, redis_url):
    portal = Portal(tmp_path, f"{redis_url.rsplit('/', 1)[0]}/9")
    try:
        portal.start_pages()
        portal.start_worker("verify", queues="verify", beat=False)
        portal.start_worker("light", queues="light")
        yield portal
    finally:
        portal.stop()


@pytest.fixture
def page(chromium, portal):
    context = chromium.new_context(base_url=portal.url, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_up(page):
    page.goto("/accounts/signup/")
    page.get_by_label("User name").fill("lise")
    page.get_by_label("E-mail address").fill("lise@example.org")
    page.get_by_label("Password", exact=True).fill(scenery.PASSWORD)
    page.get_by_label("Password (again)").fill(scenery.PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def publish(page, repository):
    page.get_by_role("link", name="Publish a model").click()
    page.get_by_label("Repository address").fill(str(repository))
    page.get_by_role("button", name="Read it").click()
    check = "Check what was understood"
    expect(page.get_by_role("heading", level=1)).to_have_text(check, timeout=60_000)
    page.get_by_role("button", name="Save and go on").first.click()
    page.get_by_role("link", name="Skip this").click()
    page.get_by_role("button", name="Publish", exact=True).click()


def test_a_person_signs_up_publishes_watches_and_the_badge_turns_green(page, tmp_path):
    sign_up(page)
    publish(page, repository_from_folder(EXAMPLES / "lotka-volterra", tmp_path / "lotka"))
    expect(page.get_by_text("4 passed").first).to_be_visible(timeout=180_000)
    expect(page.get_by_text("two runs agree bit by bit").first).to_be_visible(timeout=120_000)
    page.get_by_role("link", name="lise/lotka").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Predator and prey")
    badge = page.request.get(page.url.rstrip("/") + "/badge.json").json()
    assert badge["message"].startswith("reproduced")
    assert badge["color"] not in {"red", "lightgrey"}


def test_an_address_that_is_no_repository_is_explained_and_the_form_kept(page, tmp_path):
    (tmp_path / "empty").mkdir()
    sign_up(page)
    page.get_by_role("link", name="Publish a model").click()
    page.get_by_label("Repository address").fill(str(tmp_path / "empty"))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Repository address")).to_have_value(str(tmp_path / "empty"))
