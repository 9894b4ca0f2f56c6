"""Changes of hooks, and what pushes tell through them.

Taking in a push writes a few columns and sends nothing, so that it answers at once with the broker
dead; registry.services.schedule follows it within minutes.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from registry.models import Hook, HookDelivery, ModelEntry
from registry.pushes import TAG, Push, hook_secret
from registry.selectors.schedule import OPEN
from registry.services.errors import ServiceError
from registry.services.text import cut, typed
from registry.services.versions import version_tagged

BRANCH_CHARACTERS = 300
_NO_NEWS = (
    "Ignored: the branch that is followed did not move, and no tag names a commit that is not "
    "published yet."
)
_TAKEN = "Taken: upstream is at {commit}. It is read and verified within minutes."


def hook_open(*, entry: ModelEntry) -> Hook:
    """The entry's hook, made when it has none. Raises ServiceError where no push can concern it."""
    version = entry.current_version
    if entry.visibility not in OPEN or version is None or version.published_at is None:
        raise ServiceError(
            "not_published", "Nothing of this entry is published yet.", "Publish it first."
        )
    if version.is_upload:
        raise ServiceError(
            "no_repository",
            "This model was uploaded, so there is no repository to be pushed to.",
            "Make a new version from a repository's address first.",
        )
    return Hook.objects.get_or_create(entry=entry, defaults={"created_at": Now()})[0]


def hook_renew(*, entry: ModelEntry) -> None:
    """Give the entry's hook another secret; the one before opens nothing any more."""
    Hook.objects.filter(entry=entry).update(generation=F("generation") + 1)


def hook_branch(*, entry: ModelEntry, branch: str) -> None:
    """Follow another branch; "" is the default one. Raises ServiceError."""
    name = typed(branch, limit=BRANCH_CHARACTERS, what="branch")
    Hook.objects.filter(entry=entry).update(branch=name)


def secret_of(hook: Hook) -> str:
    """What the host must know, or sign with."""
    return hook_secret(key=settings.SECRET_KEY, accession=hook.entry_id, generation=hook.generation)


def push_receive(*, hook: Hook, push: Push, delivery: str) -> tuple[bool, str]:
    """Note where upstream is, once a delivery; whether it was taken, and why or why not.

    Raises ServiceError when the push is of another repository.
    """
    with transaction.atomic():
        entry = ModelEntry.objects.select_for_update().get(pk=hook.entry_id)
        version = entry.current_version
        if version is None or not push.is_of(version.address):
            raise ServiceError(
                "other_repository",
                "This push is of another repository than the model's.",
                "Remove this webhook, or correct the model's address.",
            )
        moved = push.followed(hook.branch) or _new_tag(entry, push)
        if moved is None:
            return False, _NO_NEWS
        _, fresh = HookDelivery.objects.get_or_create(
            hook=hook,
            delivery=delivery,
            defaults={"received_at": Now(), "ref": cut(moved[0], 300), "commit": moved[1]},
        )
        if not fresh:
            return False, "Ignored: this very push was taken in before."
        if moved[0].startswith(TAG):
            version_tagged(entry=entry, commit=moved[1], tag=moved[0].removeprefix(TAG))
        ModelEntry.objects.filter(pk=entry.pk).update(upstream_commit=moved[1], upstream_at=Now())
    return True, _TAKEN.format(commit=moved[1][:7])


def _new_tag(entry: ModelEntry, push: Push) -> tuple[str, str] | None:
    """The ref and commit of a tag that was pushed; None when its commit is published already."""
    known = entry.versions.filter(published_at__isnull=False).values_list("commit", flat=True)
    news = ((TAG + name, at) for name, at in push.tags.items() if at not in set(known))
    return next(news, None)
