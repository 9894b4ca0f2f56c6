"""What a Kubeflow Pipelines component of a version is made of, or why there is none."""

from django.conf import settings
from django.urls import reverse

from registry.kubeflow import Component, Taken
from registry.models import ModelVersion
from registry.selectors.images import image_of_run, image_reference
from registry.selectors.runs import inference_to_repeat, report_of, verdict_run
from registry.services.errors import ServiceError
from registry.spec.manifest import Manifest
from registry.spec.variables import environment_for


def version_component(*, version: ModelVersion) -> Component:
    """The command that the verification in force ran, in the image in which it did.

    Raises ServiceError where none ran to its end, or where its image is not at the registry.
    """
    run = verdict_run(version, report=True) if version.commit else None
    report = report_of(run) if run else None
    inference = inference_to_repeat(report)
    if run is None or report is None or inference is None:
        raise ServiceError(
            "component_unverified",
            "The command of this version was not seen to run, so there is nothing to repeat.",
            "Once a verification in force has run a declared command to its end, ask again.",
        )
    image = image_of_run(run)
    if image is None:
        raise ServiceError(
            "component_imageless",
            "The image of this verification is not at a registry from which it can be pulled.",
            "If this portal has a registry, ask in some minutes, or verify the version again.",
        )
    page = settings.PUBLIC_URL.rstrip("/") + reverse("run_page", args=[run.pk])
    manifest = report.read.manifest if report.read else Manifest()
    return Component(
        name=version.entry.name,
        description=f"{version.entry.title or version.entry.name}, version {version.number}: "
        f"the command that verification {run.pk} ran, in its image. {page}",
        image=image_reference(image),
        command=inference.command,
        start=manifest.workdir,
        environment=environment_for(manifest, seed=inference.seed),
        inputs=tuple(Taken(path=one.path, inside=not one.sha256) for one in manifest.inputs),
        outputs=tuple(output.path for output in manifest.outputs),
    )
