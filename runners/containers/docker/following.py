"""A container from its start to its end, as it is watched from outside."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, cast

from docker.errors import APIError
from docker.models.containers import Container

from runners.containers.base import RunLimits
from runners.containers.docker.faults import engine_at_fault, no_start_folder
from runners.containers.docker.leftovers import try_removing
from runners.containers.follow import BoundedText, Followed, follow
from runners.containers.meter import memory_used
from runners.faults import Check, LogSink

SIGKILL_EXIT = 137
OOM_NOTICE_SECONDS = 0.3


def follow_container(
    container: Container, limits: RunLimits, text: BoundedText, log: LogSink, check: Check
) -> Followed:
    """Start the container and stay with it to its end."""
    with _attached(container) as output:
        _start(container)
        return follow(
            output=output,
            wait=lambda: int(container.wait(timeout=None)["StatusCode"]),
            kill=lambda: _end(container),
            text=text,
            seconds=limits.seconds,
            log=log,
            check=check,
        )


def memory_of(container: Container) -> int | None:
    """The bytes that the container has in use; None before its start and after its end."""
    with engine_at_fault("The container engine did not say how much memory is in use"):
        answer = container.stats(stream=False, one_shot=True)
        return memory_used(cast("dict[str, Any]", answer))


def ran_out_of_memory(container: Container, exit_code: int | None) -> bool:
    """Whether the kernel ended a process of the container for its memory.

    The exit code alone tells neither way: 0 when only a child was ended, 137 for any SIGKILL. The
    engine may learn of it just after the end.
    """
    killed = bool(_state(container)["OOMKilled"])
    if killed or exit_code != SIGKILL_EXIT:
        return killed
    time.sleep(OOM_NOTICE_SECONDS)
    return bool(_state(container)["OOMKilled"])


@contextlib.contextmanager
def _attached(container: Container) -> Iterator[Iterator[bytes]]:
    """The container's output from its first byte on, whatever the log driver keeps.

    It has to be read to its end: the engine lets a program wait whose output nobody takes.
    """
    output = container.attach(stream=True, stdout=True, stderr=True)
    try:
        yield output
    finally:
        with contextlib.suppress(OSError):  # the engine has closed it already
            output.close()


def _start(container: Container) -> None:
    """Start. Raises RepositoryFault when the folder to start in cannot be entered."""
    try:
        container.start()
    except APIError as error:
        if "chdir" not in str(error):
            raise
        raise no_start_folder() from error


def _end(container: Container) -> None:
    """Kill from outside: what stands as the container's first process may ignore anything less."""
    try_removing(container.kill)


def _state(container: Container) -> dict[str, Any]:
    """The container's state as the engine sees it now."""
    container.reload()
    return dict((container.attrs or {})["State"])
