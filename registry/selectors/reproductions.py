"""Queries about receipts, and about the reproductions that others report."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.files.storage import storages
from django.db.models import QuerySet

from registry.models import (
    Artifact,
    Membership,
    ModelEntry,
    ModelVersion,
    Reproduction,
    SigningKey,
    VerificationRun,
)
from registry.models.entries import Role
from registry.selectors.keys import keys_all
from registry.spec.cpus import cpu_family
from registry.spec.envelope import BadReceipt, public_key
from registry.spec.receipt import RECEIPT, Receipt, receipt_open

# What a page reads: the newest of them. The API gives all.
_READ_MOST = 500


@dataclass(frozen=True, kw_only=True)
class ReproductionGroup:
    """The reproductions that one key reports of one family of processors, under one name.

    `by_editors` says that somebody who may change the entry sent some of them.
    """

    site: str
    keyid: str
    cpu_family: str
    count: int
    agree: int
    newest: datetime
    by_editors: bool

    @property
    def differ(self) -> int:
        """How many of them differ from the portal's run."""
        return self.count - self.agree


def receipt_artifact(run: VerificationRun) -> Artifact | None:
    """The file of a run's receipt, if it has one."""
    return run.artifacts.filter(name=RECEIPT).select_related("blob").first()


def receipt_of(run: VerificationRun) -> Receipt | None:
    """A run's own receipt, its signatures checked; None where it has none that holds."""
    artifact = receipt_artifact(run)
    if artifact is None:
        return None
    keys = {key.keyid: public_key(key.public_key) for key in keys_all()}
    try:
        with storages["blobs"].open(artifact.blob.key) as file:
            return receipt_open(file.read(), keys)
    except (OSError, BadReceipt):
        return None


def receipt_key(artifact: Artifact) -> SigningKey | None:
    """The key that a receipt names as its signer's. The signature is the reader's to check."""
    try:
        with storages["blobs"].open(artifact.blob.key) as file:
            keyid = json.loads(file.readline())["signatures"][0]["keyid"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return SigningKey.objects.filter(keyid=keyid).first()


def reproductions_of(*, run: VerificationRun) -> QuerySet[Reproduction]:
    """What others sent about a run, newest first."""
    return run.reproductions.select_related("sent_by").order_by("-pk")


def reproduction_groups(*, version: ModelVersion) -> tuple[ReproductionGroup, ...]:
    """What others report of a version, by site and family of processors."""
    found = Reproduction.objects.filter(version=version).order_by("-received_at")[:_READ_MOST]
    groups: dict[tuple[str, str, str], list[Reproduction]] = {}
    for one in found:
        groups.setdefault((one.site, one.keyid, cpu_family(one.cpu_model)), []).append(one)
    editors = editor_ids(version.entry) if groups else frozenset()
    return tuple(_group(named, rows, editors) for named, rows in groups.items())


def editor_ids(entry: ModelEntry) -> frozenset[int]:
    """Who may change an entry: its owner and its maintainers."""
    members = Membership.objects.filter(entry=entry, role__in=[Role.OWNER, Role.MAINTAINER])
    return frozenset({entry.owner_id, *members.values_list("user_id", flat=True)})


def _group(
    named: tuple[str, str, str], rows: Iterable[Reproduction], editors: frozenset[int]
) -> ReproductionGroup:
    kept = list(rows)
    site, keyid, family = named
    return ReproductionGroup(
        site=site,
        keyid=keyid,
        cpu_family=family,
        count=len(kept),
        agree=sum(one.agrees for one in kept),
        newest=max(one.ran_at for one in kept),
        by_editors=any(one.sent_by_id in editors for one in kept),
    )
