"""A whole site by docker compose: it comes up, and a model published over HTTP is verified."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.services import free_port

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "lotka-volterra"
BASE_IMAGE = "python:3.11-slim-bookworm"
SERVICES = ("web", "worker", "worker-light", "beat", "redis", "postgresql", "registry")
OFFICIAL_IMAGES = {
    "REPRISE_REDIS_IMAGE": "redis:7-bookworm",
    "REPRISE_POSTGRES_IMAGE": "postgres:15-bookworm",
    "REPRISE_REGISTRY_IMAGE": "registry:2",
}
GIT_HOST, GIT_PORT = "models.test", 8080
# Bound the whole: building images for the first time takes most of it.
START_SECONDS, VERIFY_SECONDS = 180, 420

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]


def output(*command: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def until(found: Callable[[], Any], *, seconds: float, what: str) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(1)
    raise AssertionError(f"{what} did not come within {seconds} s")


def compose_program() -> tuple[str, ...]:
    """Version 2 where the client has it, else Debian bookworm's version 1."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return ("docker", "compose") if plugin.returncode == 0 else ("docker-compose",)


@dataclass(frozen=True)
class Site:
    """A running compose project: its name, its port on this machine, its environment."""

    project: str
    port: int
    environment: Mapping[str, str]

    def compose(self, *arguments: str) -> str:
        return output(
            *compose_program(), "-p", self.project, *arguments, environment=self.environment
        )

    def health(self, service: str) -> str:
        container = self.compose("ps", "--quiet", service)
        return output("docker", "inspect", "--format", "{{.State.Health.Status}}", container)

    def request(
        self, path: str, *, token: str = "", body: Mapping[str, Any] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def api(self, path: str, **options: Any) -> Any:
        return json.loads(self.request(f"/api/v1/{path}", **options)[0])

    def shell(self, code: str) -> str:
        """The last line that `code` prints inside the web container."""
        printed = self.compose(
            "exec", "-T", "web", "python", "manage.py", "shell", "--no-imports", "-c", code
        )
        return printed.splitlines()[-1]


def site_environment(project: str, port: int) -> dict[str, str]:
    socket_group = Path("/var/run/docker.sock").stat().st_gid
    registry_port = str(free_port())
    own = {
        "REPRISE_SECRET_KEY": uuid.uuid4().hex,
        "REPRISE_POSTGRES_PASSWORD": uuid.uuid4().hex,
        "REPRISE_DOCKER_GID": str(socket_group),
        "REPRISE_REGISTRY_PORT": registry_port,
        "REPRISE_REGISTRY": f"127.0.0.1:{registry_port}",
        "REPRISE_BIND": f"127.0.0.1:{port}",
        "REPRISE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REPRISE_SITE_NAME": project,
        "REPRISE_SOURCE_ALLOW": f"{GIT_HOST}:{GIT_PORT}",
        "REPRISE_IMAGE": f"{project}:latest",
        "REPRISE_INDEX_URL": os.environ.get("REPRISE_INDEX_URL", ""),
        "REPRISE_CA_BUNDLE": os.environ.get("REPRISE_CA_BUNDLE", ""),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REPRISE_")}
    return {**kept, **service_images(), **own}


def is_held(image: str) -> bool:
    """Whether the engine holds an image, or a hub gives it."""
    asked = ["docker", "image", "inspect", image], ["docker", "pull", "--quiet", image]
    return any(
        subprocess.run(command, capture_output=True, check=False).returncode == 0
        for command in asked
    )


def service_images() -> dict[str, str]:
    """The official images; where no hub answers, ours under other names, made from packages."""
    if all(is_held(image) for image in OFFICIAL_IMAGES.values()):
        return OFFICIAL_IMAGES
    ours = {name: f"reprise-test-{image}" for name, image in OFFICIAL_IMAGES.items()}
    output("ops/base-images", "--services", environment={**os.environ, **ours})
    return ours


def remove_images(site: Site) -> None:
    """The portal's image, and the images of the models that its workers built."""
    of_site = f"label=org.reprise.site={site.project}"
    built = output("docker", "image", "ls", "--quiet", "--no-trunc", "--filter", of_site).split()
    output("docker", "image", "rm", "--force", site.environment["REPRISE_IMAGE"], *built)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    project, port = f"reprise-test-{uuid.uuid4().hex[:8]}", free_port()
    site = Site(project, port, site_environment(project, port))
    output("ops/image", environment=site.environment)
    try:
        site.compose("--profile", "registry", "up", "--detach", "--no-build")
        yield site
    finally:
        # pytest shows it when a test failed
        sys.stdout.write(site.compose("logs", "--no-color", "--tail", "100"))
        site.compose("--profile", "registry", "down", "--volumes", "--timeout", "20")
        remove_images(site)


@pytest.fixture(scope="module")
def repository(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address, on the project's own network, of a repository that a container serves."""
    folder = tmp_path_factory.mktemp("repository")
    make_repository(folder)
    name = f"{site.project}-git"
    network = f"{site.project}_default"
    output(
        *("docker", "create", "--name", name, "--network", network),
        *("--network-alias", GIT_HOST, BASE_IMAGE),
        *("python3", "/srv/git_server.py", "/srv/repositories", str(GIT_PORT)),
    )
    try:
        output("docker", "cp", str(Path(__file__).parent / "git_server.py"), f"{name}:/srv")
        output("docker", "cp", str(folder / "repositories"), f"{name}:/srv")
        output("docker", "start", name)
        yield f"http://{GIT_HOST}:{GIT_PORT}/lotka-volterra.git"
    finally:
        output("docker", "rm", "--force", "--volumes", name)


def make_repository(folder: Path) -> None:
    tree, bare = folder / "tree", folder / "repositories" / "lotka-volterra.git"
    shutil.copytree(EXAMPLE, tree)
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@models.test")
    output("git", "init", "--quiet", "--initial-branch", "main", str(tree))
    output("git", "-C", str(tree), "add", ".")
    output("git", "-C", str(tree), *author, "commit", "--quiet", "--message", "A model.")
    output("git", "clone", "--quiet", "--bare", str(tree), str(bare))


def make_token(site: Site) -> str:
    return site.shell(
        "from registry.models import User\n"
        "from registry.services.tokens import SCOPES, token_create\n"
        "ada = User.objects.create_user('ada', 'ada@models.test', 'correct horse battery')\n"
        "print(token_create(user=ada, name='test', scopes=SCOPES, expires_at=None)[1])"
    )


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    until(lambda: site.health("web") == "healthy", seconds=START_SECONDS, what="the portal")
    return make_token(site)


@pytest.fixture(scope="module")
def finished_run(site: Site, repository: str, token: str) -> dict[str, Any]:
    """An example published over HTTP, and its run when it has ended."""
    entry = site.api("models/", token=token, body={"address": repository})
    model = f"models/{entry['accession']}/"
    until(lambda: is_read(site, model, token), seconds=START_SECONDS, what="the inspection")
    run = site.api(f"{model}publish/", token=token, body={})
    path = f"runs/{run['id']}/"
    until(
        lambda: site.api(path)["state"] == "finished", seconds=VERIFY_SECONDS, what="the run's end"
    )
    return {"accession": entry["accession"], **site.api(path)}


def is_read(site: Site, model: str, token: str) -> bool:
    draft = site.api(model, token=token)["draft_version"]
    assert draft["state"] != "failed", draft["failure"]
    return draft["state"] == "ready"


def test_a_model_published_over_http_is_reproduced(finished_run):
    assert finished_run["outcome"] == "reproduced", finished_run["explanation"]


def test_its_badge_says_so(site, finished_run):
    badge, headers = site.request(f"/models/{finished_run['accession']}/badge.svg")

    assert b"reproduced" in badge
    assert headers["Content-Type"].startswith("image/svg+xml")


def test_the_web_server_gives_the_evidence_that_a_worker_stored(site, finished_run):
    report = json.loads(site.request(f"/api/v1/runs/{finished_run['id']}/report/")[0])

    assert report["outcome"] == "reproduced"


def test_the_archive_of_the_model_can_be_fetched(site, finished_run):
    path = f"/api/v1/models/{finished_run['accession']}/versions/1/archive/"
    assert site.request(path)[0].startswith(b"\x1f\x8b")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_that_it_is_well(site, finished_run, service):
    until(lambda: site.health(service) == "healthy", seconds=120, what=f"health of {service}")


def test_docker_pulls_the_verified_image_from_the_sites_registry(site, finished_run):
    path = f"runs/{finished_run['id']}/"
    image = until(lambda: site.api(path)["image"], seconds=VERIFY_SECONDS, what="the pushed image")
    verified = site.api(f"{path}report/")["environment"]["image_digest"]

    output("docker", "pull", image["reference"])

    revision = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
    told = ("docker", "image", "inspect", "--format", f"{{{{.Id}}}} {revision}")
    assert output(*told, image["reference"]) == f"{verified} {finished_run['commit']}"
