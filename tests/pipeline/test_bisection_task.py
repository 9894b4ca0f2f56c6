"""The task that carries a search out: when it begins, how it ends, and what a fault leaves."""

import pytest

from registry.models import Bisection, VerificationRun
from registry.models.runs import Trigger
from registry.services.bisections import ATTEMPTS_MOST, bisection_queue
from registry.services.runs import run_cancel, run_queue
from runners.tasks import bisect_runs
from tests.web import scenery

pytestmark = [pytest.mark.docker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def search(tmp_path) -> Bisection:
    """Between a good and a bad run of a model whose repository is nowhere."""
    ada = scenery.person("ada")
    entry, run = scenery.published(ada, "https://nowhere.invalid/ada/model")
    good = scenery.verified(run, tmp_path)
    again = run_queue(version=run.version, trigger=Trigger.PERSON, requested_by=ada)
    bad = scenery.verified(again, tmp_path, scenery.failing_tests)
    return bisection_queue(entry=entry, good=good, bad=bad)


def fresh(search: Bisection) -> Bisection:
    return Bisection.objects.get(pk=search.pk)


def test_a_source_that_is_out_of_reach_is_blamed_on_nobody(search):
    for attempt in range(1, ATTEMPTS_MOST + 1):
        bisect_runs(search.pk)
        assert fresh(search).attempt == attempt
    assert fresh(search).state == "finished"
    assert fresh(search).steps == []
    assert "says nothing of the model" in fresh(search).finding


def test_a_search_is_not_begun_while_a_verification_waits(search):
    version = VerificationRun.objects.get(pk=search.good_id).version
    waiting = run_queue(version=version, trigger=Trigger.PERSON, requested_by=None)
    bisect_runs(search.pk)
    assert (fresh(search).state, fresh(search).attempt) == ("queued", 0)
    run_cancel(run=waiting)
    bisect_runs(search.pk)
    assert fresh(search).attempt == 1
