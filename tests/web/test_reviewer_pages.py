"""Reviewers' links: what opens with one, what does not, and that an anonymous one names nobody."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.models import AuditEvent, ModelEntry, ReviewerLink
from registry.models.entries import Role, Visibility
from registry.models.runs import Trigger
from registry.services.entries import entry_withdraw
from registry.services.groups import group_create
from registry.services.runs import run_finish, run_queue
from registry.services.sharing import grant_set, member_set, visibility_set
from tests.web import scenery

# Everything in the scenery that says who made the model, and where they keep it.
NAMING = (
    "Ada", "Lovelace", "Emmy", "Noether", "0000-0002-1825-0097", "Institute for Lattice Studies",
    "Göttingen", "github.com", "lattice-phi4", "10.1103/PhysRevD.100.034515", "coworker",
    "phi4-group", "Phi Four Group", "ada@example.org",
)  # fmt: skip


@pytest.fixture
def reviewed(ada, tmp_path):
    """A private model with a verdict whose very texts and drawings name its authors."""
    entry = scenery.ready(
        ada,
        title="Sampling φ⁴ by Lovelace and Noether",
        summary="From https://github.com/ada/lattice-phi4, by Ada.",
        keywords=("lovelace sampling", "lattice"),
    )
    run = run_queue(version=entry.current_version, trigger=Trigger.PERSON, requested_by=ada)
    seen, files = scenery.every_kind(tmp_path)
    named = [
        replace(
            one,
            path=one.path.replace("out/", "out/lovelace_"),
            message=f"{one.message} See github.com/ada/lattice-phi4, row Noether.",
            figures=tuple(
                replace(figure, caption=f"{figure.caption} (A. Lovelace)", alternative="By Ada")
                for figure in one.figures
            ),
        )
        for one in seen.comparisons
    ]
    drawing = next(path for name, path in files.items() if name.endswith(".svg"))
    drawing.write_text(drawing.read_text().replace("</svg>", "<text>Lovelace 1843</text></svg>"))
    fresh = {name: scenery.artifact(name, path) for name, path in files.items()}
    report = replace(
        seen,
        comparisons=tuple(named),
        claims=tuple(replace(one, label=f"{one.label} of Lovelace") for one in seen.claims),
        explanation="Fetched https://github.com/ada/lattice-phi4 of Ada Lovelace.",
        artifacts=tuple(fresh.values()),
    )
    run_finish(claim=scenery.claimed(run), report=report, files=files)
    return ModelEntry.objects.get(pk=entry.pk)


@pytest.fixture
def made(owner, reviewed):
    """Makes a link through the page, as the owner does, and gives its address."""

    def link(**typed):
        sent = {"label": "Journal X", "days": "90"} | typed
        page = owner.post(reverse("link_add", args=[reviewed.pk]), sent).content.decode()
        found = re.search(r"http://testserver(/review/[^/<]+/)", page)
        assert found, page
        return found[1]

    return link


@pytest.fixture
def anonymous(made):
    """A stranger's browser in which an anonymous link was opened, and where it led."""
    browser = Client()
    opened = browser.get(made(is_anonymous="on"))
    assert opened.status_code == 302
    return browser, opened.url


def crawled(browser, start):
    """Every answer that links, images and forms of the site lead to from `start`, by its path."""
    seen, waiting = {}, [start]
    while waiting and len(seen) < 200:
        path = waiting.pop()
        if path in seen:
            continue
        seen[path] = response = browser.get(path)
        if "html" in response.headers.get("Content-Type", ""):
            links = re.findall(r'(?:href|src|action)="([^"]+)"', response.content.decode())
            waiting += [
                urlsplit(urljoin(path, link))._replace(fragment="").geturl()
                for link in links
                if not urlsplit(link).scheme and not link.startswith(("/static/", "/api/v1/docs"))
            ]
        if response.status_code in {301, 302}:
            waiting.append(urlsplit(response.url)._replace(scheme="", netloc="").geturl())
    return seen


