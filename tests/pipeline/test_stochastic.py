"""Stochastic models, claims and what differs, in real containers."""

import json
from statistics import NormalDist

import pytest

from registry.spec.ladder import Cause, Level, Outcome, Repeatability

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt draws.\n"}
SEED = "import json, os, random\nrng = random.Random(int(os.environ['REPRISE_SEED']))\n"
PI = SEED + (
    "hits = sum(rng.random() ** 2 + rng.random() ** 2 < 1 for _ in range(20_000))\n"
    "json.dump({'pi': 4 * hits / 20_000, 'draws': 20_000}, open('out.json', 'w'))\n"
)
# Fifty spins in no field at a high temperature: the magnetisation is binomial.
SPINS = SEED + (
    "counts = [0] * 6\n"
    "for _ in range(400):\n"
    "    up = sum(rng.random() < 0.5 for _ in range(5))\n"
    "    counts[up] += 1\n"
    "json.dump({'up': [0, 1, 2, 3, 4, 5], 'counts': counts}, open('out.json', 'w'))\n"
)
SPEEDS = SEED + ("json.dump({'v': [rng.gauss(0, 1) for _ in range(100)]}, open('out.json', 'w'))\n")


def manifest(test: str = "", *, seeds: int = 0, more: str = "", expected: bool = True) -> str:
    lines = ['run = "python3 model.py"', "[[outputs]]", 'path = "out.json"']
    lines += ['expected = "expected.json"'] * expected + [f'test = "{test}"'] * bool(test)
    pinned = [f"[determinism]\nseeds = {seeds}\nseed = 5"] * bool(seeds)
    return "\n".join([*lines, more, *pinned]) + "\n"


def files(model: str, expected: object, toml: str) -> dict[str, str]:
    given = {"model.py": model, "expected.json": json.dumps(expected), "reprise.toml": toml}
    return README | given


def quantiles() -> list[float]:
    """Two hundred numbers that lie as those of a normal distribution do."""
    return [NormalDist().inv_cdf((number + 0.5) / 200) for number in range(200)]


CLAIM = '[[outputs.claims]]\nlabel = "Eq. 3"\nat = "$.pi"\nvalue = 3.1416\ntolerance = 0.02\n'
UP = {"up": [0, 1, 2, 3, 4, 5], "counts": [share / 32 for share in (1, 5, 10, 10, 5, 1)]}


@pytest.mark.parametrize(
    ("model", "expected", "test", "more"),
    [
        (PI, {"pi": 3.14159265, "draws": 20_000}, "z-interval", CLAIM),
        # Two environments more; these tests are held to what they promise in tests/compare.
        pytest.param(SPINS, UP, "chi-squared", "", marks=pytest.mark.slow),
        pytest.param(SPEEDS, {"v": quantiles()}, "kolmogorov-smirnov", "", marks=pytest.mark.slow),
    ],
    ids=["pi", "spins", "speeds"],
)
def test_a_stochastic_model_is_reproduced_statistically(real, model, expected, test, more):
    seeds = 5 if more else 2
    result = real.result(files(model, expected, manifest(test, seeds=seeds, more=more)))
    report = result.report
    assert (report.level, report.outcome) == (Level.REPRODUCED, Outcome.REPRODUCED), report
    assert report.repeatability is Repeatability.STATISTICAL
    assert [run.seed for run in report.inference] == list(range(5, 5 + 2 * seeds))
    assert {(c.against, c.repetition) for c in report.comparisons} == {
        ("repeat", 2), ("expected", 1), ("expected", 2),
    }  # fmt: skip
    assert all(c.statistic.test == test and not c.differs for c in report.comparisons)
    drawn = {figure.name for c in report.comparisons for figure in c.figures}
    assert drawn
    assert drawn <= set(result.files)
    assert f"outputs/2/seed-{5 + seeds}/0-out.json" in result.files
    assert f"with {2 * seeds} seeds" in report.explanation
    assert all("(mean over 10 runs)" in claim.message for claim in report.claims)
    assert len(report.claims) == (1 if more else 0)


