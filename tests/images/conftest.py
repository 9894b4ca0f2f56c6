"""A registry that asks the tests' own portal for permissions, a worker beside it, and docker."""

import io
import os
import re
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as site

from ops.services import ImageRegistry, image_registry
from registry.image_tokens import NAME, certificate_pem
from registry.models import PushedImage, User
from registry.services.tokens import token_create
from registry.spec.evidence import Environment, Inference, Report
from tests.registry import registry_helpers as scenery

SITE_LABEL = "org.reprise.site"


@dataclass(frozen=True)
class Docker:
    """The unmodified client, with credentials of its own that are thrown away."""

    config: Path

    def __call__(self, *words: str, typed: str = "", fails: bool = False) -> str:
        """What it prints on both; `fails` says that it must."""
        done = subprocess.run(
            ["docker", "--config", str(self.config), *words],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, said
        return said.strip()

    def image_id(self, name: str) -> str:
        return self("image", "inspect", "--format", "{{.Id}}", name)

    def forget(self, *names: str) -> None:
        """Remove what it holds, so that a pull has something to do."""
        self("image", "rm", "--force", *names)


@pytest.fixture
def docker(tmp_path: Path) -> Docker:
    return Docker(tmp_path / "docker")


def bearer(url: str, repository: str, **credentials: Any) -> str:
    """A token to pull, as the portal gives it to whoever asks."""
    scope = {"scope": f"repository:{repository}:pull"}
    answer = requests.get(f"{url}/registry/token", params=scope, timeout=10, **credentials)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


@dataclass(frozen=True)
class Registry:
    """The registry, as a program reaches its API."""

    running: ImageRegistry

    @property
    def host(self) -> str:
        return self.running.host

    def manifest(self, repository: str, reference: str, token: str) -> requests.Response:
        accept = "application/vnd.oci.image.manifest.v1+json"
        return requests.get(
            f"http://{self.host}/v2/{repository}/manifests/{reference}",
            headers={"Authorization": f"Bearer {token}", "Accept": accept},
            timeout=10,
        )

    @property
    def bytes(self) -> int:
        """What its blobs take on disk."""
        return sum(file.stat().st_size for file in self.running.data.rglob("data"))


@pytest.fixture(scope="module")
def running(live_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageRegistry]:
    certificate = tmp_path_factory.mktemp("certificate") / "site.pem"
    certificate.write_bytes(certificate_pem())
    realm = f"{live_server.url}/registry/token"
    auth = {"realm": realm, "service": NAME, "issuer": NAME, "rootcertbundle": str(certificate)}
    with image_registry(auth) as running:
        yield running


@pytest.fixture
def registry(running: ImageRegistry, settings: Any) -> Registry:
    settings.REGISTRY = settings.REGISTRY_PUSH = running.host
    settings.REGISTRY_URL = f"http://{running.host}"
    return Registry(running)


@pytest.fixture(scope="module")
def importing() -> Iterator[Callable[..., str]]:
    """Makes images of programs of this machine and of files, by their path. Gives their ids."""
    made = []

    def make(
        files: dict[str, bytes], *, programs: tuple[str, ...], change: tuple[str, ...] = ()
    ) -> str:
        # Not the site's name: a temporary folder may be called as no image can be.
        name = f"reprise-test-images:{uuid.uuid4().hex[:10]}"
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for place, file in _with_libraries(programs).items():
                tar.add(os.path.realpath(file), arcname=place)
            for place, content in files.items():
                entry = tarfile.TarInfo(place)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        changes = [f"LABEL {SITE_LABEL}={site.SITE_NAME}", *change]
        words = [word for one in changes for word in ("--change", one)]
        command = ["docker", "import", *words, "-", name]
        done = subprocess.run(command, input=packed.getvalue(), capture_output=True, check=True)
        made.append(done.stdout.decode().strip())
        return made[-1]

    yield make
    # Some are gone already, and some were pulled again.
    subprocess.run(["docker", "image", "rm", "--force", *made], capture_output=True, check=False)


def _with_libraries(programs: tuple[str, ...]) -> dict[str, str]:
    """Where programs and what they link to belong in an image, and where each is here."""
    found = {f"bin/{name}": shutil.which(name) or "" for name in programs}
    for file in tuple(found.values()):
        linked = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        found |= {one.lstrip("/"): one for one in re.findall(r"(/\S+) \(0x", linked)}
    return found


@pytest.fixture(scope="module")
def built(importing: Callable[..., str]) -> Callable[[], str]:
    """Makes images of one static program and a file of noise; each another one. Gives their ids."""
    return lambda: importing({"noise": os.urandom(100_000)}, programs=("docker-init",))


@dataclass
class Model:
    """A published model with a verdict, whose image waits to be pushed."""

    owner: User
    entry: Any
    run: Any
    image: str

    @property
    def pushed(self) -> PushedImage:
        return PushedImage.objects.get(pk=self.run.pk)

    def verified_again(self, image: str) -> None:
        """Another run, in another image or the same."""
        self.image, self.run = image, scenery.queued(self.entry)
        scenery.verified(self.run, seen_in(image))


def seen_in(image: str) -> Report:
    """What a run in an image saw, whose declared command asks its one program for its version."""
    ran = Inference(
        repetition=1, command=("/bin/docker-init", "--version"), exit_code=0, seconds=0.1
    )
    return scenery.report(environment=Environment(image_digest=image), inference=(ran,))


def model_of(owner: User, image: str) -> Model:
    entry, run = scenery.published(owner)
    scenery.verified(run, seen_in(image))
    return Model(owner, entry, run, image)


def api_token(user: User) -> str:
    return token_create(user=user, name="docker", scopes=(), expires_at=None)[1]
