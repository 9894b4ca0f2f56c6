"""What people typed and did not save yet: kept as they type, so that no crash loses it."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from registry.models import ModelEntry, TypedForm, User
from registry.services.errors import ServiceError
from registry.services.text import as_json

# More than the longest description, a hundred authors and a hundred outputs together.
FIELDS_MOST = 3_000
CHARACTERS_MOST = 400_000


def typed_form_save(
    *, entry: ModelEntry, user: User, data: Mapping[str, str], revision: int
) -> TypedForm:
    """Keep the fields of a form as they are; `revision` is the one last seen, 0 for none.

    Raises ServiceError when there is more than a form can hold, or when the person's other window
    has written meanwhile: what is in that one is not overwritten.
    """
    if len(data) > FIELDS_MOST or sum(map(len, data.values())) > CHARACTERS_MOST:
        raise ServiceError(
            "typed_too_much", "There is more in this form than is kept.", "Shorten the description."
        )
    kept = {"data": as_json(dict(data)), "saved_at": timezone.now(), "revision": revision + 1}
    mine = TypedForm.objects.filter(entry=entry, user=user)
    with transaction.atomic():
        # Compare and swap; where nothing was kept, the first of two windows writes. What was saved
        # or discarded meanwhile does not come back.
        if revision:
            if mine.filter(revision=revision).update(**kept):
                return mine.get()
        else:
            typed, fresh = TypedForm.objects.get_or_create(entry=entry, user=user, defaults=kept)
            if fresh:
                return typed
    raise ServiceError(
        "typed_elsewhere",
        "Another window of yours holds something newer, so this one is not kept by itself.",
        "Save here to compare the two, or load the page again to see the other.",
    )


def typed_form_discard(*, entry: ModelEntry, user: User) -> None:
    """Forget what a person typed and did not save."""
    TypedForm.objects.filter(entry=entry, user=user).delete()
