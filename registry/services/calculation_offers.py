"""Whether an entry can be run here on people's inputs, and whether its owners let people."""

from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from registry.models import EntryCalculations, ModelEntry, User, VerificationRun
from registry.selectors.runs import verdict_run
from registry.services.audit import audit_record
from registry.services.errors import ServiceError
from registry.spec.evidence import Report
from registry.spec.ladder import Level
from registry.spec.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What of an entry can be run here: the command of `manifest` in the image `image` of `run`."""

    run: VerificationRun
    manifest: Manifest
    image: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths of the files that anybody may replace."""
        return tuple(each.path for each in self.manifest.inputs)


def calculation_offer(*, entry: ModelEntry) -> Offer:
    """What of an entry's current version can be run here. Raises ServiceError where nothing can.

    Whether its owner lets people do so is another question: `entry_calculates`.
    """
    if not settings.CALCULATIONS_A_DAY:
        raise ServiceError("calculations_off", "This portal runs no models on people's inputs.")
    version = entry.current_version
    run = verdict_run(version, report=True) if version and version.commit else None
    report = msgspec.convert(run.report, Report) if run and run.report else None
    image = report.environment.image_digest if report else None
    if run is None or report is None or image is None or report.level < Level.RUNS:
        raise ServiceError(
            "calculations_unverified",
            "The current version was not seen to run, so there is nothing to run it in.",
            "Once a verification in force reaches “runs”, it can be run here.",
        )
    manifest = report.read.manifest if report.read else Manifest()
    if manifest.run is None or not manifest.inputs:
        raise ServiceError(
            "calculations_undeclared",
            "This version does not declare a command and the files that it reads.",
            "Declare `run`, and name under [[inputs]] each file that people may replace.",
        )
    return Offer(run=run, manifest=manifest, image=image)


def entry_calculations_set(*, actor: User, entry: ModelEntry, wanted: bool) -> None:
    """Let people run an entry here, or no longer. Raises ServiceError where nothing can be run.

    What waits when it is closed ends as cancelled at its turn.
    """
    if wanted:
        calculation_offer(entry=entry)
    with transaction.atomic():
        locked = ModelEntry.objects.select_for_update().get(pk=entry.pk)
        given = EntryCalculations.objects.filter(entry=locked)
        if wanted == given.exists():
            return
        if wanted:
            opened = {"opened_by": actor, "opened_at": timezone.now()}
            EntryCalculations.objects.create(entry=locked, **opened)
        else:
            given.delete()
        action = "calculations.opened" if wanted else "calculations.closed"
        audit_record(actor=actor, action=action, subject=locked.full_name, entry=locked)
