"""From the site's settings to the values that the pipeline takes. The one place that reads both."""

import logging
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from django.conf import settings
from securesystemslib.signer import CryptoSigner

from registry.image_tokens import Access, token_minted
from registry.spec.envelope import BadReceipt, secret_key
from registry.spec.receipt import Signer
from runners.containers.base import BuildLimits, Engine, Labels, RunLimits
from runners.containers.docker.engine import DockerEngine
from runners.containers.dockerfile import check_author_dockerfile
from runners.disk import Disk, DiskLimits
from runners.doi.account import Account
from runners.environment.bases import ALLOWED_BASES, DEFAULT_IMAGE, bases_held
from runners.faults import Check, PlatformFault
from runners.limits import Bounds, SitePackages, SourceLimits
from runners.lookups import Asking
from runners.pushing import ImageRegistry
from runners.source.mirror import MirrorStore
from runners.source.uploads import UploadStore
from runners.steps.case import Tools
from runners.steps.look_inside import SECONDS as LOOKING_SECONDS
from runners.steps.run_inference import LONGEST_RUNS

MAX_FILES = 100_000
# One row holds it, and a page shows the end of it.
CALCULATION_LOG_BYTES = 200_000
IMAGE_PREFIX = "reprise"
logger = logging.getLogger(__name__)


def bounds_of_site() -> Bounds:
    """The limits that the site's settings set on every verification."""
    return Bounds(
        source=SourceLimits(
            seconds=settings.SOURCE_SECONDS,
            bytes=settings.SOURCE_BYTES,
            files=MAX_FILES,
            allow=frozenset(settings.SOURCE_ALLOW),
            uploads=Path(settings.UPLOAD_DIR),
        ),
        build=BuildLimits(seconds=settings.BUILD_SECONDS, log_bytes=settings.LOG_BYTES),
        run=RunLimits(
            seconds=settings.RUN_SECONDS,
            memory_bytes=settings.RUN_MEMORY_MB * 2**20,
            cpus=settings.RUN_CPUS,
            processes=settings.RUN_PROCESSES,
            log_bytes=settings.LOG_BYTES,
            workdir_bytes=settings.RUN_DISK_MB * 2**20,
            files=MAX_FILES,
            output_bytes=settings.RUN_DISK_MB * 2**20,
        ),
    )


def bounds_of_calculations() -> Bounds:
    """The limits of a calculation: those of a verification, or less."""
    bounds = bounds_of_site()
    run = replace(
        bounds.run,
        seconds=min(bounds.run.seconds, settings.CALCULATION_SECONDS),
        memory_bytes=min(bounds.run.memory_bytes, settings.CALCULATION_MEMORY_MB * 2**20),
        output_bytes=min(bounds.run.output_bytes, settings.CALCULATION_OUTPUT_MB * 2**20),
        log_bytes=min(bounds.run.log_bytes, CALCULATION_LOG_BYTES),
    )
    return replace(bounds, run=run)


def datacite_of_site() -> Account:
    """The site's account at DataCite."""
    return Account(
        url=settings.DATACITE_URL,
        prefix=settings.DATACITE_PREFIX,
        repository=settings.DATACITE_REPOSITORY,
        password=settings.DATACITE_PASSWORD,
    )


def key_of_site() -> CryptoSigner | None:
    """The key that signs; None where this machine has none, or one that is no good."""
    try:
        return secret_key(Path(settings.SIGNING_KEY).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, BadReceipt) as error:
        logger.error("Nothing is signed: %s: %s", settings.SIGNING_KEY, error)  # noqa: TRY400 — the sentence is all
        return None


def signer_of_site(run: int) -> Signer | None:
    """Who signs a run's receipt; None where this machine has no key."""
    key = key_of_site()
    if key is None:
        return None
    site = settings.PUBLIC_URL.rstrip("/")
    page = f"{site}/runs/{run}/"
    return Signer(key=key, site=site, run=page, url=page)


@cache
def engine_of_site() -> Engine:
    """The container engine; one connection for the whole process."""
    bundle = Path(settings.SITE_CA_BUNDLE) if settings.SITE_CA_BUNDLE else None
    site = SitePackages(
        ca_bundle=bundle,
        index_url=settings.SITE_INDEX_URL,
        proxy=settings.SITE_PROXY,
        wheels=wheels_of_site(),
    )
    return DockerEngine(base_url=None, site=site, holder_image=DEFAULT_IMAGE)