def names_in(response):
    """Which names stand in an answer, its headers included."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode("utf-8", "replace") + repr(response.headers)
    return [name for name in NAMING if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)]


def test_no_page_that_an_anonymous_reviewer_can_reach_names_anybody(anonymous, reviewed, ada, bob):
    browser, start = anonymous
    coworker = scenery.person("coworker")
    member_set(actor=ada, entry=reviewed, user=coworker, role=Role.READER)
    group = group_create(user=ada, name="phi4-group", title="Phi Four Group")
    grant_set(actor=ada, entry=reviewed, group=group, role=Role.READER)
    pages = crawled(browser, start)
    assert [path for path in pages if "/figures/" in path]
    # What every stranger reads at the same address, as an example in a help text, tells nothing.
    told = {
        path: set(names_in(answer)) - set(names_in(Client().get(path)))
        for path, answer in pages.items()
    }
    assert {path: names for path, names in told.items() if names} == {}


def test_an_anonymous_reviewer_sees_verdict_comparisons_figures_claims_steps_and_counts(anonymous):
    browser, start = anonymous
    page = browser.get(start).content.decode()
    for seen in ("You see this as an anonymous reviewer until", "Outputs", "Claims of the article",
                 "Steps", "Tests", "41 passed", "Table 2, row 1", "▒▒▒"):  # fmt: skip
        assert seen in page
    assert "lattice" in page  # a word of physics is nobody's name


def test_by_no_guessed_address_does_an_anonymous_reviewer_get_further(anonymous, reviewed):
    browser, _ = anonymous
    run = reviewed.current_version.runs.get()
    number = reviewed.pk
    guesses = [
        f"/models/{number}/", f"/models/{number}/files/", f"/models/{number}/versions/",
        f"/models/{number}/cite/", f"/models/{number}/use/", f"/models/{number}/settings/",
        f"/models/{number}/reproducibility/", f"/models/{number}/history/",
        f"/models/{number}/badge/", f"/models/{number}/badge.svg", f"/models/{number}/evidence/",
        f"/models/{number}/report/", f"/models/{number}/collect/", f"/runs/{run.pk}/",
        f"/runs/{run.pk}/log/", f"/runs/{run.pk}/live/", f"/ada/{reviewed.name}/",
        f"/api/v1/models/{number}/", f"/api/v1/runs/{run.pk}/",
        f"/api/v1/models/{number}/versions/1/archive/",
    ]  # fmt: skip
    for address in guesses:
        answer = browser.get(address)
        assert answer.status_code in {302, 404}, address
        hidden = [name for name in names_in(answer) if name.lower() not in address.lower()]
        assert hidden == [], address
        if answer.status_code == 302:
            assert answer.url.startswith("/accounts/login/"), address


def test_a_reviewer_who_has_an_account_is_no_less_blind(made, other, reviewed):
    other.get(made(is_anonymous="on"))
    assert other.get(reverse("entry_page", args=[reviewed.pk])).status_code == 404
    page = other.get(reverse("review_page", args=[reviewed.pk]))
    assert names_in(page) == []


def test_the_key_stands_in_no_address_after_the_first_and_is_told_to_no_other_site(made):
    address = made(is_anonymous="on")
    key = address.split("/")[2]
    browser = Client()
    opened = browser.get(address)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    page = browser.get(opened.url)
    assert key not in opened.url + page.content.decode() + repr(dict(browser.session))
    assert "noindex" in page["X-Robots-Tag"]
    assert key not in repr(list(ReviewerLink.objects.values())) + repr(
        list(AuditEvent.objects.values())
    )


def test_a_named_link_opens_the_models_own_pages_unpublished_as_it_is(made, reviewed):
    browser = Client()
    opened = browser.get(made())
    assert opened.url == reverse("entry_page", args=[reviewed.pk])
    run = reviewed.current_version.runs.get()
    page = browser.get(opened.url)
    assert page.status_code == 200
    assert "You see this model by a reviewer’s link until" in page.content.decode()
    for address in (
        reverse("run_page", args=[run.pk]),
        reverse("entry_versions", args=[reviewed.pk]),
        reverse("entry_files", args=[reviewed.pk]),
        reverse("badge_svg", args=[reviewed.pk]),
        f"/api/v1/models/{reviewed.pk}/",
    ):
        assert browser.get(address).status_code == 200, address


def test_a_named_link_changes_nothing_and_opens_no_other_model(made, reviewed, ada):
    other = scenery.ready(ada, "https://github.com/ada/other")
    browser = Client()
    browser.get(made())
    assert browser.get(reverse("entry_page", args=[other.pk])).status_code == 404
    assert browser.get(reverse("entry_settings", args=[reviewed.pk])).status_code == 302
    browser.force_login(scenery.person("carol"))
    browser.get(made())
    assert browser.get(reverse("entry_settings", args=[reviewed.pk])).status_code == 404
    posted = browser.post(reverse("entry_verify", args=[reviewed.pk]))
    assert posted.status_code == 404


@pytest.mark.parametrize("typed", [{}, {"is_anonymous": "on"}], ids=["named", "anonymous"])
def test_a_link_that_is_revoked_closes_at_the_very_next_request(made, owner, reviewed, typed):
    browser, address = Client(), made(**typed)
    page = browser.get(address).url
    assert browser.get(page).status_code == 200
    link = ReviewerLink.objects.get()
    owner.post(reverse("link_end", args=[reviewed.pk, link.pk]))
    assert browser.get(page).status_code == 404
    assert browser.get(address).status_code == 404


def test_a_link_ends_at_its_day(anonymous):
    browser, page = anonymous
    ReviewerLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get(page).status_code == 404


def test_a_reviewer_stops_reviewing(anonymous, reviewed):
    browser, page = anonymous
    browser.post(reverse("review_end", args=[reviewed.pk]))
    assert browser.get(page).status_code == 404


def test_two_models_are_reviewed_in_one_browser(anonymous, owner, ada):
    browser, first = anonymous
    second = scenery.ready(ada, "https://github.com/ada/second")
    typed = {"label": "Y", "days": "30", "is_anonymous": "on"}
    shown = owner.post(reverse("link_add", args=[second.pk]), typed).content.decode()
    opened = browser.get(re.search(r"(/review/[^/<]+/)", shown)[1])
    assert browser.get(first).status_code == browser.get(opened.url).status_code == 200


def test_a_withdrawn_model_is_reviewed_no_more(anonymous, reviewed, ada):
    browser, page = anonymous
    entry_withdraw(entry=reviewed, actor=ada, reason="Wrong.")
    assert browser.get(page).status_code == 404


def test_a_public_model_gets_no_anonymous_link_and_is_told_why(owner, reviewed, ada):
    ModelEntry.objects.filter(pk=reviewed.pk).update(visibility=Visibility.PUBLIC)
    typed = {"label": "X", "days": "90", "is_anonymous": "on"}
    page = owner.post(reverse("link_add", args=[reviewed.pk]), typed).content.decode()
    assert "This model is public" in page
    assert 'value="X"' in page
    assert not ReviewerLink.objects.exists()


def test_links_are_listed_with_their_last_use_and_their_keys_are_not(owner, made, reviewed):
    address = made(label="Referees of X")
    page = owner.get(reverse("entry_settings", args=[reviewed.pk])).content.decode()
    assert "Referees of X" in page
    assert "never" in page
    assert address not in page
    Client().get(address)
    assert (
        ">never<" not in owner.get(reverse("entry_settings", args=[reviewed.pk])).content.decode()
    )


def test_a_stranger_without_a_link_costs_no_query_for_it(client, ada, django_assert_num_queries):
    entry, _ = scenery.published(ada)
    client.get(reverse("rules"))
    with django_assert_num_queries(0):
        client.get(reverse("rules"))
    visibility_set(actor=ada, entry=entry, visibility=Visibility.PRIVATE)
    assert client.get(reverse("review_page", args=[entry.pk])).status_code == 404
