"""The Docker adapter: the only import of the Docker SDK. Builds are handed to buildkit."""

import contextlib
import hashlib
import json
import math
import posixpath
import re
import tarfile
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import DriverConfig, LogConfig, Mount, Ulimit
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from registry.spec.ladder import Cause
from runners.containers import buildkit
from runners.containers.base import BuildRequest, Image, Labels, RunLimits, RunRequest, RunResult
from runners.containers.collect import Refused, refusal, save_only_member, write_inject_tar
from runners.containers.follow import BoundedText, Followed, follow
from runners.containers.meter import Meter, memory_used
from runners.faults import Check, LogSink, PlatformFault, RepositoryFault
from runners.limits import SitePackages

USER = 1000
"""User and group of everything that an author's code does."""
WHEELS_IMAGE = "reprise-site-wheels"
SITE_LABEL = "org.reprise.site"
RUN_LABEL = "org.reprise.run"
DEADLINE_LABEL = "org.reprise.deadline"
# ops/base-images gives it to what it makes where no hub can be reached.
SELF_MADE_LABEL = "org.reprise.base"
# Made from moby's default profile as Debian's golang-github-docker-docker-dev 26.1.5 ships it
# (profiles/seccomp/default.json, Apache-2.0): without ptrace, process_vm_*, kcmp, pidfd_getfd and
# process_madvise, and without the rules for capabilities, which nobody has here. That profile
# already leaves out io_uring and answers clone3 with ENOSYS: with EPERM no thread could start.
SECCOMP = json.dumps(json.loads(Path(__file__).with_name("seccomp.json").read_text()))
# Where the holder has the working folder. Never the image's own path: mounted over /usr/bin it
# would put the author's programs in the place of ours.
HELD = "/held"
HOLDER_MEMORY = 256 * 2**20
HOLDER_GRACE_SECONDS = 600
COLLECT_SECONDS = 120.0
# An engine that was killed may keep records of layers that are gone, and answers with this to every
# question about the size of its cache. What is idle can still be removed.
_CANNOT_MEASURE = "failed to get usage"
CACHE_IDLE_SECONDS = 3600
# What the SDK calls an engine that it reaches through a socket of this machine.
LOCAL_ENGINE = "http+docker://localhost"
API_SECONDS = 60
REMOVE_TRIES = 5
TELL_TRIES = 5
SIGKILL_EXIT = 137
OOM_NOTICE_SECONDS = 0.3

_ENGINE_ERRORS = (DockerException, RequestException, HTTPError)


@dataclass(frozen=True)
class _Held:
    """A running holder and the volume that lives as long as it."""

    container: Container
    volume: str


