"""The Celery tasks. Messages carry ids alone; the database says whether there is work."""

import logging
import platform
import shutil
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from securesystemslib.signer import CryptoSigner

from registry.imports.model import ImportedModel
from registry.models.outside import LookupKind
from registry.selectors.runs import live_run_ids
from registry.services.answers import answers_remove_old
from registry.services.archives import archive_make
from registry.services.bisections import (
    BisectionClaim,
    bisection_claim,
    bisection_finish,
    bisection_heartbeat,
    bisection_make_way,
    bisection_note,
    bisection_release,
    bisections_reconcile,
    live_bisection_labels,
    verifications_wait,
)
from registry.services.blobs import blob_open, blobs_collect
from registry.services.calculations import (
    CalculationClaim,
    calculation_cancelled,
    calculation_claim,
    calculation_finish,
    calculation_release,
    calculations_reconcile,
    live_calculation_labels,
)
from registry.services.deliveries import (
    deliveries_resend,
    delivery_answered,
    delivery_claim,
)
from registry.services.dois import doi_refused, doi_to_tell, doi_told, dois_resend
from registry.services.errors import LeaseLost
from registry.services.exports import export_make
from registry.services.images import (
    image_lacked,
    image_push_failed,
    image_pushed,
    image_removed,
    image_to_push,
    images_resend,
    images_to_remove,
)
from registry.services.imports import repository_ask
from registry.services.inputs import input_file_open
from registry.services.keys import key_register
from registry.services.lookups import (
    Question,
    lookup_answered,
    lookup_failed,
    lookup_to_answer,
    lookups_remove_old,
    lookups_resend,
)
from registry.services.mailing import mails_resend, news_mail
from registry.services.runs import (
    Claim,
    run_cancelled,
    run_claim,
    run_finish,
    run_release,
    runs_reconcile,
)
from registry.services.saved_images import (
    TOO_LARGE,
    saved_image_claim,
    saved_image_fail,
    saved_image_keep,
    saved_image_lacked,
    saved_image_wait,
    saved_images_reconcile,
    saving_labels,
)
from registry.services.saved_searches import searches_news
from registry.services.schedule import ScheduleLimits, runs_schedule
from registry.services.uploads import SCHEME as UPLOAD
from registry.services.uploads import upload_history
from registry.services.versions import (
    version_inspected,
    version_inspection_failed,
    version_to_inspect,
    versions_resend,
)
from registry.source_archives import Form
from registry.spec.bisection import Goal
from registry.spec.envelope import public_pem
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from registry.spec.receipt import Signer
from runners.bisection import Diary, MadeWay, bisect, no_commits
from runners.calculating import Order, calculate
from runners.configuration import (
    asking_of_site,
    base_digests_of_site,
    bases_of_site,
    bounds_of_calculations,
    bounds_of_site,
    datacite_of_site,
    disk_of_site,
    engine_of_site,
    key_of_site,
    mirrors_of_site,
    registry_of_site,
    scratch_of,
    signer_of_site,
    tools_for,
    uploads_of_site,
)
from runners.disk import Notice
from runners.doi import DoiRefused, tell_datacite
from runners.faults import Check, PlatformFault, RepositoryFault, Stopped
from runners.inspection import inspect_source
from runners.lease import CalculationLease, Lease
from runners.lookups import look_up_article, look_up_model, look_up_refs
from runners.pipeline import cpu_model, verify
from runners.pulse import Pulse
from runners.pushing import ImageLacking, pushed, remove_image
from runners.saving import ImageTooLarge, save
from runners.searches import Prober
from runners.source.uploads import Archive
from runners.steps.case import Request
from runners.telling import tell

logger = logging.getLogger(__name__)
_full_disk = Notice()


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


