"""The Docker adapter: builds are handed to buildkit, runs to containers with walls around them."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from runners.containers import buildkit
from runners.containers.base import BuildRequest, Image, RunRequest, RunResult
from runners.containers.docker.faults import ENGINE_ERRORS, create_fault, engine_at_fault
from runners.containers.docker.following import follow_container, memory_of, ran_out_of_memory
from runners.containers.docker.images import (
    checked_image,
    checked_workdir,
    digest_of_push,
    import_wheels,
    start_folder,
)
from runners.containers.docker.leftovers import (
    RUN_LABEL,
    SITE_LABEL,
    is_left_over,
    made_by,
    try_removing,
)
from runners.containers.docker.walls import USER, caps, walls
from runners.containers.docker.working_folder import Held, collect, fill, new_working_folder
from runners.containers.follow import BoundedText
from runners.containers.meter import Meter
from runners.faults import Check, LogSink
from runners.limits import SitePackages

WHEELS_IMAGE = "reprise-site-wheels"
# ops/base-images gives it to what it makes where no hub can be reached.
SELF_MADE_LABEL = "org.reprise.base"
HOLDER_MEMORY = 256 * 2**20
HOLDER_GRACE_SECONDS = 600
# An engine that was killed may keep records of layers that are gone, and answers with this to every
# question about the size of its cache. What is idle can still be removed.
_CANNOT_MEASURE = "failed to get usage"
CACHE_IDLE_SECONDS = 3600
# What the SDK calls an engine that it reaches through a socket of this machine.
LOCAL_ENGINE = "http+docker://localhost"
API_SECONDS = 60


class DockerEngine:
    """Docker Engine 20.10 or newer, on cgroups v1 or v2.

    A run's working folder is a tmpfs volume with caps on bytes and inodes, mounted at the image's
    own working folder. Its content lives in memory and is charged to the run's memory limit; it is
    kept while a small holder container of ours, which runs nothing of the author's, has it mounted.

    `base_url` is the engine's address, None to take DOCKER_HOST and its kin from the environment.
    `holder_image` is a trusted image with coreutils that the engine holds.
    """

    def __init__(self, *, base_url: str | None, site: SitePackages, holder_image: str) -> None:
        self._base_url = base_url
        self._site = site
        self._holder_image = holder_image
        with engine_at_fault("The container engine cannot be reached"):
            self._client = self._connected(API_SECONDS)

    def describe(self) -> str:
        """The engine's name and version."""
        with engine_at_fault("The container engine does not answer"):
            return f"Docker Engine {self._client.version()['Version']}"

    def isolation(self) -> str:
        """`userns` where containers have users of their own, else the runtime: `runc`, `runsc`."""
        with engine_at_fault("The container engine does not answer"):
            info = self._client.info()
        if any(option.startswith("name=userns") for option in info.get("SecurityOptions") or ()):
            return "userns"
        return str(info["DefaultRuntime"])

    def _connected(self, seconds: int) -> docker.DockerClient:
        """A client that waits so long for each answer."""
        if self._base_url:
            return docker.DockerClient(base_url=self._base_url, timeout=seconds)
        return docker.from_env(timeout=seconds)

    def _has_hub(self) -> bool:
        """Whether other images may be had: not where the base images had to be made."""
        with engine_at_fault("The container engine does not answer"):
            return SELF_MADE_LABEL not in self._client.images.get(self._holder_image).labels

    def has_image(self, name: str) -> bool:
        """Whether the engine holds the image called `name`. Nothing is fetched."""
        with engine_at_fault("The container engine does not answer"):
            try:
                self._client.images.get(name)
            except ImageNotFound:
                return False
        return True

    def digest(self, name: str) -> str | None:
        """The digest of the image called `name`, a base too; None when it is not held."""
        with engine_at_fault("The container engine does not answer"):
            try:
                return str(self._client.images.get(name).id)
            except ImageNotFound:
                return None

    def built(self, tag: str) -> Image | None:
        """The image that an earlier build left under `tag`; None when there is none."""
        with engine_at_fault("The container engine does not answer"):
            try:
                image = self._client.images.get(tag)
            except ImageNotFound:
                return None
        return checked_image(image.attrs or {})

    def build(self, request: BuildRequest, *, log: LogSink, check: Check) -> Image:
        """Build with BuildKit. Raises RepositoryFault when a step of the Dockerfile fails."""
        buildkit.build(
            request,
            host=self._base_url,
            site=self._site,
            wheels=self._wheels,
            engine=buildkit.EngineFacts(alive=self._alive, has_hub=self._has_hub),
            log=log,
            check=check,
        )
        with engine_at_fault("The engine does not know the image it has just built"):
            image = self._client.images.get(request.tag)
        return checked_image(image.attrs or {})

    def run(self, request: RunRequest, *, log: LogSink, check: Check) -> RunResult:
        """Run the command in a container of its own.

        1. a holder starts and with it the empty working folder
        2. the container is created: the engine copies the image's content into the folder
        3. `inject` is added, what stands in the outputs' places is removed, and all is given to
           the user who runs
        4. start, follow, end from outside
        5. outputs are taken from the holder
        6. container, holder and folder are removed, whatever happened
        """
        text = BoundedText(request.limits.log_bytes)
        with engine_at_fault("The container engine failed during a run"), ExitStack() as stack:
            held = self._hold(request, stack)
            check()
            container = self._create(request, held, stack)
            check()
            fill(held, request)
            with Meter(lambda: memory_of(container)) as meter:
                followed = follow_container(container, request.limits, text, log, check)
            if text.truncated:
                log(text.last_words)
            out_of_memory = ran_out_of_memory(container, followed.exit_code)
            files, refused = collect(held, request, check)
        return RunResult(
            exit_code=followed.exit_code,
            timed_out=followed.exit_code is None,
            out_of_memory=out_of_memory,
            log_truncated=text.truncated,
            seconds=followed.seconds,
            peak_memory_bytes=meter.peak,
            files=files,
            refused=refused,
        )

    def remove_leftovers(self, *, site: str, live_runs: frozenset[str], now: int) -> int:
        """Remove the site's containers, then volumes, of no live run or past their deadline."""
        labelled = made_by(site)
        with engine_at_fault("The container engine did not list what is left of old runs"):
            containers = [
                each["Id"]
                for each in self._client.api.containers(all=True, filters=labelled)
                if is_left_over(each["Labels"], live_runs, now)
            ]
            removed = sum(try_removing(self._container_removal(each)) for each in containers)
            volumes = [
                each["Name"]
                for each in self._client.api.volumes(filters=labelled)["Volumes"] or ()
                if is_left_over(each["Labels"], live_runs, now)
            ]
            return removed + sum(try_removing(self._volume_removal(each)) for each in volumes)

    def remove_images(
        self,
        *,
        site: str,
        live_runs: frozenset[str],
        keep_seconds: int,
        budget_bytes: int,
        now: int,
    ) -> int:
        """Remove the site's images, oldest first, while together they are larger than the budget.

        Images younger than `keep_seconds`, of live runs, and that a container uses stay. What
        images share counts for each of them.
        """
        with engine_at_fault("The container engine did not list its images"):
            images = self._client.api.images(filters=made_by(site))
            excess = sum(image["Size"] for image in images) - budget_bytes
            removed = 0
            for image in sorted(images, key=lambda image: image["Created"]):
                if excess <= 0 or image["Created"] > now - keep_seconds:
                    break
                if image["Labels"][RUN_LABEL] not in live_runs and self._remove_image(image):
                    excess -= image["Size"]
                    removed += 1
            return removed

    def discard(self, image: Image) -> None:
        """Remove an image that nobody needs any more, unless something uses it."""
        with engine_at_fault("The container engine did not remove an image"):
            for held in self._client.api.images(filters={"label": SITE_LABEL}, all=True):
                if held["Id"] == image.digest:
                    self._remove_image(held)

    def push(self, image: str, *, name: str, tag: str, token: str, seconds: float) -> str:
        """Send an image to a registry. The name that this takes is gone afterwards.

        Unless it is the image's only one: with it the image itself would go.
        """
        deadline = time.monotonic() + seconds
        with engine_at_fault("The container engine did not push an image"):
            held = self._client.images.get(image)
            held.tag(name, tag)
            try:
                credentials = {"registrytoken": token}
                said = self._client.api.push(
                    name, tag, stream=True, decode=True, auth_config=credentials
                )
                return digest_of_push(said, deadline)
            finally:
                held.reload()
                if len(held.tags) > 1:
                    self._client.api.remove_image(f"{name}:{tag}")

    def saved(self, image: str, *, seconds: float) -> Generator[bytes]:
        """The pieces of the tar that `docker save` writes of an image.

        The engine lays all of it on its own disk first and is silent meanwhile, for minutes.
        """
        with (
            engine_at_fault("The container engine did not write out an image"),
            contextlib.closing(self._connected(int(seconds))) as patient,
        ):
            yield from patient.api.get_image(image)

    def trim_cache(self, *, keep_bytes: int) -> int:
        """Remove build cache, mounted caches too, down to `keep_bytes`; bytes freed.

        What nothing used for an hour goes first. Layers that an image holds as well count for
        nothing. What a build uses just now stays, so builds go on meanwhile. The engine keeps one
        cache for all who build on it, whoever they are.
        """
        with engine_at_fault("The container engine did not clear its build cache"):
            try:
                return sum(
                    self._prune(unused=unused, keep_storage=keep_bytes)
                    for unused in (CACHE_IDLE_SECONDS, 0)
                )
            except APIError as error:
                if _CANNOT_MEASURE not in str(error):
                    raise
                return self._prune(unused=CACHE_IDLE_SECONDS, keep_storage=None)

    def _prune(self, *, unused: int, keep_storage: int | None) -> int:
        answer = self._client.api.prune_builds(
            filters={"until": f"{unused}s"}, keep_storage=keep_storage, all=True
        )
        return int(answer.get("SpaceReclaimed") or 0)

    def data_folder(self) -> Path | None:
        """Where the engine keeps images and caches; None when not on a disk of this machine."""
        if self._client.api.base_url != LOCAL_ENGINE:
            return None
        folder = Path(self._data_root)
        return folder if folder.is_dir() else None

    @cached_property
    def _data_root(self) -> str:
        with engine_at_fault("The container engine does not answer"):
            return str(self._client.info()["DockerRootDir"])

    @cached_property
    def _wheels(self) -> str:
        """The image that holds the site's own wheels, made when it is not there; "" without any.

        Builds see no folder of this machine, only images.
        """
        folder = self._site.wheels
        files = sorted(folder.glob("*.whl")) if folder else []
        if not files:
            return ""
        facts = repr([(file.name, file.stat().st_size) for file in files])
        name = f"{WHEELS_IMAGE}:{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
        if not self.has_image(name):
            with engine_at_fault("The site's wheels were not given to the engine"):
                import_wheels(self._client, files, name)
        return name

    @cached_property
    def _cpus(self) -> int:
        """How many processors the engine has; it refuses to give a container more."""
        return int(self._client.info()["NCPU"])

    def _alive(self) -> bool:
        try:
            return bool(self._client.ping())
        except ENGINE_ERRORS:
            return False

    def _hold(self, request: RunRequest, stack: ExitStack) -> Held:
        """Start the holder with an empty working folder. Its name is taken before anything is."""
        volume = f"{request.name}-work"
        container = self._client.containers.create(
            self._holder_image,
            ["sleep", str(int(request.limits.seconds) + HOLDER_GRACE_SECONDS)],
            name=f"{request.name}-holder",
            mounts=[new_working_folder(volume, request)],
            # FOWNER: to remove an old output from a folder with the sticky bit.
            cap_add=["CHOWN", "DAC_OVERRIDE", "FOWNER"],
            user="0:0",
            working_dir="/",
            mem_limit=HOLDER_MEMORY,
            memswap_limit=HOLDER_MEMORY,
            pids_limit=16,
            log_config=LogConfig(type="none"),
            **walls(request.labels),
        )
        stack.callback(try_removing, self._volume_removal(volume))
        stack.callback(try_removing, self._container_removal(container.id))
        container.start()
        return Held(container, volume)

    def _create(self, request: RunRequest, held: Held, stack: ExitStack) -> Container:
        """Create the author's container; the engine fills the working folder in doing so.

        The engine copies into a volume that is empty, and drops a tmpfs that nobody has mounted:
        so this works only because the holder runs already.
        """
        workdir = checked_workdir(request.image.workdir)
        try:
            container = self._client.containers.create(
                request.image.digest,
                list(request.command),
                name=request.name,
                mounts=[Mount(workdir, held.volume, type="volume")],
                working_dir=start_folder(workdir, request.folder),
                environment=dict(request.environment),
                user=f"{USER}:{USER}",
                **caps(request.limits, self._cpus),
                **walls(request.labels),
            )
        except APIError as error:
            raise create_fault(error, request.limits) from error
        stack.callback(try_removing, self._container_removal(container.id))
        return container

    def _container_removal(self, container: str | None) -> Callable[[], None]:
        return lambda: self._client.api.remove_container(container or "", force=True, v=True)

    def _volume_removal(self, volume: str) -> Callable[[], None]:
        return lambda: self._client.api.remove_volume(volume)

    def _remove_image(self, image: Mapping[str, Any]) -> bool:
        """Remove every name of an image, and with the last one the image; whether it is gone."""
        try:
            for name in image["RepoTags"] or (image["Id"],):
                self._client.api.remove_image(image["Id"] if name == "<none>:<none>" else name)
        except APIError as error:
            if error.status_code in {404, 409}:  # gone already; in use
                return False
            raise
        return True