def test_a_wrong_expected_distribution_is_a_mismatch(real):
    even = {"up": [0, 1, 2, 3, 4, 5], "counts": [1 / 6] * 6}
    report = real.verify(files(SPINS, even, manifest("chi-squared", seeds=2)))
    assert (report.level, report.cause) == (Level.REPEATABLE, Cause.MISMATCH), report
    assert report.repeatability is Repeatability.STATISTICAL
    assert "more than chance" in report.explanation


def test_a_time_of_day_in_an_output_is_named(real):
    model = (
        "import datetime, json\n"
        "now = datetime.datetime.now().replace(year=2024, month=5, day=1)\n"
        "json.dump({'x': 1.5, 'written': now.isoformat()}, open('out.json', 'w'))\n"
    )
    report = real.verify(files(model, {}, manifest(expected=False)))
    assert (report.level, report.cause) == (Level.RUNS, Cause.NONDETERMINISTIC), report
    assert "What differs: a time of day." in report.explanation


def test_the_claims_of_an_article_are_counted(real):
    model = "import json\njson.dump({'e': [0.7139, 2.5, 8.0]}, open('out.json', 'w'))\n"
    claims = "".join(
        f'[[outputs.claims]]\nlabel = "Table 2, row {row + 1}"\nat = "$.e[{row}]"\n'
        f'value = {value}\ntolerance = 0.01\nunit = "eV"\n'
        for row, value in enumerate((0.714, 2.5, 9.0))
    )
    expected = {"e": [0.7139, 2.5, 8.0]}
    result = real.result(files(model, expected, manifest(more=claims)))
    report = result.report
    assert (report.level, report.cause) == (Level.REPEATABLE, Cause.MISMATCH), report
    assert "2 of 3 claims reproduced" in report.explanation
    assert [claim.agrees for claim in report.claims] == [True, True, False]
    assert len(json.loads(result.files["claims.json"].read_text())) == 3


@pytest.mark.parametrize(
    "run",
    [
        '"""\nfalse\npython3 model.py\n"""',
        '["false", ["python3", "model.py"]]',
    ],
)
def test_a_first_command_that_fails_fails_the_run(real, run):
    model = "open('out.txt', 'w').write('1')\n"
    toml = f'run = {run}\n[[outputs]]\npath = "out.txt"\n'
    report = real.verify(README | {"model.py": model, "reprise.toml": toml})
    assert report.cause is Cause.TEST, report
    assert [one.exit_code for one in report.inference] == [1]
    assert "exit code 1" in report.explanation


def test_several_commands_run_one_after_another(real):
    toml = (
        'run = ["mkdir -p results", ["python3", "model.py"]]\n'
        '[[outputs]]\npath = "results/out.txt"\n'
    )
    model = "open('results/out.txt', 'w').write('1')\n"
    report = real.verify(README | {"model.py": model, "reprise.toml": toml})
    assert report.level == Level.REPEATABLE, report


def test_what_the_authors_own_image_holds_is_not_freshly_written(real):
    """A file and a link that a build left are no outputs; what the command writes is one."""
    dockerfile = (
        "FROM python:3.11-slim-bookworm\nWORKDIR /model\nCOPY . .\n"
        "RUN echo old | tee out.txt old.txt && ln -s old.txt link.txt\n"
    )
    outputs = "".join(f'[[outputs]]\npath = "{name}.txt"\n' for name in ("out", "old", "link"))
    toml = f'run = "echo new > out.txt"\n{outputs}'
    report = real.verify(README | {"Dockerfile": dockerfile, "reprise.toml": toml})
    assert report.environment.strategy == "dockerfile"
    assert report.cause is Cause.MISMATCH, report
    assert "did not write old.txt" in report.explanation
    assert [file.path for file in report.inference[0].outputs] == ["out.txt"]
