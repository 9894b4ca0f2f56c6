"""What a bulk export holds: a line of JSON for each thing that is public. See docs/harvesting.md.

Names are only ever added; a reader ignores those that it does not know. Texts are empty where
nothing is known, all else is null.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from registry.spec.manifest import Article, Person, Sha256
from registry.spec.statements import Moment, Resource

STATEMENT = "export.intoto.jsonl"
_Level = Annotated[int, msgspec.Meta(ge=0, le=6)]
_Commit = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines share."""


class ExportedModel(_Line, frozen=True, kw_only=True):
    """A public model. `name` is `owner/name`, `terms` are paths by vocabulary.

    `version` is the number of the current version, to which the verdict belongs.
    """

    accession: int
    name: str
    page: str
    title: str
    summary: str
    description: str
    keywords: tuple[str, ...]
    terms: dict[str, tuple[str, ...]]
    container_image: str
    version: int
    licence: str
    level: _Level
    outcome: str
    cause: str
    verified_at: datetime | None
    tests_pass: bool | None
    repairs: tuple[str, ...]
    repeatability: str
    claims: int
    claims_met: int
    created_at: Moment
    updated_at: Moment


class ExportedVersion(_Line, frozen=True, kw_only=True):
    """A published version of a public model. `manifest` is as in reprise.schema.json."""

    accession: int
    number: int
    page: str
    label: str
    address: str
    ref: str
    folder: str
    commit: _Commit
    tree_swhid: str
    committed_at: datetime | None
    licence: str
    authors: tuple[Person, ...]
    article: Article | None
    manifest: dict[str, Any]
    manifest_digest: Sha256
    doi: str
    published_at: Moment


class ExportedFile(_Line, frozen=True, kw_only=True):
    """A file that a run left. `size` in bytes."""

    name: str
    media_type: str
    size: int
    sha256: Sha256


class ExportedRun(_Line, frozen=True, kw_only=True):
    """A run with a verdict on a published version of a public model."""

    run: int
    page: str
    accession: int
    version: int
    commit: _Commit
    manifest_digest: Sha256
    level: _Level
    outcome: str
    cause: str
    explanation: str
    tests_pass: bool | None
    repairs: tuple[str, ...]
    repeatability: str
    claims: int
    claims_met: int
    base_image: str
    environment_digest: str
    python: str
    frameworks: tuple[str, ...]
    cpu_model: str
    trigger: str
    run_seconds: float | None
    peak_memory_mb: int | None
    image_mb: int | None
    queued_at: Moment
    started_at: datetime | None
    finished_at: datetime | None
    policy_version: str
    policy_digest: str
    files: tuple[ExportedFile, ...]


class ExportedItem(_Line, frozen=True, kw_only=True):
    """A public model in a collection, and what its keeper says of it."""

    accession: int
    note: str


class ExportedCollection(_Line, frozen=True, kw_only=True):
    """A public collection with its public models, in its order."""

    owner: str
    name: str
    page: str
    title: str
    description: str
    models: tuple[ExportedItem, ...]
    created_at: Moment
    updated_at: Moment


class ExportedTerm(_Line, frozen=True, kw_only=True):
    """A term of a vocabulary. `merged_into` is the path of the one that stands for it now."""

    path: str
    name: str
    synonyms: tuple[str, ...]
    uri: str
    merged_into: str


class ExportedVocabulary(_Line, frozen=True, kw_only=True):
    """A vocabulary with all its terms."""

    slug: str
    name: str
    description: str
    terms: tuple[ExportedTerm, ...]


EXPORTED: dict[str, type[_Line]] = {
    "models.jsonl.gz": ExportedModel,
    "versions.jsonl.gz": ExportedVersion,
    "runs.jsonl.gz": ExportedRun,
    "collections.jsonl.gz": ExportedCollection,
    "vocabularies.jsonl.gz": ExportedVocabulary,
}
"""The files of an export, and what a line of each holds."""


class Export(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate of an export's statement: whose, of when, and how many lines each file has."""

    site: str
    read_at: Moment
    lines: dict[str, int]


class ExportStatement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """in-toto's statement of an export: its subjects are the files by their sha256."""

    type: Literal["https://in-toto.io/Statement/v1"] = msgspec.field(
        name="_type", default="https://in-toto.io/Statement/v1"
    )
    subject: tuple[Resource, ...]
    predicate_type: Literal["urn:reprise:export:1"] = "urn:reprise:export:1"
    predicate: Export
