"""What the comparison tests share."""

import io

import numpy as np

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
