"""The tables of the registry and their constraints."""

from registry.models.entries import (
    Citation,
    Membership,
    ModelEntry,
    ModelVersion,
    SearchDocument,
)
from registry.models.people import ApiToken, User
from registry.models.runs import (
    CheckResult,
    LogChunk,
    OutputComparison,
    RunEvent,
    TestOutcome,
    VerificationRun,
)
from registry.models.storage import Artifact, Blob, Upload

__all__ = [
    "ApiToken",
    "Artifact",
    "Blob",
    "CheckResult",
    "Citation",
    "LogChunk",
    "Membership",
    "ModelEntry",
    "ModelVersion",
    "OutputComparison",
    "RunEvent",
    "SearchDocument",
    "TestOutcome",
    "Upload",
    "User",
    "VerificationRun",
]
