"""Receipts to test with: of a small true report, signed with a key of the test's own."""

import hashlib
from dataclasses import replace

from registry.spec.canonical import canonical_json
from registry.spec.envelope import new_secret_key
from registry.spec.evidence import ArtifactFile, ClaimCheck, Inference, OutputFile, Report
from registry.spec.manifest import Claim, Manifest, Output, ReadManifest
from registry.spec.receipt import REPORT, Receipt, Signer, receipt_bytes, receipt_open
from registry.spec.statements import Limits
from tests.registry import registry_helpers

KEY = new_secret_key()
PUBLIC = KEY.public_key
KEYS = {PUBLIC.keyid: PUBLIC}
LIMITS = Limits(seconds=60, memory_bytes=2**29, cpus=2, processes=128)
MANIFEST = Manifest(
    run="python run.py",
    outputs=(
        Output(
            path="energy.csv",
            expected="expected/energy.csv",
            rtol=1e-6,
            claims=(Claim(label="Table 1", at="energy[0]", value=1.0),),
        ),
    ),
)
SHA = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b", "c")}


def report(*, sha: str = SHA["a"], **changes: object) -> Report:
    """A report of a run that reproduced one output; `sha` is that of what it wrote."""
    runs = tuple(
        Inference(
            repetition=number,
            command=("python", "run.py"),
            exit_code=0,
            seconds=1.0,
            outputs=(OutputFile(path="energy.csv", sha256=sha, size=3),),
        )
        for number in (1, 2)
    )
    claim = ClaimCheck(
        path="energy.csv",
        label="Table 1",
        at="energy[0]",
        value=1.0,
        tolerance=0.0,
        seen=1.0,
        agrees=True,
        message="met",
    )
    kept = ArtifactFile(name="Dockerfile", media_type="text/plain", size=3, sha256=SHA["b"])
    whole = registry_helpers.report(
        read=ReadManifest(manifest=MANIFEST), inference=runs, claims=(claim,), artifacts=(kept,)
    )
    environment = replace(
        whole.environment,
        image_digest="sha256:" + "d" * 64,
        base_image="python:3.11-slim-bookworm",
        base_digest="sha256:" + "e" * 64,
        packages=("numpy==2.0.0", "odd"),
    )
    return replace(whole, **{"environment": environment} | changes)


def signer(**changes: object) -> Signer:
    run = "https://portal.example/runs/7/"
    given = {"key": KEY, "site": "https://portal.example", "run": run, "url": run}
    return Signer(**given | changes)


def signed(seen: Report | None = None, by: Signer | None = None) -> bytes:
    """The receipt's file of a report."""
    whole = seen or report()
    files = {one.name: one.sha256 for one in whole.artifacts}
    files[REPORT] = hashlib.sha256(canonical_json(whole)).hexdigest()
    return receipt_bytes(whole, files, limits=LIMITS, signer=by or signer())


def opened(data: bytes) -> Receipt:
    return receipt_open(data, KEYS)
