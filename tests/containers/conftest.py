"""The engines under test, and one image that the tests share."""

import time
from collections.abc import Iterator

import pytest

from runners.containers.docker.engine import DockerEngine
from runners.limits import SitePackages
from tests.containers.bench import BASE, DOCKERFILE, Bench
from tests.containers.fake_engine import FakeEngine

OPEN_SITE = SitePackages(ca_bundle=None, index_url="", proxy="")


@pytest.fixture(scope="session")
def docker_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The real engine. At the end nothing but images may be left of all these tests."""
    engine = DockerEngine(base_url=None, site=OPEN_SITE, holder_image=BASE)
    bench = Bench(engine=engine, folder=tmp_path_factory.mktemp("docker-bench"))
    bench.image = bench.build(DOCKERFILE)
    yield bench
    now = int(time.time())
    left = engine.remove_leftovers(site=bench.site, live_runs=frozenset(), now=now)
    engine.remove_images(
        site=bench.site, live_runs=frozenset(), keep_seconds=-60, budget_bytes=0, now=now
    )
    assert left == 0


@pytest.fixture(scope="session")
def fake_bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(engine=FakeEngine(), folder=tmp_path_factory.mktemp("fake-bench"))
    bench.image = bench.build(DOCKERFILE)
    return bench


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Either engine: what a test says of it holds for both."""
    found: Bench = request.getfixturevalue(f"{request.param}_bench")
    return found
