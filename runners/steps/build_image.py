"""Build the first candidate that builds, and look into the image that came of it."""

import time
from collections import deque
from dataclasses import dataclass, replace

from registry.spec.evidence import Attempt, Environment, Failure
from registry.spec.ladder import Cause, StepState
from runners.containers.base import BuildRequest, Image
from runners.diagnosis import BUILD_SIGNATURES, diagnose
from runners.environment.imports import Imports, imports_of
from runners.environment.plan import Candidate
from runners.environment.repair import Trouble
from runners.environment.sbom import write_sbom
from runners.faults import PlatformFault, RepositoryFault
from runners.journal import StepLog
from runners.steps.case import Case, Tools, key_of
from runners.steps.look_inside import Inside, look_inside

MAX_ATTEMPTS = 6
# What took too long or too much, or is not to be had, would be so again.
REPAIRABLE = frozenset({Cause.BUILD, Cause.RESOLVE, Cause.IMPORT})


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image, and what is in it. `lacking` counts what keeps it from being all that it should."""

    candidate: Candidate
    image: Image
    inside: Inside
    unresolved: tuple[str, ...]

    @property
    def lacking(self) -> int:
        """How many packages contradict each other, and how many imports are missing."""
        return len(self.inside.conflicts) + len(self.unresolved)


def build_image(case: Case, tools: Tools, log: StepLog) -> Case:
    """Candidates → image, digest, lock file, SBOM.

    1. Try a candidate: build it, look inside.
    2. When something is wrong or missing, try the ladder's repair of it next.
    3. Of all that was built, keep the first that lacks least, and say so in its attempt.

    A new attempt begins only within the time of one build, so that all of them take two at most.
    """
    attempts, kept = _climb(case, tools, log)
    if kept is None:
        return _unbuilt(case, log, tuple(attempts))
    number, best = kept
    marked = tuple(replace(attempt, kept=attempt.number == number) for attempt in attempts)
    return _built(case, best, marked, tools, log)


def _climb(
    case: Case, tools: Tools, log: StepLog
) -> tuple[list[Attempt], tuple[int, Built] | None]:
    """All attempts, and the number and image of the one to keep. Nothing is tried twice."""
    deadline = time.monotonic() + tools.bounds.build.seconds
    imports = imports_of(case.source.tree)
    waiting, attempts = deque(case.candidates), list[Attempt]()
    tried: set[str] = set()
    kept: tuple[int, Built] | None = None
    while waiting and len(attempts) < MAX_ATTEMPTS and time.monotonic() < deadline:
        candidate = waiting.popleft()
        tried.add(candidate.dockerfile)
        attempt, built, trouble = _attempt(
            case, candidate, tools, log, imports=imports, number=len(attempts) + 1
        )
        attempts.append(attempt)
        if built and (kept is None or built.lacking < kept[1].lacking):
            kept = (attempt.number, built)
        repaired = candidate.repaired(trouble) if trouble else None
        if repaired and repaired.dockerfile not in tried:
            waiting.appendleft(repaired)
        elif built:
            break
    return attempts, kept


def _unbuilt(case: Case, log: StepLog, attempts: tuple[Attempt, ...]) -> Case:
    """The failure of the first attempt is the one that its author can mend."""
    environment = Environment(attempts=attempts, failure=attempts[0].failure)
    if environment.failure:
        log.end(StepState.FAILED, environment.failure.sentence)
    return replace(case, evidence=replace(case.evidence, environment=environment))


def _attempt(
    case: Case,
    candidate: Candidate,
    tools: Tools,
    log: StepLog,
    *,
    imports: Imports,
    number: int,
) -> tuple[Attempt, Built | None, Trouble | None]:
    """Build one candidate and look inside; what was seen, and what was wrong with it."""
    begun, mark = time.monotonic(), log.mark
    built, failure, trouble = None, None, None
    changes = "".join(f"; {change}" for change in candidate.changed)
    log(f"Attempt {number}: {candidate.strategy} on {candidate.base_image}{changes}\n")
    try:
        image = tools.engine.build(_request(case, candidate, tools), log=log, check=tools.check)
        built, trouble = _look(case, candidate, tools, log, image=image, imports=imports)
        failure = _lack(built)
    except RepositoryFault as fault:
        failure = _diagnose(log.since(mark), fault)
        if failure.cause in REPAIRABLE:
            trouble = Trouble(log=log.since(mark), committed_on=_day_of(case))
    attempt = Attempt(
        number=number,
        strategy=candidate.strategy,
        python=candidate.python,
        base_image=candidate.base_image,
        changed=candidate.changed,
        built=built is not None,
        seconds=round(time.monotonic() - begun, 3),
        failure=failure,
    )
    return attempt, built, trouble


def _look(
    case: Case,
    candidate: Candidate,
    tools: Tools,
    log: StepLog,
    *,
    image: Image,
    imports: Imports,
) -> tuple[Built, Trouble | None]:
    """What an image holds, and the trouble that imports of the model or its tests find nothing."""
    inside = look_inside(image, tools, log, imports=imports.all)
    unresolved = tuple(module for module in inside.unresolved if module in imports.model)
    for module in inside.unresolved:
        log(f"Imported, but not installed: {module}\n")
    built = Built(candidate=candidate, image=image, inside=inside, unresolved=unresolved)
    if not inside.unresolved:
        return built, None
    return built, Trouble(missing_modules=inside.unresolved, committed_on=_day_of(case))


def _day_of(case: Case) -> str:
    """The day of the commit, in UTC."""
    return case.source.committed_at[:10]


def _lack(built: Built) -> Failure | None:
    """Why an attempt that was built is not yet right; None when it lacks nothing."""
    if not built.unresolved:
        return None
    names = ", ".join(built.unresolved)
    return Failure(cause=Cause.IMPORT, sentence=f"Imported, but not installed: {names}.")


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
    extra = {"Dockerfile": candidate.dockerfile.encode(), **dict(candidate.extra_files)}
    hidden = case.manifest.hidden_paths | {".dockerignore"}
    case.source.tree.write_tar(context, without=hidden, extra=extra)
    return BuildRequest(
        context=context,
        dockerfile="Dockerfile",
        tag=f"{tools.image_prefix}/{key_of(case.source)}:{case.source.commit[:12]}",
        labels=tools.labels,
        limits=tools.bounds.build,
    )


def _built(
    case: Case, best: Built, attempts: tuple[Attempt, ...], tools: Tools, log: StepLog
) -> Case:
    """The case with its image; the Dockerfile, lock file and bill of materials are kept."""
    inside, image = best.inside, best.image
    dockerfile = tools.artifacts / "Dockerfile"
    dockerfile.write_text(best.candidate.dockerfile, encoding="utf-8")
    (tools.artifacts / "requirements.lock").write_text("\n".join(inside.packages) + "\n")
    write_sbom(inside.packages, tools.artifacts / "sbom.cdx.json", digest=image.digest)
    log(f"Image {image.digest}, Python {inside.python}, {len(inside.packages)} packages\n")
    environment = Environment(
        strategy=best.candidate.strategy,
        python=inside.python,
        base_image=best.candidate.base_image,
        image_digest=image.digest,
        packages=inside.packages,
        conflicts=inside.conflicts,
        unresolved_imports=best.unresolved,
        attempts=attempts,
    )
    return replace(case, image=image, evidence=replace(case.evidence, environment=environment))
