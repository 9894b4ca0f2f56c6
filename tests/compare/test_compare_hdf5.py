import resource
import time

import h5py
import numpy as np
import pytest
from compare_helpers import compared, hdf5, hdf5_of

RECORDS = np.zeros(2, dtype=[("a", "f8"), ("b", "i4")])


def test_the_worst_element_is_named_by_dataset_and_position():
    expected = hdf5_of(**{"run/energy": np.ones((2, 3)), "n": 3})
    produced = hdf5_of(**{"run/energy": [[1, 1, 1], [1, 1, 1.5]], "n": 3})
    comparison = compared("e.h5", produced, expected)
    assert comparison.message == (
        "1 of 7 numbers differ; it is dataset “run/energy”, position [1, 2]: 1.5 instead of 1."
    )


@pytest.mark.parametrize(
    ("produced", "expected", "detail"),
    [
        ({"a": [1.0]}, {"a": [1.0], "b": [1.0]}, "dataset “b”: missing"),
        ({"a": [1.0], "b": [1.0]}, {"a": [1.0]}, "dataset “b”: not among the expected ones"),
        ({"a": [1.0]}, {"a": [[1.0]]}, "shape (1,) instead of (1, 1)"),
        ({"a": np.ones(1, "f4")}, {"a": [1.0]}, "type float32 instead of float64"),
        ({"a": [100]}, {"a": [101]}, "100 instead of 101"),
        ({"a": [True]}, {"a": [False]}, "True instead of False"),
        ({"a": [np.nan]}, {"a": [1.0]}, "nan instead of 1"),
        ({"a": "up"}, {"a": "down"}, "instead of"),
        ({"a": ["x", "y"]}, {"a": ["x", "longer"]}, "position [1]"),
    ],
)
def test_differences_are_found_whatever_the_tolerance(produced, expected, detail):
    comparison = compared("e.h5", hdf5_of(**produced), hdf5_of(**expected), rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


def test_layout_compression_byte_order_and_attributes_do_not_count():
    values = np.linspace(0.0, 1.0, 5000)

    def packed(file):
        file.create_dataset("a", data=values.astype(">f8"), chunks=(100,), compression="gzip")
        file["a"].attrs["written"] = "today"

    comparison = compared("e.h5", hdf5(packed), hdf5_of(a=values))
    assert comparison.agrees
    assert not comparison.identical


def test_ignored_datasets_and_groups_are_not_even_read():
    expected = hdf5_of(**{"a": [1.0], "meta/host": "here", "records": RECORDS, "Größe": 1})
    produced = hdf5_of(**{"a": [1.0], "meta/date": "today"})
    assert compared("e.h5", produced, expected, ignore=("meta", "/records", "Größe")).agrees


def test_links_within_the_file_are_compared_by_where_they_lead():
    def linked(target):
        def fill(file):
            file["a"] = [1.0]
            file["link"] = h5py.SoftLink(target)

        return hdf5(fill)

    assert compared("e.h5", linked("/a"), linked("/a")).agrees
    assert compared("e.h5", linked("/link"), linked("/link")).agrees
    comparison = compared("e.h5", linked("/b"), linked("/a"))
    assert comparison.where == "dataset “link”, the value"
    assert "“→ /b” instead of “→ /a”" in comparison.message


def _itself(file):
    file.create_group("inner")["outer"] = file["/"]


def _virtual(file):
    layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", shape=(4,))
    file.create_virtual_dataset("a", layout)


def _bomb(file):
    shape = (2**20, 300)
    file.create_dataset("a", shape=shape, dtype="u1", chunks=shape, compression="gzip")
    file["a"][:1] = 1


def _same_text(file):
    text = h5py.string_dtype()
    file.create_dataset("a", data=["x" * 500_000] + ["y"] * 20_000, dtype=text)


HOSTILE = {
    "other-file": (lambda f: f.update(a=h5py.ExternalLink("/etc/passwd", "a")), "another file"),
    "raw-file": (
        lambda f: f.create_dataset("a", (4,), "u1", external=[("/etc/passwd", 0, 4)]),
        "other files",
    ),
    "virtual": (_virtual, "other files"),
    "huge": (lambda f: f.create_dataset("a", (10**12,), "f8", chunks=(9,)), "more than 266 MB"),
    "bomb": (_bomb, "more than 266 MB"),
    "texts": (_same_text, "more than 266 MB"),
    "group-in-itself": (_itself, "nested more than 50 deep"),
    "many-groups": (lambda f: [f.create_group(str(n)) for n in range(1001)], "more than 1000"),
    "records": (lambda f: f.update(a=RECORDS), "records, references or other objects"),
    "reference": (lambda f: f.create_dataset("a", data=f.ref), "records, references"),
    "lists": (
        lambda f: f.create_dataset("a", (3,), h5py.vlen_dtype("f8")),
        "records, references",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_become_a_sentence_in_bounded_memory_and_time(name):
    fill, reason = HOSTILE[name]
    produced = hdf5(fill)
    started = time.monotonic()
    comparison = compared("e.h5", produced, hdf5_of(a=[1.0]))
    assert not comparison.agrees
    assert reason in comparison.message
    assert time.monotonic() - started < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3 * 2**20


def test_a_chunk_larger_than_all_memory_ends_the_reader_and_not_us():
    def fill(file):
        file.create_dataset("a", (10,), "u1", maxshape=(None,), chunks=(2**32 - 1,), fillvalue=7)

    comparison = compared("e.h5", hdf5(fill), hdf5_of(a=[1.0]))
    assert not comparison.agrees


@pytest.mark.parametrize("produced", [b"", b"\x89HDF\r\n\x1a\n", b"x" * 4000])
def test_what_is_no_hdf5_file_becomes_a_sentence(produced):
    comparison = compared("e.h5", produced, hdf5_of(a=[1.0]))
    assert comparison.message == "The produced e.h5 is not a sound HDF5 file."
