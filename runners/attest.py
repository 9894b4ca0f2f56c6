"""What is written once a run's report is there: its file, the crate, a signed receipt of all."""

from collections.abc import Mapping
from pathlib import Path

from registry.spec.canonical import canonical_json
from registry.spec.evidence import Report
from registry.spec.receipt import CRATE, RECEIPT, REPORT, Signer, receipt_bytes
from registry.spec.statements import Limits
from runners.crate import crate_metadata
from runners.hashing import sha256_of


def attest(
    report: Report,
    files: Mapping[str, Path],
    *,
    folder: Path,
    limits: Limits,
    signer: Signer | None,
) -> dict[str, Path]:
    """Write the report, the crate and the receipt into `folder`; all that was written, by name.

    `files` are those that the report describes. Without a signer, or a commit to sign for, there
    is no receipt.
    """
    written = {REPORT: _written(folder / REPORT, canonical_json(report))}
    signing = signer if report.source.commit else None
    listed = {**files, **written} | ({RECEIPT: folder / RECEIPT} if signing else {})
    written[CRATE] = _written(folder / CRATE, crate_metadata(report, listed))
    if signing is None:
        return written
    described = {artifact.name: artifact.sha256 for artifact in report.artifacts}
    hashes = described | {name: sha256_of(path) for name, path in written.items()}
    receipt = receipt_bytes(report, hashes, limits=limits, signer=signing)
    return written | {RECEIPT: _written(folder / RECEIPT, receipt)}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
