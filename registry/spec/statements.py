"""The two in-toto statements of a receipt, as JSON has them. Source: docs/receipts.md.

Statement v1 with the predicates test-result v0.1 and SLSA provenance v1. These are msgspec
structs, not dataclasses, because the formats' own names are in camel case. A reader ignores names
that it does not know, as in-toto asks.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Digest = dict[str, str]
Result = Literal["PASSED", "WARNED", "FAILED"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all parts share."""


class Resource(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """in-toto's ResourceDescriptor: a thing by its name, its address and its digests."""

    name: str = ""
    uri: str = ""
    digest: Digest = {}
    media_type: str = ""


class SeenTests(_Part, frozen=True, kw_only=True):
    """What the repository's own tests report; nobody else counted."""

    reported_by: Literal["the repository"] = "the repository"
    collected: int
    passed: int
    failed: int
    errors: int
    skipped: int


class SeenOutput(_Part, frozen=True, kw_only=True):
    """A declared output: the sha256 of what each run wrote, and how it compared.

    `expected` and `repeat` are None where nothing was compared.
    """

    path: str
    sha256: tuple[str, ...] = ()
    expected: bool | None = None
    repeat: bool | None = None


class SeenClaim(_Part, frozen=True, kw_only=True):
    """A value of the article and what the output held in its place."""

    path: str
    label: str
    value: float | None
    tolerance: float | None
    unit: str = ""
    seen: float | None = None
    agrees: bool


class SeenHost(_Part, frozen=True, kw_only=True):
    """The machine, as far as it matters to numbers. Memory in bytes."""

    cpu_model: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    engine: str = ""
    isolation: str = ""


class Limits(_Part, frozen=True, kw_only=True):
    """What a run was allowed: seconds, bytes of memory, processors, processes."""

    seconds: float
    memory_bytes: int
    cpus: float
    processes: int


class Reproduces(_Part, frozen=True, kw_only=True):
    """The receipt that this run was held against: sha256 of its file, and that run's own name."""

    receipt: str
    run: str


class Seen(_Part, frozen=True, kw_only=True):
    """What a run saw and concluded. `report` is the file that says all of it.

    `site` names who ran it; `network` is that of the model's containers.
    """

    site: str
    run: str
    report: Resource
    level: Annotated[int, msgspec.Meta(ge=0, le=6)]
    level_name: str
    outcome: str
    cause: str | None
    explanation: str
    repeatability: str | None
    tests_pass: bool | None
    modifiers: tuple[str, ...]
    repairs: tuple[str, ...]
    tests: SeenTests | None
    outputs: tuple[SeenOutput, ...]
    claims: tuple[SeenClaim, ...]
    host: SeenHost
    network: Literal["none"] = "none"
    limits: Limits
    reproduces: Reproduces | None = None


class TestResult(_Part, frozen=True, kw_only=True):
    """The predicate test-result, with all that was seen as one more member of it.

    Skipped tests are in neither list: they were neither passed nor failed.
    """

    __test__ = False

    result: Result
    configuration: tuple[Resource, ...]
    url: str
    passed_tests: tuple[str, ...]
    warned_tests: tuple[str, ...] = ()
    failed_tests: tuple[str, ...]
    seen: Seen = msgspec.field(name="reprise_verdict")


class TestStatement(_Part, frozen=True, kw_only=True):
    """The first statement: what the verification came to."""

    __test__ = False

    type: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(
        name="_type", default="https://in-toto.io/Statement/v1"
    )
    subject: tuple[Resource, ...]
    predicate_type: Literal["https://in-toto.io/attestation/test-result/v0.1"] = (
        "https://in-toto.io/attestation/test-result/v0.1"
    )
    predicate: TestResult


class Parameters(_Part, frozen=True, kw_only=True):
    """All that is needed to ask for the same run again. `manifest` is a spec Manifest."""

    address: str
    commit: str
    folder: str
    manifest: dict[str, Any]
    manifest_digest: Digest


class Surroundings(_Part, frozen=True, kw_only=True):
    """What the site, not the model, decides."""

    network: Literal["none"] = "none"
    limits: Limits


class BuildDefinition(_Part, frozen=True, kw_only=True):
    """What was asked for, and what it resolved to."""

    build_type: Literal["urn:reprise:verification:1"] = "urn:reprise:verification:1"
    external_parameters: Parameters
    internal_parameters: Surroundings
    resolved_dependencies: tuple[Resource, ...]


class Builder(_Part, frozen=True, kw_only=True):
    """Who ran it."""

    id: str
    version: dict[str, str]


class Metadata(_Part, frozen=True, kw_only=True):
    """Which run it was, and when."""

    invocation_id: str
    started_on: Moment
    finished_on: Moment


class RunDetails(_Part, frozen=True, kw_only=True):
    """The run, and every file that it left."""

    builder: Builder
    metadata: Metadata
    byproducts: tuple[Resource, ...]


class Provenance(_Part, frozen=True, kw_only=True):
    """The predicate SLSA provenance."""

    build_definition: BuildDefinition
    run_details: RunDetails


class ProvenanceStatement(_Part, frozen=True, kw_only=True):
    """The second statement: how the run came about."""

    type: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(
        name="_type", default="https://in-toto.io/Statement/v1"
    )
    subject: tuple[Resource, ...]
    predicate_type: Literal["https://slsa.dev/provenance/v1"] = "https://slsa.dev/provenance/v1"
    predicate: Provenance
