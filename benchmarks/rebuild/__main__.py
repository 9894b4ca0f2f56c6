"""The portal's own pipeline on repositories that nobody prepared, held against the truth.

    . ops/site-env && python -m benchmarks.rebuild benchmarks/rebuild.toml
        [--only NAME] [--without RUNG] [--ablate] [--mirrors DIR] [--output DIR] [--report]

It takes hours; each verdict is written down at once, and what was measured is not measured again:
remove the line from results.jsonl in the output folder to do so. Reports and logs are beside it.
"""

import argparse
import os
import uuid
from pathlib import Path

from benchmarks.measuring import ROOT
from benchmarks.rebuild.records import WHOLE, RecordFile, without
from benchmarks.rebuild.running import Bench, wanted
from benchmarks.rebuild.tables import report, words
from benchmarks.rebuild.truth import Repository, read_list, rung_named


def main(arguments: list[str] | None = None) -> None:
    """Run what is still to be run, and say each verdict; or print the tables."""
    options = _options(arguments)
    repositories = _chosen(read_list(options.list), options.only)
    kept = RecordFile(options.output)
    if not options.report:
        _run(repositories, kept, options)
    print(report(repositories, kept.read()))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rebuild", description=__doc__)
    parser.add_argument("list", type=Path, metavar="LIST.toml", help="repositories and the truth")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument(
        "--without", action="append", default=[], type=rung_named, metavar="RUNG",
        help="the ladder less this rung, in place of the whole one",
    )  # fmt: skip
    parser.add_argument(
        "--ablate", action="store_true",
        help="also without the ladder, and without each rung that a verdict rests on",
    )  # fmt: skip
    parser.add_argument(
        "--mirrors", type=Path, metavar="DIR",
        help="fetch from DIR/OWNER+NAME/repo where that is, in place of the address",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, metavar="DIR", default=ROOT / "var" / "rebuild")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    return parser.parse_args(arguments)


def _chosen(repositories: tuple[Repository, ...], names: list[str]) -> tuple[Repository, ...]:
    unknown = set(names) - {repository.name for repository in repositories}
    if unknown:
        raise SystemExit(f"Not in the list: {', '.join(sorted(unknown))}.")
    return tuple(one for one in repositories if not names or one.name in names)


def _run(
    repositories: tuple[Repository, ...], kept: RecordFile, options: argparse.Namespace
) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("REPRISE_VAR_DIR", str(options.output / "var"))
    # A site of its own: nobody else's containers and images are touched.
    bench = Bench(
        folder=options.output, mirrors=options.mirrors, site=f"rebuild-{uuid.uuid4().hex[:8]}"
    )
    asked = [without(rung) for rung in options.without] or [WHOLE]
    try:
        for repository, ladder in wanted(repositories, asked, ablate=options.ablate, kept=kept):
            print(f"{repository.name}, ladder {ladder} … ", end="", flush=True)
            record = bench.run(repository, ladder)
            kept.append(record)
            judged = repository.judge(record.seen) if record.seen else record.fault
            said = words(record.seen) if record.seen else "the portal failed"
            print(f"{said}: {judged} ({record.seconds:.0f} s)", flush=True)
    finally:
        bench.clean()


if __name__ == "__main__":
    main()
