"""The beat's task on the real engine: what it holds is told to the schedule."""

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from registry.models import VerificationRun
from registry.spec.evidence import Environment
from runners import tasks
from runners.configuration import base_digests_of_site
from runners.environment.bases import DEFAULT_IMAGE
from tests.registry.registry_helpers import person, published, report, verified


@pytest.mark.docker
def test_the_base_images_that_the_engine_holds_are_told_with_their_digests():
    held = base_digests_of_site()
    assert held[DEFAULT_IMAGE].startswith("sha256:")


@pytest.mark.docker
@pytest.mark.django_db
def test_what_stood_on_another_base_image_is_queued_by_the_beat(monkeypatch):
    environment = Environment(
        image_digest="sha256:1", base_image=DEFAULT_IMAGE, base_digest="sha256:old"
    )
    _, run = published(person())
    verified(run, report(environment=environment))
    two_days_later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr(tasks.upkeep.timezone, "now", lambda: two_days_later)
    tasks.schedule()
    assert VerificationRun.objects.get(state="queued").trigger == "base-image"


def test_every_task_of_the_beat_is_one_that_workers_know():
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
        assert settings.CELERY_TASK_ROUTES[entry["task"]]["queue"] == "light"