@dataclass(frozen=True)
class _Seen:
    """A thing in the working folder: where the holder has it, its st_mode and its size in bytes.

    `plain` says that its path leads through no link and stays in the folder.
    """

    place: str
    mode: int
    size: int
    plain: bool


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
        with _engine_at_fault("The container engine cannot be reached"):
            self._client = self._connected(API_SECONDS)

    def describe(self) -> str:
        """The engine's name and version."""
        with _engine_at_fault("The container engine does not answer"):
            return f"Docker Engine {self._client.version()['Version']}"

    def isolation(self) -> str:
        """`userns` where containers have users of their own, else the runtime: `runc`, `runsc`."""
        with _engine_at_fault("The container engine does not answer"):
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
        with _engine_at_fault("The container engine does not answer"):
            return SELF_MADE_LABEL not in self._client.images.get(self._holder_image).labels

    def has_image(self, name: str) -> bool:
        """Whether the engine holds the image called `name`. Nothing is fetched."""
        with _engine_at_fault("The container engine does not answer"):
            try:
                self._client.images.get(name)
            except ImageNotFound:
                return False
        return True

    def digest(self, name: str) -> str | None:
        """The digest of the image called `name`, a base too; None when it is not held."""
        with _engine_at_fault("The container engine does not answer"):
            try:
                return str(self._client.images.get(name).id)
            except ImageNotFound:
                return None

    def built(self, tag: str) -> Image | None:
        """The image that an earlier build left under `tag`; None when there is none."""
        with _engine_at_fault("The container engine does not answer"):
            try:
                image = self._client.images.get(tag)
            except ImageNotFound:
                return None
        return _checked_image(image.attrs or {})

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
        with _engine_at_fault("The engine does not know the image it has just built"):
            image = self._client.images.get(request.tag)
        return _checked_image(image.attrs or {})

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
        with _engine_at_fault("The container engine failed during a run"), ExitStack() as stack:
            held = self._hold(request, stack)
            check()
            container = self._create(request, held, stack)
            check()
            _fill(held, request)
            with Meter(lambda: _memory_of(container)) as meter:
                followed = _follow(container, request.limits, text, log, check)
            if text.truncated:
                log(text.last_words)
            out_of_memory = _ran_out_of_memory(container, followed.exit_code)
            files, refused = _collect(held, request, check)
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
        labelled = _ours(site)
        with _engine_at_fault("The container engine did not list what is left of old runs"):
            containers = [
                each["Id"]
                for each in self._client.api.containers(all=True, filters=labelled)
                if _is_left_over(each["Labels"], live_runs, now)
            ]
            removed = sum(_removed(self._container_removal(each)) for each in containers)
            volumes = [
                each["Name"]
                for each in self._client.api.volumes(filters=labelled)["Volumes"] or ()
                if _is_left_over(each["Labels"], live_runs, now)
            ]
            return removed + sum(_removed(self._volume_removal(each)) for each in volumes)

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
        with _engine_at_fault("The container engine did not list its images"):
            images = self._client.api.images(filters=_ours(site))
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
        with _engine_at_fault("The container engine did not remove an image"):
            for held in self._client.api.images(filters={"label": SITE_LABEL}, all=True):
                if held["Id"] == image.digest:
                    self._remove_image(held)

    def push(self, image: str, *, name: str, tag: str, token: str, seconds: float) -> str:
        """Send an image to a registry. The name that this takes is gone afterwards.

        Unless it is the image's only one: with it the image itself would go.
        """
        deadline = time.monotonic() + seconds
        with _engine_at_fault("The container engine did not push an image"):
            held = self._client.images.get(image)
            held.tag(name, tag)
            try:
                credentials = {"registrytoken": token}
                said = self._client.api.push(
                    name, tag, stream=True, decode=True, auth_config=credentials
                )
                return _digest_of_push(said, deadline)
            finally:
                held.reload()
                if len(held.tags) > 1:
                    self._client.api.remove_image(f"{name}:{tag}")

    def saved(self, image: str, *, seconds: float) -> Generator[bytes]:
        """The pieces of the tar that `docker save` writes of an image.

        The engine lays all of it on its own disk first and is silent meanwhile, for minutes.
        """
        with (
            _engine_at_fault("The container engine did not write out an image"),
            contextlib.closing(self._connected(int(seconds))) as patient,
        ):
            yield from patient.api.get_image(image)

    def trim_cache(self, *, keep_bytes: int) -> int:
        """Remove build cache, mounted caches too, down to `keep_bytes`; bytes freed.

        What nothing used for an hour goes first. Layers that an image holds as well count for
        nothing. What a build uses just now stays, so builds go on meanwhile. The engine keeps one
        cache for all who build on it, whoever they are.
        """
        with _engine_at_fault("The container engine did not clear its build cache"):
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
        with _engine_at_fault("The container engine does not answer"):
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
            with _engine_at_fault("The site's wheels were not given to the engine"):
                _import_wheels(self._client, files, name)
        return name

    @cached_property
    def _cpus(self) -> int:
        """How many processors the engine has; it refuses to give a container more."""
        return int(self._client.info()["NCPU"])

    def _alive(self) -> bool:
        try:
            return bool(self._client.ping())
        except _ENGINE_ERRORS:
            return False

    def _hold(self, request: RunRequest, stack: ExitStack) -> _Held:
        """Start the holder with an empty working folder. Its name is taken before anything is."""
        volume = f"{request.name}-work"
        container = self._client.containers.create(
            self._holder_image,
            ["sleep", str(int(request.limits.seconds) + HOLDER_GRACE_SECONDS)],
            name=f"{request.name}-holder",
            mounts=[_new_working_folder(volume, request)],
            # FOWNER: to remove an old output from a folder with the sticky bit.
            cap_add=["CHOWN", "DAC_OVERRIDE", "FOWNER"],
            user="0:0",
            working_dir="/",
            mem_limit=HOLDER_MEMORY,
            memswap_limit=HOLDER_MEMORY,
            pids_limit=16,
            log_config=LogConfig(type="none"),
            **_walls(request.labels),
        )
        stack.callback(_removed, self._volume_removal(volume))
        stack.callback(_removed, self._container_removal(container.id))
        container.start()
        return _Held(container, volume)

    def _create(self, request: RunRequest, held: _Held, stack: ExitStack) -> Container:
        """Create the author's container; the engine fills the working folder in doing so.

        The engine copies into a volume that is empty, and drops a tmpfs that nobody has mounted:
        so this works only because the holder runs already.
        """
        workdir = _checked_workdir(request.image.workdir)
        try:
            container = self._client.containers.create(
                request.image.digest,
                list(request.command),
                name=request.name,
                mounts=[Mount(workdir, held.volume, type="volume")],
                working_dir=_start_folder(workdir, request.folder),
                environment=dict(request.environment),
                user=f"{USER}:{USER}",
                **_caps(request.limits, self._cpus),
                **_walls(request.labels),
            )
        except APIError as error:
            raise _create_fault(error, request.limits) from error
        stack.callback(_removed, self._container_removal(container.id))
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


