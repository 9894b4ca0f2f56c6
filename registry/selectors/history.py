"""Queries about an entry's runs over time: the matrix, and what differs between two of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from registry.models import Bisection, ModelEntry, ModelVersion, VerificationRun
from registry.models.runs import RunState
from registry.selectors.entries import Viewer, entry_versions, versions_visible_to
from registry.selectors.runs import DECIDED, standing_and_run
from registry.spec.cpus import cpu_family
from registry.spec.environments import PackageChange, package_changes
from registry.spec.evidence import Inference, Report, Tests
from registry.spec.manifest import as_lines

RUNS_AT_ONCE = 200
SPARK_RUNS = 30
RUNS_BESIDE = 30
COLUMNS = ("version__number", "commit", "state", "outcome", "level", "cause", "tests_pass",
           "repaired", "repairs", "queued_at", "finished_at", "trigger", "python", "base_image",
           "environment_digest", "cpu_model", "host", "confirms", "policy_version")  # fmt: skip
_PACKAGES = "report__environment__packages"


@dataclass(frozen=True, kw_only=True)
class Past:
    """A run of the history. `note` says what became of its fall, "" when it was none."""

    run: VerificationRun
    cpu: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A version in an environment, and the runs in it by their place among the columns.

    `changed` counts the packages that differ from those of the row before (the next below); None
    where one of the two is not known.
    """

    version: int
    commit: str
    python: str
    base_image: str
    digest: str
    packages: int
    changed: int | None
    cells: tuple[Past | None, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """The newest runs first, as columns; rows by when they were last seen. `older`: there is more.

    `older` is the id of the last run shown, None when all are.
    """

    runs: tuple[Past, ...]
    rows: tuple[Row, ...]
    older: int | None


@dataclass(frozen=True, kw_only=True)
class Brief:
    """An entry's past in short. `levels` are those of the last decided runs, oldest first."""

    levels: tuple[int, ...]
    good: VerificationRun | None
    bisection: Bisection | None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing about two runs, in words; `differs` when it is not the same."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the two say something else."""
        return self.before != self.after


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What two runs have alike and what not. `packages` is None where one built no environment."""

    facts: tuple[Fact, ...]
    packages: tuple[PackageChange, ...] | None


def history_runs(*, user: Viewer, entry: ModelEntry) -> QuerySet[VerificationRun]:
    """The finished runs of the versions that a person may see, newest first."""
    seen = versions_visible_to(user).filter(entry=entry)
    runs = VerificationRun.objects.filter(version__in=seen, state=RunState.FINISHED)
    return runs.select_related("version").only(*COLUMNS).order_by("-pk")


def history_of(
    *, user: Viewer, entry: ModelEntry, before: int | None = None, most: int = RUNS_AT_ONCE
) -> History:
    """The matrix of an entry: its newest runs, `most` of them, those before `before` if given."""
    runs = history_runs(user=user, entry=entry)
    runs = runs.filter(pk__lt=before) if before else runs
    found = list(runs[: most + 1])
    shown = found[:most]
    notes = _notes(entry_versions(user=user, entry=entry), shown)
    past = tuple(
        Past(run=run, cpu=cpu_family(run.cpu_model), note=notes.get(run.pk, "")) for run in shown
    )
    return History(
        runs=past,
        rows=_rows(past),
        older=shown[-1].pk if len(found) > most else None,
    )


def history_brief(*, entry: ModelEntry, versions: Sequence[ModelVersion]) -> Brief:
    """What an entry's page says of its past, over the versions given."""
    decided = VerificationRun.objects.filter(version__in=versions, outcome__in=DECIDED)
    decided = decided.only("level", "python", "base_image", "finished_at").order_by("-pk")
    last = list(decided[:SPARK_RUNS])
    good = next((run for run in last if run.pk == entry.good_run_id), None)
    if good is None and entry.good_run_id:
        good = decided.filter(pk=entry.good_run_id).first()
    return Brief(
        levels=tuple(run.level or 0 for run in reversed(last)),
        good=good,
        bisection=bisections_of(entry=entry, versions=versions).first() if entry.lost_at else None,
    )


def bisections_of(*, entry: ModelEntry, versions: Iterable[ModelVersion]) -> QuerySet[Bisection]:
    """The searches for what broke it, newest first, between runs of these versions alone."""
    seen = entry.bisections.filter(good__version__in=versions, bad__version__in=versions)
    return seen.order_by("-queued_at")


def runs_beside(*, user: Viewer, run: VerificationRun) -> QuerySet[VerificationRun]:
    """The last other finished runs of the same entry, to hold this one against; newest first."""
    others = history_runs(user=user, entry=run.version.entry).exclude(pk=run.pk)
    return others[:RUNS_BESIDE]


def run_differences(older: VerificationRun, newer: VerificationRun) -> Differences:
    """What differs between two runs, each with its report."""
    facts = (
        Fact(name=name, before=_said(older, column), after=_said(newer, column))
        for name, column in _FACTS
    )
    lists = [_packages_of(run) for run in (older, newer)]
    known = lists[0] and lists[1]
    return Differences(facts=tuple(facts), packages=package_changes(*lists) if known else None)


_FACTS = (
    ("Commit", "commit"),
    ("Manifest", "manifest_digest"),
    ("Python", "python"),
    ("Base image", "base_image"),
    ("Digest of the base image", "base_digest"),
    ("Policy", "policy_version"),
    ("CPU", "cpu_model"),
    ("Machine", "host"),
    ("Asked for by", "trigger"),
)


def report_facts(before: Report, after: Report) -> Iterator[Fact]:
    """What the reports say besides the columns of the runs."""
    for name, said in _REPORT_FACTS:
        older, newer = said(before), said(after)
        if older or newer:
            yield Fact(name=name, before=older, after=newer)


def _command(ran: Tests | Inference | None) -> str:
    return as_lines(ran.command) if ran else ""


_REPORT_FACTS: tuple[tuple[str, Callable[[Report], str]], ...] = (
    ("Environment made from", lambda report: report.environment.strategy or ""),
    ("Image", lambda report: report.environment.image_digest or ""),
    ("Command of the tests", lambda report: _command(report.tests)),
    ("Command of the model", lambda report: _command(next(iter(report.inference), None))),
    ("Engine", lambda report: report.host.engine if report.host else ""),
)


def _said(run: VerificationRun, column: str) -> str:
    return str(getattr(run, column))


def _packages_of(run: VerificationRun) -> list[str]:
    return list(((run.report or {}).get("environment") or {}).get("packages") or [])


def _notes(versions: Iterable[ModelVersion], runs: Iterable[VerificationRun]) -> dict[int, str]:
    """What is to be said beside a run of its part in declaring something lost."""
    notes = {run.pk: f"second look at run {run.confirms_id}" for run in runs if run.confirms_id}
    looked = set(notes)
    for version in versions:
        standing = standing_and_run(version)[0]
        notes |= dict.fromkeys(standing.unconfirmed, "a fall that the next run did not see")
        if standing.doubted and standing.doubted.run not in looked:
            notes[standing.doubted.run] = "a fall that awaits its second look"
    return notes


def _key(run: VerificationRun) -> tuple[int, str, str, str, str]:
    """What makes a row: version and environment."""
    named = (run.commit, run.python, run.base_image, run.environment_digest)
    return (run.version.number, *named)


def _rows(past: tuple[Past, ...]) -> tuple[Row, ...]:
    """One row for each version in each environment, the last seen first."""
    keys = list(dict.fromkeys(_key(each.run) for each in past))
    examples = {_key(each.run): each.run.pk for each in past}
    packages = dict(
        VerificationRun.objects.filter(pk__in=examples.values()).values_list("pk", _PACKAGES)
    )
    lists = [packages.get(examples[key]) or [] for key in keys]
    return tuple(
        Row(
            version=key[0],
            commit=key[1],
            python=key[2],
            base_image=key[3],
            digest=key[4],
            packages=len(lists[place]),
            changed=_changed(lists, place),
            cells=tuple(each if _key(each.run) == key else None for each in past),
        )
        for place, key in enumerate(keys)
    )


def _changed(lists: list[list[str]], place: int) -> int | None:
    """How many packages differ from the row below, the one before in time."""
    below = lists[place + 1] if place + 1 < len(lists) else []
    return len(package_changes(below, lists[place])) if below and lists[place] else None
