"""Comparing HDF5 files by their datasets; attributes do not count."""

from runners.compare.as_npy import Arrays, compare_arrays
from runners.compare.finding import File, Finding, Rules
from runners.compare.unpack import unpacked


def compare_hdf5(produced: File, expected: File, rules: Rules) -> Finding:
    """Same names, shapes and types; integers and texts exactly; floats within the tolerance.

    A link within the file agrees with one that leads to the same path. `ignore` names datasets,
    or groups with all that is in them.
    """
    ours = datasets_of(produced, rules.ignore)
    same = expected.data == produced.data
    theirs = ours if same else datasets_of(expected, rules.ignore)
    return compare_arrays(ours, theirs, rules, noun="dataset")


def datasets_of(file: File, ignored: tuple[str, ...] = ()) -> Arrays:
    """The datasets of a file by their paths, links as the text "→ path". Raises Unreadable."""
    return unpacked(file, "hdf5", ignored=(name.strip("/") for name in ignored))
