"""The image of a run as one file, as `docker load` and Apptainer read it. No Django."""

import time
from contextlib import closing
from pathlib import Path

from runners.containers.base import Engine
from runners.faults import PlatformFault
from runners.pushing import ImageLacking

SECONDS = 1800.0


class ImageTooLarge(Exception):
    """The file would be larger than the site keeps."""


def save(engine: Engine, *, image: str, target: Path, most_bytes: int) -> None:
    """Write the image of that id, and no other, to `target`.

    Raises ImageLacking and ImageTooLarge, and PlatformFault for what may go well later.
    """
    if engine.digest(image) != image:
        raise ImageLacking
    deadline, left = time.monotonic() + SECONDS, most_bytes
    with closing(engine.saved(image, seconds=SECONDS)) as pieces, target.open("wb") as file:
        for piece in pieces:
            left -= file.write(piece)
            if left < 0:
                raise ImageTooLarge
            if time.monotonic() > deadline:
                raise PlatformFault("The engine did not write out an image within its time.")
