"""Build one environment, and look into the image that came of it."""

import hashlib
from dataclasses import replace

from registry.spec.evidence import Environment, Failure
from registry.spec.ladder import Cause, StepState
from runners.containers.base import BuildRequest, Image
from runners.diagnosis import BUILD_SIGNATURES, diagnose
from runners.environment.rebuild import DOCKERFILE, LOCK, pins, rebuild_dockerfile
from runners.environment.sbom import write_sbom
from runners.faults import PlatformFault, RepositoryFault
from runners.journal import StepLog
from runners.steps.case import Case, Tools, key_of
from runners.steps.look_inside import Inside, look_inside


def build_image(case: Case, tools: Tools, log: StepLog) -> Case:
    """Candidate → image, digest, lock file, SBOM; or the reason why there is none.

    What was imported but not installed is kept in the case: the repair ladder asks for it.
    """
    mark = log.mark
    try:
        before = _built_before(case, tools, log)
        image = before or tools.engine.build(_request(case, tools), log=log, check=tools.check)
    except RepositoryFault as fault:
        return _unbuilt(case, _diagnose(log.since(mark), fault), log)
    inside = look_inside(image, tools, log, imports=case.imports.all)
    for module in inside.unresolved:
        log(f"Imported, but not installed: {module}\n")
    environment = replace(
        _environment(case, inside, image),
        base_digest=tools.engine.digest(case.candidate.base_image),
        fresh=before is None,
    )
    if environment.failure:
        log.end(StepState.FAILED, environment.failure.sentence)
    _keep(case, inside, image.digest, tools, log)
    evidence = replace(case.evidence, environment=environment)
    return replace(case, image=image, unresolved=inside.unresolved, evidence=evidence)


def _built_before(case: Case, tools: Tools, log: StepLog) -> Image | None:
    """The image of an earlier run, when nothing that goes into it has changed since."""
    image = tools.engine.built(_tag(case, tools))
    if image:
        log("Nothing has changed since this image was built: it is used again.\n")
    return image


def _tag(case: Case, tools: Tools) -> str:
    """The image's name: of the repository, and of all that goes into the build.

    What that brings in from elsewhere is another thing each week, and on another base image.
    """
    source, candidate = case.source, case.candidate
    base, week = tools.engine.digest(candidate.base_image), f"{case.today:%G-W%V}"
    what = (candidate.identity, source.tree_swhid, sorted(case.manifest.hidden_paths))
    key = hashlib.sha256(repr((*what, base, week)).encode()).hexdigest()[:16]
    return f"{tools.image_prefix}/{key_of(source)}:{source.commit[:12]}-{key}"


def _unbuilt(case: Case, failure: Failure, log: StepLog) -> Case:
    log.end(StepState.FAILED, failure.sentence)
    environment = Environment(failure=failure)
    return replace(case, evidence=replace(case.evidence, environment=environment))


def _diagnose(log: str, fault: RepositoryFault) -> Failure:
    """The build's failure by its log. Raises PlatformFault when the log shows that it was ours."""
    if fault.failure.cause is not Cause.BUILD:
        return fault.failure
    failure = diagnose(log, BUILD_SIGNATURES, otherwise=fault.failure)
    if failure.cause is Cause.INFRASTRUCTURE:
        raise PlatformFault(failure.sentence) from fault
    return failure


def _request(case: Case, tools: Tools) -> BuildRequest:
    """The build's context: the tree less its answers, and the Dockerfile that will be kept."""
    context = tools.scratch / "context.tar"
    extra = {"Dockerfile": case.candidate.dockerfile.encode(), **case.candidate.files}
    hidden = case.manifest.hidden_paths | {".dockerignore"}
    case.source.tree.write_tar(context, without=hidden, extra=extra)
    return BuildRequest(
        context=context,
        dockerfile="Dockerfile",
        tag=_tag(case, tools),
        labels=tools.labels,
        annotations=_annotations(case),
        limits=tools.bounds.build,
        # An author's Dockerfile reads the same for ever, so its old layers would pass for new ones.
        anew=case.candidate.recipe is None,
    )


def _annotations(case: Case) -> dict[str, str]:
    """Where what is in the image comes from, as the OCI image specification names it.

    No more than follows from _tag: an image that is found again must not speak of another model.
    """
    said = {"org.opencontainers.image.revision": case.source.commit}
    if case.source.address.startswith("https://"):
        said["org.opencontainers.image.source"] = case.source.address
    return said


def _environment(case: Case, inside: Inside, image: Image) -> Environment:
    """What was built. An import of the model that finds nothing is a failure, one of tests not."""
    unresolved = tuple(module for module in inside.unresolved if module in case.imports.model)
    names = ", ".join(unresolved)
    lack = Failure(cause=Cause.IMPORT, sentence=f"Imported, but not installed: {names}.")
    untold = Failure(
        cause=Cause.RESOLVE,
        sentence=inside.untold,
        hint="Leave the image's own python3, and what it starts with, as they are.",
    )
    return Environment(
        strategy=case.candidate.strategy,
        python=inside.python,
        base_image=case.candidate.base_image,
        image_digest=image.digest,
        image_bytes=image.size,
        packages=inside.packages,
        conflicts=inside.conflicts,
        unresolved_imports=unresolved,
        failure=untold if inside.untold else lack if unresolved else None,
    )


def _keep(case: Case, inside: Inside, digest: str, tools: Tools, log: StepLog) -> None:
    """Keep how the image was built, what is in it, and what builds the same again elsewhere."""
    candidate, packages = case.candidate, pins(inside.packages)
    files = {
        "Dockerfile": candidate.dockerfile.encode(),
        LOCK: "".join(f"{package}\n" for package in packages).encode(),
        **candidate.files,
    }
    if candidate.recipe:
        source = f"source-{case.source.commit[:12]}"
        files[DOCKERFILE] = rebuild_dockerfile(candidate.recipe, source=source).encode()
    for name, content in files.items():
        (tools.artifacts / name).parent.mkdir(exist_ok=True)
        (tools.artifacts / name).write_bytes(content)
    write_sbom(
        tools.artifacts / "sbom.cdx.json",
        digest=digest,
        python=inside.python,
        packages=packages,
        distribution=inside.distribution,
        system=inside.system,
    )
    log(f"Image {digest}, Python {inside.python}, {len(packages)} packages\n")
