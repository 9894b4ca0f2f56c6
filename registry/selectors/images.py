"""Queries about images at the site's registry: whose they are, who may pull, which are to go."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from registry.models import ModelEntry, PushedImage, SavedImage, VerificationRun
from registry.models.entries import Visibility
from registry.models.pulling import ImageState
from registry.selectors.entries import Viewer, entries_browsable

MOST_AT_ONCE = 100


def image_of_run(run: VerificationRun) -> PushedImage | None:
    """The image at the site's registry in which a run saw what it says; None of none."""
    if not settings.REGISTRY:
        return None
    return PushedImage.objects.filter(pk=run.pk, state=ImageState.READY).first()


def saved_image_of(run: VerificationRun) -> SavedImage | None:
    """The image of a run as a file, however far that is; None where nobody asked."""
    return SavedImage.objects.filter(pk=run.pk).first()


def image_reference(image: PushedImage) -> str:
    """What `docker pull` is given to get these very bytes."""
    return f"{settings.REGISTRY}/{image.repository}@{image.digest}"


def image_pulled(*, user: Viewer, repository: str) -> PushedImage | None:
    """The newest image of a repository, where the caller may see its model now.

    None alike of one that is hidden, withdrawn or not there. Reads `run__version_id` too.
    """
    images = PushedImage.objects.filter(repository=repository, state=ImageState.READY)
    shown = images.filter(run__version__entry__in=entries_browsable(user)).select_related("run")
    return shown.order_by("-run__version__number", "-pushed_at").defer("run__report").first()


def repository_of_entry(entry: ModelEntry) -> str:
    """The repository that the images of an entry are in, whatever it is called now; "" of none."""
    images = PushedImage.objects.filter(run__version__entry=entry).exclude(repository="")
    return images.values_list("repository", flat=True).first() or ""


def images_unwanted(*, superseded_before: datetime) -> QuerySet[PushedImage]:
    """Images that no reader is promised any more.

    Those of withdrawn entries, and those whose tag went to another before that time. A digest that
    a later verification was found to have as well is wanted as long as that one's.
    """
    ready = PushedImage.objects.filter(state=ImageState.READY)
    later = ready.filter(pushed_at__gt=OuterRef("pushed_at"))
    next_one = later.filter(run__version=OuterRef("run__version")).order_by("pushed_at")
    twin = later.filter(repository=OuterRef("repository"), digest=OuterRef("digest"))
    old = ready.annotate(superseded_at=Subquery(next_one.values("pushed_at")[:1])).filter(
        Q(tag="", superseded_at__lt=superseded_before) & ~Exists(twin)
        | Q(run__version__entry__visibility=Visibility.WITHDRAWN)
    )
    return old.order_by("pushed_at")[:MOST_AT_ONCE]
