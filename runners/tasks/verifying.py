"""Runs, searches and calculations: what is built and run."""

import logging
import platform
from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from registry.services.bisections import (
    BisectionClaim,
    bisection_claim,
    bisection_finish,
    bisection_heartbeat,
    bisection_make_way,
    bisection_note,
    bisection_release,
    verifications_wait,
)
from registry.services.calculations import (
    CalculationClaim,
    calculation_cancelled,
    calculation_claim,
    calculation_finish,
    calculation_release,
)
from registry.services.errors import LeaseLost
from registry.services.runs import (
    Claim,
    run_cancelled,
    run_claim,
    run_finish,
    run_release,
)
from registry.spec.bisection import Goal
from runners.bisection import Diary, MadeWay, bisect, no_commits
from runners.calculating import Order, calculate
from runners.configuration import (
    bounds_of_calculations,
    bounds_of_site,
    signer_of_site,
    tools_for,
)
from runners.faults import PlatformFault, Stopped
from runners.lease import CalculationLease, Lease
from runners.pipeline import cpu_model, verify
from runners.pulse import Pulse
from runners.searches import Prober
from runners.steps.case import Request
from runners.tasks.images import push_image
from runners.tasks.reading import blob_opened, input_opened, lay_uploads
from runners.tasks.room import no_room
from runners.tasks.signing import registered

logger = logging.getLogger(__name__)


@shared_task(name="runners.verify")
def verify_run(run_id: int) -> None:
    """Carry out one attempt of a run, if it is still to be had.

    While a disk is full it is left in the queue: reconciling sends it again.
    """
    if no_room():
        return
    claim = run_claim(
        run_id=run_id,
        host=platform.node(),
        cpu_model=cpu_model(),
        lease_seconds=settings.LEASE_SECONDS,
    )
    if claim is None:
        logger.info("Run %s is not to be had: it is done, or another worker has it.", run_id)
        return
    try:
        _attempt(claim)
    except (Stopped, LeaseLost):
        # A cancel ends here. After a lost lease this writes nothing: the token is stale.
        run_cancelled(claim=claim)
    except Exception as fault:
        # Whatever else went wrong is ours, expected or not: the run must go on or end, never hang.
        logger.exception("Run %s, attempt %s failed", claim.run_id, claim.attempt)
        reason = str(fault) if isinstance(fault, PlatformFault) else type(fault).__name__
        run_release(claim=claim, reason=reason, max_attempts=settings.RUN_MAX_ATTEMPTS)
    # Here and now, for this worker's engine has the image; what the run found is written already.
    push_image(run_id)


def _attempt(claim: Claim) -> None:
    """Walk the pipeline under a lease, then commit evidence and outcome together."""
    request = Request(
        address=claim.address,
        ref=claim.commit,
        folder=claim.folder,
        manifest=claim.manifest,
        earlier=claim.earlier,
        input_file=partial(input_opened, claim.accession),
    )
    site, run = settings.SITE_NAME, str(claim.run_id)
    with (
        Lease(claim, seconds=settings.LEASE_SECONDS) as lease,
        tools_for(
            site=site,
            run=run,
            attempt=claim.attempt,
            bounds=bounds_of_site(),
            check=lease.check,
            signer=registered(signer_of_site(claim.run_id)),
        ) as tools,
    ):
        lay_uploads(claim.address, claim.ref, check=lease.check)
        result = verify(request, tools, lease, now=timezone.now)
        lease.flush()
        run_finish(claim=claim, report=result.report, files=result.files)


@shared_task(name="runners.bisect")
def bisect_runs(bisection_id: int) -> None:
    """Carry out a search for what broke a model, if it is still to be had and nothing waits."""
    if no_room():
        return
    claim = bisection_claim(bisection_id=bisection_id, lease_seconds=settings.LEASE_SECONDS)
    if claim is None:
        logger.info("Search %s is not to be had, or verifications go first.", bisection_id)
        return
    try:
        bisection_finish(claim=claim, finding=_searched(claim))
    except MadeWay:
        bisection_make_way(claim=claim)
    except (Stopped, LeaseLost):
        logger.warning("Search %s, attempt %s lost its lease", bisection_id, claim.attempt)
    except Exception:
        # As with runs: whatever else went wrong is ours.
        logger.exception("Search %s, attempt %s failed", bisection_id, claim.attempt)
        bisection_release(claim=claim)


def _searched(claim: BisectionClaim) -> str:
    """What the search finds, under a lease; each probe is written down as it ends."""
    seconds = settings.LEASE_SECONDS
    beat = partial(bisection_heartbeat, claim=claim, lease_seconds=seconds)
    with Pulse(beat, seconds=seconds, work=f"Search {claim.bisection_id}") as pulse:
        lay_uploads(claim.address, claim.ref, check=pulse.check)
        prober = Prober(
            site=settings.SITE_NAME,
            run=claim.label,
            request=Request(
                address=claim.address,
                ref=None,
                folder=claim.folder,
                manifest=claim.manifest,
                input_file=partial(input_opened, claim.accession),
            ),
            good=claim.good,
            bad=claim.bad,
            check=pulse.check,
            first=100 * claim.attempt,
        )
        diary = Diary(
            goal=Goal.of(claim.good),
            run=prober.probe,
            tried=claim.tried,
            before=_make_way,
            note=lambda tried: bisection_note(claim=claim, tried=tried),
        )
        commits = prober.commits if claim.same_source else no_commits
        return bisect(claim.good, claim.bad, probe=diary, commits=commits)


def _make_way() -> None:
    if verifications_wait():
        raise MadeWay


@shared_task(name="runners.calculate")
def run_calculation(calculation_id: int) -> None:
    """Carry out one attempt of a calculation, if it is still to be had and nothing waits."""
    if no_room():
        return
    claim = calculation_claim(calculation_id=calculation_id, lease_seconds=settings.LEASE_SECONDS)
    if claim is None:
        logger.info("Calculation %s is not to be had, or verifications go first.", calculation_id)
        return
    try:
        _calculated(claim)
    except (Stopped, LeaseLost):
        # As with runs: a cancel ends here, and after a lost lease this writes nothing.
        calculation_cancelled(claim=claim)
    except Exception as fault:
        logger.exception("Calculation %s, attempt %s failed", calculation_id, claim.attempt)
        reason = str(fault) if isinstance(fault, PlatformFault) else type(fault).__name__
        calculation_release(claim=claim, reason=reason, max_attempts=settings.RUN_MAX_ATTEMPTS)


def _calculated(claim: CalculationClaim) -> None:
    """Calculate under a lease, then commit files and outcome together."""
    order = Order(
        image=claim.image, manifest=claim.manifest, inputs=claim.inputs, opened=blob_opened
    )
    with (
        CalculationLease(claim, seconds=settings.LEASE_SECONDS) as lease,
        tools_for(
            site=settings.SITE_NAME,
            run=claim.label,
            attempt=claim.attempt,
            bounds=bounds_of_calculations(),
            check=lease.check,
        ) as tools,
    ):
        calculated = calculate(order, tools, lease.log)
        lease.flush()
        calculation_finish(claim=claim, calculated=calculated)
