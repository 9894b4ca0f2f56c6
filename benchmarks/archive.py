"""A source archive from the portal, against a server that only hands the file to the kernel.

    . ops/site-env && python -m benchmarks.archive [--mb 100] [--rounds 7] [--json FILE]

Both on loopback, in turns as to who goes first; the client reads to the end and keeps nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measuring import ROOT, Spread, print_table, write_json
from benchmarks.pages import Server, serving, site_environment
from benchmarks.resolve import MEGABYTE, SENT, Measured, measure, sending

ARCHIVE = "archive"
LAY = "import django; django.setup(); from benchmarks.archive import lay; lay({!r})"
PATH = "/api/v1/models/1/versions/1/archive/"


def lay(path: str) -> None:
    """A public model whose run kept the file at `path`. Needs django.setup() first."""
    from benchmarks.filling import fill  # noqa: PLC0415 — as in benchmarks.resolve
    from registry.models import Artifact, VerificationRun  # noqa: PLC0415
    from registry.services.blobs import blob_store  # noqa: PLC0415

    fill(entries=1)
    Artifact.objects.create(
        run=VerificationRun.objects.get(),
        name="source.tar.gz",
        media_type="application/gzip",
        blob=blob_store(path=Path(path)),
    )


def main() -> None:
    """Lay the portal, measure, print the table."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reprise-bench-")))
        file = folder / "source.tar.gz"
        with file.open("wb") as target:
            for _ in range(options.mb):
                target.write(os.urandom(MEGABYTE))
        environment = site_environment(folder)
        code = LAY.format(str(file))
        subprocess.check_call([sys.executable, "-c", code], cwd=ROOT, env=environment)
        portal = stack.enter_context(serving(folder, environment))
        floor = stack.enter_context(sending(file))
        rounds = [_round(portal, floor, number) for number in range(options.rounds + 1)][1:]
    _print(rounds)
    if options.json:
        write_json(options.json, rounds=rounds, mb=options.mb)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A source archive against sendfile.")
    parser.add_argument("--mb", type=int, default=100, help="size of the archive")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


def _round(portal: Server, floor: int, number: int) -> dict[str, Measured]:
    """One download by each way; the first round is thrown away."""
    ways = {
        ARCHIVE: lambda: measure(portal.port, PATH, peak_of=portal.process.pid),
        SENT: lambda: measure(floor, "/"),
    }
    names = sorted(ways, reverse=bool(number % 2))
    return {name: ways[name]() for name in names}


def _print(rounds: list[dict[str, Measured]]) -> None:
    ratio = [row[ARCHIVE].mb_a_second / row[SENT].mb_a_second for row in rounds]
    speeds = {
        name: Spread.of([row[name].mb_a_second for row in rounds]).text(0)
        for name in (SENT, ARCHIVE)
    }
    peak = Spread.of([row[ARCHIVE].peak_mb for row in rounds]).text(0)
    cells = [
        [SENT, speeds[SENT], "1", ""],
        [ARCHIVE, speeds[ARCHIVE], Spread.of(ratio).text(3), peak],
    ]
    print_table(["what", "MB/s", "of sendfile", "server's peak MB"], cells)


if __name__ == "__main__":
    main()
