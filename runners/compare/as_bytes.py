"""Comparing byte for byte."""

import numpy as np

from runners.compare.finding import WORST, Difference, File, Finding, Rules, differing, same


def compare_bytes(produced: File, expected: File, _rules: Rules) -> Finding:
    """Every byte must be equal; no tolerance and nothing ignored."""
    ours = np.frombuffer(produced.data, dtype=np.uint8)
    theirs = np.frombuffer(expected.data, dtype=np.uint8)
    shared, longer = sorted((len(ours), len(theirs)))
    wrong = np.flatnonzero(ours[:shared] != theirs[:shared])
    if not wrong.size and longer == shared:
        return same(longer)
    differences = [
        Difference(
            where=f"byte {place}",
            produced=f"{ours[place]:#04x}",
            expected=f"{theirs[place]:#04x}",
        )
        for place in wrong[:WORST]
    ]
    lengths = Difference(
        where=f"byte {shared}", produced=f"{len(ours)} bytes", expected=f"{len(theirs)}"
    )
    mismatched = int(wrong.size) + longer - shared
    return differing(differences or [lengths], compared=longer, mismatched=mismatched)
