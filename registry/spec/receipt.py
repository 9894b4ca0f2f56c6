"""The receipt of a run: its two statements, from a report to a signed file and back.

Source: docs/receipts.md. What a run was about (commit, files, image) are the subjects of both
statements; every file that it left is a by-product of the second.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec
from packageurl import PackageURL
from securesystemslib.signer import CryptoSigner, SSlibKey

from registry.spec.canonical import canonical_json, plain_value
from registry.spec.envelope import BadReceipt, opened, sealed
from registry.spec.evidence import Report, Tests
from registry.spec.ladder import Level
from registry.spec.manifest import Manifest
from registry.spec.statements import (
    BuildDefinition,
    Builder,
    Digest,
    Limits,
    Metadata,
    Parameters,
    Provenance,
    ProvenanceStatement,
    Reproduces,
    Resource,
    Result,
    RunDetails,
    Seen,
    SeenClaim,
    SeenHost,
    SeenOutput,
    SeenTests,
    Surroundings,
    TestResult,
    TestStatement,
)

REPORT = "report.json"
CRATE = "ro-crate-metadata.json"
RECEIPT = "receipt.intoto.jsonl"
# What is written once a run's report is there, and so is not described in it.
ATTESTATIONS = (REPORT, CRATE, RECEIPT)
CONFIGURED_BY = ("Dockerfile", "requirements.lock")
_TESTS_NAMED = 1_000
_NAME_CHARACTERS = 200
_PACKAGES_NAMED = 2_000
_SHA256 = "sha256:"
_TREE = "swh:1:dir:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Who signs a run's receipt.

    `site` is the portal's address, or what somebody else calls themselves; `run` is the site's own
    name for the run, `url` its page. `reproduces` is set when the run was held against another's.
    """

    key: CryptoSigner
    site: str
    run: str
    url: str = ""
    reproduces: Reproduces | None = None

    @property
    def builder(self) -> str:
        """The site as a URI."""
        web = self.site.startswith(("https://", "http://"))
        return self.site if web else f"urn:reprise:site:{quote(self.site, safe='')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A receipt whose signatures hold. `sha256` is that of its file."""

    sha256: str
    keyid: str
    test: TestStatement
    provenance: ProvenanceStatement

    @property
    def seen(self) -> Seen:
        """What the run saw and concluded."""
        return self.test.predicate.seen

    @property
    def asked(self) -> Parameters:
        """What was run."""
        return self.provenance.predicate.build_definition.external_parameters

    @property
    def when(self) -> Metadata:
        """Which run it was, and when."""
        return self.provenance.predicate.run_details.metadata

    @property
    def files(self) -> dict[str, str]:
        """The sha256 of every file that the run left, by name."""
        left = self.provenance.predicate.run_details.byproducts
        return {file.name: file.digest.get("sha256", "") for file in left}


# --- Writing ----------------------------------------------------------------------------------


def receipt_bytes(
    report: Report, files: Mapping[str, str], *, limits: Limits, signer: Signer
) -> bytes:
    """The receipt's file. `files` are the sha256 of all that the run left, REPORT among them.

    Of a run that fetched no commit there is nothing to sign: raises ValueError.
    """
    if report.source.commit is None:
        raise ValueError("a run without a commit has no receipt")
    statements = (
        _test_statement(report, files, limits, signer),
        _provenance_statement(report, files, limits, signer),
    )
    return sealed([canonical_json(statement) for statement in statements], signer.key)


def _test_statement(
    report: Report, files: Mapping[str, str], limits: Limits, signer: Signer
) -> TestStatement:
    outcomes = report.tests.outcomes if report.tests else ()
    passed = (test.name for test in outcomes if test.state == "passed")
    failed = (test.name for test in outcomes if test.state in {"failed", "error"})
    return TestStatement(
        subject=_subjects(report),
        predicate=TestResult(
            result=_result(report),
            configuration=tuple(_configuration(report, files)),
            url=signer.url,
            passed_tests=_names(passed),
            failed_tests=_names(failed),
            seen=_seen(report, files, limits, signer),
        ),
    )


