"""A pipeline over real git, on a scripted engine or on the real one."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from registry.spec.evidence import Report
from registry.spec.ladder import Repair, Step, StepState
from runners.containers.base import BuildLimits, Labels, RunLimits
from runners.containers.dockerfile import check_author_dockerfile
from runners.environment.bases import ALLOWED_BASES
from runners.limits import Bounds, SourceLimits
from runners.pipeline import Result, verify
from runners.source.mirror import MirrorStore
from runners.steps.case import Request, Tools, no_input_file
from tests.repositories import make_repository

# Of this session alone: at its end its images go, and another session may want the same.
SITE = settings.SITE_NAME
IMAGE_PREFIX = f"reprise-tests/{SITE.replace('_', '-')}"
BOUNDS = Bounds(
    source=SourceLimits(seconds=60, bytes=50_000_000, files=10_000, allow=frozenset({"file"})),
    build=BuildLimits(seconds=300, log_bytes=1_000_000),
    run=RunLimits(
        seconds=60,
        memory_bytes=512 * 2**20,
        cpus=2,
        processes=128,
        log_bytes=1_000_000,
        workdir_bytes=200 * 2**20,
        files=10_000,
        output_bytes=50 * 2**20,
    ),
)


class Notes:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.states: dict[Step, StepState] = {}
        self.logs: dict[Step, str] = {}

    def step_changed(self, step, state, *, seconds, message):
        self.states[step] = state

    def log(self, step, text):
        self.logs[step] = self.logs.get(step, "") + text


class Bench:
    """Makes repositories and verifies them."""

    def __init__(self, folder: Path, engine: object) -> None:
        self.folder = folder
        self.engine = engine
        self.notes = Notes()
        self.bounds = BOUNDS
        self.check = lambda: None
        self.rungs = frozenset(Repair)
        self.run = ""
        self.input_file = no_input_file
        self.days_later = 0

    def repository(self, files: dict[str, str | bytes], *, day: str | None = None) -> Path:
        """A repository with one commit of `files`, of today or of the day given."""
        return make_repository(self.folder, files, day=day)

    def verify(self, source: Path | str | dict, **request) -> Report:
        """The report on a repository, or on one made of the files given."""
        return self.result(source, **request).report

    def result(self, source, *, ref=None, manifest=None) -> Result:
        """The whole result; its files live as long as the test."""
        address = str(self.repository(source) if isinstance(source, dict) else source)
        run = self.run = uuid.uuid4().hex[:12]
        artifacts, scratch = self.folder / run / "artifacts", self.folder / run / "scratch"
        artifacts.mkdir(parents=True)
        scratch.mkdir()
        tools = Tools(
            mirrors=MirrorStore(self.folder / "mirrors"),
            engine=self.engine,
            bounds=self.bounds,
            labels=Labels(site=SITE, run=run, attempt=1, deadline=int(time.time()) + 600),
            check=self.check,
            artifacts=artifacts,
            scratch=scratch,
            check_dockerfile=lambda text: check_author_dockerfile(
                text, allowed_bases=ALLOWED_BASES
            ),
            image_prefix=IMAGE_PREFIX,
            rungs=self.rungs,
        )
        request = Request(address=address, ref=ref, manifest=manifest, input_file=self.input_file)
        later = timedelta(days=self.days_later)
        return verify(request, tools, self.notes, now=lambda: datetime.now(UTC) + later)
