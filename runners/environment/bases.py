"""Which image serves which Python. A site may make some of them itself (`make base-images`)."""

from collections.abc import Callable, Mapping

DEFAULT_IMAGE = "python:3.11-slim-bookworm"
# The first that the engine holds is taken. Every name ends with the release of Debian or Ubuntu
# that is inside: system packages are named differently in each. Official images are on Debian; a
# site without a hub can have 3.8, 3.10 and 3.12 only from Ubuntu, and those names say so.
BASES: Mapping[str, tuple[str, ...]] = {
    "3.14": ("python:3.14-slim-trixie",),
    "3.13": ("python:3.13-slim-trixie",),
    "3.12": ("python:3.12-slim-bookworm", "python:3.12-slim-noble"),
    "3.11": (DEFAULT_IMAGE,),
    "3.10": ("python:3.10-slim-bookworm", "python:3.10-slim-jammy"),
    "3.9": ("python:3.9-slim-bullseye",),
    "3.8": ("python:3.8-slim-bookworm", "python:3.8-slim-focal"),
}
SUITES = ("focal", "bullseye", "jammy", "bookworm", "noble", "trixie")
# What an author's Dockerfile may start from: plain language and system images, no one's own.
ALLOWED_BASES: tuple[str, ...] = ("python:*", "debian:*", "ubuntu:*", "scratch")


def bases_held(has_image: Callable[[str], bool]) -> dict[str, str]:
    """The Pythons ("3.11") whose images the engine holds, each with its image."""
    held = {python: next(filter(has_image, images), "") for python, images in BASES.items()}
    return {python: image for python, image in held.items() if image}


def suite_of(image: str) -> str:
    """The release of Debian or Ubuntu in an image of the table; of another, the default's."""
    suite = image.rpartition("-")[2]
    return suite if suite in SUITES else suite_of(DEFAULT_IMAGE)