def _import_wheels(client: docker.DockerClient, files: Sequence[Path], name: str) -> None:
    """Make an image that holds nothing but these files."""
    repository, _, tag = name.partition(":")
    with tempfile.NamedTemporaryFile(suffix=".tar") as packed:
        with tarfile.open(packed.name, "w") as archive:
            for file in files:
                archive.add(file, arcname=file.name)
        client.api.import_image_from_file(packed.name, repository=repository, tag=tag)


def _digest_of_push(said: Iterable[Mapping[str, Any]], deadline: float) -> str:
    """The digest that a push ends with. Raises PlatformFault where it ends otherwise."""
    digest = ""
    for line in said:
        if "error" in line:
            raise PlatformFault(f"The registry did not take an image: {line['error']}")
        if time.monotonic() > deadline:
            raise PlatformFault("The registry did not take an image within its time.")
        digest = line.get("aux", {}).get("Digest", digest)
    if not digest:
        raise PlatformFault("The engine does not say under which digest it pushed an image.")
    return str(digest)


@contextlib.contextmanager
def _engine_at_fault(sentence: str) -> Iterator[None]:
    """Turn what the SDK and its transport raise into PlatformFault."""
    try:
        yield
    except _ENGINE_ERRORS as error:
        raise PlatformFault(f"{sentence}: {error}") from error


def _checked_image(image: Mapping[str, Any]) -> Image:
    """The engine's description as a value. Raises RepositoryFault for an image nobody can run."""
    if image["Config"].get("Volumes"):
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "The image declares volumes, which would give its programs a disk without a limit.",
            hint="Build on a base image without a VOLUME instruction.",
        )
    workdir = _checked_workdir(image["Config"].get("WorkingDir") or "")
    return Image(digest=image["Id"], workdir=workdir, size=image["Size"])


def _checked_workdir(workdir: str) -> str:
    """`workdir` if a folder can be put there. Raises RepositoryFault otherwise."""
    path = posixpath.normpath("/" + workdir.lstrip("/"))
    top = path.split("/")[1]
    if top in {"", "proc", "sys", "dev"} or path == "/tmp":  # noqa: S108 — a name to refuse
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            f"The image's working folder is “{workdir or '/'}”, where no model can be put.",
            hint="Say in the Dockerfile where the model lies, for instance WORKDIR /work.",
        )
    return path


def _start_folder(workdir: str, folder: str) -> str:
    path = posixpath.normpath(posixpath.join(workdir, folder))
    if path != workdir and not path.startswith(workdir + "/"):
        raise RepositoryFault(
            Cause.UNSUPPORTED, f"The folder “{folder}” lies outside of the repository."
        )
    return path


def _new_working_folder(volume: str, request: RunRequest) -> Mount:
    options = (
        f"size={request.limits.workdir_bytes},nr_inodes={request.limits.files},"
        "mode=0755,nosuid,nodev"
    )
    tmpfs = {"type": "tmpfs", "device": "tmpfs", "o": options}
    labels = request.labels.as_dict()
    driver = DriverConfig("local", tmpfs)
    return Mount(HELD, volume, type="volume", no_copy=True, labels=labels, driver_config=driver)


def _walls(labels: Labels) -> dict[str, Any]:
    """What stands around every container, ours and the author's."""
    return {
        "entrypoint": [],
        "network_mode": "none",
        "ipc_mode": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={SECCOMP}"],
        "init": True,
        "healthcheck": {"test": ["NONE"]},
        "restart_policy": {"Name": "no"},
        "labels": labels.as_dict(),
    }


def _caps(limits: RunLimits, cpus: int) -> dict[str, Any]:
    """The author's container's share of the machine. Compilers run what they have put in /tmp."""
    tmp = f"size={limits.workdir_bytes},nr_inodes={limits.files},mode=1777,nosuid,nodev,exec"
    return {
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "nano_cpus": int(min(limits.cpus, cpus) * 1e9),
        "pids_limit": limits.processes,
        "tmpfs": {"/tmp": tmp},  # noqa: S108 — the container's own
        "ulimits": _ulimits(limits),
        "log_config": LogConfig(type="local", config=_log_caps(limits)),
    }


