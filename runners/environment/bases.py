"""Which image serves which Python. A site may build the same names itself (`make base-images`)."""

from collections.abc import Callable

BASES: dict[str, str] = {
    "3.14": "python:3.14-slim-trixie",
    "3.13": "python:3.13-slim-trixie",
    "3.12": "python:3.12-slim-bookworm",
    "3.11": "python:3.11-slim-bookworm",
    "3.10": "python:3.10-slim-bookworm",
    "3.9": "python:3.9-slim-bullseye",
}
DEFAULT_PYTHON = "3.11"
# What an author's Dockerfile may start from: plain language and system images, no one's own.
ALLOWED_BASES: tuple[str, ...] = ("python:*", "debian:*", "ubuntu:*", "scratch")


def bases_held(has_image: Callable[[str], bool]) -> dict[str, str]:
    """The part of the table whose images the engine holds."""
    return {python: image for python, image in BASES.items() if has_image(image)}


def nearest(wanted: str, available: list[str]) -> str:
    """The available Python nearest to `wanted` (both "3.x"), the newer of two as near."""
    minor = int(wanted.split(".")[1])
    return min(available, key=lambda have: (abs(int(have.split(".")[1]) - minor), -int(have[2:])))
