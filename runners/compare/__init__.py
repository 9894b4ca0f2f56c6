"""Holds an output against its expected values, or against the same output of another run.

`compare` is the one door; beside it stands one module a kind of file. Nothing here runs anything:
files come from hostile code, so every reader has a bound and every defect becomes a sentence.
"""

from runners.compare.comparison import LIMIT_BYTES, compare, kind_of
from runners.compare.patterns import BadPattern, LinePattern

__all__ = ["LIMIT_BYTES", "BadPattern", "LinePattern", "compare", "kind_of"]
