"""Builds on the real engine: what they reach, what stays in the image, how they end (20, 21)."""

import http.server
import io
import ipaddress
import os
import ssl
import subprocess
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.containers.base import BuildLimits
from runners.containers.buildkit import for_site
from runners.containers.docker.engine import DockerEngine
from runners.faults import RepositoryFault, Stopped
from runners.limits import SitePackages
from tests.containers.bench import BASE, Bench

pytestmark = pytest.mark.docker

LARGE = 20_000_000
SECRET_INDEX = "http://someone:pa55word@{host}/simple"


def never_built() -> str:
    """A step of no effect that no earlier test has left in the build cache."""
    return f"RUN echo {uuid.uuid4().hex}\n"


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def site_bench(bench: Bench, site: SitePackages) -> Bench:
    engine = DockerEngine(base_url=None, site=site, holder_image=BASE)
    return Bench(engine=engine, folder=bench.folder, site=bench.site)


def bytes_of(image: str) -> bytes:
    """What the image consists of: configuration and layers, less the base's own large ones."""
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        parts = [archive.extractfile(member) for member in archive if member.size < LARGE]
        return b"".join(part.read() for part in parts if part)


def told_of(image: str) -> str:
    """What the engine tells of the image: its configuration and its history."""
    return docker("inspect", image) + docker("history", "--no-trunc", image)


@pytest.fixture(scope="module")
def bundle() -> Path:
    """The certificates by which this machine itself reaches its package index."""
    named = [os.environ.get(name) for name in ("REPRISE_CA_BUNDLE", "SSL_CERT_FILE")]
    default = ssl.get_default_verify_paths()
    return Path(next(path for path in [*named, default.cafile, default.openssl_cafile] if path))


def test_a_package_is_installed_with_the_sites_certificates_and_none_stays(
    docker_bench: Bench, bundle: Path, tmp_path: Path
):
    own = tmp_path / "bundle.pem"
    own.write_bytes(b"# MARK-OF-THE-BUNDLE\n" + bundle.read_bytes())
    index = os.environ.get("REPRISE_INDEX_URL", "")
    bench = site_bench(docker_bench, SitePackages(ca_bundle=own, index_url=index, proxy=""))
    dockerfile = (
        f"FROM {BASE}\nWORKDIR /work\n{never_built()}"
        "RUN python3 -m pip install --no-cache-dir six \\\n"
        " && grep -q MARK-OF $PIP_CERT && test -s $SSL_CERT_FILE\n"
        "RUN ls -la /run /run/secrets > /work/seen 2>&1; env > /work/variables\n"
    )
    image = bench.build(dockerfile)
    assert "Successfully installed six" in bench.log
    content = bytes_of(bench.tag)
    assert b"MARK-OF-THE-BUNDLE" not in content
    assert str(own).encode() not in content
    bench.run(
        bench.request("python3", "-c", "import six, os; print(sorted(os.environ))", image=image)
    )
    assert "CERT" not in bench.log
    assert "CA" not in bench.log


class _Index(http.server.BaseHTTPRequestHandler):
    """A package index that has nothing, and remembers who asked."""

    asked: list[tuple[str, str]] = []  # noqa: RUF012 — one list for all of the server's handlers

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        self.send_response(404)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def index_address() -> Iterator[str]:
    """A small index on the address by which builds see this machine."""
    # 20.10 does not always name the gateway; it is the first address of the subnet.
    subnet = docker("network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Subnet}}")
    host = str(next(ipaddress.ip_network(subnet.strip()).hosts()))
    server = http.server.ThreadingHTTPServer((host, 0), _Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"{host}:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_sites_index_is_asked_and_its_address_stays_nowhere(
    docker_bench: Bench, index_address: str
):
    address = SECRET_INDEX.format(host=index_address)
    site = SitePackages(ca_bundle=None, index_url=address, proxy="")
    bench = site_bench(docker_bench, site)
    host = index_address.partition(":")[0]
    image = bench.build(
        f"FROM {BASE}\nWORKDIR /work\n{never_built()}"
        f"RUN python3 -m pip install --trusted-host {host} --retries 0 nothing-like-it; true\n"
    )
    assert [path for path, _ in _Index.asked] == ["/simple/nothing-like-it/"]
    assert all(authorised for _, authorised in _Index.asked)
    assert "pa55word" not in bench.log + told_of(bench.tag)
    bench.run(bench.request("grep", "-rs", "pa55word", "/etc", "/run", "/root", image=image))
    assert bench.log == ""


def test_a_proxy_is_used_and_stays_nowhere(docker_bench: Bench, index_address: str):
    site = SitePackages(ca_bundle=None, index_url="", proxy=f"http://me:pa55word@{index_address}")
    bench = site_bench(docker_bench, site)
    fetch = "import urllib.request as u; u.urlopen('http://nowhere.invalid/through-proxy')"
    _Index.asked.clear()
    bench.build(
        f'FROM {BASE}\nWORKDIR /work\n{never_built()}RUN python3 -c "{fetch}" 2>/dev/null; true\n'
    )
    assert [path for path, _ in _Index.asked] == ["http://nowhere.invalid/through-proxy"]
    assert "pa55word" not in told_of(bench.tag)


