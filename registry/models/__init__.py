"""The tables of the registry and their constraints."""

from registry.models.calculations import Calculation, CalculationFile, EntryCalculations
from registry.models.curation import AuditEvent, ProblemReport
from registry.models.entries import (
    Citation,
    Membership,
    ModelEntry,
    ModelVersion,
    SearchDocument,
)
from registry.models.evidence import Reproduction, SigningKey
from registry.models.finding import Facet, SavedSearch, Term, Vocabulary
from registry.models.news import Follow, NewsChoice, Notification
from registry.models.outside import Doi, Lookup, TypedForm
from registry.models.people import ApiToken, KeptAnswer, User
from registry.models.pulling import (
    BulkExport,
    PullCount,
    PushedImage,
    SavedImage,
    SourceArchive,
    UnpackedFile,
)
from registry.models.runs import (
    CheckResult,
    ClaimOutcome,
    LogChunk,
    OutputComparison,
    RunEvent,
    TestOutcome,
    VerificationRun,
)
from registry.models.sharing import (
    Collection,
    CollectionItem,
    EntryAlias,
    GroupGrant,
    GroupMember,
    ResearchGroup,
    ReviewerLink,
    Transfer,
)
from registry.models.storage import Artifact, Blob, InputFile, Upload
from registry.models.watching import Bisection, Hook, HookDelivery
from registry.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "Artifact",
    "AuditEvent",
    "Bisection",
    "Blob",
    "BulkExport",
    "Calculation",
    "CalculationFile",
    "CheckResult",
    "Citation",
    "ClaimOutcome",
    "Collection",
    "CollectionItem",
    "Doi",
    "EntryAlias",
    "EntryCalculations",
    "Facet",
    "Follow",
    "GroupGrant",
    "GroupMember",
    "Hook",
    "HookDelivery",
    "InputFile",
    "KeptAnswer",
    "LogChunk",
    "Lookup",
    "Membership",
    "ModelEntry",
    "ModelVersion",
    "NewsChoice",
    "Notification",
    "OutputComparison",
    "ProblemReport",
    "PullCount",
    "PushedImage",
    "Reproduction",
    "ResearchGroup",
    "ReviewerLink",
    "RunEvent",
    "SavedImage",
    "SavedSearch",
    "SearchDocument",
    "SigningKey",
    "SourceArchive",
    "Term",
    "TestOutcome",
    "Transfer",
    "TypedForm",
    "UnpackedFile",
    "Upload",
    "User",
    "VerificationRun",
    "Vocabulary",
    "Webhook",
    "WebhookDelivery",
]
