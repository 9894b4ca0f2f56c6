"""What changes by API were answered, kept so that a request sent twice is carried out once."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from registry.models import KeptAnswer, User
from registry.services.errors import ServiceError

KEPT = timedelta(days=1)


def answer_claim(*, user: User, key: str, request_digest: str) -> tuple[KeptAnswer, bool]:
    """The answer under a person's key, and whether the caller is the one to give it.

    Of any number who ask at once, one is told to. Raises ServiceError when the key stands for
    another request, or for one that is not answered yet.
    """
    kept, is_new = KeptAnswer.objects.get_or_create(
        user=user,
        key=key,
        defaults={"request_digest": request_digest, "created_at": timezone.now()},
    )
    if kept.request_digest != request_digest:
        raise ServiceError(
            "idempotency_key_reused",
            "This Idempotency-Key was sent with another request before.",
            "Make a new key for every request that is to be carried out.",
        )
    if not is_new and kept.status is None:
        raise ServiceError(
            "idempotency_key_going_on",
            "The request that came first with this Idempotency-Key is not answered yet.",
            "Send it again in some seconds. If this lasts, look whether it was carried out.",
        )
    return kept, is_new


def answer_keep(*, kept: KeptAnswer, status: int, headers: Mapping[str, str], body: str) -> None:
    """Keep what a request was answered."""
    KeptAnswer.objects.filter(pk=kept.pk).update(status=status, headers=dict(headers), body=body)


def answer_drop(*, kept: KeptAnswer) -> None:
    """Let go of a key whose request was refused: nothing was carried out."""
    KeptAnswer.objects.filter(pk=kept.pk).delete()


def answers_remove_old() -> int:
    """Forget the answers of yesterday; how many."""
    return KeptAnswer.objects.filter(created_at__lt=Now() - KEPT).delete()[0]
