"""The copies of the last verdict that an entry keeps, so that a list needs one query."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from registry.models import ModelEntry, ModelVersion, VerificationRun
from registry.selectors.runs import standing_and_run
from registry.spec.history import Standing
from registry.spec.ladder import Level


@dataclass(frozen=True, kw_only=True)
class Copies:
    """The columns of ModelEntry that repeat what the current version's runs say together."""

    level: int = int(Level.REGISTERED)
    outcome: str = ""
    cause: str = ""
    verified_at: datetime | None = None
    tests_pass: bool | None = None
    repaired: bool = False
    repairs: list[str] = field(default_factory=list)
    repeatability: str = ""
    claims: int = 0
    claims_met: int = 0
    run_seconds: float | None = None
    peak_memory_mb: int | None = None
    image_mb: int | None = None

    lost_at: datetime | None = None
    lost_cause: str = ""
    good_run_id: int | None = None
    verify_at: datetime | None = None
    green_streak: int = 0

    @classmethod
    def of(cls, standing: Standing, run: VerificationRun | None) -> "Copies":
        """What the verdict in force and the runs around it say; of no run, nothing."""
        if run is None or run.level is None:
            return cls()
        return cls(
            level=run.level,
            outcome=run.outcome,
            cause=run.cause,
            verified_at=run.finished_at,
            tests_pass=run.tests_pass,
            repaired=run.repaired,
            repairs=run.repairs,
            repeatability=run.repeatability,
            claims=run.claims,
            claims_met=run.claims_met,
            run_seconds=run.run_seconds,
            peak_memory_mb=run.peak_memory_mb,
            image_mb=run.image_mb,
            lost_at=standing.lost_at,
            lost_cause=standing.lost_cause.value if standing.lost_cause else "",
            good_run_id=standing.good.run if standing.good else None,
            verify_at=standing.verify_at,
            green_streak=standing.green_streak,
        )


def copies_from_evidence(version: ModelVersion | None) -> Copies:
    """What the copies beside an entry with this current version must be."""
    return Copies.of(*standing_and_run(version)) if version else Copies()


def copies_now(entry: ModelEntry) -> Copies:
    """What the copies beside an entry are."""
    return Copies(**{name: getattr(entry, name) for name in asdict(Copies())})


def entry_copies_write(*, entry: ModelEntry) -> Copies:
    """Make the copies agree with the evidence, in the transaction that changed it; the copies."""
    copies = copies_from_evidence(entry.current_version)
    ModelEntry.objects.filter(pk=entry.pk).update(**asdict(copies))
    return copies
