"""The pages of an entry's past: what they show, to whom, and the button that starts a search."""

from dataclasses import replace

import pytest

from registry.models import Bisection, ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.models.runs import Trigger
from registry.services.runs import run_queue
from tests.web import scenery

HOSTILE = "numpy==<script>alert(1)</script>"


def unbuilt():
    newer = replace(scenery.ENVIRONMENT, packages=("numpy==2.0.0", HOSTILE))
    return replace(scenery.failing_tests(), environment=newer)


@pytest.fixture
def model(ada, tmp_path) -> ModelEntry:
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    again = run_queue(version=run.version, trigger=Trigger.SCHEDULE, requested_by=None)
    scenery.verified(again, tmp_path, unbuilt)
    return entry


def pair(entry: ModelEntry) -> str:
    decided = VerificationRun.objects.filter(version__entry=entry, level__isnull=False)
    older, newer = decided.order_by("pk")
    return f"a={older.pk}&b={newer.pk}"


def text_of(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_every_run_is_in_the_matrix_and_in_the_list(client, model):
    page = text_of(client, f"/models/{model.pk}/history/")
    for run in VerificationRun.objects.filter(level__isnull=False):
        assert page.count(f'href="/runs/{run.pk}/"') == 2
    for words in ("reproduced", "tests fail", "Python 3.11", "AMD EPYC", "Why: schedule.",
                  "packages, 3 changed against the row below"):  # fmt: skip
        assert words in page, words


def test_marks_and_words_say_what_colours_do(client, model):
    page = text_of(client, f"/models/{model.pk}/history/")
    assert "✓" in page
    assert "✕" in page


def test_a_model_without_a_run_has_an_empty_history(client, ada):
    entry, _ = scenery.published(ada)
    assert "No verification has ended yet." in text_of(client, f"/models/{entry.pk}/history/")


def test_the_reproducibility_tab_shows_the_last_levels_in_words(client, model):
    page = text_of(client, f"/models/{model.pk}/reproducibility/")
    assert "oldest first: reproduced, builds" in page
    assert f'href="/models/{model.pk}/history/"' in page


def test_the_past_of_a_private_model_is_for_its_owner(client, owner, other, model):
    ModelEntry.objects.filter(pk=model.pk).update(visibility=Visibility.PRIVATE)
    for address in (f"/models/{model.pk}/history/", f"/runs/compare?{pair(model)}"):
        assert [who.get(address).status_code for who in (client, other, owner)] == [404, 404, 200]
    assert client.get(f"/api/v1/models/{model.pk}/history/").status_code == 404


def test_only_who_maintains_a_model_may_have_it_searched(client, owner, other, model):
    fields = dict(part.split("=") for part in pair(model).split("&"))
    address = f"/models/{model.pk}/history/bisect"
    assert client.post(address, fields)["Location"].startswith("/accounts/login/")
    assert other.post(address, fields).status_code == 404
    assert Bisection.objects.count() == 0
    assert owner.post(address, fields)["Location"].endswith("#searches")
    assert Bisection.objects.get().state == "queued"


def test_what_a_search_found_is_shown_with_all_that_was_tried(client, model):
    older, newer = VerificationRun.objects.filter(level__isnull=False).order_by("pk")
    step = {"key": "k", "what": "the packages of the good run", "good": True, "level": 5,
            "cause": "", "seconds": 41.5}  # fmt: skip
    Bisection.objects.create(
        entry=model, good=older, bad=newer, state="finished", steps=[step],
        finding="numpy 1.26.4 → 2.0.0: with everything else new it runs with the old one.",
        queued_at=newer.queued_at, sent_at=newer.queued_at, finished_at=newer.finished_at,
    )  # fmt: skip
    for address in (f"/models/{model.pk}/history/", f"/runs/compare?{pair(model)}"):
        page = text_of(client, address)
        assert "numpy 1.26.4 → 2.0.0" in page
        assert "1 thing tried" in page
        assert "✓ good" in page


def test_the_past_is_to_be_had_by_the_api_newest_first(client, model):
    said = client.get(f"/api/v1/models/{model.pk}/history/").json()["results"]
    assert [row["level_name"] for row in said] == ["builds", "reproduced"]
    assert said[0]["trigger"] == "schedule"
    assert said[1]["cpu_family"].startswith("AMD EPYC")
    assert said[1]["confirms"] is None
