"""What stands above every step of publishing, and the version that the steps are about."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import Http404
from django.urls import reverse

from registry.models import ModelEntry, ModelVersion
from registry.models.entries import VersionState
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest


class Stage(StrEnum):
    """The steps in their order; the value is the name of the step's address."""

    SOURCE = "entry_source"
    CHECK = "entry_edit"
    TRY = "entry_try"
    PUBLISH = "entry_release"


_NUMBER = re.compile(r"[0-9]{1,9}")
_LABELS = {
    Stage.SOURCE: "Source",
    Stage.CHECK: "Check",
    Stage.TRY: "Try it",
    Stage.PUBLISH: "Publish",
}


@dataclass(frozen=True, kw_only=True)
class ShownStage:
    """A step as the page shows it; without an address while it cannot be gone to."""

    number: int
    label: str
    address: str
    state: str

    @property
    def current(self) -> bool:
        """Whether this is the step at hand."""
        return self.state == "current"


def wizard_frame(stage: Stage, version: ModelVersion | None = None) -> dict[str, Any]:
    """The context of templates/parts/publish_steps.html. Without a version, nothing was read."""
    ready = version is not None and version.state == VersionState.READY
    return {
        "stages": [
            ShownStage(
                number=number,
                label=_LABELS[one],
                address=reverse(one.value, args=[version.entry_id])
                if version and (ready or one is Stage.SOURCE)
                else "",
                state=_state(number, list(Stage).index(stage) + 1),
            )
            for number, one in enumerate(Stage, start=1)
        ]
    }


def _state(number: int, at: int) -> str:
    if number == at:
        return "current"
    return "done" if number < at else "ahead"


def newest_version_or_404(entry: ModelEntry) -> ModelVersion:
    """The newest version of an entry, which the form is about. Raises Http404."""
    version = entry.versions.order_by("-number").first()
    if version is None:
        raise Http404("This model has no version.")
    return version


def unpublished_or_404(request: PersonRequest, accession: int) -> tuple[ModelEntry, ModelVersion]:
    """One's own entry and the version of it that is to be published. Raises Http404."""
    entry = own_entry_or_404(request, accession)
    version = entry.versions.filter(published_at=None).first()
    if version is None:
        raise Http404("Every version of this model is published.")
    return entry, version


def number_of(text: str) -> int:
    """The number that a request names; 0 where it names none."""
    return int(text) if _NUMBER.fullmatch(text) else 0
