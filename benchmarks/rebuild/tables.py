"""The tables of docs/rebuild.md, from the records."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.measuring import markdown_table
from benchmarks.rebuild.records import NONE, WHOLE, Record, without
from benchmarks.rebuild.truth import Judgement, Repository, Seen
from registry.spec.ladder import Level, Repair

Records = Mapping[tuple[str, str], Record]
_MINUTE = 60


def report(repositories: Sequence[Repository], records: Records) -> str:
    """Three tables in Markdown: the repositories, the ladder against none, each rung."""
    return "\n\n".join(
        [
            "## Each repository",
            markdown_table(
                ["repository", "truth", "verdict", "judged", "attempts", "repaired by", "time",
                 "without the ladder"],
                [_row(repository, records) for repository in repositories],
            ),
            "## With and without the ladder",
            markdown_table(
                ["ladder", "right", "rebuilt, of those that can be", "claims too much",
                 "median time"],
                [_total(repositories, records, ladder) for ladder in (WHOLE, NONE)],
            ),
            "## Each rung",
            "The ladder less one rung, on the repositories whose verdict rests on that rung.",
            markdown_table(
                ["rung", "rests on it", "still right without it", "rescued by it"],
                list(_rungs(repositories, records)),
            ),
        ]
    )  # fmt: skip


def words(seen: Seen) -> str:
    """A verdict in a few words: “runs; 39 tests pass; repaired”."""
    said = [Level(seen.level).label + (f" ({seen.cause})" if seen.cause else "")]
    if seen.tests == "pass":
        said.append(f"{seen.passed} tests pass")
    elif seen.tests == "fail":
        said.append(f"tests fail ({seen.passed} pass, {seen.failed} fail)")
    return "; ".join(said)


def _row(repository: Repository, records: Records) -> list[str]:
    whole = records.get((repository.name, WHOLE))
    none = records.get((repository.name, NONE))
    if whole is None:
        return [repository.name, repository.truth, "not run", "", "", "", "", _verdict(none)]
    return [
        repository.name,
        repository.truth,
        _verdict(whole),
        _judged(repository, whole),
        str(len(whole.attempts)),
        ", ".join(repair.label for repair in whole.repairs) or "–",
        _time(whole.seconds),
        _verdict(none) + (f": {_judged(repository, none)}" if none else ""),
    ]


def _verdict(record: Record | None) -> str:
    if record is None:
        return "not run"
    return words(record.seen) if record.seen else "the portal failed"


def _judged(repository: Repository, record: Record) -> str:
    """How a verdict was judged; what is wrong stands out."""
    if record.seen is None:
        return "–"
    judgement = repository.judge(record.seen)
    return judgement.value if judgement is Judgement.RIGHT else f"**{judgement.value}**"


def _total(repositories: Sequence[Repository], records: Records, ladder: str) -> list[str]:
    """How many verdicts with a ladder are right, how many models rebuilt."""
    seen = [
        (repository, record.seen)
        for repository in repositories
        if (record := records.get((repository.name, ladder))) and record.seen
    ]
    times = [records[repository.name, ladder].seconds for repository, _ in seen]
    judged = [repository.judge(one) for repository, one in seen]
    can_be = [(repository, one) for repository, one in seen if repository.rebuilds]
    return [
        {WHOLE: "the whole", NONE: "none"}[ladder],
        _share(judged.count(Judgement.RIGHT), len(seen)),
        _share(sum(repository.rebuilt(one) for repository, one in can_be), len(can_be)),
        str(judged.count(Judgement.TOO_MUCH)),
        _time(statistics.median(times)) if times else "–",
    ]


def _rungs(repositories: Sequence[Repository], records: Records) -> Iterator[list[str]]:
    for rung in Repair:
        resting = [
            repository
            for repository in repositories
            if (whole := records.get((repository.name, WHOLE))) and rung in whole.repairs
        ]
        tried = [one for one in resting if _seen(one, records, without(rung))]
        lost = [one.name for one in tried if _lost(one, records, rung)]
        if resting:
            still = f"{len(tried) - len(lost)} of {len(tried)}"
            yield [rung.label, str(len(resting)), still, ", ".join(lost) or "–"]


def _seen(repository: Repository, records: Records, ladder: str) -> Seen | None:
    record = records.get((repository.name, ladder))
    return record.seen if record else None


def _lost(repository: Repository, records: Records, rung: Repair) -> bool:
    """Whether a right verdict is no longer right without the rung."""
    with_it = _seen(repository, records, WHOLE)
    without_it = _seen(repository, records, without(rung))
    if with_it is None or without_it is None:
        return False
    judged = repository.judge(with_it), repository.judge(without_it)
    return judged[0] is Judgement.RIGHT and judged[1] is not Judgement.RIGHT


def _share(count: int, of: int) -> str:
    return f"{count} of {of} ({100 * count / of:.0f}%)" if of else "–"


def _time(seconds: float) -> str:
    return f"{seconds / _MINUTE:.1f} min" if seconds >= _MINUTE else f"{seconds:.0f} s"