def wheels_of_site() -> Path | None:
    """The folder of the site's own wheels, where there is one."""
    folder = Path(settings.SITE_WHEELS)
    return folder if settings.SITE_WHEELS and folder.is_dir() else None


def bases_of_site() -> dict[str, str]:
    """The Pythons at hand with their images; all that are known where no engine answers."""
    try:
        return bases_held(engine_of_site().has_image)
    except PlatformFault:
        return bases_held(lambda _image: True)


def base_digests_of_site() -> dict[str, str]:
    """The base images that the engine holds, each with its digest; none where none answers."""
    try:
        engine = engine_of_site()
        images = bases_held(engine.has_image).values()
        return {image: digest for image in images if (digest := engine.digest(image))}
    except PlatformFault:
        return {}


def mirrors_of_site() -> MirrorStore:
    """Where the site keeps its mirrors."""
    return MirrorStore(Path(settings.MIRROR_DIR))


def uploads_of_site() -> UploadStore:
    """Where the site makes commits of uploaded archives."""
    return UploadStore(Path(settings.UPLOAD_DIR))


def registry_of_site() -> ImageRegistry:
    """The registry that the images of verified models are pushed to."""
    return ImageRegistry(
        host=settings.REGISTRY_PUSH, url=settings.REGISTRY_URL.rstrip("/"), token=_token_for
    )


def _token_for(repository: str, actions: tuple[str, ...], seconds: int) -> str:
    access = [Access(repository=repository, actions=actions)]
    return token_minted(access, subject="worker", seconds=seconds)


def asking_of_site() -> Asking:
    """How the site asks servers elsewhere for what people would have to type."""
    return Asking(
        allow=frozenset(settings.SOURCE_ALLOW),
        doi_url=settings.DOI_URL,
        seconds=settings.LOOKUP_SECONDS,
    )


def disk_of_site(site: str) -> Disk:
    """The disks that a site's runs write to. Raises PlatformFault where no engine answers."""
    folders = (settings.SCRATCH_DIR, settings.MIRROR_DIR, settings.UPLOAD_DIR, settings.BLOB_DIR)
    limits = DiskLimits(
        free_bytes=settings.DISK_FREE_MB * 2**20,
        cache_bytes=settings.BUILD_CACHE_MB * 2**20,
        image_bytes=settings.IMAGE_BUDGET_MB * 2**20,
        image_seconds=settings.IMAGE_KEEP_SECONDS,
        folders=tuple(map(Path, folders)),
    )
    return Disk(engine=engine_of_site(), site=site, limits=limits)


def longest_run_seconds(bounds: Bounds) -> float:
    """How long a whole run may take: the sum of what its steps may take."""
    fetches = 2  # the repository, the inputs
    builds = 2  # the attempts of build_image together
    containers = 1 + LONGEST_RUNS  # tests, inference
    return (
        fetches * bounds.source.seconds
        + builds * bounds.build.seconds
        + LOOKING_SECONDS
        + containers * bounds.run.seconds
    )


def scratch_of(site: str) -> Path:
    """Where the runs of a site on this machine have their scratch folders."""
    return Path(settings.SCRATCH_DIR) / site


@contextmanager
def tools_for(
    *,
    site: str,
    run: str,
    attempt: int,
    bounds: Bounds,
    check: Check,
    keep: bool = False,
    signer: Signer | None = None,
) -> Iterator[Tools]:
    """The tools of one run, with a scratch folder that is gone afterwards unless kept."""
    folder = scratch_of(site) / f"{run}-{attempt}-{uuid.uuid4().hex[:8]}"
    artifacts, scratch = folder / "artifacts", folder / "scratch"
    artifacts.mkdir(parents=True)
    scratch.mkdir()
    wheels, deadline = wheels_of_site(), int(time.time() + longest_run_seconds(bounds))
    try:
        yield Tools(
            mirrors=mirrors_of_site(),
            engine=engine_of_site(),
            bounds=bounds,
            labels=Labels(site=site, run=run, attempt=attempt, deadline=deadline),
            check=check,
            artifacts=artifacts,
            scratch=scratch,
            check_dockerfile=partial(check_author_dockerfile, allowed_bases=ALLOWED_BASES),
            image_prefix=IMAGE_PREFIX,
            wheels=tuple(file.name for file in (wheels.glob("*.whl") if wheels else ())),
            signer=signer,
        )
    finally:
        shutil.rmtree(scratch if keep else folder, ignore_errors=True)
