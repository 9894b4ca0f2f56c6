"""What running a model costs, as one run saw it: time, memory, and the size of its image."""

from dataclasses import dataclass

from registry.spec.evidence import Inference, Report, Tests

MB = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Each None where it was not seen.

    `run_seconds` are those of tests and inference together, every repetition of it. The other two
    are megabytes of 2^20 bytes, as a manifest has them, rounded up: what the largest container was
    seen to take, and the whole image.
    """

    run_seconds: float | None = None
    peak_memory_mb: int | None = None
    image_mb: int | None = None


def costs_of(report: Report) -> Costs:
    """What the run of a report cost."""
    ran: list[Tests | Inference] = [*report.inference]
    ran += [report.tests] if report.tests else []
    peaks = [each.peak_memory_bytes for each in ran if each.peak_memory_bytes]
    return Costs(
        run_seconds=round(sum(each.seconds for each in ran), 3) if ran else None,
        peak_memory_mb=_megabytes(max(peaks, default=None)),
        image_mb=_megabytes(report.environment.image_bytes),
    )


def _megabytes(size: int | None) -> int | None:
    return None if size is None else -(-size // MB)
