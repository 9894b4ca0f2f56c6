"""A run's working folder, as its holder has it: made, filled, and outputs taken from it."""

import contextlib
import posixpath
import re
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import cast

from docker.errors import APIError
from docker.models.containers import Container
from docker.types import DriverConfig, Mount

from runners.containers.base import RunRequest
from runners.containers.collect import Refused, refusal, save_only_member, write_inject_tar
from runners.containers.docker.faults import create_fault
from runners.containers.docker.walls import USER
from runners.faults import Check, PlatformFault

# Where the holder has the working folder. Never the image's own path: mounted over /usr/bin it
# would put the author's programs in the place of ours.
HELD = "/held"
COLLECT_SECONDS = 120.0
TELL_TRIES = 5
# In one command, for each costs as much as half a container.
_TELLING = r"""
stat --printf='%n\0%f\0%s\0' -- "$@"
exec readlink --canonicalize-existing --zero -- "$@"
"""


@dataclass(frozen=True)
class Held:
    """A running holder and the volume that lives as long as it."""

    container: Container
    volume: str


@dataclass(frozen=True)
class _Seen:
    """A thing in the working folder: where the holder has it, its st_mode and its size in bytes.

    `plain` says that its path leads through no link and stays in the folder.
    """

    place: str
    mode: int
    size: int
    plain: bool


def new_working_folder(volume: str, request: RunRequest) -> Mount:
    """The folder as a holder mounts it: a tmpfs volume with caps on bytes and files."""
    options = (
        f"size={request.limits.workdir_bytes},nr_inodes={request.limits.files},"
        "mode=0755,nosuid,nodev"
    )
    tmpfs = {"type": "tmpfs", "device": "tmpfs", "o": options}
    labels = request.labels.as_dict()
    driver = DriverConfig("local", tmpfs)
    return Mount(HELD, volume, type="volume", no_copy=True, labels=labels, driver_config=driver)


def fill(held: Held, request: RunRequest) -> None:
    """Add files to the working folder, take old outputs out of it, and give it to its user."""
    if request.inject:
        _inject(held, request)
    ended = held.container.exec_run(_making_ready(request.collect))
    if ended.exit_code != 0:
        raise PlatformFault(f"The working folder could not be made ready: {ended.output!r}")


def collect(
    held: Held, request: RunRequest, check: Check
) -> tuple[dict[str, Path], dict[str, str]]:
    """Take the outputs, now that no process of the author's is left to change them."""
    files: dict[str, Path] = {}
    refused: dict[str, str] = {}
    room = request.limits.output_bytes
    deadline = time.monotonic() + COLLECT_SECONDS
    seen = _look_at(held, request.collect)
    for number, path in enumerate(request.collect):
        if path not in seen:
            continue
        check()
        target = request.into / f"out-{number:03}"
        try:
            room -= _take(held, seen[path], target, room=room, deadline=deadline)
            files[path] = target
        except Refused as reason:
            refused[path] = str(reason)
    return files, refused


def _inject(held: Held, request: RunRequest) -> None:
    with tempfile.TemporaryFile(dir=request.into) as packed:
        write_inject_tar(packed, request.inject, USER)
        packed.seek(0)
        try:
            held.container.put_archive(HELD, packed)
        except APIError as error:
            raise create_fault(error, request.limits) from error


def _making_ready(paths: Sequence[str]) -> list[str]:
    """The command that removes what stands at `paths` and changes the owner of all else.

    It goes through no link, and takes links.
    """
    places = (posixpath.normpath(posixpath.join(HELD, path)) for path in paths)
    # A pattern of find's that means the very path.
    exact = (re.sub(r"([][*?\\])", r"\\\1", place) for place in places)
    names = [word for place in exact for word in ("-o", "-path", place)][1:]
    removal = ["(", "!", "-type", "d", "(", *names, ")", "-delete", ")", "-o"] if names else []
    owner = ["-exec", "chown", "--no-dereference", f"{USER}:{USER}", "{}", "+"]
    return ["find", HELD, "-xdev", *removal, *owner]


def _told(held: Held, places: Iterable[str]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Name, mode and size of those of `places` that are there; then where they really are.

    An engine that is busy may lose what a program printed, and an output that was written would
    pass for one that was not. So the folder itself is told of as well, last of all, both times.
    Raises PlatformFault when that never comes.
    """
    for _ in range(TELL_TRIES):
        answer = held.container.exec_run(["sh", "-c", _TELLING, "sh", *places, HELD], stderr=False)
        said = cast("bytes", answer.output).decode("utf-8", "surrogateescape").split("\0")[:-1]
        words = iter(said)
        rows = list(takewhile(lambda row: row[0] != HELD, zip(words, words, words, strict=False)))
        resolved = list(words)
        if resolved[-1:] == [HELD]:
            return rows, resolved[:-1]
    raise PlatformFault("The container engine did not say what stands in the working folder.")


def _look_at(held: Held, paths: Sequence[str]) -> dict[str, _Seen]:
    """What stands at each of `paths`, as far as something does."""
    if not paths:
        return {}
    places = {posixpath.normpath(posixpath.join(HELD, path)): path for path in paths}
    listed, resolved = _told(held, places)
    plain = {place for place in resolved if place.startswith(HELD + "/")}
    return {
        places[place]: _Seen(place, int(mode, 16), int(size), place in plain)
        for place, mode, size in listed
    }


def _take(held: Held, seen: _Seen, target: Path, *, room: int, deadline: float) -> int:
    """Save one output; its size. Raises Refused when it is not what may be taken.

    All is settled before the stream begins: until it ends, the engine lets nothing else be asked
    of the holder.
    """
    reason = refusal(seen.mode, seen.size, room)
    if reason or not seen.plain:
        raise Refused(reason or "its path leads through a link or out of the working folder")
    stream, _ = held.container.get_archive(seen.place)
    with contextlib.closing(cast("Generator[bytes, None, None]", stream)):
        return save_only_member(stream, target, room=room, deadline=deadline)
