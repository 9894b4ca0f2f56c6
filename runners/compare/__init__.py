"""Holds an output against its expected values, or against the same output of another run.

`compare` is the door for outputs, `check_claims` for single values of an article; beside them
stands one module a kind of file. Nothing of a repository is run. Files come from hostile code, so
every reader has a bound, every defect becomes a sentence, and what libraries in C must read is read
in a process without rights.
"""

from runners.compare.claims import check_claims, too_loose
from runners.compare.comparison import LIMIT_BYTES, compare, kind_of
from runners.compare.locate import misplaced
from runners.compare.patterns import BadPattern, LinePattern

__all__ = [
    "LIMIT_BYTES",
    "BadPattern",
    "LinePattern",
    "check_claims",
    "compare",
    "kind_of",
    "misplaced",
    "too_loose",
]
