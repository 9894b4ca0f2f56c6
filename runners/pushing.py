"""Verified images on their way to the site's registry, and out of it again. No Django.

https://distribution.github.io/distribution/spec/api/
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from runners.containers.base import Engine
from runners.faults import PlatformFault

PUSH_SECONDS = 3600
_SECONDS = 10.0
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
# What docker calls the things of a manifest, and the specification: the bytes are the same.
_AS_SPECIFIED = {
    "application/vnd.docker.container.image.v1+json": "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": (
        "application/vnd.oci.image.layer.v1.tar+gzip"
    ),
}


class ImageLacking(Exception):
    """The engine of this worker does not hold the image."""


@dataclass(frozen=True, kw_only=True)
class ImageRegistry:
    """A registry of images: its name for engines, its address for us, and who makes our tokens.

    `token(repository, actions, seconds)` lets its bearer do that.
    """

    host: str
    url: str
    token: Callable[[str, tuple[str, ...], int], str]


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """An image as it is at the registry: its manifest's digest, and what a pull takes, in bytes."""

    digest: str
    size: int


def pushed(
    engine: Engine,
    registry: ImageRegistry,
    *,
    image: str,
    repository: str,
    tag: str,
    annotations: Mapping[str, str],
) -> Pushed:
    """Push the image that a run saw, and no other; what is there then.

    1. See that the registry answers, before an engine waits for it, and that this engine has it.
    2. Have the engine push it.
    3. Hold what is there now against the image that was verified.
    4. Put a manifest of the same parts in its place that bears the annotations.

    Raises ImageLacking, and PlatformFault for what may go well later.
    """
    client = _Client(registry, repository, ("pull", "push", "delete"))
    client.greet()
    if engine.digest(image) != image:
        raise ImageLacking
    plain = engine.push(
        image,
        name=f"{registry.host}/{repository}",
        tag=tag,
        token=registry.token(repository, ("pull", "push"), PUSH_SECONDS),
        seconds=PUSH_SECONDS,
    )
    manifest = client.manifest(plain)
    if image not in (manifest["config"]["digest"], plain):
        raise PlatformFault(f"The registry has another image than {image} under {plain}.")
    digest = client.put_manifest(_annotated(manifest, annotations), tag)
    if digest != plain:
        client.remove(plain)
    return Pushed(digest=digest, size=_size_of(manifest))


def remove_image(registry: ImageRegistry, *, repository: str, digest: str) -> None:
    """Remove an image from the registry; one that is gone already is fine. Raises PlatformFault.

    Its bytes go when the registry's operator has them collected.
    """
    _Client(registry, repository, ("delete",)).remove(digest)


@dataclass(frozen=True)
class _Client:
    """What we ask of one repository, each time with a token of its own."""

    registry: ImageRegistry
    repository: str
    actions: tuple[str, ...]

    def greet(self) -> None:
        self._ask("GET", "")

    def manifest(self, digest: str) -> dict[str, Any]:
        headers = {"Accept": f"{_DOCKER_MANIFEST}, {_MANIFEST}"}
        found: dict[str, Any] = self._ask("GET", self._manifest_at(digest), headers=headers).json()
        return found

    def put_manifest(self, manifest: Mapping[str, Any], tag: str) -> str:
        """The digest under which it is there from now on."""
        body = json.dumps(manifest, sort_keys=True).encode()
        self._ask("PUT", self._manifest_at(tag), headers={"Content-Type": _MANIFEST}, data=body)
        return f"sha256:{hashlib.sha256(body).hexdigest()}"

    def remove(self, digest: str) -> None:
        self._ask("DELETE", self._manifest_at(digest), gone_is_fine=True)

    def _manifest_at(self, reference: str) -> str:
        return f"{self.repository}/manifests/{reference}"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        gone_is_fine: bool = False,
    ) -> requests.Response:
        token = self.registry.token(self.repository, self.actions, int(_SECONDS) * 6)
        try:
            answer = requests.request(
                method,
                f"{self.registry.url}/v2/{path}",
                headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                data=data,
                timeout=_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise PlatformFault(f"The registry of images cannot be reached: {error}") from error
        is_gone = answer.status_code == requests.codes.not_found
        if not answer.ok and not (is_gone and gone_is_fine):
            said = answer.text[:300]
            raise PlatformFault(f"The registry of images answered {answer.status_code}: {said}")
        return answer


def _annotated(manifest: Mapping[str, Any], annotations: Mapping[str, str]) -> dict[str, Any]:
    """The same image as the OCI specification writes it; its id is that of its configuration."""
    return {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _as_specified(manifest["config"]),
        "layers": [_as_specified(layer) for layer in manifest["layers"]],
        "annotations": dict(annotations),
    }


def _as_specified(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = part["mediaType"]
    return {**part, "mediaType": _AS_SPECIFIED.get(kind, kind)}


def _size_of(manifest: Mapping[str, Any]) -> int:
    return sum(int(part["size"]) for part in (manifest["config"], *manifest["layers"]))
