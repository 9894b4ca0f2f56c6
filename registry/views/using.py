"""How anybody gets a model: every way to pull it, to copy and paste."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from registry.models import Artifact, ModelEntry, ModelVersion, SavedImage, VerificationRun
from registry.models.pulling import ImageState, Puller
from registry.plots import columns
from registry.pulling import Pulled, Way, ways_to_pull
from registry.selectors.calculations import entry_calculates
from registry.selectors.images import image_of_run, image_reference, saved_image_of
from registry.selectors.runs import inference_to_repeat, report_of, verdict_run
from registry.selectors.sources import version_archive
from registry.selectors.usage import entry_usage
from registry.services import ServiceError
from registry.services.saved_images import saved_image_ask
from registry.spec.evidence import Report
from registry.spec.manifest import Manifest
from registry.spec.variables import COMMON_ENVIRONMENT, environment_for
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import run_or_404, shown_entry_or_404
from registry.views.receipts import reproduce_command
from registry.views.requests import PageRequest, PersonRequest

_REBUILD = "rebuild/Dockerfile"
_USAGE_DAYS, _LAST_WEEKS = 182, 4


@require_safe
def entry_use(request: PageRequest, accession: int) -> HttpResponse:
    """Every way to pull the current version."""
    entry = shown_entry_or_404(request, accession)
    version = entry.current_version
    context = entry_frame(request, entry, Tab.USE)
    if version is not None and version.commit:
        run = verdict_run(version, report=True)
        saved = saved_image_of(run) if run else None
        pulled = _pulled(entry, version, run, saved)
        context |= {
            "ways": ways_to_pull(pulled),
            "run": run,
            "calculates": entry_calculates(entry=entry),
            "savable": bool(pulled.image),
            "saved": saved,
            **_usage(entry),
        }
    return render(request, "registry/entry_use.html", context)


def _usage(entry: ModelEntry) -> dict[str, Any]:
    """How often the entry was pulled, week by week."""
    usage = entry_usage(entry=entry, days=_USAGE_DAYS)
    counts = [count for _, count in usage.weeks()]
    return {
        "usage": usage,
        "lately": sum(counts[-_LAST_WEEKS:]),
        "kinds": [(kind.label, count) for kind, count in usage.kinds.items()],
        "robots": usage.pullers.get(Puller.ROBOT, 0),
        "ci": usage.pullers.get(Puller.CI, 0),
        "plot": columns(
            counts,
            title="Pulls by week",
            description=f"{len(counts)} weeks; {max(counts)} in the busiest, {counts[-1]} in the "
            "last.",
        ),
    }


@login_required
@require_POST
def image_ask(request: PersonRequest, run_id: int) -> HttpResponse:
    """Have the image of a run written to a file."""
    run = run_or_404(request, run_id)
    try:
        saved_image_ask(run=run, user=request.user)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    else:
        messages.success(request, "The image is being written to a file. Look again in a minute.")
    return redirect("entry_use", run.version.entry_id)


def first_way(entry: ModelEntry, version: ModelVersion) -> Way | None:
    """The most useful way to pull a version; git costs no query, the archive one."""
    if not version.commit:
        return None
    source = _source(entry, version)
    known = source if source.address else _with_archive(source, entry, version)
    # Who has sent an archive is not led to git first.
    return next((way for way in ways_to_pull(known) if way.id not in ("json", "clone")), None)


def _pulled(
    entry: ModelEntry,
    version: ModelVersion,
    run: VerificationRun | None,
    saved: SavedImage | None,
) -> Pulled:
    """All that there is of a version and of the verification in force."""
    source = _with_archive(_source(entry, version), entry, version)
    if run is None:
        return source
    report = report_of(run)
    files = set(Artifact.objects.filter(run=run).values_list("name", flat=True))
    is_saved = saved is not None and saved.state == ImageState.READY
    return replace(
        source,
        run=run.pk,
        rerun=reproduce_command(run),
        crate=_absolute("api:run-crate", run.pk) if files else "",
        rebuilds=_REBUILD in files,
        saved=_absolute("api:run-image", run.pk) if is_saved else "",
        image=(report.environment.image_digest or "") if report else "",
        **_imaged(version, run, report),
    )


def _imaged(version: ModelVersion, run: VerificationRun, report: Report | None) -> dict[str, Any]:
    """Where the image of the verification is had, and what ran in it."""
    image, manifest = image_of_run(run), version.manifest_value
    if image is None:
        return {}
    # A file with a sha256 is none of the repository, so it is not in the image.
    is_whole = report and report.inference and not any(one.sha256 for one in manifest.inputs)
    command = report.inference[0].command if report and is_whole else ()
    return {
        "reference": image_reference(image),
        "command": command,
        "pinned": _pinned(manifest, report),
        "start": manifest.workdir,
        "component": _absolute("api:version-component", version.entry_id, version.number)
        if inference_to_repeat(report)
        else "",
    }


def _pinned(manifest: Manifest, report: Report | None) -> tuple[tuple[str, str], ...]:
    """The variables by which the run was held to its seed and its threads."""
    seed = report.inference[0].seed if report and report.inference else None
    variables = environment_for(manifest, seed=seed).items()
    return tuple(one for one in variables if one[0] not in COMMON_ENVIRONMENT)


def _source(entry: ModelEntry, version: ModelVersion) -> Pulled:
    return Pulled(
        number=version.number,
        name=entry.name,
        address="" if version.is_upload else version.address,
        commit=version.commit,
        folder=version.folder,
        model=_absolute("api:model", entry.accession),
        clone=_absolute("git", entry.owner.username, entry.name) if version.published_at else "",
        hub=settings.PUBLIC_URL.rstrip("/") if version.published_at else "",
        full_name=entry.full_name,
    )


def _with_archive(source: Pulled, entry: ModelEntry, version: ModelVersion) -> Pulled:
    archive = version_archive(version)
    if archive is None:
        return source
    place = _absolute("api:version-archive", entry.accession, version.number)
    sums = _absolute("api:version-archive-sha256", entry.accession, version.number)
    return replace(source, archive=place, sums=sums, sha256=archive.blob_id)


def _absolute(name: str, *args: object) -> str:
    """What is typed on another machine names the site as its settings do."""
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)


using_urlpatterns = [
    path("models/<int:accession>/use/", entry_use, name="entry_use"),
    path("runs/<int:run_id>/image-archive", image_ask, name="image_ask"),
]
