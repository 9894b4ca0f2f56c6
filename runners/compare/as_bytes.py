"""Comparing byte for byte."""

import numpy as np

from runners.compare.finding import File, Finding, Rules, differs, same


def compare_bytes(produced: File, expected: File, _rules: Rules) -> Finding:
    """Every byte must be equal; no tolerance and nothing ignored."""
    ours = np.frombuffer(produced.data, dtype=np.uint8)
    theirs = np.frombuffer(expected.data, dtype=np.uint8)
    shared = min(len(ours), len(theirs))
    wrong = np.flatnonzero(ours[:shared] != theirs[:shared])
    longer = max(len(ours), len(theirs))
    if not wrong.size and longer == shared:
        return same(longer)
    first = int(wrong[0]) if wrong.size else shared
    detail = f"{len(ours)} bytes instead of {len(theirs)}"
    if wrong.size:
        detail = f"{ours[first]:#04x} instead of {theirs[first]:#04x}"
    mismatched = int(wrong.size) + longer - shared
    return differs(f"byte {first}", detail, compared=longer, mismatched=mismatched)