def _log_caps(limits: RunLimits) -> dict[str, str]:
    """The engine's own copy of the log, which nobody reads, stays as small as ours."""
    return {"max-size": str(limits.log_bytes), "max-file": "1", "compress": "false"}


def _ulimits(limits: RunLimits) -> list[Ulimit]:
    """The processor time ends a busy process even when nobody is left to end the container."""
    values = {
        "nofile": 4096,
        "core": 0,
        "fsize": limits.workdir_bytes,
        "cpu": math.ceil(limits.seconds * max(1.0, limits.cpus)) + 60,
    }
    return [Ulimit(name=name, soft=value, hard=value) for name, value in values.items()]


def _create_fault(error: APIError, limits: RunLimits) -> Exception:
    """Whose fault it is that a container could not be created or filled."""
    if "no space left on device" in str(error).lower():
        return RepositoryFault(
            Cause.RESOURCES,
            f"The model's own files and inputs do not fit into its working folder of "
            f"{limits.workdir_bytes:,} bytes and {limits.files:,} files.",
            hint="Leave large data out of the repository and the image; take smaller inputs.",
        )
    if "is not a directory" in str(error):
        return _no_start_folder()
    return error


def _no_start_folder() -> RepositoryFault:
    return RepositoryFault(
        Cause.UNSUPPORTED,
        "The folder in which the command should start is no folder in the image, or is closed to "
        f"the user (number {USER}) who runs it.",
        hint="Check the working folder; in a Dockerfile, keep the model out of /root.",
    )


def _fill(held: _Held, request: RunRequest) -> None:
    """Add files to the working folder, take old outputs out of it, and give it to its user."""
    if request.inject:
        _inject(held, request)
    if request.collect:
        _handle(held, _removal_of_old(request.collect))
    _handle(held, ["chown", "--recursive", "--no-dereference", f"{USER}:{USER}", HELD])


def _inject(held: _Held, request: RunRequest) -> None:
    with tempfile.TemporaryFile(dir=request.into) as packed:
        write_inject_tar(packed, request.inject, USER)
        packed.seek(0)
        try:
            held.container.put_archive(HELD, packed)
        except APIError as error:
            raise _create_fault(error, request.limits) from error


def _removal_of_old(paths: Sequence[str]) -> list[str]:
    """The command that removes what stands at `paths`; it goes through no link, and takes links."""
    places = (posixpath.normpath(posixpath.join(HELD, path)) for path in paths)
    # A pattern of find's that means the very path.
    exact = (re.sub(r"([][*?\\])", r"\\\1", place) for place in places)
    names = [word for place in exact for word in ("-o", "-path", place)]
    return ["find", HELD, "-xdev", "!", "-type", "d", "(", *names[1:], ")", "-delete"]


def _handle(held: _Held, command: Sequence[str]) -> None:
    """Let the holder do something in the working folder that always works."""
    ended = held.container.exec_run(list(command))
    if ended.exit_code != 0:
        raise PlatformFault(f"The working folder could not be made ready: {ended.output!r}")


def _told(
    held: _Held, command: Sequence[str], places: Iterable[str], *, words: int
) -> list[tuple[str, ...]]:
    """What a program of the holder's image prints of `places`: `words` of each, its name first.

    An engine that is busy may lose what a program printed, and an output that was written would
    pass for one that was not. So the program tells of the folder itself as well, last of all.
    Raises PlatformFault when that never comes.
    """
    whole = [*command, "--", *places, HELD]
    for _ in range(TELL_TRIES):
        output = cast("bytes", held.container.exec_run(whole, stderr=False).output)
        said = output.decode("utf-8", "surrogateescape").split("\0")[:-1]
        rows = list(zip(*[iter(said)] * words, strict=False))
        if rows and rows[-1][0] == HELD:
            return rows[:-1]
    raise PlatformFault("The container engine did not say what stands in the working folder.")


def _follow(
    container: Container, limits: RunLimits, text: BoundedText, log: LogSink, check: Check
) -> Followed:
    """Start the container and stay with it to its end."""
    with _attached(container) as output:
        _start(container)
        return follow(
            output=output,
            wait=lambda: int(container.wait(timeout=None)["StatusCode"]),
            kill=lambda: _end(container),
            text=text,
            seconds=limits.seconds,
            log=log,
            check=check,
        )


@contextlib.contextmanager
def _attached(container: Container) -> Iterator[Iterator[bytes]]:
    """The container's output from its first byte on, whatever the log driver keeps.

    It has to be read to its end: the engine lets a program wait whose output nobody takes.
    """
    output = container.attach(stream=True, stdout=True, stderr=True)
    try:
        yield output
    finally:
        with contextlib.suppress(OSError):  # the engine has closed it already
            output.close()


