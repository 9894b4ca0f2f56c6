"""What discovery finds, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class TestPlan:
    """One way to run a repository's tests. `why` is a sentence for people.

    `inject` (path from the repository's root → content) is put there before the run. `packages`
    (PyPI) and `system_packages` (Debian) are what the runner itself needs. A plan that is not
    `counted` ends with an exit code and no counts, which passes nothing.
    """

    __test__ = False

    runner: str
    command: tuple[str, ...]
    why: str
    inject: Mapping[str, bytes] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    counted: bool = True
