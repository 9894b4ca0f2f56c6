"""One large file of a model, as hub clients get it, against a server that only sends the file.

    . ops/site-env && python -m benchmarks.resolve [--mb 200] [--rounds 5] [--json FILE]

All on loopback, in turns as to who goes first; the client reads to the end and keeps nothing. The
files are noise, as weights are: one comes out of the mirror, where git packs it, as to whoever asks
first; the other was unpacked by a worker since.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measuring import ROOT, Spread, print_table, write_json
from benchmarks.pages import Server, free_port, serving, site_environment, wait_until_listening

MEGABYTE = 10**6
PIECE = 1 << 20
FIRST, UNPACKED, SENT = "resolve, first", "resolve, unpacked", "sendfile"
LAY = "import django; django.setup(); from benchmarks.resolve import lay; lay({!r})"
FILES = {FIRST: "first.bin", UNPACKED: "unpacked.bin"}
PATH = "/person/model/resolve/main/{}"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One download. `peak_mb` is the most memory that the server ever had; 0 where not asked."""

    mb_a_second: float
    peak_mb: float = 0.0


def lay(folder: str) -> None:
    """A public model of the repository in `folder`, one file unpacked. Needs django.setup()."""
    from django.conf import settings  # noqa: PLC0415 — settings are those of the process that lays
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks.filling import READ  # noqa: PLC0415
    from registry.models import User  # noqa: PLC0415
    from registry.services.entries import entry_draft_create, entry_publish  # noqa: PLC0415
    from registry.services.unpacked import file_unpack  # noqa: PLC0415
    from registry.services.versions import version_inspected  # noqa: PLC0415
    from registry.spec.manifest import Description, Inspection  # noqa: PLC0415
    from runners.limits import SourceLimits  # noqa: PLC0415
    from runners.source.address import normalise  # noqa: PLC0415
    from runners.source.mirror import MirrorStore  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    allowed = frozenset({"file"})
    found = MirrorStore(Path(settings.MIRROR_DIR)).fetch(
        normalise(folder, allow=allowed),
        None,
        limits=SourceLimits(seconds=600, bytes=2**33, files=10_000, allow=allowed),
        log=lambda _text: None,
        check=lambda: None,
    )
    owner = User.objects.create_user("person", "person@example.org")
    entry = entry_draft_create(owner=owner, address=folder, ref="")
    inspection = Inspection(
        address=folder,
        ref=None,
        commit=found.commit,
        tree_swhid=found.tree_swhid,
        committed_at="2026-01-01T00:00:00+00:00",
        readme=None,
        licence="MIT",
        description=Description(title="Weights", licence="MIT"),
        read=READ,
    )
    version_id = entry.versions.get().pk
    version_inspected(version_id=version_id, inspection=inspection)
    entry.refresh_from_db()
    entry_publish(entry=entry, requested_by=owner)
    file_unpack(version_id=version_id, path=FILES[UNPACKED])


def main() -> None:
    """Lay the portal, measure, print the table."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reprise-bench-")))
        repository = folder / "model"
        repository.mkdir()
        _commit(repository, options.mb)
        environment = site_environment(folder) | {"REPRISE_SOURCE_ALLOW": "file"}
        code = LAY.format(str(repository))
        subprocess.check_call([sys.executable, "-c", code], cwd=ROOT, env=environment)
        portal = stack.enter_context(serving(folder, environment))
        floor = stack.enter_context(sending(repository / FILES[UNPACKED]))
        rounds = [_round(portal, floor, number) for number in range(options.rounds + 1)][1:]
    _print(rounds)
    if options.json:
        write_json(options.json, rounds=rounds, mb=options.mb)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A large file against sendfile.")
    parser.add_argument("--mb", type=int, default=200, help="size of the file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


def _commit(folder: Path, megabytes: int) -> None:
    for name in FILES.values():
        with (folder / name).open("wb") as file:
            for _ in range(megabytes):
                file.write(os.urandom(MEGABYTE))
    git = ["git", "-C", str(folder), "-c", "user.name=R", "-c", "user.email=r@localhost"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Weights"]):
        subprocess.check_call([*git, *words])


@contextmanager
def sending(file: Path) -> Iterator[int]:
    """The port of a server that only hands `file` to the kernel."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.sendfile", str(file), str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        wait_until_listening(port)
        yield port
        process.terminate()


def _round(portal: Server, floor: int, number: int) -> dict[str, Measured]:
    """One download by each way; the first round is thrown away."""
    ways = {
        **{
            way: partial(measure, portal.port, PATH.format(name), peak_of=portal.process.pid)
            for way, name in FILES.items()
        },
        SENT: partial(measure, floor, "/"),
    }
    names = sorted(ways, reverse=bool(number % 2))
    return {name: ways[name]() for name in names}


def measure(port: int, path: str, *, peak_of: int = 0) -> Measured:
    """Fetch a path to its end; nothing is kept. Raises RuntimeError where less comes than said."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    begun, size = time.perf_counter(), 0
    connection.request("GET", path)
    answer = connection.getresponse()
    while piece := answer.read(PIECE):
        size += len(piece)
    seconds = time.perf_counter() - begun
    connection.close()
    if answer.status != 200 or size != int(answer.headers["Content-Length"]):  # noqa: PLR2004 — OK
        raise RuntimeError(f"{path} ended in {answer.status} after {size} bytes.")
    return Measured(mb_a_second=size / MEGABYTE / seconds, peak_mb=peak_mb(peak_of))


def peak_mb(pid: int) -> float:
    """The most memory that a server's processes had, by the kernel's account."""
    if not pid:
        return 0.0
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    lines = (line for one in pids for line in Path(f"/proc/{one}/status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def _print(rounds: list[dict[str, Measured]]) -> None:
    cells = [
        [
            name,
            Spread.of([row[name].mb_a_second for row in rounds]).text(0),
            Spread.of([row[name].mb_a_second / row[SENT].mb_a_second for row in rounds]).text(3),
            Spread.of([row[name].peak_mb for row in rounds]).text(0),
        ]
        for name in (SENT, UNPACKED, FIRST)
    ]
    print_table(["what", "MB/s", "of sendfile", "server's peak MB"], cells)


if __name__ == "__main__":
    main()
