"""What crashed workers leave behind is found by its label, and nothing else is touched."""

import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from docker.errors import APIError

from runners.containers.base import Labels
from runners.containers.docker.engine import DockerEngine
from tests.containers.bench import BASE, Bench
from tests.containers.conftest import OPEN_SITE

pytestmark = pytest.mark.docker


def docker(*words: str) -> str:
    ended = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
    return ended.stdout.strip()


@pytest.fixture
def site() -> Iterator[str]:
    site = f"test-{uuid.uuid4().hex[:10]}"
    yield site
    for kind in ("container", "volume"):
        listing = ["ps", "-aq"] if kind == "container" else ["volume", "ls", "-q"]
        names = docker(*listing, "--filter", f"name={site}").split()
        if names:
            docker(kind, "rm", "-f", *names)


def leave(site: str, run: str, *, lasts: int, running: bool = True) -> str:
    """A container and its volume as a killed worker leaves them; their common name."""
    deadline = int(time.time()) + lasts
    labels = Labels(site=site, run=run, attempt=1, deadline=deadline).as_dict()
    flags = [f"--label={key}={value}" for key, value in labels.items()]
    return leave_plain(site, run, flags, running=running)


def leave_plain(site: str, run: str, flags: list[str], *, running: bool = True) -> str:
    name = f"{site}-{run}"
    docker("volume", "create", *flags, name)
    verb = ["run", "--detach"] if running else ["create"]
    docker(
        *verb,
        *flags,
        "--name",
        name,
        "--volume",
        f"{name}:/x",
        "--network=none",
        BASE,
        "sleep",
        "99",
    )
    return name


def there(name: str) -> bool:
    listed = docker("ps", "-aq", "--filter", f"name={name}") + docker(
        "volume", "ls", "-q", "--filter", f"name={name}"
    )
    return bool(listed)


def test_leftovers_of_dead_and_overdue_runs_go_and_all_else_stays(docker_bench: Bench, site: str):
    dead = leave(site, "dead", lasts=100)
    never_started = leave(site, "created", lasts=100, running=False)
    overdue = leave(site, "overdue", lasts=-1)
    live = leave(site, "live", lasts=100)
    other_site = leave(f"{site}-2", "dead", lasts=-1)
    unlabelled = leave_plain(site, "plain", [])
    half_labelled = leave_plain(site, "half", [f"--label=org.reprise.site={site}"])
    removed = docker_bench.engine.remove_leftovers(
        site=site, live_runs=frozenset({"live", "overdue"}), now=int(time.time())
    )
    assert removed == 6
    assert not any(map(there, (dead, never_started, overdue)))
    assert all(map(there, (live, other_site, unlabelled, half_labelled)))


def test_images_go_oldest_first_until_the_rest_fits(docker_bench: Bench, site: str):
    bench = replace(docker_bench, site=site)
    tags = []
    for number in range(3):
        bench.build(f"FROM {BASE}\nWORKDIR /work\nRUN echo {site}{number}\n")
        tags.append(bench.tag)
        time.sleep(1.1)  # the engine tells images' ages in whole seconds
    size = int(docker("image", "inspect", "--format", "{{.Size}}", tags[0]))
    now = int(time.time())

    def remove(keep: int, budget: int, live: str = "") -> int:
        return bench.engine.remove_images(
            site=site,
            live_runs=frozenset({live}),
            keep_seconds=keep,
            budget_bytes=budget,
            now=now,
        )

    assert remove(3600, 0) == 0  # all are young
    assert remove(-1, 0, live="a-run") == 0  # all are of a run that goes on
    assert remove(-1, 3 * size + 1000) == 0  # all fit
    assert remove(-1, 2 * size + 1000) == 1
    assert [bench.engine.has_image(tag) for tag in tags] == [False, True, True]
    docker("run", "--detach", "--name", f"{site}-user", "--network=none", tags[1], "sleep", "99")
    assert remove(-1, 0) == 1  # the second is in use
    assert [bench.engine.has_image(tag) for tag in tags] == [False, True, False]
    assert bench.engine.has_image(BASE)
    docker("rm", "-f", f"{site}-user")
    assert remove(-1, 0) == 1


def test_a_build_cache_within_its_bound_keeps_what_was_just_built(docker_bench: Bench, site: str):
    steps = f"FROM {BASE}\nWORKDIR /work\nRUN echo {site} && date +%N > made\n"
    docker_bench.build(steps)
    assert "CACHED" not in docker_bench.log.partition(site)[2]
    docker_bench.engine.trim_cache(keep_bytes=2**60)
    docker_bench.build(steps)
    assert "CACHED" in docker_bench.log.partition(site)[2]


def test_an_engine_that_cannot_measure_its_cache_still_gives_up_what_is_idle(
    monkeypatch: pytest.MonkeyPatch,
):
    """As after a kill in mid-build: seen on Engine 20.10, and it lasts until the cache is gone."""
    engine = DockerEngine(base_url=None, site=OPEN_SITE, holder_image=BASE)
    asked: list[int | None] = []

    def prune(*, keep_storage: int | None, **_: object) -> dict[str, int]:
        asked.append(keep_storage)
        if keep_storage is not None:
            raise APIError("failed to prune build cache: failed to get usage for x: not found")
        return {"SpaceReclaimed": 7}

    monkeypatch.setattr(engine._client.api, "prune_builds", prune)
    assert engine.trim_cache(keep_bytes=100) == 7
    assert asked == [100, None]
