"""Comparing images by their pixels: PNG, JPEG, TIFF, BMP and GIF, also of several frames."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runners.compare.as_npy import CHUNK
from runners.compare.finding import (
    File,
    Finding,
    Rules,
    compare_floats,
    differs,
    merged,
)
from runners.compare.unpack import unpacked

# Modes whose letters name their channels.
_LETTERS = ("RGB", "RGBA", "CMYK", "LA", "LAB", "HSV")


class Frame(NamedTuple):
    """One picture: the mode ("RGB", "L", "I;16") and its pixels, (height, width[, channels])."""

    mode: str
    pixels: NDArray[np.generic]

    @property
    def size(self) -> str:
        """Width and height in words."""
        height, width = self.pixels.shape[:2]
        return f"{width} × {height} pixels"

    def place(self, index: int) -> str:
        """Where a value stands, row and column from 0, with its channel: "pixel [12, 30], R"."""
        row, column, *channel = np.unravel_index(index, self.pixels.shape)
        names = self.mode if self.mode in _LETTERS else "0123"
        return f"pixel [{row}, {column}]" + "".join(f", {names[int(one)]}" for one in channel)


def compare_image(produced: File, expected: File, rules: Rules) -> Finding:
    """Same frames, size and mode; the values of pixels are numbers within the tolerance.

    Values are those of the mode: 0 to 255 with 8 bits, 0 to 65535 with 16, 0 or 1 with one. What
    has a palette is compared by its colours. `ignore` has no meaning here.
    """
    ours = frames_of(produced)
    theirs = ours if expected.data == produced.data else frames_of(expected)
    return compare_frames(ours, theirs, rules)


def frames_of(file: File) -> list[Frame]:
    """The frames of an image. Raises Unreadable."""
    return frames_of_all(file.name, [file.data])[0]


def frames_of_all(name: str, images: Sequence[bytes]) -> list[list[Frame]]:
    """The frames of several images of one file. Raises Unreadable when one of them is not sound."""
    if not images:
        return []
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, image in enumerate(images):
            archive.writestr(str(number), image)
    found: list[list[Frame]] = [[] for _ in images]
    for label, pixels in unpacked(File(name=name, data=packed.getvalue()), "images").items():
        place, _, mode = label.split(" ")
        found[int(place)].append(Frame(mode, pixels))
    return found


def compare_frames(ours: Sequence[Frame], theirs: Sequence[Frame], rules: Rules) -> Finding:
    """The frames of one image against those of the other."""
    if len(ours) != len(theirs):
        return differs("the image", f"{len(ours)} frames", f"{len(theirs)}")
    pairs = zip(ours, theirs, strict=True)
    found = [_compare_frame(mine, wanted, rules) for mine, wanted in pairs]
    return found[0] if len(found) == 1 else merged(_numbered(found))


def _numbered(found: list[Finding]) -> Iterator[Finding]:
    return (finding.within(f"frame {number}") for number, finding in enumerate(found))


def _compare_frame(produced: Frame, expected: Frame, rules: Rules) -> Finding:
    if produced.size != expected.size:
        return differs("the image", produced.size, expected.size)
    if produced.mode != expected.mode:
        return differs("the image", f"mode {produced.mode}", expected.mode)
    return merged(_chunks(produced, expected, rules))


def _chunks(produced: Frame, expected: Frame, rules: Rules) -> Iterator[Finding]:
    ours, theirs = produced.pixels.reshape(-1), expected.pixels.reshape(-1)

    def name_from(start: int) -> Callable[[int], str]:
        return lambda i: expected.place(start + i)

    for start in range(0, len(theirs), CHUNK):
        part = slice(start, start + CHUNK)
        yield compare_floats(ours[part], theirs[part], rules, name_from(start))