@shared_task(name="runners.push_image")
def push_image(run_id: int) -> None:
    """Push the image of a run to the site's registry, if it waits; what fails is sent again."""
    wanted = image_to_push(run_id=run_id)
    if wanted is None:
        return
    try:
        there = pushed(
            engine_of_site(),
            registry_of_site(),
            image=wanted.image,
            repository=wanted.repository,
            tag=wanted.tag,
            annotations=wanted.annotations,
        )
    except ImageLacking:
        image_lacked(run_id=run_id)
    except PlatformFault as fault:
        logger.warning("The image of run %s waits: %s", run_id, fault)
        image_push_failed(run_id=run_id, reason=str(fault))
    else:
        image_pushed(wanted=wanted, digest=there.digest, size=there.size)


def live_labels() -> frozenset[str]:
    """Whose containers and folders are in use, as they are labelled."""
    return live_run_ids() | live_bisection_labels() | live_calculation_labels() | saving_labels()


def no_room() -> bool:
    """Whether a disk is too full for a run, even after clearing up.

    An engine that does not answer is no reason to wait: that fault uses up an attempt.
    """
    try:
        disk = disk_of_site(settings.SITE_NAME)
        shortage = disk.make_room(live_runs=live_labels(), image_seconds=0)
    except PlatformFault:
        return False
    _full_disk.tell(shortage)
    return bool(shortage)


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


def registered(signer: Signer | None) -> Signer | None:
    """The signer once its public key is published; None for a key that is retired."""
    return signer if signer and _is_published(signer.key) else None


def _is_published(key: CryptoSigner) -> bool:
    """Whether the public half is published, which it is from now on, and not retired."""
    known = key_register(public_pem=public_pem(key.public_key))
    if known.retired_at is not None:
        logger.error("Nothing is signed: the key %s is retired.", known.keyid)
    return known.retired_at is None


@shared_task(name="runners.export")
def export() -> None:
    """Write all that is public as files, unless this site keeps none."""
    if settings.EXPORTS_KEPT:
        logger.info("Exported: %s", export_everything(keep=settings.EXPORTS_KEPT))


def export_everything(*, keep: int) -> str:
    """Make an export, signed where this machine has a key; its name."""
    key = key_of_site()
    return export_make(signer=key if key and _is_published(key) else None, keep=keep)


@shared_task(name="runners.inspect")
def inspect_version(version_id: int) -> None:
    """Read a pending version's repository, so that its form fills itself."""
    target = version_to_inspect(version_id=version_id)
    if target is None:
        return
    address, ref, folder = target
    try:
        lay_uploads(address, ref, check=_go_on)
        inspection = inspect_source(
            address,
            ref or None,
            folder=folder,
            mirrors=mirrors_of_site(),
            limits=bounds_of_site().source,
            bases=bases_of_site(),
        )
    except RepositoryFault as fault:
        version_inspection_failed(version_id=version_id, failure=fault.failure, target=target)
    else:
        version_inspected(version_id=version_id, inspection=inspection, target=target)


@shared_task(name="runners.look_up")
def look_up(lookup_id: int) -> None:
    """Ask a server elsewhere what somebody wants to know, and keep the answer or why there is none.

    Whoever asked is waiting, so nothing is tried again unasked.
    """
    question = lookup_to_answer(lookup_id=lookup_id)
    if question is None:
        return
    try:
        result = _answer(question)
    except RepositoryFault as fault:
        lookup_failed(lookup_id=lookup_id, failure=fault.failure)
    except Exception:
        logger.exception("Lookup %s failed: %s", lookup_id, question)
        lookup_failed(lookup_id=lookup_id, failure=_NOT_NOW)
    else:
        lookup_answered(lookup_id=lookup_id, result=result)
        if isinstance(result, ImportedModel):
            repository_ask(lookup_id=lookup_id)


_NOT_NOW = Failure(
    cause=Cause.INFRASTRUCTURE,
    sentence="This could not be looked up: the portal cannot reach the other server now.",
    hint="Try again later, or fill in the fields yourself.",
)


