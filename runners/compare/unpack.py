"""HDF5 files and images, unpacked by a process of its own: see runners.compare.unpacker.

A file that makes a library crash, or takes all memory or time, ends that process and becomes a
sentence; the worker goes on.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Literal

from runners.compare.as_npy import MAX_UNPACKED, Arrays, arrays_of
from runners.compare.finding import File, Unreadable, printable

_PROGRAM = Path(__file__).with_name("unpacker.py")
_SECONDS = 120
# What .npz adds to the bytes of the arrays.
_FRAME = 2**21
_LIMIT = MAX_UNPACKED - _FRAME
_MAX_REASON = 1000
_SOUND, _REFUSED = 0, 1


def unpacked(file: File, kind: Literal["hdf5", "images"], *, ignored: Iterable[str] = ()) -> Arrays:
    """The arrays of a file by name, those that are ignored left out. Raises Unreadable."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as taken:
        given.write(file.data)
        given.seek(0)
        names = [name for name in ignored if name.isprintable()]
        ended = _ended(given, taken, [kind, str(_LIMIT), *names])
        taken.seek(0)
        if ended == _REFUSED:
            raise Unreadable(f"{file.name} {_reason(taken)}.")
        if ended != _SOUND:
            raise Unreadable(f"{file.name} cannot be read within bounded memory and time.")
        return arrays_of(File(name=file.name, data=taken.read(MAX_UNPACKED + _FRAME)))


def _ended(given: IO[bytes], taken: IO[bytes], arguments: list[str]) -> int:
    """The exit status of the program; negative where it was ended."""
    process = subprocess.Popen(  # noqa: S603 — our own program; of the file it sees the bytes alone
        [sys.executable, "-I", str(_PROGRAM), *arguments],
        stdin=given,
        stdout=taken,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        return process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        return -1
    finally:
        process.kill()
        process.wait()


def _reason(taken: IO[bytes]) -> str:
    """What the program says of a file: it may be in the file's power, and is so cleaned."""
    words = taken.read(_MAX_REASON).decode("utf-8", "replace")
    return printable(" ".join(words.split())).rstrip(".")
