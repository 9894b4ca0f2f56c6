"""A program of its own: HDF5 or images on standard input, their arrays as .npz on output.

The libraries that read such files are written in C, and the files come from hostile code. So
runners.compare.unpack starts this program, with an empty environment, for each file. It imports
what it needs, gives up every right that it does not need any more (after that it can open no file
and no connection), and only then looks at the file. It imports nothing of ours.

It ends with 0 and the arrays, or with 1 and what is wrong with the file, to follow its name.
"""

import codecs
import io
import math
import resource
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence, TiffImagePlugin

_CPU_SECONDS = 60
_MEMORY_BYTES = 2 * 2**30
_MAX_ARRAYS = 1000
_MAX_DEPTH = 50
_MAX_FRAMES = 100
_MAX_REASON = 200
_FORMATS = ("PNG", "JPEG", TiffImagePlugin.TiffImageFile.format, "BMP", "GIF")

Arrays = dict[str, NDArray[np.generic]]
Named = Iterator[tuple[str, NDArray[np.generic]]]


class Refused(Exception):
    """What is wrong with a file, as words that follow its name."""


class Budget:
    """How many bytes of arrays may still be unpacked."""

    def __init__(self, limit: int) -> None:
        self._limit = self._left = limit

    def take(self, size: int) -> None:
        """Count `size` bytes, before they are unpacked. Raises Refused."""
        self._left -= size
        if self._left < 0:
            raise Refused(f"unpacks to more than {self._limit // 10**6} MB")


def main() -> int:
    """`unpacker.py KIND LIMIT IGNORED…` for standard input and output."""
    kind, limit, *ignored = sys.argv[1:]
    _prepare()
    _give_up_rights(int(limit))
    try:
        data = sys.stdin.buffer.read()
        arrays = dict(_READERS[kind](data, Budget(int(limit)), frozenset(ignored)))
    except Refused as reason:
        return _refuse(str(reason))
    except Exception:  # noqa: BLE001 — whatever a library makes of a hostile file
        return _refuse(f"is not a sound {_NAMES[kind]}")
    _write(arrays)
    return 0


def _prepare() -> None:
    """Do now what opens files of ours: what a library would only import when it is needed."""
    warnings.simplefilter("ignore")
    Image.preinit()
    for encoding in ("ascii", "cp437", "latin-1", "utf-8"):
        codecs.lookup(encoding)


def _give_up_rights(limit: int) -> None:
    """No file, no connection, no process; little memory and time. There is no way back."""
    limits = {
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_CPU: _CPU_SECONDS,
        resource.RLIMIT_FSIZE: 2 * limit,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def _refuse(reason: str) -> int:
    sys.stdout.buffer.write(reason[:_MAX_REASON].encode("utf-8", "replace"))
    return 1


def _write(arrays: Arrays) -> None:
    with zipfile.ZipFile(sys.stdout.buffer, "w") as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def _hdf5(data: bytes, budget: Budget, ignored: frozenset[str]) -> Named:
    """Every dataset by its path; of a link within the file, the path that it leads to."""
    with h5py.File(h5py.h5f.open_file_image(data)) as file:
        waiting: list[tuple[str, int, h5py.Group]] = [("", 0, file)]
        for place, depth, one in _walk(waiting, ignored):
            if isinstance(one, h5py.SoftLink):
                yield place, np.array(f"→ {one.path}")
            elif isinstance(one, h5py.ExternalLink):
                raise Refused(f"leads to another file at {place}")
            elif isinstance(one, h5py.Dataset):
                yield place, _dataset(one, place, budget)
            elif isinstance(one, h5py.Group):
                waiting.append((place, depth, one))


def _walk(
    waiting: list[tuple[str, int, h5py.Group]], ignored: frozenset[str]
) -> Iterator[tuple[str, int, Any]]:
    """All that is not ignored in the groups that wait. A group within itself is soon too deep."""
    seen = 0
    while waiting:
        path, depth, group = waiting.pop()
        if depth > _MAX_DEPTH:
            raise Refused(f"has groups nested more than {_MAX_DEPTH} deep")
        for name in group:
            seen += 1
            if seen > _MAX_ARRAYS:
                raise Refused(f"holds more than {_MAX_ARRAYS} datasets and groups")
            place = f"{path}/{name}".removeprefix("/")
            if place not in ignored:
                link = group.get(name, getlink=True)
                yield place, depth + 1, group[name] if isinstance(link, h5py.HardLink) else link


def _dataset(dataset: h5py.Dataset, place: str, budget: Budget) -> NDArray[np.generic]:
    if dataset.is_virtual or dataset.external:
        raise Refused(f"takes the dataset {place} from other files")
    if dataset.shape is None:
        return np.empty(0)
    count = math.prod(map(int, dataset.shape))
    text = h5py.check_string_dtype(dataset.dtype)
    if text and text.length is None:
        budget.take(count * dataset.dtype.itemsize)
        return _texts(dataset[()], count, budget)
    if dataset.dtype.kind not in "biufcS":
        raise Refused(
            f"has records, references or other objects in the dataset {place}; "
            "save plain numbers, or name it in `ignore`"
        )
    budget.take(count * dataset.dtype.itemsize)
    # The type alone: h5py hangs the names of an enumeration on it.
    return np.asarray(dataset[()]).astype(np.dtype(dataset.dtype.str), copy=False)


def _texts(values: Any, count: int, budget: Budget) -> NDArray[np.generic]:  # noqa: ANN401 — h5py's
    """Texts of any length as numpy keeps them, each as long as the longest."""
    texts = np.asarray(values, dtype=object)
    longest = max((len(text) for text in texts.flat), default=0)
    budget.take(count * max(longest, 1))
    return texts.astype(f"S{max(longest, 1)}")


def _images(data: bytes, budget: Budget, _ignored: frozenset[str]) -> Named:
    """Every frame of every image in a zip archive of ours, as "IMAGE FRAME MODE"."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            for frame, pixels in _frames(archive.read(name), budget):
                yield f"{name} {frame}", pixels


def _frames(data: bytes, budget: Budget) -> Named:
    """Every frame by its number and the mode of its pixels, shape (height, width[, channels])."""
    Image.MAX_IMAGE_PIXELS = _MEMORY_BYTES // 8
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            if number >= _MAX_FRAMES:
                raise Refused(f"holds more than {_MAX_FRAMES} frames")
            budget.take(4 * frame.width * frame.height)
            pixels = _plain(frame)
            yield f"{number} {pixels.mode}", np.asarray(pixels)


def _plain(frame: Image.Image) -> Image.Image:
    """A frame whose pixels say what is seen: colours instead of places in a palette."""
    # Pillow would keep one byte of two, and a difference in the other would go unseen.
    if len(frame.getbands()) > 1 and ";16" in str(getattr(frame, "tile", "")):
        raise Refused("has colours of 16 bits, which are compared only byte for byte")
    if frame.mode not in ("P", "PA"):
        return frame
    seen_through = frame.mode == "PA" or "transparency" in frame.info
    return frame.convert("RGBA" if seen_through else "RGB")


_READERS: Mapping[str, Callable[[bytes, Budget, frozenset[str]], Named]] = {
    "hdf5": _hdf5,
    "images": _images,
}
_NAMES = {"hdf5": "HDF5 file", "images": "image"}

if __name__ == "__main__":
    sys.exit(main())
