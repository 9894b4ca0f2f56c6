"""An engine that goes away in the middle (case 34): never the author's fault, and cleaned up."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.containers.docker.engine import DockerEngine
from runners.faults import PlatformFault
from runners.limits import SitePackages
from tests.containers.bench import BASE, Bench
from tests.containers.forwarder import Forwarder, forwarded_engine

pytestmark = pytest.mark.docker


@pytest.fixture
def forwarder(tmp_path: Path) -> Iterator[Forwarder]:
    with forwarded_engine(tmp_path) as forwarder:
        yield forwarder


@pytest.fixture
def far_bench(docker_bench: Bench, forwarder: Forwarder, tmp_path: Path) -> Bench:
    site = SitePackages(ca_bundle=None, index_url="", proxy="")
    engine = DockerEngine(base_url=forwarder.address, site=site, holder_image=BASE)
    return Bench(engine=engine, folder=tmp_path, site=docker_bench.site, image=docker_bench.image)


def test_an_engine_that_is_not_there_is_the_platforms_fault(tmp_path: Path):
    site = SitePackages(ca_bundle=None, index_url="", proxy="")
    with pytest.raises(PlatformFault, match="cannot be reached"):
        DockerEngine(base_url=f"unix://{tmp_path}/no.sock", site=site, holder_image=BASE)


def test_a_build_whose_engine_goes_away_is_the_platforms_fault(
    far_bench: Bench, forwarder: Forwarder
):
    def check() -> None:
        if "exporting" not in far_bench.log and "[internal]" in far_bench.log:
            forwarder.cut()

    step = f"RUN echo {far_bench.name()} && sleep 5"
    with pytest.raises(PlatformFault):
        far_bench.build(f"FROM {BASE}\nWORKDIR /work\n{step}\n", check=check)
    with pytest.raises(PlatformFault):
        far_bench.engine.describe()


def test_a_run_whose_engine_goes_away_is_the_platforms_fault_and_is_found_later(
    docker_bench: Bench, far_bench: Bench, forwarder: Forwarder
):
    def check() -> None:
        if far_bench.logged:
            forwarder.cut()

    code = "import time; print('on', flush=True); time.sleep(60)"
    with pytest.raises(PlatformFault):
        far_bench.run(far_bench.request("python3", "-c", code), check=check)
    now = int(time.time())
    left = docker_bench.engine.remove_leftovers(
        site=docker_bench.site, live_runs=frozenset(), now=now
    )
    assert left == 3  # the author's container, its holder, the working folder