def _end(container: Container) -> None:
    """Kill from outside: what stands as the container's first process may ignore anything less."""
    _removed(container.kill)


def _state(container: Container) -> dict[str, Any]:
    """The container's state as the engine sees it now."""
    container.reload()
    return dict((container.attrs or {})["State"])


def _start(container: Container) -> None:
    """Start. Raises RepositoryFault when the folder to start in cannot be entered."""
    try:
        container.start()
    except APIError as error:
        if "chdir" not in str(error):
            raise
        raise _no_start_folder() from error


def _memory_of(container: Container) -> int | None:
    """The bytes that the container has in use; None before its start and after its end."""
    with _engine_at_fault("The container engine did not say how much memory is in use"):
        answer = container.stats(stream=False, one_shot=True)
        return memory_used(cast("dict[str, Any]", answer))


def _ran_out_of_memory(container: Container, exit_code: int | None) -> bool:
    """Whether the kernel ended a process of the container for its memory.

    The exit code alone tells neither way: 0 when only a child was ended, 137 for any SIGKILL. The
    engine may learn of it just after the end.
    """
    killed = bool(_state(container)["OOMKilled"])
    if killed or exit_code != SIGKILL_EXIT:
        return killed
    time.sleep(OOM_NOTICE_SECONDS)
    return bool(_state(container)["OOMKilled"])


def _collect(
    held: _Held, request: RunRequest, check: Check
) -> tuple[dict[str, Path], dict[str, str]]:
    """Take the outputs, now that no process of the author's is left to change them."""
    files: dict[str, Path] = {}
    refused: dict[str, str] = {}
    room = request.limits.output_bytes
    deadline = time.monotonic() + COLLECT_SECONDS
    seen = _look_at(held, request.collect)
    for number, path in enumerate(request.collect):
        if path not in seen:
            continue
        check()
        target = request.into / f"out-{number:03}"
        try:
            room -= _take(held, seen[path], target, room=room, deadline=deadline)
            files[path] = target
        except Refused as reason:
            refused[path] = str(reason)
    return files, refused


def _look_at(held: _Held, paths: Sequence[str]) -> dict[str, _Seen]:
    """What stands at each of `paths`, as far as something does."""
    if not paths:
        return {}
    places = {posixpath.normpath(posixpath.join(HELD, path)): path for path in paths}
    listed = _told(held, ["stat", "--printf=%n\\0%f\\0%s\\0"], places, words=3)
    resolved = _told(held, ["readlink", "--canonicalize-existing", "--zero"], places, words=1)
    plain = {place for (place,) in resolved if place.startswith(HELD + "/")}
    return {
        places[place]: _Seen(place, int(mode, 16), int(size), place in plain)
        for place, mode, size in listed
    }


def _take(held: _Held, seen: _Seen, target: Path, *, room: int, deadline: float) -> int:
    """Save one output; its size. Raises Refused when it is not what may be taken.

    All is settled before the stream begins: until it ends, the engine lets nothing else be asked
    of the holder.
    """
    reason = refusal(seen.mode, seen.size, room)
    if reason or not seen.plain:
        raise Refused(reason or "its path leads through a link or out of the working folder")
    stream, _ = held.container.get_archive(seen.place)
    with contextlib.closing(cast("Generator[bytes, None, None]", stream)):
        return save_only_member(stream, target, room=room, deadline=deadline)


def _ours(site: str) -> dict[str, list[str]]:
    """The engine's filter for what a run of this site made, and for nothing else."""
    return {"label": [RUN_LABEL, f"{SITE_LABEL}={site}"]}


def _is_left_over(labels: Mapping[str, str], live_runs: frozenset[str], now: int) -> bool:
    deadline = labels.get(DEADLINE_LABEL, "0")
    past = not deadline.isdecimal() or int(deadline) < now
    return labels[RUN_LABEL] not in live_runs or past


def _removed(remove: Callable[[], object]) -> bool:
    """Try to end or remove something of ours; whether it went.

    What is gone already is fine. What the engine will not let go after a few tries is left to
    remove_leftovers, so that the reason why we are leaving is not hidden behind this.
    """
    for attempt in range(REMOVE_TRIES):
        try:
            remove()
        except NotFound:
            return False
        except APIError as error:
            if error.status_code != 409:  # noqa: PLR2004 — still in use, or on its way out
                return False
        except (RequestException, HTTPError):
            return False
        else:
            return True
        time.sleep(0.1 * attempt)
    return False