def _result(report: Report) -> Result:
    """PASSED only where something ran, nothing fell short, and nothing had to be repaired."""
    if report.level < Level.RUNS or report.cause or report.tests_pass is False:
        return "FAILED"
    return "WARNED" if report.modifiers else "PASSED"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """The first names of a list that a repository wrote, cut to what a reader can bear."""
    kept = (name[:_NAME_CHARACTERS] for _, name in zip(range(_TESTS_NAMED), names, strict=False))
    return tuple(kept)


def _subjects(report: Report) -> tuple[Resource, ...]:
    """What the run was about, as far as it came: the commit, its files, the image."""
    source, image = report.source, report.environment.image_digest
    found = [
        Resource(name=_place(report), digest={"gitCommit": source.commit or ""}),
    ]
    if source.tree_swhid:
        tree = source.tree_swhid.removeprefix(_TREE)
        found.append(Resource(name=source.tree_swhid, digest={"gitTree": tree}))
    if image:
        found.append(Resource(name="image", digest=_sha256(image)))
    return tuple(found)


def _place(report: Report) -> str:
    source = report.source
    return f"{source.address}#{source.folder}" if source.folder else source.address


def _sha256(digest: str) -> Digest:
    return {"sha256": digest.removeprefix(_SHA256)}


def _configuration(report: Report, files: Mapping[str, str]) -> Iterator[Resource]:
    """What the outcome hangs on beside the subjects: manifest, policy, how the image was made."""
    yield Resource(name="manifest", digest=_sha256(_manifest(report).digest))
    policy = report.policy
    yield Resource(name=f"policy {policy.version}", digest=_sha256(policy.digest))
    for name in CONFIGURED_BY:
        if name in files:
            yield Resource(name=name, digest=_sha256(files[name]))


def _manifest(report: Report) -> Manifest:
    return report.read.manifest if report.read else Manifest()


def _seen(report: Report, files: Mapping[str, str], limits: Limits, signer: Signer) -> Seen:
    return Seen(
        site=signer.site,
        run=signer.run,
        report=Resource(name=REPORT, digest=_sha256(files[REPORT])),
        level=report.level,
        level_name=report.level_name,
        outcome=report.outcome,
        cause=report.cause,
        explanation=report.explanation,
        repeatability=report.repeatability,
        tests_pass=report.tests_pass,
        modifiers=report.modifiers,
        repairs=tuple(report.repairs),
        tests=_seen_tests(report.tests),
        outputs=tuple(_seen_outputs(report)),
        claims=_seen_claims(report),
        host=_seen_host(report),
        limits=limits,
        reproduces=signer.reproduces,
    )


def _seen_tests(tests: Tests | None) -> SeenTests | None:
    if tests is None:
        return None
    return SeenTests(
        collected=tests.collected,
        passed=tests.passed,
        failed=tests.failed,
        errors=tests.errors,
        skipped=tests.skipped,
    )


def _seen_outputs(report: Report) -> Iterator[SeenOutput]:
    """Every declared output, be it that no run wrote it."""
    for output in _manifest(report).outputs:
        written = [file for run in report.inference for file in run.outputs]
        yield SeenOutput(
            path=output.path,
            sha256=tuple(file.sha256 for file in written if file.path == output.path),
            expected=_agreed(report, output.path, "expected"),
            repeat=_agreed(report, output.path, "repeat"),
        )


def _agreed(report: Report, path: str, against: str) -> bool | None:
    found = [one for one in report.comparisons if (one.path, one.against) == (path, against)]
    return all(one.agrees for one in found) if found else None


def _seen_claims(report: Report) -> tuple[SeenClaim, ...]:
    return tuple(
        SeenClaim(
            path=claim.path,
            label=claim.label,
            value=claim.value,
            tolerance=claim.tolerance,
            unit=claim.unit,
            seen=claim.seen,
            agrees=claim.agrees,
        )
        for claim in report.claims
    )


