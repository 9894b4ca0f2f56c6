"""What the engine's faults mean: whose they are, and what is said of them."""

import contextlib
from collections.abc import Iterator

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from registry.spec.ladder import Cause
from runners.containers.base import RunLimits
from runners.containers.docker.walls import USER
from runners.faults import PlatformFault, RepositoryFault

ENGINE_ERRORS = (DockerException, RequestException, HTTPError)


@contextlib.contextmanager
def engine_at_fault(sentence: str) -> Iterator[None]:
    """Turn what the SDK and its transport raise into PlatformFault."""
    try:
        yield
    except ENGINE_ERRORS as error:
        raise PlatformFault(f"{sentence}: {error}") from error


def create_fault(error: APIError, limits: RunLimits) -> Exception:
    """Whose fault it is that a container could not be created or filled."""
    if "no space left on device" in str(error).lower():
        return RepositoryFault(
            Cause.RESOURCES,
            f"The model's own files and inputs do not fit into its working folder of "
            f"{limits.workdir_bytes:,} bytes and {limits.files:,} files.",
            hint="Leave large data out of the repository and the image; take smaller inputs.",
        )
    if "is not a directory" in str(error):
        return no_start_folder()
    return error


def no_start_folder() -> RepositoryFault:
    """The fault of a folder to start in that cannot be entered."""
    return RepositoryFault(
        Cause.UNSUPPORTED,
        "The folder in which the command should start is no folder in the image, or is closed to "
        f"the user (number {USER}) who runs it.",
        hint="Check the working folder; in a Dockerfile, keep the model out of /root.",
    )
