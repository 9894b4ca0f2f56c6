"""From a log to a cause a physicist understands: tables of signatures.

`builds` reads what built an image, `runs` what ran in it (with `drift`, for libraries that changed
since the code was written), `contradictions` what a program printed that says it ended well.
"""

from runners.diagnosis.builds import BUILD_SIGNATURES
from runners.diagnosis.contradictions import contradiction
from runners.diagnosis.reading import diagnose, last_lines
from runners.diagnosis.runs import RUN_SIGNATURES
from runners.environment.system_packages import NO_COMPILER

__all__ = [
    "BUILD_SIGNATURES",
    "NO_COMPILER",
    "RUN_SIGNATURES",
    "contradiction",
    "diagnose",
    "last_lines",
]
