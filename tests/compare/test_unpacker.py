"""What the process that reads hostile files may do: read what it was given, and answer."""

import subprocess
import sys

import numpy as np
import pytest
from compare_helpers import hdf5_of

from runners.compare import unpacker
from runners.compare.finding import File, Unreadable
from runners.compare.unpack import unpacked

FOLDER = str(unpacker.__file__).rpartition("/")[0]


def tried(attempt: str) -> str:
    """What comes of an attempt once the rights are given up."""
    program = (
        f"import sys, socket, os; sys.path.insert(0, {FOLDER!r}); import unpacker\n"
        f"unpacker._prepare(); unpacker._give_up_rights(1000)\n"
        f"try:\n    {attempt}\nexcept BaseException as fault:\n    print(type(fault).__name__)\n"
        "else:\n    print('done')"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False)
    return ended.stdout.decode().strip()


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("open('/etc/passwd')", "OSError"),
        ("open('/tmp/left-behind', 'w')", "OSError"),
        ("socket.socket()", "OSError"),
        ("os.pipe()", "OSError"),
        ("bytearray(3 * 2**30)", "MemoryError"),
        ("1 + 1", "done"),
    ],
)
def test_it_gives_up_every_right_that_it_does_not_need(attempt, outcome):
    assert tried(attempt) == outcome


def test_its_limits_cannot_be_raised_again_by_who_is_not_root():
    attempt = (
        "(os.getuid() == 0 and os.setuid(65534)) or "
        "unpacker.resource.setrlimit(unpacker.resource.RLIMIT_NOFILE, (9, 9))"
    )
    assert tried(attempt) == "ValueError"


def test_what_ends_it_becomes_a_sentence(monkeypatch):
    monkeypatch.setattr("runners.compare.unpack._SECONDS", 0.0)
    with pytest.raises(Unreadable, match="cannot be read within bounded memory and time"):
        unpacked(File(name="x.h5", data=b""), "hdf5")


def test_names_that_no_file_can_hold_are_not_passed_on():
    with pytest.raises(Unreadable, match=r"^x\.h5 is not a sound HDF5 file\.$"):
        unpacked(File(name="x.h5", data=b""), "hdf5", ignored=("a\0b", "--", "é", "\ud800"))


def test_arrays_come_back_as_they_are():
    values = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True]), "c": np.array(1 + 2j)}
    arrays = unpacked(File(name="x.h5", data=hdf5_of(**values)), "hdf5")
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in values.items()
    }
