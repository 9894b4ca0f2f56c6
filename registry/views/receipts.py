"""What pages show of a run's receipt, and of what others report of it."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from registry.models import ModelVersion, SigningKey, VerificationRun
from registry.selectors.reproductions import (
    ReproductionGroup,
    receipt_artifact,
    receipt_key,
    reproduction_groups,
)
from registry.spec.receipt import RECEIPT


@dataclass(frozen=True, kw_only=True)
class ShownReceipt:
    """A run's receipt, and the key that it names as its signer's, where that is known here."""

    key: SigningKey | None


@dataclass(frozen=True, kw_only=True)
class ShownReproductions:
    """What others report of a version; counts over all groups."""

    groups: tuple[ReproductionGroup, ...]
    agree: int
    differ: int


def receipt_shown(run: VerificationRun) -> ShownReceipt | None:
    """The receipt of a run, None when it has none."""
    artifact = receipt_artifact(run)
    return ShownReceipt(key=receipt_key(artifact)) if artifact else None


def reproduce_command(run: VerificationRun) -> str:
    """How anybody reruns a run and compares; nothing for a run that has no receipt."""
    if receipt_artifact(run) is None:
        return ""
    place = settings.PUBLIC_URL.rstrip("/") + reverse("api:run-artifact", args=[run.pk, RECEIPT])
    return f"python manage.py verify --against {place}"


def reproductions_shown(version: ModelVersion) -> ShownReproductions:
    """What others report of a version."""
    groups = reproduction_groups(version=version)
    return ShownReproductions(
        groups=groups,
        agree=sum(group.agree for group in groups),
        differ=sum(group.differ for group in groups),
    )
