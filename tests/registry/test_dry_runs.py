"""A version tried before it is published: when its verdict carries over, and when it does not."""

from dataclasses import replace

import pytest
from registry_helpers import (
    ADDRESS,
    MANIFEST,
    OTHER_COMMIT,
    claimed,
    failing_report,
    inspection,
    newest,
    person,
    queued,
    ready_draft,
    report,
    verified,
)

from registry.models import ModelEntry, VerificationRun
from registry.selectors.runs import badge_state, run_of_version_as_it_is
from registry.services.entries import EntryFields, entry_publish, entry_update
from registry.services.runs import run_cancel, run_finish
from registry.services.versions import version_inspected, version_retarget
from registry.spec.evidence import Policy
from registry.spec.policy import POLICY

pytestmark = pytest.mark.django_db
BY_THE_RULES = report(policy=POLICY)


@pytest.fixture
def entry():
    return ready_draft(person())


def published(entry):
    return entry_publish(entry=ModelEntry.objects.get(pk=entry.pk), requested_by=entry.owner)


def read_again(entry, **changes):
    version = version_retarget(version=newest(entry), address=ADDRESS)
    assert version_inspected(version_id=version.pk, inspection=inspection(**changes))


@pytest.mark.parametrize("seen", [BY_THE_RULES, failing_report(policy=POLICY)], ids=["good", "bad"])
def test_the_verdict_of_a_dry_run_carries_over_whatever_it_is(entry, seen):
    run = verified(queued(entry), seen)
    assert published(entry) == run
    assert VerificationRun.objects.count() == 1
    kept = ModelEntry.objects.get()
    assert (kept.visibility, kept.level, kept.outcome) == ("public", run.level, run.outcome)
    assert kept.verified_at == run.finished_at


def test_a_dry_run_leaves_a_draft_a_draft(entry):
    verified(queued(entry), BY_THE_RULES)
    kept = ModelEntry.objects.get()
    assert kept.visibility == "draft"
    assert badge_state(kept, now=kept.updated_at, stale_after_days=30).state == "draft"


def test_a_dry_run_by_other_rules_is_done_again(entry):
    old = verified(queued(entry), report(policy=Policy(version="0", digest="sha256:old")))
    run = published(entry)
    assert run != old
    assert (run.state, run.trigger) == ("queued", "publication")


def test_a_dry_run_of_another_command_is_done_again(entry):
    verified(queued(entry), BY_THE_RULES)
    entry_update(entry=entry, fields=EntryFields(manifest=replace(MANIFEST, run="python b.py")))
    assert run_of_version_as_it_is(version=newest(entry)) is None
    assert published(entry).state == "queued"


def test_a_dry_run_of_another_commit_is_done_again(entry):
    verified(queued(entry), BY_THE_RULES)
    read_again(entry, commit=OTHER_COMMIT)
    assert published(entry).state == "queued"
    assert ModelEntry.objects.get().level == 0


def test_a_dry_run_of_another_folder_of_the_same_commit_is_done_again(entry):
    verified(queued(entry), BY_THE_RULES)
    read_again(entry, folder="other")
    assert published(entry).state == "queued"
    assert ModelEntry.objects.get().outcome == ""


def test_a_description_that_changes_takes_no_verdict_away(entry):
    run = verified(queued(entry), BY_THE_RULES)
    entry_update(entry=entry, fields=EntryFields(title="A better title", licence="Apache-2.0"))
    assert published(entry) == run


def test_a_dry_run_that_was_cancelled_says_nothing(entry):
    run_cancel(run=queued(entry))
    assert published(entry).state == "queued"


def test_publishing_during_a_dry_run_waits_for_that_very_run(entry):
    claim = claimed(queued(entry))
    run = published(entry)
    assert run.pk == claim.run_id
    run_finish(claim=claim, report=BY_THE_RULES, files={})
    assert ModelEntry.objects.get().outcome == "reproduced"
