"""Entries, versions and runs as JSON, and what may be posted: a module a theme."""

from registry.api.serializers.entries import EntryRowSerializer, EntrySerializer
from registry.api.serializers.evidence import ComparisonSerializer
from registry.api.serializers.linked import Linked
from registry.api.serializers.people import MeSerializer
from registry.api.serializers.problems import ProblemSerializer
from registry.api.serializers.requests import (
    CitationQuery,
    EntryBody,
    EntryPatch,
    LogsQuery,
    RunListQuery,
    SourceBody,
    VersionBody,
)
from registry.api.serializers.runs import (
    ArtifactSerializer,
    LogsSerializer,
    RunRowSerializer,
    RunSerializer,
)
from registry.api.serializers.versions import VersionSerializer
from registry.api.serializers.words import (
    CAUSES,
    LARGEST_ID,
    LEVELS,
    SHOWN_OR_NOT,
    STEP_STATES,
    STEPS,
    VERDICTS,
)

__all__ = [
    "CAUSES",
    "LARGEST_ID",
    "LEVELS",
    "SHOWN_OR_NOT",
    "STEPS",
    "STEP_STATES",
    "VERDICTS",
    "ArtifactSerializer",
    "CitationQuery",
    "ComparisonSerializer",
    "EntryBody",
    "EntryPatch",
    "EntryRowSerializer",
    "EntrySerializer",
    "Linked",
    "LogsQuery",
    "LogsSerializer",
    "MeSerializer",
    "ProblemSerializer",
    "RunListQuery",
    "RunRowSerializer",
    "RunSerializer",
    "SourceBody",
    "VersionBody",
    "VersionSerializer",
]
