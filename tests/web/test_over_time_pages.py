"""What pages say of a model over time: lost, moved on upstream, looked at again; and its hook."""

import re

import pytest
from django.utils import timezone

from registry.models import Hook, ModelEntry, VerificationRun
from registry.models.runs import Trigger
from registry.services.hooks import hook_open, secret_of
from registry.services.runs import run_queue
from registry.services.versions import version_create
from tests.registry.registry_helpers import failing_report, verified
from tests.web import scenery

MOVED = "e" * 40


@pytest.fixture
def model(ada, tmp_path):
    entry, run = scenery.published(ada)
    scenery.verified(run, tmp_path)
    return ModelEntry.objects.get(pk=entry.pk)


def fall(model):
    version = model.current_version
    return verified(
        run_queue(version=version, trigger=Trigger.SCHEDULE, requested_by=None), failing_report()
    )


def lose(model):
    fallen = fall(model)
    verified(VerificationRun.objects.get(confirms=fallen), failing_report())
    return fallen


def move(model):
    ModelEntry.objects.filter(pk=model.pk).update(upstream_commit=MOVED, upstream_at=timezone.now())


def page_of(client, model, part=""):
    return client.get(f"/models/{model.pk}/{part}").content.decode()


def test_what_is_lost_says_since_when_why_and_where_it_last_worked(client, model):
    good = model.current_version.runs.get()
    assert "Lost since" not in page_of(client, model)
    lose(model)
    page = page_of(client, model)
    assert "Lost since" in page
    assert "mismatch" in page
    assert f'href="/runs/{good.pk}/">The last run in which it worked' in page
    assert "lost since" in client.get("/models/").content.decode()
    assert "lost since" in client.get(f"/models/{model.pk}/badge.svg").content.decode()
    row = client.get("/api/v1/models/").json()["results"][0]
    assert (row["lost_at"] is not None, row["lost_cause"]) == (True, "mismatch")
    whole = client.get(f"/api/v1/models/{model.pk}/").json()
    assert (whole["good_run"], whole["verify_at"] is not None) == (good.pk, True)


def test_a_fall_that_awaits_its_second_look_says_so_on_its_own_page_alone(client, model):
    fallen = fall(model)
    again = VerificationRun.objects.get(confirms=fallen)
    page = client.get(f"/runs/{fallen.pk}/").content.decode()
    assert f'href="/runs/{again.pk}/">run {again.pk}</a>, queued' in page
    assert "Lost since" not in page_of(client, model)
    verified(again)
    assert (
        f'A second look at <a href="/runs/{fallen.pk}/"'
        in client.get(f"/runs/{again.pk}/").content.decode()
    )


def test_upstream_that_moved_is_told_to_all_and_its_version_to_editors(client, owner, model):
    move(model)
    assert "Upstream has moved to <code>eeeeeee</code>" in page_of(client, model)
    badge = client.get(f"/models/{model.pk}/badge.svg").content.decode()
    assert "stale" in badge
    version_create(entry=model, address=model.current_version.address, ref=MOVED)
    assert "It is read as version 2" in page_of(owner, model)
    assert "It is read as version 2" not in page_of(client, model)


def test_the_page_over_time_is_for_those_who_may_change_the_model(client, owner, other, model):
    assert client.get(f"/models/{model.pk}/watch/").status_code == 302
    assert other.get(f"/models/{model.pk}/watch/").status_code == 404
    assert other.post(f"/models/{model.pk}/watch/", {"action": "open"}).status_code == 404
    page = page_of(owner, model, "watch/")
    assert "The next verification is due on" in page
    assert "Connect the repository" in page
    assert f'href="/models/{model.pk}/watch/"' in page_of(owner, model)
    assert f'href="/models/{model.pk}/watch/"' not in page_of(client, model)


def test_a_hook_is_opened_shown_renewed_and_given_a_branch(owner, model):
    address = f"/models/{model.pk}/watch/"
    owner.post(address, {"action": "open"})
    first = secret_of(Hook.objects.get())
    reply = owner.get(address)
    page = reply.content.decode()
    assert "no-store" in reply["Cache-Control"]
    assert first in page
    assert f"/hooks/{model.pk}/" in page
    owner.post(address, {"action": "branch", "branch": " stable "})
    owner.post(address, {"action": "renew"})
    page = page_of(owner, model, "watch/")
    assert first not in page
    assert 'value="stable"' in page
    owner.post(address, {"action": "branch", "branch": "x" * 301})
    assert "Shorten it" in page_of(owner, model, "watch/")
    assert Hook.objects.get().branch == "stable"


def test_drafts_and_uploads_are_told_what_is_missing(owner, ada, model):
    draft = scenery.ready(ada, address="https://github.com/ada/other")
    assert "Publish the model first" in page_of(owner, draft, "watch/")
    owner.post(f"/models/{draft.pk}/watch/", {"action": "open"})
    assert not Hook.objects.exists()


def test_a_site_that_begins_nothing_says_so(owner, model, settings):
    settings.SCHEDULE_RUNS = 0
    assert "begins no verification by itself" in page_of(owner, model, "watch/")


def test_the_secret_is_on_no_other_page(client, owner, model):
    secret = secret_of(hook_open(entry=model))
    for part in ("", "edit/"):
        assert secret not in page_of(owner, model, part)
    assert not re.search(secret, page_of(client, model))
