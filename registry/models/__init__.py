"""The tables of the registry and their constraints."""

from registry.models.entries import (
    Citation,
    Membership,
    ModelEntry,
    ModelVersion,
    SearchDocument,
)
from registry.models.evidence import Reproduction, SigningKey
from registry.models.people import ApiToken, User
from registry.models.runs import (
    CheckResult,
    ClaimOutcome,
    LogChunk,
    OutputComparison,
    RunEvent,
    TestOutcome,
    VerificationRun,
)
from registry.models.storage import Artifact, Blob, InputFile, Upload
from registry.models.watching import Bisection, Hook, HookDelivery

__all__ = [
    "ApiToken",
    "Artifact",
    "Bisection",
    "Blob",
    "CheckResult",
    "Citation",
    "ClaimOutcome",
    "Hook",
    "HookDelivery",
    "InputFile",
    "LogChunk",
    "Membership",
    "ModelEntry",
    "ModelVersion",
    "OutputComparison",
    "Reproduction",
    "RunEvent",
    "SearchDocument",
    "SigningKey",
    "TestOutcome",
    "Upload",
    "User",
    "VerificationRun",
]
