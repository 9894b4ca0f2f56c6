"""The two kinds of fault that may cross a step, and the signal to stop."""

from collections.abc import Callable

from registry.spec.evidence import Failure
from registry.spec.ladder import Cause


class RepositoryFault(Exception):
    """The author's fault: final, with a stable cause, a safe sentence and a way to mend it."""

    def __init__(
        self, cause: Cause, sentence: str, *, hint: str = "", lines: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.failure = Failure(cause=cause, sentence=sentence, hint=hint, lines=lines)


class PlatformFault(Exception):
    """Our fault: retried, then `errored`. It never takes a badge away."""


class Stopped(Exception):
    """The run was cancelled or its lease was lost: end every process and leave."""


Check = Callable[[], None]
"""Called often while something long goes on; raises Stopped when the run must end."""

LogSink = Callable[[str], None]
"""Takes a piece of a step's log as text that is already safe to store (no NUL)."""
