"""An entry's past: rows, columns, what is said of falls, who may see it; and searches."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from registry_helpers import (
    COMMIT,
    claimed,
    failing_report,
    messages,
    person,
    published,
    queued,
    report,
    verified,
)

from registry.models import Bisection, ModelEntry, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.history import history_brief, history_of, run_differences
from registry.services.bisections import (
    ATTEMPTS_MOST,
    bisection_claim,
    bisection_finish,
    bisection_heartbeat,
    bisection_make_way,
    bisection_note,
    bisection_queue,
    bisection_release,
    bisections_reconcile,
    live_bisection_labels,
)
from registry.services.errors import LeaseLost, ServiceError
from registry.spec.bisection import Tried
from registry.spec.evidence import Environment
from registry.spec.ladder import Cause, Level

pytestmark = pytest.mark.django_db

ANYONE = AnonymousUser()
OLD = Environment(python="3.11.9", base_image="python:3.11", packages=("numpy==1.26", "six==1.16"))
NEW = replace(OLD, packages=("attrs==24", "numpy==2.0", "six==1.16"))
TRIED = Tried(key="k", what="the packages of the good run", good=True, level=5, seconds=1.0)


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def model(ada):
    """A public model that was reproduced, and then built no more."""
    entry, first = published(ada)
    verified(first, report(environment=OLD))
    verified(queued(entry), lost_report(environment=NEW))
    return ModelEntry.objects.get(pk=entry.pk)


def lost_report(**changes):
    fallen = {"level": int(Level.BUILDS), "level_name": "builds", "cause": Cause.TEST,
              "tests_pass": False}  # fmt: skip
    return failing_report(**fallen | changes)


def runs_of(entry) -> list[VerificationRun]:
    return list(VerificationRun.objects.filter(version__entry=entry).order_by("pk"))


# --- The matrix --------------------------------------------------------------------------------


def test_rows_are_environments_and_columns_runs_the_newest_first(model):
    seen = history_of(user=ANYONE, entry=model)
    good, bad = runs_of(model)
    assert [past.run for past in seen.runs] == [bad, good]
    assert [(row.python, row.packages, row.changed) for row in seen.rows] == [
        ("3.11.9", 3, 2),
        ("3.11.9", 2, None),
    ]
    assert [[cell.run if cell else None for cell in row.cells] for row in seen.rows] == [
        [bad, None],
        [None, good],
    ]


def test_the_same_environment_again_is_the_same_row(model):
    verified(queued(model), lost_report(environment=NEW))
    seen = history_of(user=ANYONE, entry=model)
    assert len(seen.rows) == 2
    assert [cell is not None for cell in seen.rows[0].cells] == [True, True, False]


def test_more_runs_than_a_page_holds_are_on_older_pages(model):
    good, bad = runs_of(model)
    seen = history_of(user=ANYONE, entry=model, most=1)
    assert [past.run for past in seen.runs] == [bad]
    assert seen.older == bad.pk
    older = history_of(user=ANYONE, entry=model, before=seen.older, most=1)
    assert [past.run for past in older.runs] == [good]
    assert older.older is None


def test_runs_of_a_private_model_are_for_those_who_may_see_it(model, ada):
    ModelEntry.objects.filter(pk=model.pk).update(visibility=Visibility.PRIVATE)
    assert history_of(user=ANYONE, entry=model).runs == ()
    assert len(history_of(user=ada, entry=model).runs) == 2


def test_a_second_look_says_at_which_run(model):
    good, _ = runs_of(model)
    again = queued(model)
    VerificationRun.objects.filter(pk=again.pk).update(confirms=good)
    verified(again, report(environment=OLD))
    notes = {past.run.pk: past.note for past in history_of(user=ANYONE, entry=model).runs}
    assert notes[again.pk] == f"second look at run {good.pk}"
    assert notes[good.pk] == ""


def test_the_brief_has_the_last_levels_the_oldest_first(model):
    brief = history_brief(entry=model, versions=list(model.versions.all()))
    assert brief.levels == (5, 2)


def test_two_runs_are_held_against_each_other(model):
    older, newer = runs_of(model)
    seen = run_differences(older, newer)
    assert [(each.name, each.before, each.after) for each in seen.packages or ()] == [
        ("attrs", "", "24"),
        ("numpy", "1.26", "2.0"),
    ]
    facts = {fact.name: fact for fact in seen.facts}
    assert facts["Commit"].before == COMMIT
    assert not facts["Commit"].differs


def test_packages_are_not_compared_with_a_run_that_built_nothing(model):
    verified(queued(model), lost_report(environment=Environment()))
    older, _, newer = runs_of(model)
    assert run_differences(older, newer).packages is None


# --- The search for what broke it --------------------------------------------------------------


@pytest.fixture
def search(model) -> Bisection:
    good, bad = runs_of(model)
    return bisection_queue(entry=model, good=good, bad=bad)


def claim_of(search: Bisection):
    claim = bisection_claim(bisection_id=search.pk, lease_seconds=60)
    assert claim is not None
    return claim


def fresh(search: Bisection) -> Bisection:
    return Bisection.objects.get(pk=search.pk)


def test_a_search_is_sent_after_commit_and_once_for_two_runs(
    model, django_capture_on_commit_callbacks
):
    messages("verify")
    good, bad = runs_of(model)
    with django_capture_on_commit_callbacks(execute=True):
        first = bisection_queue(entry=model, good=good, bad=bad)
        assert bisection_queue(entry=model, good=good, bad=bad) == first
    assert messages("verify") == [[first.pk]]


def test_a_model_that_is_lost_is_searched_once_and_unasked(model):
    assert Bisection.objects.count() == 0
    verified(queued(model), lost_report(environment=NEW))
    good, _, bad = runs_of(model)
    search = Bisection.objects.get()
    assert (search.good, search.bad) == (good, bad)
    verified(queued(model), lost_report(environment=NEW))
    assert Bisection.objects.get() == search


def test_there_is_no_search_where_nothing_broke(model):
    good, bad = runs_of(model)
    for older, newer in ((bad, good), (good, good)):
        with pytest.raises(ServiceError, match="nothing broke"):
            bisection_queue(entry=model, good=older, bad=newer)


def test_there_is_no_search_for_what_could_not_be_fetched(model):
    gone = {"level": 0, "level_name": "registered", "cause": Cause.FETCH}
    bad = verified(queued(model), lost_report(**gone))
    with pytest.raises(ServiceError, match="could not fetch"):
        bisection_queue(entry=model, good=runs_of(model)[0], bad=bad)


def test_there_is_no_search_between_two_models(model, ada):
    _, run = published(ada, address="https://example.org/ada/other")
    bad = verified(run, lost_report())
    with pytest.raises(ServiceError, match="not of this entry"):
        bisection_queue(entry=model, good=runs_of(model)[0], bad=bad)


def test_a_search_is_claimed_once_with_both_reports(search):
    claim = claim_of(search)
    assert claim.good.environment.packages == OLD.packages
    assert claim.bad.environment.packages == NEW.packages
    assert claim.same_source
    assert bisection_claim(bisection_id=search.pk, lease_seconds=60) is None
    assert live_bisection_labels() == {f"b{search.pk}"}


def test_a_search_waits_while_verifications_do(search, model):
    waiting = queued(model)
    assert bisection_claim(bisection_id=search.pk, lease_seconds=60) is None
    later = timezone.now() + timedelta(hours=1)
    assert bisections_reconcile(now=later, resend_after_seconds=60) == 0
    claimed(waiting)
    assert bisections_reconcile(now=later, resend_after_seconds=60) == 1
    assert bisection_claim(bisection_id=search.pk, lease_seconds=60)


def test_what_was_tried_outlives_making_way_which_costs_no_attempt(search):
    claim = claim_of(search)
    bisection_note(claim=claim, tried=[TRIED])
    bisection_make_way(claim=claim)
    assert fresh(search).attempt == 0
    again = claim_of(search)
    assert again.tried == (TRIED,)
    assert again.attempt == 1


def test_a_finding_ends_the_search(search, model):
    bisection_finish(claim=claim_of(search), finding="numpy 1.26 → 2.0: it was that.")
    ended = fresh(search)
    assert (ended.state, ended.finding) == ("finished", "numpy 1.26 → 2.0: it was that.")
    assert ended.finished_at is not None
    assert live_bisection_labels() == frozenset()


def test_a_worker_that_was_lost_writes_nothing_more(search):
    lost = claim_of(search)
    later = timezone.now() + timedelta(hours=1)
    bisections_reconcile(now=later, resend_after_seconds=7200)
    assert fresh(search).state == "queued"
    claim_of(search)
    assert not bisection_heartbeat(claim=lost, lease_seconds=60)
    for write in (
        lambda: bisection_note(claim=lost, tried=[TRIED]),
        lambda: bisection_finish(claim=lost, finding="too late"),
    ):
        with pytest.raises(LeaseLost):
            write()
    bisection_release(claim=lost)
    assert fresh(search).state == "running"


def test_a_search_that_crashes_is_tried_three_times_and_blames_nobody(search):
    for _ in range(ATTEMPTS_MOST):
        bisection_release(claim=claim_of(search))
    ended = fresh(search)
    assert ended.state == "finished"
    assert "says nothing of the model" in ended.finding


def test_python_and_frameworks_stand_beside_a_run(model):
    good = runs_of(model)[0]
    assert (good.python, good.frameworks) == ("3.11.9", ["NumPy"])
