"""Images and caches stay within their budgets, and no run is begun on a disk that is full."""

import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from runners import tasks
from runners.disk import Disk, DiskLimits, Notice
from runners.faults import PlatformFault
from tests.containers.fake_engine import FakeEngine

ROOT = Path(__file__).parents[2]
EVERYTHING = 2**60
LIMITS = DiskLimits(
    free_bytes=0, cache_bytes=1000, image_bytes=500, image_seconds=60, folders=(Path("/"),)
)
FULL = replace(LIMITS, free_bytes=EVERYTHING)
NOBODY: frozenset[str] = frozenset()


def disk(limits: DiskLimits, engine: FakeEngine | None = None) -> Disk:
    return Disk(engine=engine or FakeEngine(), site="a-site", limits=limits)


def test_a_disk_with_room_is_left_as_it_is():
    roomy = disk(LIMITS)
    assert roomy.make_room(live_runs=NOBODY, image_seconds=0) == ""
    assert (roomy.engine.cache_bounds, roomy.engine.image_bounds) == ([], [])


def test_on_a_full_disk_half_of_the_cache_and_no_age_of_images_count():
    full = disk(FULL)
    said = full.make_room(live_runs=NOBODY, image_seconds=7)
    assert said.startswith("The disk of / has ")
    assert "REPRISE_DISK_FREE_MB" in said
    assert (full.engine.cache_bounds, full.engine.image_bounds) == ([500], [(500, 7)])


def test_the_budgets_hold_on_every_other_day_too():
    roomy = disk(LIMITS)
    roomy.keep_budgets(live_runs=NOBODY)
    assert (roomy.engine.cache_bounds, roomy.engine.image_bounds) == ([1000], [(500, 60)])


@pytest.mark.parametrize("limits", [LIMITS, FULL])
def test_a_cache_of_zero_is_its_owners(limits):
    owned = disk(replace(limits, cache_bytes=0))
    owned.keep_budgets(live_runs=NOBODY)
    owned.make_room(live_runs=NOBODY, image_seconds=0)
    assert owned.engine.cache_bounds == []


def test_the_engines_own_folder_counts_and_one_that_is_not_there_yet(tmp_path):
    engine = FakeEngine(data=tmp_path / "engine")
    assert f"The disk of {tmp_path}/engine has" in disk(FULL, engine).shortage()
    later = replace(FULL, folders=(tmp_path / "not" / "yet",))
    assert f"The disk of {tmp_path}/not/yet has" in disk(later).shortage()


def test_an_engine_that_fails_at_clearing_leaves_the_shortage_said():
    class Stuck(FakeEngine):
        def remove_images(self, **_asked):
            raise PlatformFault("no space left on device")

    assert "REPRISE_DISK_FREE_MB" in disk(FULL, Stuck()).make_room(
        live_runs=NOBODY, image_seconds=0
    )


def test_the_log_is_told_once_that_a_disk_is_full_and_once_that_it_is_not(caplog):
    notice = Notice()
    with caplog.at_level(logging.INFO, logger="runners.disk"):
        for shortage in ("", "It is full.", "It is full.", "", ""):
            notice.tell(shortage)
    assert [each.message for each in caplog.records] == [
        "It is full.",
        "There is room on disk again: runs are begun.",
    ]


@pytest.mark.docker
@pytest.mark.django_db
def test_a_worker_claims_nothing_while_a_disk_is_full(settings, monkeypatch):
    settings.IMAGE_BUDGET_MB, settings.BUILD_CACHE_MB = 10**9, 0
    assert tasks.no_room() is False
    settings.DISK_FREE_MB = EVERYTHING // 2**20
    assert tasks.no_room() is True
    claimed: list[int] = []
    monkeypatch.setattr(
        tasks.verifying, "run_claim", lambda **claim: claimed.append(claim["run_id"])
    )
    tasks.verify_run(1)
    assert claimed == []
    settings.DISK_FREE_MB = 0
    tasks.verify_run(1)
    assert claimed == [1]


@pytest.mark.docker
def test_the_command_line_says_so_in_one_line_and_exits_with_three(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRISE_DISK_FREE_MB", str(EVERYTHING // 2**20))
    monkeypatch.setenv("REPRISE_BUILD_CACHE_MB", "0")
    monkeypatch.setenv("REPRISE_IMAGE_BUDGET_MB", str(10**9))
    command = [sys.executable, "manage.py", "verify", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert len(done.stdout.splitlines()) == 1, done.stdout
    assert "REPRISE_DISK_FREE_MB" in done.stdout