def _answer(question: Question) -> object:
    match question.kind:
        case LookupKind.ARTICLE:
            return look_up_article(question.address, asking_of_site())
        case LookupKind.REFS:
            return look_up_refs(question.address, mirrors_of_site(), bounds_of_site().source)
        case LookupKind.MODEL:
            return look_up_model(question.address, asking_of_site())
    raise AssertionError(question.kind)


@shared_task(name="runners.mint_doi")
def mint_doi(version_id: int) -> None:
    """Tell DataCite what it does not know yet of a version's DOI; what fails is sent again."""
    asked = doi_to_tell(version_id=version_id)
    if asked is None:
        return
    try:
        tell_datacite(
            datacite_of_site(),
            doi=asked.doi,
            url=asked.url,
            metadata=asked.metadata,
            is_new=asked.is_new,
            is_findable=asked.is_findable,
        )
    except DoiRefused as refusal:
        logger.warning("The DOI %s was refused: %s", asked.doi, refusal)
        doi_refused(version_id=version_id, reason=str(refusal))
    except PlatformFault as fault:
        logger.warning("The DOI %s waits: %s", asked.doi, fault)
    else:
        doi_told(version_id=version_id, is_findable=asked.is_findable)


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
    order = Order(image=claim.image, manifest=claim.manifest, inputs=claim.inputs, opened=_opened)
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


def lay_uploads(address: str, ref: str, *, check: Check) -> None:
    """Make commits of the archives that the address and ref name, where they name any.

    Raises RepositoryFault for an archive that cannot be read.
    """
    history = [
        Archive(
            number=file.number,
            name=file.name,
            sha256=file.sha256,
            received_at=int(file.received_at.timestamp()),
            open=partial(_opened, file.sha256),
        )
        for file in upload_history(address=address, ref=ref)
    ]
    if history:
        number = address.removeprefix(UPLOAD)
        limits = bounds_of_site().source
        uploads_of_site().lay(number, history, limits=limits, check=check)


def input_opened(accession: int, sha256: str) -> BinaryIO | None:
    """The input file of an entry that has this sha256, where one was uploaded."""
    return cast("BinaryIO | None", input_file_open(accession=accession, sha256=sha256))


def _opened(sha256: str) -> BinaryIO:
    return cast("BinaryIO", blob_open(sha256))


def _go_on() -> None:
    """An inspection ends by its own time limit; nothing stops it before."""


@shared_task(name="runners.save_image")
def save_image(run_id: int) -> None:
    """Write the image of a run to a file, if somebody waits for it; what fails is sent again."""
    wanted = None if no_room() else saved_image_claim(run_id=run_id)
    if wanted is None:
        return
    try:
        _save(run_id, wanted.image)
    except ImageLacking:
        saved_image_lacked(run_id=run_id, here=wanted.host == platform.node())
    except ImageTooLarge:
        saved_image_fail(run_id=run_id, reason=TOO_LARGE)
    except (PlatformFault, OSError) as fault:
        logger.warning("The image of run %s is not saved: %s", run_id, fault)
        saved_image_wait(run_id=run_id)


def _save(run_id: int, image: str) -> None:
    scratch = scratch_of(settings.SITE_NAME)
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch, prefix=f"{run_id}-image-") as folder:
        path, most = Path(folder, "image.tar"), settings.SAVED_IMAGE_MB * 2**20
        save(engine_of_site(), image=image, target=path, most_bytes=most)
        saved_image_keep(run_id=run_id, path=path)


@shared_task(name="runners.make_archive")
def make_archive(version_id: int, form: str, folder: str) -> None:
    """Make an archive that a caller would wait for too long. Who still wants it asks again."""
    archive_make(version_id=version_id, form=Form(form), folder=folder)


@shared_task(name="runners.mail_news")
def mail_news(notification_id: int) -> None:
    """Send the mail that a piece of news is due in, if nobody has sent it."""
    news_mail(notification_id=notification_id)