def _seen_host(report: Report) -> SeenHost:
    host = report.host
    if host is None:
        return SeenHost()
    return SeenHost(
        cpu_model=host.cpu_model,
        cpus=host.cpus,
        memory_bytes=host.memory_bytes,
        engine=host.engine,
        isolation=host.isolation,
    )


def _provenance_statement(
    report: Report, files: Mapping[str, str], limits: Limits, signer: Signer
) -> ProvenanceStatement:
    definition = BuildDefinition(
        external_parameters=_parameters(report),
        internal_parameters=Surroundings(limits=limits),
        resolved_dependencies=tuple(_dependencies(report)),
    )
    details = RunDetails(
        builder=Builder(id=signer.builder, version={"reprise": report.reprise}),
        metadata=Metadata(
            invocation_id=signer.run,
            started_on=datetime.fromisoformat(report.started_at),
            finished_on=datetime.fromisoformat(report.finished_at),
        ),
        byproducts=_byproducts(report, files),
    )
    predicate = Provenance(build_definition=definition, run_details=details)
    return ProvenanceStatement(subject=_subjects(report), predicate=predicate)


def _parameters(report: Report) -> Parameters:
    source, manifest = report.source, _manifest(report)
    return Parameters(
        address=source.address,
        commit=source.commit or "",
        folder=source.folder,
        manifest=plain_value(manifest),
        manifest_digest=_sha256(manifest.digest),
    )


def _dependencies(report: Report) -> Iterator[Resource]:
    """The source, the base image and the packages: what went into the image."""
    source, environment = report.source, report.environment
    uri = f"git+{source.address}@{source.commit}"
    yield Resource(name="source", uri=uri, digest={"gitCommit": source.commit or ""})
    if environment.base_image:
        digest = _sha256(environment.base_digest) if environment.base_digest else {}
        yield Resource(name=environment.base_image, digest=digest)
    for package in environment.packages[:_PACKAGES_NAMED]:
        name, _, version = package.partition("==")
        purl = PackageURL(type="pypi", name=name, version=version or None)
        yield Resource(uri=purl.to_string())


def _byproducts(report: Report, files: Mapping[str, str]) -> tuple[Resource, ...]:
    types = {artifact.name: artifact.media_type for artifact in report.artifacts}
    return tuple(
        Resource(name=name, digest=_sha256(digest), media_type=types.get(name, "application/json"))
        for name, digest in sorted(files.items())
    )


# --- Reading ----------------------------------------------------------------------------------


def receipt_open(data: bytes, keys: Mapping[str, SSlibKey]) -> Receipt:
    """The receipt in a file, signed with one of `keys`. Raises BadReceipt.

    The two statements must be of one run: the same subjects, the same name of the run, the same
    report. Else two receipts could be mixed into one that nobody signed as a whole.
    """
    keyid, payloads = opened(data, keys)
    try:
        first, second = payloads
        test = msgspec.json.decode(first, type=TestStatement)
        provenance = msgspec.json.decode(second, type=ProvenanceStatement)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadReceipt(f"It is signed, but it is not the receipt of a run: {error}.") from error
    receipt = Receipt(
        sha256=hashlib.sha256(data).hexdigest(), keyid=keyid, test=test, provenance=provenance
    )
    _refuse_mixed(receipt)
    return receipt


def _refuse_mixed(receipt: Receipt) -> None:
    seen, when, files = receipt.seen, receipt.when, receipt.files
    one_run = (
        receipt.test.subject == receipt.provenance.subject
        and seen.run == when.invocation_id
        and seen.report.digest.get("sha256") == files.get(REPORT)
        and {"gitCommit": receipt.asked.commit} in [thing.digest for thing in receipt.test.subject]
    )
    if not one_run:
        raise BadReceipt("Its two statements are not of the same run.")
