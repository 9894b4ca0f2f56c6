"""What broke it: the search asks little, always the same, and says no more than it saw."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.bisection import Goal, Probe
from registry.spec.evidence import Environment, Host, Policy, Report, Source
from registry.spec.ladder import Cause, Level, Outcome, Repair
from runners.bisection import (
    COMMIT_PROBES,
    PACKAGE_PROBES,
    Diary,
    Untried,
    bisect,
    request_for,
    rungs_of,
    smallest,
)
from runners.steps.case import Request

OLD, NEW = "a" * 40, "b" * 40
CONTROLS = 4
PACKAGES = ("numpy==1.26.4", "pip==24.0", "scipy==1.11.4", "six==1.16.0")
LATER = ("numpy==2.0.0", "pip==25.0", "scipy==1.14.0", "six==1.16.0")


def seen(
    packages=PACKAGES, *, commit=OLD, python="3.11.9", level=Level.RUNS, strategy="requirements.txt"
) -> Report:
    good = level >= Level.RUNS
    return Report(
        reprise="0.1.0",
        policy=Policy(version="1", digest="sha256:0"),
        started_at="2026-01-01T00:00:00+00:00",
        finished_at="2026-01-01T00:01:00+00:00",
        host=Host(name="n", cpu_model="A", cpus=1, memory_bytes=1, engine="e", isolation="runc"),
        source=Source(address="https://example.org/a", commit=commit),
        read=None,
        environment=Environment(
            strategy=strategy, python=python, packages=packages, base_digest="sha256:1"
        ),
        tests=None,
        inference=(),
        comparisons=(),
        repeatable=None,
        repeatability=None,
        tests_pass=good,
        level=level,
        level_name=level.label,
        outcome=Outcome.REPRODUCED if good else Outcome.NOT_REPRODUCED,
        cause=None if good else Cause.TEST,
        explanation="",
        hint="",
        lines=(),
        modifiers=(),
        timings={},
        artifacts=(),
    )


class World:
    """Answers probes by a rule, and counts them."""

    def __init__(self, rule, *, line=()):
        self.rule, self.line, self.asked = rule, line, []

    def __call__(self, probe: Probe) -> bool:
        self.asked.append(probe)
        return self.rule(probe)

    def search(self, good: Report, bad: Report) -> str:
        return bisect(good, bad, probe=self, commits=lambda _older, _newer: self.line)


def fallen(packages=LATER, **changes) -> Report:
    return seen(packages, level=Level.BUILDS, **changes)


def test_the_package_that_broke_it_is_named_with_both_versions():
    world = World(lambda probe: "numpy==1.26.4" in probe.packages)
    said = world.search(seen(), fallen())
    assert said == ("numpy 1.26.4 → 2.0.0: with everything else new it runs with the old one.")


def test_what_every_environment_is_seeded_with_is_never_asked_for():
    world = World(lambda probe: "numpy==1.26.4" in probe.packages)
    world.search(seen(), fallen())
    assert not any(line.startswith("pip==") for probe in world.asked for line in probe.packages)


def test_two_packages_that_go_together_are_named_together():
    old = {"numpy==1.26.4", "scipy==1.11.4"}
    said = World(lambda probe: old <= set(probe.packages)).search(seen(), fallen())
    assert said == (
        "numpy 1.26.4 → 2.0.0, scipy 1.11.4 → 1.14.0: with everything else new it runs with these "
        "2 old ones."
    )


def test_where_nothing_was_built_the_old_versions_alone_are_held():
    world = World(lambda probe: "scipy==1.11.4" in probe.packages)
    said = world.search(seen(), fallen(()))
    assert said == (
        "scipy 1.11.4: with everything else as it is to be had today it runs with the old one."
    )
    assert world.asked[0].packages == ()


def test_a_package_with_a_newer_python_is_looked_for_on_that_python():
    world = World(lambda probe: "numpy==1.26.4" in probe.packages)
    assert "numpy" in world.search(seen(), fallen(python="3.13.1"))
    assert {probe.python for probe in world.asked} == {"3.13"}


def test_another_python_alone_is_named():
    said = World(lambda probe: probe.python == "3.11").search(seen(), fallen(python="3.13.1"))
    assert said == ("Python 3.11 → 3.13: with the packages of the bad run it runs on the old one.")


def test_python_and_a_package_together_are_named_together():
    def rule(probe):
        return probe.python == "3.11" and "numpy==1.26.4" in probe.packages

    said = World(rule).search(seen(), fallen(python="3.13.1"))
    assert said.startswith("Python 3.11 → 3.13, together with packages. numpy 1.26.4 → 2.0.0")
    assert said.endswith("it runs with the old one on Python 3.11.")


def test_what_does_not_fail_again_is_blamed_on_nothing_in_the_model():
    said = World(lambda _probe: True).search(seen(), fallen())
    assert "does not show again" in said
    assert "numpy" not in said


def test_what_fails_with_everything_as_it_was_is_left_to_what_is_outside():
    said = World(lambda _probe: False).search(seen(), fallen())
    assert said.startswith("Neither the packages, nor Python, nor the commit")
    assert "numpy" not in said


def test_what_is_known_to_have_changed_outside_is_named():
    bad = fallen(PACKAGES)
    bad = replace(bad, environment=replace(bad.environment, base_digest="sha256:2"))
    world = World(lambda _probe: False)
    assert "Changed between the two runs: the base image." in world.search(seen(), bad)
    assert len(world.asked) == 1


@pytest.mark.parametrize("length", [1, 2, 3, 40, 255])
def test_the_first_bad_commit_is_found_by_halving(length):
    line = (*(f"{number:040x}" for number in range(length - 1)), NEW)
    first_bad = length // 2
    bad_ones = set(line[first_bad:])
    world = World(lambda probe: probe.commit not in bad_ones, line=line)
    said = world.search(seen(), fallen(PACKAGES, commit=NEW))
    assert said.startswith(f"Commit {line[first_bad][:12]}. ")
    assert len(world.asked) <= COMMIT_PROBES + CONTROLS


def test_a_very_long_line_of_commits_ends_in_a_range():
    line = (*(f"{number:040x}" for number in range(5_000)), NEW)
    world = World(lambda probe: probe.commit == OLD, line=line)
    said = world.search(seen(), fallen(PACKAGES, commit=NEW))
    assert said.startswith("One of ")
    assert len(world.asked) <= COMMIT_PROBES + CONTROLS


def test_a_history_that_cannot_be_had_leaves_the_two_commits():
    world = World(lambda probe: probe.commit == OLD)
    said = world.search(seen(), fallen(PACKAGES, commit=NEW))
    assert said.startswith("The commit: it runs at aaaaaaaaaaaa and not at bbbbbbbbbbbb.")


def test_commits_are_not_blamed_when_the_good_one_fails_as_well():
    world = World(lambda _probe: False, line=(NEW,))
    said = world.search(seen(), fallen(PACKAGES, commit=NEW))
    assert said.startswith("Even the good run's own commit")


def test_what_cannot_be_tried_here_leads_to_no_conclusion():
    def rule(probe):
        if probe.python == "3.11":
            raise Untried("This portal has no base image of Python 3.11 any more.")
        return False

    said = World(rule).search(seen(), fallen(python="3.13.1"))
    assert said == (
        "Not found, for not all could be tried. "
        "This portal has no base image of Python 3.11 any more."
    )


def test_an_authors_own_dockerfile_is_never_taken_apart():
    good, bad = seen(strategy="dockerfile"), fallen(strategy="dockerfile")
    world = World(lambda _probe: False)
    assert "own Dockerfile" in world.search(good, bad)
    assert [(probe.python, probe.packages) for probe in world.asked] == [(None, ())]


NAMES = st.integers(2, 40).flatmap(
    lambda size: st.tuples(
        st.just(tuple(f"p{n}" for n in range(size))),
        st.sets(st.integers(0, size - 1), min_size=1, max_size=3),
    )
)


@given(NAMES)
def test_halving_keeps_what_matters_and_asks_no_more_than_it_may(case):
    names, wanted = case
    needed, asked = {names[index] for index in wanted}, []

    def works(part):
        asked.append(part)
        return needed <= set(part)

    found, least = smallest(names, works, most=PACKAGE_PROBES)
    assert needed <= set(found)
    assert len(asked) <= PACKAGE_PROBES
    if least:
        assert set(found) == needed


def test_one_package_among_fifty_is_found_within_the_bound():
    names = tuple(f"p{number}" for number in range(50))
    for name in names:
        assert smallest(names, lambda part, name=name: name in part, most=PACKAGE_PROBES) == (
            (name,),
            True,
        )


# --- The diary ---------------------------------------------------------------------------------


def probe_of(*packages: str) -> Probe:
    return Probe(what="", commit=OLD, python="3.11", packages=packages)


def diary_of(**changes):
    runs = []

    def run(probe, number):
        runs.append(number)
        level = Level.RUNS if "numpy==1" in probe.packages else Level.BUILDS
        return seen(level=level)

    return runs, Diary(goal=Goal(level=Level.RUNS), run=run, **changes)


def test_every_probe_is_carried_out_once_and_written_down():
    notes = []
    runs, diary = diary_of(note=lambda tried: notes.append(len(tried)))
    assert [diary(probe_of("numpy==1")), diary(probe_of()), diary(probe_of())] == [
        True,
        False,
        False,
    ]
    assert runs == [1, 2]
    assert notes == [1, 2]
    assert [(each.good, each.level) for each in diary.tried] == [(True, 3), (False, 2)]


def test_what_an_earlier_attempt_wrote_down_is_not_carried_out_again():
    _, first = diary_of()
    first(probe_of("numpy==1"))
    runs, second = diary_of(tried=first.tried)
    assert second(probe_of("numpy==1"))
    assert runs == []


def test_a_probe_is_good_when_it_reaches_what_the_good_run_reached():
    goal = Goal.of(seen(level=Level.SUSTAINED))
    assert goal.met_by(seen(level=Level.REPRODUCED))
    assert not goal.met_by(seen(level=Level.REPEATABLE))
    assert not goal.met_by(replace(seen(level=Level.REPRODUCED), tests_pass=False))


def test_a_probe_asks_for_its_commit_python_and_packages_and_for_nothing_earlier():
    probe = Probe(what="", commit=NEW, python="3.11", packages=("six==1.16.0",))
    asked = request_for(probe, Request(address="x", ref="main", folder="sub"))
    assert asked == Request(
        address="x", ref=NEW, folder="sub", constraints=("six==1.16.0",), python="3.11"
    )


def test_probes_use_the_rungs_that_the_runs_needed_but_never_another_python():
    good = replace(seen(), repairs=(Repair.SYSTEM, Repair.PYTHON))
    assert rungs_of(good, replace(fallen(), repairs=(Repair.IMPORTS,))) == {
        Repair.SYSTEM,
        Repair.IMPORTS,
    }
