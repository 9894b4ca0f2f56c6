"""What a log is read by: signatures, in tables."""

import re
from dataclasses import dataclass

from registry.spec.ladder import Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """Text that gives a cause away. `sentence` and `hint` may name the pattern's groups.

    With `packages`, the mend is a system package, and the hint names those that the log asks for.
    """

    pattern: re.Pattern[str]
    cause: Cause
    sentence: str
    hint: str
    packages: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Signatures:
    """A table. Of all its special signatures that a log shows, one names the cause.

    `last`: the one that stands last (a build ends with what stopped it), otherwise the one that
    stands first (one failure of a test suite brings others after it). Where two stand on one line,
    the earlier of the table. `general` ones, in their order, count only when no special one does.
    """

    special: tuple[Signature, ...]
    general: tuple[Signature, ...]
    last: bool


def signature(
    pattern: str, cause: Cause, sentence: str, hint: str, *, packages: bool = False
) -> Signature:
    """A signature of the pattern given as text; `^` and `$` are the ends of a line."""
    return Signature(
        pattern=re.compile(pattern, re.MULTILINE),
        cause=cause,
        sentence=sentence,
        hint=hint,
        packages=packages,
    )
