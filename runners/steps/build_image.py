"""Build the first candidate that builds, and look into the image that came of it."""

import time
from dataclasses import replace

from registry.spec.evidence import Attempt, Environment, Failure
from registry.spec.ladder import Cause, StepState
from runners.containers.base import BuildRequest, Image
from runners.diagnosis import BUILD_SIGNATURES, diagnose
from runners.environment.imports import third_party_imports
from runners.environment.plan import Candidate
from runners.environment.sbom import write_sbom
from runners.faults import PlatformFault, RepositoryFault
from runners.journal import StepLog
from runners.steps.case import Case, Tools, key_of
from runners.steps.look_inside import look_inside


def build_image(case: Case, tools: Tools, log: StepLog) -> Case:
    """Candidates → image, digest, lock file, SBOM.

    1. Try each candidate until one builds; keep every attempt.
    2. Look inside: which Python and packages, do they agree, do the imports resolve.
    3. Keep the Dockerfile, the lock file and the bill of materials.
    """
    attempts: tuple[Attempt, ...] = ()
    for candidate in case.candidates:
        image, attempt = _attempt(case, candidate, tools, log, number=len(attempts) + 1)
        attempts += (attempt,)
        if image:
            environment = _describe(case, candidate, tools, log, image=image, attempts=attempts)
            evidence = replace(case.evidence, environment=environment)
            return replace(case, image=image, evidence=evidence)
    environment = Environment(attempts=attempts, failure=attempts[-1].failure)
    if environment.failure:
        log.end(StepState.FAILED, environment.failure.sentence)
    return replace(case, evidence=replace(case.evidence, environment=environment))


def _attempt(
    case: Case, candidate: Candidate, tools: Tools, log: StepLog, *, number: int
) -> tuple[Image | None, Attempt]:
    begun, mark = time.monotonic(), len(log.tail)
    image, failure = None, None
    log(f"Attempt {number}: {candidate.strategy} on {candidate.base_image}\n")
    try:
        image = tools.engine.build(_request(case, candidate, tools), log=log, check=tools.check)
    except RepositoryFault as fault:
        failure = _diagnose(log.since(mark), fault)
    attempt = Attempt(
        number=number,
        strategy=candidate.strategy,
        python=candidate.python,
        base_image=candidate.base_image,
        changed=candidate.changed,
        built=image is not None,
        seconds=round(time.monotonic() - begun, 3),
        failure=failure,
    )
    return image, attempt


def _diagnose(log: str, fault: RepositoryFault) -> Failure:
    """The build's failure by its log. Raises PlatformFault when the log shows that it was ours."""
    if fault.failure.cause is not Cause.BUILD:
        return fault.failure
    failure = diagnose(log, BUILD_SIGNATURES, otherwise=fault.failure)
    if failure.cause is Cause.INFRASTRUCTURE:
        raise PlatformFault(failure.sentence) from fault
    return failure


def _request(case: Case, candidate: Candidate, tools: Tools) -> BuildRequest:
    """The build's context: the tree less its answers, and the Dockerfile that will be kept."""
    context = tools.scratch / "context.tar"
    (tools.artifacts / "Dockerfile").write_text(candidate.dockerfile, encoding="utf-8")
    extra = {"Dockerfile": candidate.dockerfile.encode(), **dict(candidate.extra_files)}
    hidden = case.manifest.hidden_paths | {".dockerignore"}
    case.source.tree.write_tar(context, without=hidden, extra=extra)
    return BuildRequest(
        context=context,
        dockerfile="Dockerfile",
        tag=f"{tools.image_prefix}/{key_of(case.source.address)}:{case.source.commit[:12]}",
        labels=tools.labels,
        limits=tools.bounds.build,
    )


def _describe(
    case: Case,
    candidate: Candidate,
    tools: Tools,
    log: StepLog,
    *,
    image: Image,
    attempts: tuple[Attempt, ...],
) -> Environment:
    wanted = third_party_imports(case.source.tree)
    seen = look_inside(image, tools, log, imports=wanted)
    (tools.artifacts / "requirements.lock").write_text("\n".join(seen.packages) + "\n")
    write_sbom(seen.packages, tools.artifacts / "sbom.cdx.json", digest=image.digest)
    log(f"Image {image.digest}, Python {seen.python}, {len(seen.packages)} packages\n")
    return Environment(
        strategy=candidate.strategy,
        python=seen.python,
        base_image=candidate.base_image,
        image_digest=image.digest,
        packages=seen.packages,
        conflicts=seen.conflicts,
        unresolved_imports=seen.unresolved,
        attempts=attempts,
    )
