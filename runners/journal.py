"""What a run writes down as it goes: each step's state, time and log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from registry.spec.ladder import Step, StepState
from runners.faults import RepositoryFault

TAIL_CHARACTERS = 400_000


class Recorder(Protocol):
    """Whoever watches a run: the worker writes rows, the command line prints."""

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """A step began (`running`, seconds None) or ended."""
        ...

    def log(self, step: Step, text: str) -> None:
        """A piece of a step's log, free of NUL."""
        ...


class StepLog:
    """One step's log: passed on as it grows, kept in a file, its end at hand for diagnosis."""

    def __init__(self, step: Step, recorder: Recorder, folder: Path) -> None:
        self.state = StepState.PASSED
        self.message = ""
        self._step = step
        self._recorder = recorder
        self._path = folder / f"{step}.log"
        self._tail = ""
        self._length = 0

    def __call__(self, text: str) -> None:
        """Take a piece of the log."""
        self._recorder.log(self._step, text)
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
        self._tail = (self._tail + text)[-TAIL_CHARACTERS:]
        self._length += len(text)

    @property
    def tail(self) -> str:
        """The last 400 thousand characters."""
        return self._tail

    @property
    def mark(self) -> int:
        """The present end of the log, for `since`."""
        return self._length

    def since(self, mark: int) -> str:
        """What was logged after `mark`, as far as the tail still holds it."""
        return self._tail[-(self._length - mark) :] if self._length > mark else ""

    def end(self, state: StepState, message: str) -> None:
        """Say how the step ends when it does not simply pass."""
        self.state, self.message = state, message


class Journal:
    """Runs steps one after another and keeps their times, summed over the rounds.

    `folder` receives the log files.
    """

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self.timings: dict[str, float] = {}
        self._recorder = recorder
        self._folder = folder

    @contextmanager
    def step(self, step: Step) -> Iterator[StepLog]:
        """Announce a step, give its log, and announce how it ended, whatever happens."""
        log = StepLog(step, self._recorder, self._folder)
        begun = time.monotonic()
        self._recorder.step_changed(step, StepState.RUNNING, seconds=None, message="")
        try:
            yield log
        except RepositoryFault as fault:
            log.end(StepState.FAILED, fault.failure.sentence)
            raise
        finally:
            seconds = round(time.monotonic() - begun, 3)
            self.timings[step] = round(self.timings.get(step, 0) + seconds, 3)
            self._recorder.step_changed(step, log.state, seconds=seconds, message=log.message)
