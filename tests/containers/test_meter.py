"""What is read out of an engine's account of memory, and how long it is asked for one."""

import threading

import pytest

from runners.containers.meter import Meter, memory_used
from runners.faults import PlatformFault

V1 = {"usage": 98, "max_usage": 120, "stats": {"inactive_file": 1, "total_inactive_file": 20}}
V2 = {"usage": 98, "stats": {"inactive_file": 18}}


@pytest.mark.parametrize(
    ("memory", "used"),
    [(V1, 100), (V2, 80), ({}, None), ({"usage": 5, "stats": {"inactive_file": 9}}, 0)],
    ids=["v1", "v2", "ended", "all-cache"],
)
def test_cache_that_the_kernel_gives_back_is_not_counted(memory, used):
    assert memory_used({"memory_stats": memory}) == used
    assert memory_used({}) is None


def metered(answers):
    """The peak that a meter saw of these answers of an engine."""
    through = threading.Event()
    given = iter(answers)

    def look():
        answer = next(given, None)
        if answer is None:
            through.set()
        if isinstance(answer, Exception):
            through.set()
            raise answer
        return answer

    with Meter(look) as meter:
        assert through.wait(10)
    return meter.peak


def test_the_most_that_was_seen_counts():
    assert metered([8, 90, 30]) == 90


def test_a_single_look_says_nothing():
    assert metered([8]) is None


def test_an_engine_that_does_not_answer_ends_no_run():
    assert metered([8, PlatformFault("gone")]) is None
