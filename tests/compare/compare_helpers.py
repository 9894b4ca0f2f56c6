"""What the comparison tests share."""

import base64
import io
import json
from collections.abc import Callable

import h5py
import numpy as np
from PIL import Image

from registry.spec.evidence import Comparison
from registry.spec.manifest import Output
from runners.compare import compare


def compared(
    path: str, produced: bytes | str, expected: bytes | str, **declared: object
) -> Comparison:
    """The comparison of two contents of an output at `path`, declared as said."""
    ours = produced.encode() if isinstance(produced, str) else produced
    theirs = expected.encode() if isinstance(expected, str) else expected
    output = Output(path=path, **declared)  # type: ignore[arg-type] # each test names real fields
    return compare(output, produced=ours, expected=theirs, against="expected")


def npy(array: object) -> bytes:
    """An .npy file."""
    stream = io.BytesIO()
    np.save(stream, np.asarray(array), allow_pickle=True)
    return stream.getvalue()


def npz(**arrays: object) -> bytes:
    """An .npz file."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **{name: np.asarray(array) for name, array in arrays.items()})
    return stream.getvalue()


def hdf5(fill: Callable[[h5py.File], object]) -> bytes:
    """An HDF5 file that `fill` writes into."""
    with h5py.File.in_memory() as file:
        fill(file)
        file.flush()
        return bytes(file.id.get_file_image())


def hdf5_of(**datasets: object) -> bytes:
    """An HDF5 file with these datasets."""
    return hdf5(lambda file: [file.create_dataset(n, data=d) for n, d in datasets.items()])


def image(pixels: object, kind: str = "PNG", **options: object) -> bytes:
    """An image of these pixels."""
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).save(stream, kind, **options)
    return stream.getvalue()


def notebook(*cells: tuple[str, list[dict[str, object]]], **more: object) -> bytes:
    """A notebook of code cells: the code of each, and its outputs."""
    written = [
        {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}, **more}
        for source, outputs in cells
    ]
    return json.dumps({"cells": written, "nbformat": 4, "metadata": {}, **more}).encode()


def printed(text: str, name: str = "stdout") -> dict[str, object]:
    """What a cell printed."""
    return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


def shown(**data: object) -> dict[str, object]:
    """What a cell showed, by kind: text or png."""
    kinds = {"text": "text/plain", "png": "image/png", "html": "text/html"}
    content = {
        kinds[kind]: base64.b64encode(one).decode() if isinstance(one, bytes) else one
        for kind, one in data.items()
    }
    return {"output_type": "display_data", "data": content, "metadata": {}}


def _json(numbers: list[float]) -> bytes:
    return json.dumps({"values": numbers, "more": {"first": numbers[0]}}).encode()


def _lines(numbers: list[float], header: str = "") -> str:
    return header + "".join(f"{number!r}\n" for number in numbers)


def _pixels(numbers: list[float]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.array([numbers], dtype=np.float32)).save(stream, "TIFF")
    return stream.getvalue()


# Numbers as a file of each kind that has any.
WRITERS: dict[str, Callable[[list[float]], bytes]] = {
    "json": _json,
    "csv": lambda numbers: _lines(numbers, "x\n").encode(),
    "npy": lambda numbers: npy(np.array(numbers, dtype=np.float64)),
    "text": lambda numbers: _lines(numbers).encode(),
    "notebook": lambda numbers: notebook(("run()", [printed(_lines(numbers))])),
    "hdf5": lambda numbers: hdf5_of(values=np.array(numbers, dtype=np.float64)),
    "image": _pixels,
}
