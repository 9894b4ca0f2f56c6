"""Holding on to work: a thread renews the lease and passes the log on while the work goes on."""

import threading
from datetime import datetime
from functools import partial

from django.utils import timezone

from registry.services.calculations import (
    CalculationClaim,
    calculation_heartbeat,
    calculation_log_append,
)
from registry.services.errors import LeaseLost
from registry.services.runs import Claim, run_event_append, run_heartbeat, run_log_append
from registry.spec.ladder import Step, StepState
from runners.pulse import Pulse

LOG_PIECE_CHARACTERS = 64_000


class Lease(Pulse):
    """One attempt's hold on a run, and the Recorder of what it does.

    The thread renews the lease and writes collected log text twice a second. When the lease is
    lost, a cancel is asked for, or the database cannot be reached for a whole lease, `check` raises
    Stopped, and the pipeline ends its containers.
    """

    def __init__(self, claim: Claim, *, seconds: float) -> None:
        beat = partial(run_heartbeat, claim=claim, lease_seconds=seconds)
        super().__init__(beat, seconds=seconds, work=f"Run {claim.run_id}")
        self.claim = claim
        self._pieces: list[tuple[Step, str]] = []
        self._pieces_lock = threading.Lock()
        self._writing_lock = threading.Lock()

    def log(self, step: Step, text: str) -> None:
        """Collect a piece of log; the thread writes it within half a second."""
        with self._pieces_lock:
            self._pieces.append((step, text))

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Write that a step began or ended, after the log that belongs before it."""
        now: datetime = timezone.now()
        try:
            self.flush()
            run_event_append(
                claim=self.claim, step=step, state=state, at=now, seconds=seconds, message=message
            )
        except LeaseLost:
            self._lost.set()

    def flush(self) -> None:
        """Write the collected log, neighbouring pieces of a step as one row."""
        with self._writing_lock:
            with self._pieces_lock:
                pieces, self._pieces = self._pieces, []
            for step, text in _joined(pieces):
                run_log_append(claim=self.claim, step=step, text=text)


class CalculationLease(Pulse):
    """One attempt's hold on a calculation, and where its log goes: written twice a second."""

    def __init__(self, claim: CalculationClaim, *, seconds: float) -> None:
        beat = partial(calculation_heartbeat, claim=claim, lease_seconds=seconds)
        super().__init__(beat, seconds=seconds, work=f"Calculation {claim.calculation_id}")
        self._claim = claim
        self._text = ""
        self._lock = threading.Lock()

    def log(self, text: str) -> None:
        """Collect a piece of log; the thread writes it within half a second."""
        with self._lock:
            self._text += text

    def flush(self) -> None:
        """Write what has collected. Raises LeaseLost."""
        with self._lock:
            if self._text:
                calculation_log_append(claim=self._claim, text=self._text)
                self._text = ""


def _joined(pieces: list[tuple[Step, str]]) -> list[tuple[Step, str]]:
    joined: list[tuple[Step, str]] = []
    for step, text in pieces:
        if joined and joined[-1][0] is step and len(joined[-1][1]) < LOG_PIECE_CHARACTERS:
            joined[-1] = (step, joined[-1][1] + text)
        else:
            joined.append((step, text))
    return joined
