"""Clones of a model's repository through the portal, against `git http-backend` on its mirror.

    . ops/site-env && python -m benchmarks.clone [--mb 100] [--rounds 7] [--json FILE]

Both on loopback, in turns as to who goes first. `git clone` is what people wait for, of which a
good part is their own git's work; `pack` is the same objects asked for and thrown away: the
server's part alone. A fifth of the repository is small files of text, the rest is noise.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measuring import ROOT, Spread, print_table, write_json
from benchmarks.pages import free_port, serving, site_environment, wait_until_listening
from benchmarks.resolve import LAY, MEGABYTE, PIECE, peak_mb

PORTAL, FLOOR = "portal", "http-backend"
SMALL_BYTES, LARGE = 20_000, 8
WORDS = [
    "energy",
    "lattice",
    "sample",
    "return",
    "import",
    "numpy",
    "phi",
    "beta",
    "step",
    "seed",
    "mean",
    "field",
]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A repository on a server; `pid` is the portal's."""

    port: int
    path: str
    pid: int = 0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One clone and one pack. `peak_mb` is the most memory the portal ever had; 0 where not asked.

    Git's own processes are not in it.
    """

    clone_seconds: float
    pack_mb_a_second: float
    peak_mb: float


def main() -> None:
    """Lay the portal, measure, print the table."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reprise-bench-")))
        commit = _commit(folder / "model", options.mb)
        environment = site_environment(folder) | {"REPRISE_SOURCE_ALLOW": "file"}
        code = LAY.format(str(folder / "model"))
        subprocess.check_call([sys.executable, "-c", code], cwd=ROOT, env=environment)
        portal = stack.enter_context(serving(folder, environment))
        (mirror,) = Path(environment["REPRISE_VAR_DIR"]).glob(f"mirrors/*/{commit}.git")
        floor = stack.enter_context(_backend(mirror.parent))
        places = {
            PORTAL: Place(port=portal.port, path="/person/model.git", pid=portal.process.pid),
            FLOOR: Place(port=floor, path=f"/{mirror.name}"),
        }
        rounds = [_round(places, commit, folder, number) for number in range(options.rounds + 1)]
    _print(rounds[1:])
    if options.json:
        write_json(options.json, rounds=rounds[1:], mb=options.mb)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Clones against git http-backend.")
    parser.add_argument("--mb", type=int, default=100, help="size of the files")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


def _commit(folder: Path, megabytes: int) -> str:
    """A repository of one commit; its number."""
    draw = random.Random(1)  # noqa: S311 — the same files every time
    folder.mkdir()
    for number in range(megabytes * MEGABYTE // 5 // SMALL_BYTES):
        words = draw.choices(WORDS, k=SMALL_BYTES // 6)
        (folder / f"module_{number}.py").write_text("\n".join(words))
    for number in range(LARGE):
        (folder / f"weights_{number}.bin").write_bytes(
            draw.randbytes(megabytes * MEGABYTE * 4 // 5 // LARGE)
        )
    git = ["git", "-C", str(folder), "-c", "user.name=R", "-c", "user.email=r@localhost"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "A model"]):
        subprocess.check_call([*git, *words])
    return subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()


@contextmanager
def _backend(folder: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.http_backend", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        wait_until_listening(port)
        yield port
        process.terminate()


def _round(places: dict[str, Place], commit: str, folder: Path, number: int) -> dict[str, Measured]:
    """One clone and one pack from each; the first round is thrown away."""
    names = sorted(places, reverse=bool(number % 2))
    return {name: _measure(places[name], commit, folder / "clone") for name in names}


def _measure(place: Place, commit: str, target: Path) -> Measured:
    address = f"http://127.0.0.1:{place.port}{place.path}"
    begun = time.perf_counter()
    subprocess.check_call(["git", "clone", "-q", "--bare", address, str(target)], env=_person())
    seconds = time.perf_counter() - begun
    shutil.rmtree(target)
    return Measured(
        clone_seconds=seconds,
        pack_mb_a_second=_pack(place, commit),
        peak_mb=peak_mb(place.pid),
    )


def _person() -> dict[str, str]:
    """Git with nobody's settings, and no proxy between it and loopback."""
    return {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "no_proxy": "*"}


def _pack(place: Place, commit: str) -> float:
    """Megabytes a second of a pack that is read and thrown away."""
    kind = "application/x-git-upload-pack-request"
    asked = f"0011command=fetch00010032want {commit}\n0009done\n0000"
    headers = {"Content-Type": kind, "Git-Protocol": "version=2"}
    connection = HTTPConnection("127.0.0.1", place.port, timeout=120)
    begun, size = time.perf_counter(), 0
    connection.request("POST", f"{place.path}/git-upload-pack", asked, headers)
    answer = connection.getresponse()
    while piece := answer.read(PIECE):
        size += len(piece)
    seconds = time.perf_counter() - begun
    connection.close()
    if size < MEGABYTE:
        raise RuntimeError(f"{place.path} gave {size} bytes: no pack.")
    return size / MEGABYTE / seconds


def _print(rounds: list[dict[str, Measured]]) -> None:
    cells = [
        [
            name,
            Spread.of([row[name].clone_seconds for row in rounds]).text(2),
            Spread.of([row[FLOOR].clone_seconds / row[name].clone_seconds for row in rounds]).text(
                3
            ),
            Spread.of([row[name].pack_mb_a_second for row in rounds]).text(0),
            Spread.of(
                [row[name].pack_mb_a_second / row[FLOOR].pack_mb_a_second for row in rounds]
            ).text(3),
            Spread.of([row[name].peak_mb for row in rounds]).text(0),
        ]
        for name in (FLOOR, PORTAL)
    ]
    heads = ["by", "clone s", "speed of floor", "pack MB/s", "of floor", "server's peak MB"]
    print_table(heads, cells)


if __name__ == "__main__":
    main()