def test_an_open_site_changes_nothing():
    text = f"FROM {BASE}\nRUN true\n"
    assert for_site(text, SitePackages(ca_bundle=None, index_url="", proxy="")) == text


def test_only_instructions_are_rewritten_for_a_closed_site():
    site = SitePackages(ca_bundle=Path("/x"), index_url="", proxy="")
    text = 'FROM a AS b\nRUN echo \\\n run \\\n "from c"\nfrom b\n  run x\n'
    lines = for_site(text, site).splitlines()
    mount = "--mount=type=secret,id=site-ca,target=/run/secrets/site-ca,mode=0444"
    arguments = [line for line in lines if line.startswith("ARG ")]
    assert len(arguments) == 10
    assert [line for line in lines if not line.startswith("ARG ")] == [
        "FROM a AS b",
        f"RUN {mount} echo \\",
        " run \\",
        ' "from c"',
        "from b",
        f"  run {mount} x",
    ]


def test_labels_say_whose_image_it_is(docker_bench: Bench):
    docker_bench.build(f"FROM {BASE}\nWORKDIR /work\nLABEL org.reprise.run=someone-elses\n")
    label = docker("inspect", "-f", '{{index .Config.Labels "org.reprise.run"}}', docker_bench.tag)
    assert label == "a-run\n"


def test_the_last_lines_of_a_failed_step_are_shown_without_decoration(docker_bench: Bench):
    step = "for i in $(seq 40); do echo line $i; done; echo ERROR: no such thing; exit 9"
    with pytest.raises(RepositoryFault) as caught:
        docker_bench.build(f"FROM {BASE}\nWORKDIR /work\nRUN {step}\n")
    failure = caught.value.failure
    assert failure.cause is Cause.BUILD
    assert failure.lines == (*(f"line {i}" for i in range(27, 41)), "ERROR: no such thing")


@pytest.mark.parametrize("line", ["COPY nothing-like-it /x", "RUNN true"])
def test_a_dockerfile_that_cannot_be_built_is_the_authors_fault(docker_bench: Bench, line: str):
    with pytest.raises(RepositoryFault) as caught:
        docker_bench.build(f"FROM {BASE}\nWORKDIR /work\n{line}\n")
    assert caught.value.failure.cause is Cause.BUILD
    assert caught.value.failure.lines


def test_a_step_that_prints_what_a_broken_engine_says_is_still_the_authors(docker_bench: Bench):
    said = "dial tcp: no space left on device"
    with pytest.raises(RepositoryFault):
        docker_bench.build(f"FROM {BASE}\nWORKDIR /work\nRUN echo {said} && exit 1\n")


@pytest.mark.parametrize("folder", ["/", "/proc/x", "/dev", "/tmp"])
def test_an_image_whose_working_folder_cannot_hold_a_model_is_refused(
    docker_bench: Bench, folder: str
):
    with pytest.raises(RepositoryFault, match="working folder"):
        docker_bench.build(f"FROM {BASE}\nWORKDIR {folder}\n")


def test_an_image_with_a_volume_is_refused(docker_bench: Bench):
    with pytest.raises(RepositoryFault, match="volumes"):
        docker_bench.build(f"FROM {BASE}\nWORKDIR /work\nVOLUME /data\n")


def test_a_build_without_end_is_ended_for_its_time(docker_bench: Bench):
    started = time.monotonic()
    with pytest.raises(RepositoryFault) as caught:
        docker_bench.build(
            f"FROM {BASE}\nWORKDIR /work\nRUN echo begun && sleep 3001\n",
            limits=BuildLimits(seconds=3, log_bytes=10_000),
        )
    assert caught.value.failure.cause is Cause.TIMEOUT
    assert time.monotonic() - started < 15
    assert_gone("sleep 3001")


def test_a_cancelled_build_is_over_on_the_engine_too(docker_bench: Bench):
    def check() -> None:
        if "begun" in docker_bench.log.replace("echo begun", ""):
            raise Stopped

    with pytest.raises(Stopped):
        docker_bench.build(
            f"FROM {BASE}\nWORKDIR /work\nRUN echo begun && sleep 3002\n", check=check
        )
    assert_gone("sleep 3002")


def assert_gone(command: str) -> None:
    """No process of this machine, which is the engine's, runs `command` after a few seconds."""
    deadline = time.monotonic() + 10
    while subprocess.run(["pgrep", "-xf", command], capture_output=True, check=False).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_builds_log_is_bounded_and_its_failure_is_still_found(docker_bench: Bench):
    step = "seq 20000; echo at the end; exit 1"
    with pytest.raises(RepositoryFault) as caught:
        docker_bench.build(
            f"FROM {BASE}\nWORKDIR /work\nRUN {step}\n",
            limits=BuildLimits(seconds=100, log_bytes=5_000),
        )
    assert len(docker_bench.log) < 5_200
    assert "at the end" in caught.value.failure.lines
