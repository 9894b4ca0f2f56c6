"""Logs and times of steps."""

import pytest

from registry.spec.ladder import Cause, Step, StepState
from runners import journal
from runners.faults import RepositoryFault
from runners.journal import Journal
from tests.bench import Notes


@pytest.fixture
def notes():
    return Notes()


def test_what_was_logged_since_a_mark_is_told_even_when_the_tail_is_cut(
    notes, tmp_path, monkeypatch
):
    monkeypatch.setattr(journal, "TAIL_CHARACTERS", 10)
    with Journal(notes, tmp_path).step(Step.BUILD_IMAGE) as log:
        log("0123456789abcdef")
        mark = log.mark
        assert log.since(mark) == ""
        log("xyz")
        assert log.since(mark) == "xyz"
        log("0123456789")
        assert log.since(mark) == "0123456789"
    assert (tmp_path / "build_image.log").read_text().endswith("xyz0123456789")


def test_a_step_that_ends_in_a_fault_is_failed_and_timed(notes, tmp_path):
    journal = Journal(notes, tmp_path)
    with pytest.raises(RepositoryFault), journal.step(Step.FETCH_SOURCE):
        raise RepositoryFault(Cause.FETCH, "gone")
    assert notes.states[Step.FETCH_SOURCE] is StepState.FAILED
    assert journal.timings[Step.FETCH_SOURCE] >= 0
