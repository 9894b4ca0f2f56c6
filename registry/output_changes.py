"""How the contents of outputs differ between two runs, as pages and API tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.differences import (
    ChangedLine,
    NumbersDiffer,
    arrays_differ,
    lines_differ,
    numbers_differ,
)
from registry.models import VerificationRun
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.spec.run_changes import OutputChange, OutputSeen

OUTPUTS_READ = 8  # of those that differ, the content of so many is looked at
BYTES_READ = 200_000


@dataclass(frozen=True, kw_only=True)
class ContentChange:
    """An output in both runs, and how the two files differ where that was looked at."""

    output: OutputChange
    numbers: NumbersDiffer | None = None
    lines: tuple[ChangedLine, ...] = ()


def contents_changed(
    older: VerificationRun, newer: VerificationRun, outputs: Sequence[OutputChange]
) -> Iterator[ContentChange]:
    """Every output; of the first that differ also how, where both files are small and kept."""
    for place, output in enumerate(outputs):
        read = place < OUTPUTS_READ and not output.same
        numbers, lines = _contents(older, newer, output) if read else (None, ())
        yield ContentChange(output=output, numbers=numbers, lines=lines)


def _contents(
    older: VerificationRun, newer: VerificationRun, change: OutputChange
) -> tuple[NumbersDiffer | None, tuple[ChangedLine, ...]]:
    """How two files differ, where both are small, kept, and can be read."""
    files = [
        _kept(run, seen) for run, seen in ((older, change.before), (newer, change.after)) if seen
    ]
    if len(files) != 2 or None in files:  # noqa: PLR2004 — both, or nothing to compare
        return None, ()
    before, after = (file or b"" for file in files)
    if change.path.endswith(".npy"):
        return arrays_differ(before, after), ()
    try:
        texts = before.decode(), after.decode()
    except UnicodeDecodeError:
        return None, ()
    return numbers_differ(*texts), lines_differ(*texts)


def _kept(run: VerificationRun, seen: OutputSeen) -> bytes | None:
    """The file of an output; None where it is too large, not kept, or lost."""
    kept = run.artifacts.filter(blob_id=seen.file.sha256, name__startswith="outputs/").exists()
    if not kept or seen.file.size > BYTES_READ:
        return None
    try:
        with blob_open(seen.file.sha256) as file:
            return bytes(file.read())
    except ServiceError:
        return None
