"""A whole verification of a tiny repository, side by side with the same steps by hand in a shell.

    . ops/site-env && python -m benchmarks.verification [--rounds 5] [--json FILE]

Each round makes a commit and verifies it, by the pipeline and by benchmarks/bare-shell, in turns
as to who goes first; then both verify the same commit again. The packages were installed before
the first round, in layers that both share. What was made on the engine is removed at the end.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from benchmarks.measuring import ROOT, Spread, print_table, write_json
from registry.spec.evidence import Report
from registry.spec.ladder import Level, Step, StepState
from runners.configuration import bounds_of_site, engine_of_site, tools_for
from runners.containers import buildkit
from runners.limits import SitePackages
from runners.pipeline import verify
from runners.source.committed import repository_from_folder
from runners.steps.case import Request

EXAMPLE = ROOT / "examples" / "lotka-volterra"
WARM, AGAIN = "new commit, same environment", "same commit again"
AUTHOR = ("-c", "user.name=Reprise", "-c", "user.email=reprise@localhost")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds of one verification by each way.

    Of the pipeline's, `own` is what the model's tests and commands took, `steps` each step.
    """

    pipeline: float
    shell: float
    own: float
    steps: dict[str, float]


class Silent:
    """A recorder for a run that nobody watches."""

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Do nothing."""

    def log(self, step: Step, text: str) -> None:
        """Do nothing."""


class Bench:
    """One repository, and the two ways to verify it."""

    def __init__(self, folder: Path) -> None:
        self.site = f"bench-{uuid.uuid4().hex[:8]}"
        self._folder = folder
        self._repository = repository_from_folder(EXAMPLE, folder / "repository")
        self._dockerfile = folder / "Dockerfile"
        self._build = _build_command()

    def lay(self) -> None:
        """The first verification: it fills the caches, and writes the Dockerfile for the shell."""
        self._verify(keep_dockerfile=True)

    def commit(self) -> None:
        """Change a line that the environment does not depend on."""
        with (self._repository / "README.md").open("a") as readme:
            readme.write(f"\n{uuid.uuid4()}\n")
        git = ["git", "-C", str(self._repository), *AUTHOR]
        subprocess.check_call([*git, "commit", "-q", "-a", "-m", "Change a line."])

    def measure(self, *, shell_first: bool) -> Measured:
        """Both ways on the newest commit, one after the other."""
        if shell_first:
            shell, (pipeline, report) = self._shell(), self._verify()
        else:
            (pipeline, report), shell = self._verify(), self._shell()
        own = sum(run.seconds for run in report.inference)
        own += report.tests.seconds if report.tests else 0.0
        return Measured(pipeline=pipeline, shell=shell, own=own, steps=dict(report.timings))

    def clean(self) -> None:
        """Leave nothing on the engine but its build cache."""
        engine = engine_of_site()
        later = int(time.time()) + 1
        engine.remove_leftovers(site=self.site, live_runs=frozenset(), now=later)
        engine.remove_images(
            site=self.site, live_runs=frozenset(), keep_seconds=0, budget_bytes=0, now=later
        )
        subprocess.check_call(["docker", "rmi", "--force", self.site], stdout=subprocess.DEVNULL)

    def _verify(self, *, keep_dockerfile: bool = False) -> tuple[float, Report]:
        request = Request(address=str(self._repository), ref=None)
        begun = time.perf_counter()
        with tools_for(
            site=self.site, run=uuid.uuid4().hex, attempt=1, bounds=bounds_of_site(), check=_go_on
        ) as tools:
            report = verify(request, tools, Silent(), now=timezone.now).report
            if keep_dockerfile:
                written = (tools.artifacts / "Dockerfile").read_text()
                self._dockerfile.write_text(buildkit.for_site(written, _site()))
                for beside in tools.artifacts.glob("reprise-*"):
                    shutil.copy(beside, self._folder)
        if report.level < Level.REPRODUCED:
            raise RuntimeError(f"{EXAMPLE.name} was not reproduced: {report.explanation}")
        return time.perf_counter() - begun, report

    def _shell(self) -> float:
        clone = self._folder / uuid.uuid4().hex
        places = [str(self._repository), str(clone), str(self._dockerfile), self.site]
        environment = os.environ | {"DOCKER_BUILDKIT": "1"}
        begun = time.perf_counter()
        subprocess.check_call([str(ROOT / "benchmarks" / "bare-shell"), *places, *self._build],
                              env=environment, stderr=subprocess.DEVNULL)  # fmt: skip
        return time.perf_counter() - begun


def main() -> None:
    """Lay the caches, measure, print the tables, clean up."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="reprise-bench-") as folder:
        os.environ |= _environment(Path(folder))
        bench = Bench(Path(folder))
        bench.lay()
        try:
            rounds = [
                _round(bench, shell_first=bool(number % 2)) for number in range(options.rounds)
            ]
        finally:
            bench.clean()
    heads = ["what", "of the shell", "pipeline, s", "shell, s", "pipeline less containers, s"]
    print_table(heads, [_row(what, rounds) for what in (WARM, AGAIN)])
    print()
    print_table(["step, s", WARM, AGAIN], [_step_row(step, rounds) for step in Step])
    if options.json:
        write_json(options.json, rounds=rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A verification against the bare shell.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


def _environment(folder: Path) -> dict[str, str]:
    """The settings of a site of its own; they are read when first asked for."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REPRISE_VAR_DIR": str(folder / "var"),
        "REPRISE_SOURCE_ALLOW": "file",
    }


def _build_command() -> list[str]:
    """How to build with BuildKit here, as a person would type it.

    A docker command without buildx can do so itself only if it is older than 23, such as Debian's.
    """
    buildx = subprocess.call(
        ["docker", "buildx", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return ["/usr/bin/docker", "build"] if buildx else ["docker", "buildx", "build", "--load"]


def _site() -> SitePackages:
    """What a closed site's builds need; the shell's layers are then the pipeline's own."""
    bundle = os.environ.get("REPRISE_CA_BUNDLE", "")
    return SitePackages(
        ca_bundle=Path(bundle) if bundle else None,
        index_url=os.environ.get("REPRISE_INDEX_URL", ""),
        proxy=os.environ.get("REPRISE_PROXY", ""),
    )


def _go_on() -> None:
    """Nobody stops a benchmark but by Ctrl-C."""


def _round(bench: Bench, *, shell_first: bool) -> dict[str, Measured]:
    bench.commit()
    return {what: bench.measure(shell_first=shell_first) for what in (WARM, AGAIN)}


def _row(what: str, rounds: list[dict[str, Measured]]) -> list[str]:
    def spread(value: Callable[[Measured], float]) -> str:
        return Spread.of([value(row[what]) for row in rounds]).text(2)

    return [
        what,
        spread(lambda cell: cell.pipeline / cell.shell),
        spread(lambda cell: cell.pipeline),
        spread(lambda cell: cell.shell),
        spread(lambda cell: cell.pipeline - cell.own),
    ]


def _step_row(step: Step, rounds: list[dict[str, Measured]]) -> list[str]:
    seconds = [[row[what].steps.get(step, 0.0) for row in rounds] for what in (WARM, AGAIN)]
    return [step.replace("_", " "), *(Spread.of(values).text(2) for values in seconds)]


if __name__ == "__main__":
    main()
