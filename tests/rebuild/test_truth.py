"""Verdicts held against what is true, and the tables made of them."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from benchmarks.rebuild.records import NONE, WHOLE, Record, RecordFile, rungs_of, seen_in, without
from benchmarks.rebuild.running import Bench, wanted
from benchmarks.rebuild.tables import report as tables
from benchmarks.rebuild.truth import Expected, Judgement, Repository, Seen, read_list
from registry.spec.ladder import Level, Repair
from tests.web import scenery

COMMITTED = Path(__file__).parents[2] / "benchmarks" / "rebuild.toml"
PASSING = Repository(
    name="passing",
    address="https://example.org/a/passing",
    commit="a" * 40,
    truth="39 tests pass",
    rebuilds=True,
    right=(Expected(levels=("runs",), causes=("",), tests=("pass",), passed=39),),
    most="runs",
    tests_may_pass=True,
)
TRAP = msgspec.structs.replace(
    PASSING,
    name="trap",
    rebuilds=False,
    right=(Expected(levels=("builds",), causes=("test",), says=("Python 2",)),),
    most="builds",
    tests_may_pass=False,
)
RUNS = Seen(level=3, cause="", tests="pass", passed=39, failed=0, repairs=("dated",), said="")
FAILS = Seen(
    level=2, cause="test", tests="fail", passed=3, failed=2, repairs=(), said="It is Python 2."
)


def changed(seen, **fields):
    return msgspec.structs.replace(seen, **fields)


@pytest.mark.parametrize(
    ("repository", "seen", "judgement"),
    [
        (PASSING, RUNS, Judgement.RIGHT),
        (PASSING, changed(RUNS, passed=38), Judgement.TOO_LITTLE),
        (PASSING, FAILS, Judgement.TOO_LITTLE),
        (PASSING, changed(RUNS, level=5), Judgement.TOO_MUCH),
        (TRAP, FAILS, Judgement.RIGHT),
        (TRAP, changed(FAILS, said="No test was found."), Judgement.TOO_LITTLE),
        (TRAP, changed(FAILS, cause="build"), Judgement.TOO_LITTLE),
        (TRAP, RUNS, Judgement.TOO_MUCH),
        (TRAP, changed(FAILS, tests="pass"), Judgement.TOO_MUCH),
    ],
)
def test_a_verdict_is_right_or_errs_in_one_direction(repository, seen, judgement):
    assert repository.judge(seen) is judgement


def test_only_a_right_verdict_that_it_runs_counts_as_rebuilt():
    assert PASSING.rebuilt(RUNS)
    assert not PASSING.rebuilt(changed(RUNS, passed=1))
    assert not TRAP.rebuilt(FAILS)


def test_what_a_report_says_in_sentences_is_searched():
    seen = seen_in(scenery.report())
    assert (seen.level, seen.tests, seen.passed) == (int(Level.REPRODUCED), "pass", 41)
    assert seen.repairs == ("relaxed", "imports")
    assert "torch 1.4 has no wheel for this Python." in seen.said
    assert "scipy added" in seen.said
    assert seen_in(replace(scenery.report(), tests_pass=None)).tests == "none"


def test_the_committed_list_names_full_commits_and_addresses_that_anybody_can_reach():
    repositories = read_list(COMMITTED)
    assert len(repositories) == 13
    for repository in repositories:
        assert len(repository.commit) == 40
        assert repository.address.startswith("https://github.com/")
        assert any(
            Level.from_label(repository.most).label in one.levels for one in repository.right
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('most = "run"', "run"),
        ('right = [{levels = ["runs"], test = ["pass"]}]', "test"),
        ('right = [{levels = ["run"]}]', "run"),
        ("rebuild = true", "rebuild"),
    ],
)
def test_a_mistyped_truth_is_refused(tmp_path, wrong, said):
    name = wrong.partition(" =")[0]
    lines = [
        f"{field} = {value}"
        for field, value in {
            "name": '"x"', "address": '"https://example.org/a/b"', "commit": '"c"',
            "truth": '"t"', "rebuilds": "true", "most": '"runs"', "tests_may_pass": "true",
            "right": '[{levels = ["runs"]}]',
        }.items()
        if field != name
    ]  # fmt: skip
    path = tmp_path / "list.toml"
    path.write_text("[[repository]]\n" + "\n".join([*lines, wrong]))
    with pytest.raises((ValueError, msgspec.ValidationError), match=said):
        read_list(path)


def record(ladder, seen, *, name="passing", fault=""):
    return Record(name=name, commit="a" * 40, ladder=ladder, seconds=61, seen=seen, fault=fault)


def test_ladders_are_whole_empty_or_lack_one_rung():
    assert rungs_of(WHOLE) == frozenset(Repair)
    assert rungs_of(NONE) == frozenset()
    assert rungs_of(without(Repair.CPU)) == frozenset(Repair) - {Repair.CPU}


def test_what_was_measured_is_not_measured_again(tmp_path):
    kept = RecordFile(tmp_path)
    kept.append(record(WHOLE, RUNS))
    kept.append(record(WHOLE, None, name="trap", fault="the engine went away"))
    todo = wanted([PASSING, TRAP], [WHOLE], ablate=False, kept=kept)
    assert [(repository.name, ladder) for repository, ladder in todo] == [("trap", WHOLE)]


def test_another_commit_is_measured_again(tmp_path):
    kept = RecordFile(tmp_path)
    kept.append(record(WHOLE, RUNS))
    moved = msgspec.structs.replace(PASSING, commit="b" * 40)
    assert len(list(wanted([moved], [WHOLE], ablate=False, kept=kept))) == 1


def test_only_rungs_that_a_verdict_rests_on_are_left_out(tmp_path):
    kept = RecordFile(tmp_path)
    todo = wanted([PASSING], [WHOLE], ablate=True, kept=kept)
    assert next(todo)[1] == WHOLE
    kept.append(record(WHOLE, RUNS))
    assert [ladder for _, ladder in todo] == [NONE, "without dated"]


def test_a_line_that_was_broken_off_is_passed_over(tmp_path):
    kept = RecordFile(tmp_path)
    kept.append(record(WHOLE, RUNS))
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"name": "trap", "com')
    assert list(kept.read()) == [("passing", WHOLE)]


def test_the_tables_say_what_the_ladder_and_each_rung_gave():
    records = {
        ("passing", WHOLE): record(WHOLE, RUNS),
        ("passing", NONE): record(NONE, FAILS),
        ("passing", "without dated"): record("without dated", FAILS),
        ("trap", WHOLE): record(WHOLE, RUNS, name="trap"),
        ("trap", NONE): record(NONE, FAILS, name="trap"),
    }
    said = [" ".join(line.split()) for line in tables([PASSING, TRAP], records).splitlines()]
    assert (
        "| passing | 39 tests pass | runs; 39 tests pass | right | 0 | packages of the commit's "
        "date | 1.0 min | builds (test); tests fail (3 pass, 2 fail): **too little** |"
    ) in said
    assert "| the whole | 1 of 2 (50%) | 1 of 1 (100%) | 1 | 1.0 min |" in said
    assert "| none | 1 of 2 (50%) | 0 of 1 (0%) | 0 | 1.0 min |" in said
    assert "| packages of the commit's date | 2 | 0 of 1 | passing |" in said


def test_a_mirror_takes_the_place_of_an_address_where_there_is_one(tmp_path):
    (tmp_path / "a+passing" / "repo").mkdir(parents=True)
    bench = Bench(folder=tmp_path, mirrors=tmp_path, site="test")
    assert bench.source_of(PASSING)[0] == str(tmp_path / "a+passing" / "repo")
    other = msgspec.structs.replace(PASSING, address="https://example.org/a/other")
    assert bench.source_of(other)[0] == "https://example.org/a/other"
