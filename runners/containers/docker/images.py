"""Images as the engine describes, imports and pushes them."""

import posixpath
import tarfile
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker

from registry.spec.ladder import Cause
from runners.containers.base import Image
from runners.faults import PlatformFault, RepositoryFault


def checked_image(image: Mapping[str, Any]) -> Image:
    """The engine's description as a value. Raises RepositoryFault for an image nobody can run."""
    if image["Config"].get("Volumes"):
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "The image declares volumes, which would give its programs a disk without a limit.",
            hint="Build on a base image without a VOLUME instruction.",
        )
    workdir = checked_workdir(image["Config"].get("WorkingDir") or "")
    return Image(digest=image["Id"], workdir=workdir, size=image["Size"])


def checked_workdir(workdir: str) -> str:
    """`workdir` if a folder can be put there. Raises RepositoryFault otherwise."""
    path = posixpath.normpath("/" + workdir.lstrip("/"))
    top = path.split("/")[1]
    if top in {"", "proc", "sys", "dev"} or path == "/tmp":  # noqa: S108 — a name to refuse
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            f"The image's working folder is “{workdir or '/'}”, where no model can be put.",
            hint="Say in the Dockerfile where the model lies, for instance WORKDIR /work.",
        )
    return path


def start_folder(workdir: str, folder: str) -> str:
    """Where in the image a command starts. Raises RepositoryFault outside of the repository."""
    path = posixpath.normpath(posixpath.join(workdir, folder))
    if path != workdir and not path.startswith(workdir + "/"):
        raise RepositoryFault(
            Cause.UNSUPPORTED, f"The folder “{folder}” lies outside of the repository."
        )
    return path


def import_wheels(client: docker.DockerClient, files: Sequence[Path], name: str) -> None:
    """Make an image that holds nothing but these files."""
    repository, _, tag = name.partition(":")
    with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
        with tarfile.open(packed.name, "w") as archive:
            for file in files:
                archive.add(file, arcname=file.name)
        client.api.import_image_from_file(packed.name, repository=repository, tag=tag)


def digest_of_push(said: Iterable[Mapping[str, Any]], deadline: float) -> str:
    """The digest that a push ends with. Raises PlatformFault where it ends otherwise."""
    digest = ""
    for line in said:
        if "error" in line:
            raise PlatformFault(f"The registry did not take an image: {line['error']}")
        if time.monotonic() > deadline:
            raise PlatformFault("The registry did not take an image within its time.")
        digest = line.get("aux", {}).get("Digest", digest)
    if not digest:
        raise PlatformFault("The engine does not say under which digest it pushed an image.")
    return str(digest)
