"""The record of who did what: written in the transaction that did it."""

from collections.abc import Mapping

from django.utils import timezone

from registry.models import AuditEvent, ModelEntry, User
from registry.services.text import as_json, cut


def audit_record(
    *,
    actor: User | None,
    action: str,
    subject: str,
    entry: ModelEntry | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Note that `actor` (None: the portal itself) did `action`, as in `entry.transferred`.

    `detail` holds what changed, and no secret.
    """
    AuditEvent.objects.create(
        at=timezone.now(),
        actor=actor.username if actor else "reprise",
        action=action,
        subject=cut(subject, 300),
        accession=entry.pk if entry else None,
        detail=as_json(dict(detail or {})),
    )