@shared_task(name="runners.send_webhook")
def send_webhook(delivery_id: int) -> None:
    """Send a message to another program, if it is due; what is not taken is tried again."""
    sending = delivery_claim(delivery_id=delivery_id)
    if sending is None:
        return
    try:
        asking = asking_of_site()
        answer = tell(sending.address, sending.body, sending.headers, asking=asking)
    except (RepositoryFault, PlatformFault) as fault:
        delivery_answered(sending=sending, status=None, answer=str(fault))
    else:
        delivery_answered(sending=sending, status=answer.status, answer=answer.text)


@shared_task(name="runners.schedule")
def schedule() -> None:
    """Begin what is due unasked: after a push, on a new base image, never run, by date."""
    limits = ScheduleLimits(runs_a_day=settings.SCHEDULE_RUNS, queue=settings.SCHEDULE_QUEUE)
    begun = runs_schedule(now=timezone.now(), bases=base_digests_of_site(), limits=limits)
    logger.info("Scheduled: %s", begun)


@shared_task(name="runners.searches_news")
def tell_searches_news() -> None:
    """Tell people of new models that match the searches that they keep."""
    logger.info("Searches with news: %s", searches_news())


@shared_task(name="runners.reconcile")
def reconcile() -> None:
    """Move on what a lost worker or a lost message left behind, and clear up after it."""
    moved = runs_reconcile(
        resend_after_seconds=settings.RESEND_SECONDS,
        max_attempts=settings.RUN_MAX_ATTEMPTS,
    )
    versions_resend(resend_after_seconds=settings.RESEND_SECONDS)
    bisections_reconcile(resend_after_seconds=settings.RESEND_SECONDS)
    calculations_reconcile(
        resend_after_seconds=settings.RESEND_SECONDS, max_attempts=settings.RUN_MAX_ATTEMPTS
    )
    mails_resend(resend_after_seconds=settings.RESEND_SECONDS)
    lookups_resend(resend_after_seconds=settings.RESEND_SECONDS)
    lookups_remove_old()
    answers_remove_old()
    dois_resend(resend_after_seconds=settings.RESEND_SECONDS)
    deliveries_resend(resend_after_seconds=settings.RESEND_SECONDS)
    images_resend(resend_after_seconds=settings.RESEND_SECONDS)
    saved_images_reconcile(resend_after_seconds=settings.RESEND_SECONDS)
    logger.info("Reconciled: %s", moved)
    live = live_labels()
    clear_scratch(live)
    clear_engine(live)
    clear_registry()


def clear_registry() -> None:
    """Remove from the site's registry what no reader is promised any more."""
    for image in images_to_remove(keep_days=settings.REGISTRY_KEEP_DAYS):
        try:
            remove_image(registry_of_site(), repository=image.repository, digest=image.digest)
        except PlatformFault as fault:
            logger.warning("Images wait to be removed: %s", fault)
            return
        image_removed(run_id=image.run_id)


@shared_task(name="runners.collect_blobs")
def collect_blobs() -> None:
    """Remove files that nothing in the database points to any more."""
    logger.info("Removed %s blobs that nothing points to", blobs_collect())


def clear_scratch(live_runs: frozenset[str]) -> None:
    """Remove scratch folders of runs that nobody holds: their worker was killed."""
    for folder in scratch_of(settings.SITE_NAME).glob("*-*-*"):
        if folder.name.partition("-")[0] not in live_runs:
            shutil.rmtree(folder, ignore_errors=True)


def clear_engine(live_runs: frozenset[str]) -> None:
    """Remove containers of runs that nobody holds, then images and build cache over budget.

    On a full disk more goes, so that what runs just now can end.
    """
    disk, now = disk_of_site(settings.SITE_NAME), int(time.time())
    removed = disk.engine.remove_leftovers(site=disk.site, live_runs=live_runs, now=now)
    images = disk.keep_budgets(live_runs=live_runs)
    disk.make_room(live_runs=live_runs, image_seconds=0)
    if removed or images:
        logger.info("Removed %s leftovers and %s images", removed, images)
