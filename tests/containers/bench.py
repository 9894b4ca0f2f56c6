"""A bench to put an engine on: one image, one folder, requests with every bound said."""

import io
import tarfile
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runners.containers.base import (
    BuildLimits,
    BuildRequest,
    Engine,
    Image,
    Labels,
    RunLimits,
    RunRequest,
    RunResult,
)
from tests.containers.fake_engine import FakeEngine, ScriptedBuild, ScriptedRun

BASE = "python:3.11-slim-bookworm"
DOCKERFILE = f"""\
FROM {BASE}
WORKDIR /work
COPY . .
RUN ln -s /etc linked && mkdir deep && echo kept > deep/file && chmod 700 deep
ENTRYPOINT ["false"]
HEALTHCHECK CMD true
"""
FILES = {"a.txt": b"hello\n", "package/module.py": b"answer = 42\n"}
MB = 2**20
BUILD_LIMITS = BuildLimits(seconds=120, log_bytes=200_000)


def write_context(target: Path, dockerfile: str, files: Mapping[str, bytes]) -> Path:
    """A build's context with a file named Dockerfile in it."""
    with tarfile.open(target, "w") as archive:
        for path, content in {**files, "Dockerfile": dockerfile.encode()}.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target


def run_limits(**changed: float) -> RunLimits:
    """Bounds that no well-behaved test comes near."""
    usual = {
        "seconds": 60.0,
        "memory_bytes": 256 * MB,
        "cpus": 1.0,
        "processes": 64,
        "log_bytes": 200_000,
        "workdir_bytes": 16 * MB,
        "files": 500,
        "output_bytes": 4 * MB,
    }
    return RunLimits(**(usual | changed))  # type: ignore[arg-type] # whole numbers stay whole


@dataclass
class Bench:
    engine: Engine
    folder: Path
    site: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:10]}")
    image: Image | None = None
    logged: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        return "".join(self.logged)

    def labels(self, *, run: str = "a-run", lasts: int = 600) -> Labels:
        deadline = int(time.time()) + lasts
        return Labels(site=self.site, run=run, attempt=1, deadline=deadline)

    def name(self) -> str:
        return f"{self.site}-{uuid.uuid4().hex[:10]}"

    def teach(self, part: str, *scripts: ScriptedRun) -> None:
        """Tell a fake engine how a run ends; a real one needs no telling."""
        if isinstance(self.engine, FakeEngine):
            self.engine.on_run(part, *scripts)

    def teach_build(self, part: str, *scripts: ScriptedBuild) -> None:
        if isinstance(self.engine, FakeEngine):
            self.engine.on_build(part, *scripts)

    def build(
        self,
        dockerfile: str,
        *,
        files: Mapping[str, bytes] = FILES,
        limits: BuildLimits = BUILD_LIMITS,
        check: Callable[[], None] = lambda: None,
        run: str = "a-run",
    ) -> Image:
        context = write_context(self.folder / f"{uuid.uuid4().hex}.tar", dockerfile, files)
        request = BuildRequest(
            context=context,
            dockerfile="Dockerfile",
            tag=f"{self.site}:{uuid.uuid4().hex[:10]}",
            labels=self.labels(run=run),
            limits=limits,
        )
        self.logged.clear()
        self.tag = request.tag
        return self.engine.build(request, log=self.logged.append, check=check)

    def request(
        self,
        *command: str,
        name: str = "",
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
        inject: Mapping[str, bytes | Path] | None = None,
        collect: tuple[str, ...] = (),
        image: Image | None = None,
        **limits: float,
    ) -> RunRequest:
        into = self.folder / uuid.uuid4().hex
        into.mkdir()
        chosen = image or self.image
        assert chosen is not None
        return RunRequest(
            image=chosen,
            name=name or self.name(),
            command=command,
            environment=environment or {},
            folder=folder,
            inject=inject or {},
            collect=collect,
            into=into,
            labels=self.labels(),
            limits=run_limits(**limits),
        )

    def run(self, request: RunRequest, *, check: Callable[[], None] = lambda: None) -> RunResult:
        self.logged.clear()
        return self.engine.run(request, log=self.logged.append, check=check)

    def python(self, code: str, **options: object) -> RunResult:
        """Run a Python program in a fresh container of the bench's image."""
        return self.run(self.request("python3", "-c", code, **options))  # type: ignore[arg-type] # as request() takes them
