"""Repositories whose declared command computes nothing and hands in something all the same.

The answers are not in the container: what is not computed must come from elsewhere. That it was
computed honestly cannot be seen, and is not said.
"""

import json

import pytest

from registry.spec.ladder import Cause, Level, Repeatability
from registry.spec.policy import LIMITATIONS
from tests.forgery.forged import README, Forged, hold

pytestmark = pytest.mark.docker

ANSWER = '{"energy": 1.5}'
RUN = 'run = "python3 model.py"\n'
OUTPUT = '[[outputs]]\npath = "out.json"\nexpected = "expected.json"\n'
MODEL = {"reprise.toml": RUN + OUTPUT, "expected.json": ANSWER}
WRITES = f"open('out.json', 'w').write('{ANSWER}')\n"
DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /m\nCOPY . .\n"
NOT_WRITTEN = "did not write out.json"
# Whatever an earlier run could have left for a later one, and what this one finds of it.
LEAVES = """import json, pathlib, os
places = [pathlib.Path(p, "left") for p in (".", "/tmp", "/dev/shm", os.environ["HOME"])]
found = sum(place.exists() for place in places)
for place in places:
    try:
        place.write_text("1")
    except OSError:
        pass
json.dump({"energy": 1.5, "found": found}, open("out.json", "w"))
"""
LATER = f"""import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(2)
    {WRITES}"""
FLOOD = "for _ in range(20_000):\n    print('x' * 99)\nprint('Final result: Failed!')\n"
READS_GIT = """import subprocess, pathlib
git = [p for p in pathlib.Path("/").glob("*/.git")] + list(pathlib.Path(".").glob("**/.git"))
answer = git[0].parent.joinpath("expected.json").read_text()
open("out.json", "w").write(answer)
"""

REFUSED = {
    "an output that was committed": (
        MODEL | {"model.py": "pass\n", "out.json": ANSWER},
        Level.BUILDS,
        Cause.MISMATCH,
        NOT_WRITTEN,
    ),
    "the expected file is the output itself": (
        {
            "reprise.toml": RUN + OUTPUT.replace("expected.json", "out.json"),
            "out.json": ANSWER,
            "model.py": "pass\n",
        },
        Level.BUILDS,
        Cause.MISMATCH,
        NOT_WRITTEN,
    ),
    "an output that the Dockerfile wrote": (
        MODEL
        | {"model.py": "pass\n", "Dockerfile": f"{DOCKERFILE}RUN echo '{ANSWER}' >out.json\n"},
        Level.BUILDS,
        Cause.MISMATCH,
        NOT_WRITTEN,
    ),
    "a copy of the expected values": (
        MODEL | {"model.py": "import shutil\nshutil.copy('expected.json', 'out.json')\n"},
        Level.BUILDS,
        Cause.DATA,
        "expected.json",
    ),
    "the expected values from the history": (
        MODEL | {"model.py": READS_GIT},
        Level.BUILDS,
        Cause.TEST,
        "exit code 1",
    ),
    "the expected values from the network": (
        MODEL
        | {"model.py": "import urllib.request as u\nu.urlopen('https://example.org', timeout=5)\n"},
        Level.BUILDS,
        Cause.DATA,
        "network",
    ),
    "a link to what is not the repository's": (
        MODEL | {"model.py": "import os\nos.symlink('/proc/self/environ', 'out.json')\n"},
        Level.BUILDS,
        Cause.TEST,
        "it is a symbolic link",
    ),
    "an output that is written after the end": (
        MODEL | {"model.py": LATER},
        Level.BUILDS,
        Cause.MISMATCH,
        NOT_WRITTEN,
    ),
    "a failure that is said after very much else": (
        MODEL | {"model.py": WRITES + FLOOD},
        Level.BUILDS,
        Cause.TEST,
        "but printed “Final result: Failed!”",
    ),
    "an output that is another each time": (
        MODEL
        | {"model.py": "import json, os\njson.dump(os.urandom(4).hex(), open('out.json', 'w'))\n"},
        Level.RUNS,
        Cause.NONDETERMINISTIC,
        "disagree in out.json",
    ),
    "the time of day, rounded until it looks fixed": (
        MODEL
        | {
            "model.py": "import json, time\n"
            "json.dump({'energy': time.time() // 1e6}, open('out.json', 'w'))\n"
        },
        Level.REPEATABLE,
        Cause.MISMATCH,
        "out.json is not what it was expected to be",
    ),
    "nothing is written, and nothing was asked for": (
        {"reprise.toml": 'run = "true"\n'},
        Level.RUNS,
        None,
        "declares no output that could be compared",
    ),
    "a tolerance beyond the cap": (
        MODEL | {"reprise.toml": f"{RUN}{OUTPUT}rtol = 0.5\n", "model.py": WRITES},
        Level.ARCHIVED,
        Cause.UNSUPPORTED,
        "rtol",
    ),
    "a claim whose tolerance leaves nothing of it": (
        MODEL
        | {
            "reprise.toml": f"{RUN}{OUTPUT}[[outputs.claims]]\nlabel = 'Table 1'\n"
            "at = '$.energy'\nvalue = 9.0\ntolerance = 90.0\n",
            "model.py": WRITES,
        },
        Level.ARCHIVED,
        Cause.UNSUPPORTED,
        "too loose",
    ),
}  # fmt: skip

# Outputs of one command: each has the message that shows why it proves nothing.
EMPTY = {
    "empty.txt": ("", "", "", "There is nothing to compare"),
    "loose.json": ("[1.0, 2.0]", "[1.0, 2.0]", "atol = 5.0", "too loose to mean anything"),
    "ignored.json": ('{"a": 1}', '{"a": 1}', "ignore = ['a']", "There is nothing to compare"),
    "lines.txt": ("energy 1\n", "energy 1\n", "ignore = ['.*']", "There is nothing to compare"),
}
WRONG = {
    "nan.json": ("[NaN, NaN]", "[1.0, 2.0]", "rtol = 1e-2", "differ"),
    "infinite.csv": ("a\ninf\n", "a\n1.0\n", "rtol = 1e-2", "differ"),
    "shorter.json": ("[1.0]", "[1.0, 2.0]", "", "differ"),
    "words.json": ('["1.0"]', "[1.0]", "rtol = 1e-2", "differ"),
    "sign.json": ("[-0.001]", "[0.001]", "rtol = 1e-2", "differ"),
    "whole.json": ("[3]", "[2]", "rtol = 1e-2", "differ"),
}


CLAIMS = """[[outputs.claims]]
label = "Table 1, a number that is none"
at = "$.nan"
value = 1.0

[[outputs.claims]]
label = "Table 1, a place that holds nothing"
at = "$.nowhere"
value = 1.0

[[outputs.claims]]
label = "Table 1, the energy"
at = "$.energy"
value = 1.5
"""
SEEDED = """run = "python3 model.py"
determinism = { seed = 1, seeds = 2 }

[[outputs]]
path = "wide.json"
expected = "expected.json"
test = "z-interval"

[[outputs]]
path = "few.json"
expected = "expected.json"
test = "kolmogorov-smirnov"

[[outputs]]
path = "unmoved.json"
expected = "expected.json"
test = "z-interval"
"""
SPREAD = """import json, os, random
random.seed(int(os.environ["REPRISE_SEED"]))
for path, value in (
    ("wide.json", random.choice((-1e6, 1e6)) * random.random()),
    ("few.json", 1.5 + random.random()),
    ("unmoved.json", 7.0),
):
    json.dump({"energy": value}, open(path, "w"))
"""


def written(outputs: dict[str, tuple[str, str, str, str]]) -> dict[str, str]:
    """A repository whose command writes the first of each, where the second is expected."""
    produced = {path: first for path, (first, *_) in outputs.items()}
    rules = (
        f'[[outputs]]\npath = "{path}"\nexpected = "expected/{path}"\n{rule}\n'
        for path, (_, _, rule, _) in outputs.items()
    )
    return {
        "reprise.toml": RUN + "".join(rules),
        "model.py": f"for path, text in {json.dumps(produced)}.items():\n"
        "    open(path, 'w').write(text)\n",
        **{f"expected/{path}": expected for path, (_, expected, *_) in outputs.items()},
    }


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_not_computed_is_not_taken(real, name):
    files, level, cause, says = REFUSED[name]
    report = hold(real, Forged(files=files, level=level, says=says))
    assert report.cause is cause


def test_what_leaves_nothing_to_compare_is_no_result(real):
    forged = Forged(files=written(EMPTY), level=Level.RUNS, says="it cannot be compared")
    report = hold(real, forged)
    messages = {one.path: one.message for one in report.comparisons if one.against == "expected"}
    for path, (*_, says) in EMPTY.items():
        assert says in messages[path]
    assert not any(one.agrees for one in report.comparisons)


def test_what_differs_in_kind_differs_whatever_the_tolerance(real):
    forged = Forged(files=written(WRONG), level=Level.REPEATABLE, says="is not what it was")
    report = hold(real, forged)
    expected = [one for one in report.comparisons if one.against == "expected"]
    assert {one.path for one in expected} == set(WRONG)
    assert not any(one.agrees for one in expected)
    assert report.repeatability is Repeatability.BITWISE


def test_a_claim_is_met_by_a_number_in_its_place_and_by_nothing_else(real):
    answer = '{"energy": 1.5, "nan": NaN}'
    files = {
        "reprise.toml": f"{RUN}{OUTPUT}{CLAIMS}",
        "expected.json": answer,
        "model.py": f"open('out.json', 'w').write('{answer}')\n",
    }
    forged = Forged(files=files, level=Level.REPEATABLE, says="1 of 3 claims reproduced")
    assert hold(real, forged).cause is Cause.MISMATCH


def test_samples_that_are_wide_or_small_or_none_prove_nothing(real):
    files = {"reprise.toml": SEEDED, "model.py": SPREAD, "expected.json": ANSWER}
    report = hold(
        real, Forged(files=files, level=Level.RUNS, says="are not known to agree in wide")
    )
    assert len(report.inference) == 4
    expected = [one for one in report.comparisons if one.against == "expected"]
    assert not any(one.agrees for one in expected), expected


def test_the_second_run_finds_nothing_of_the_first(real):
    answer = '{"energy": 1.5, "found": 0}'
    files = MODEL | {"model.py": LEAVES, "expected.json": answer}
    hold(real, Forged(files=files, level=Level.REPRODUCED, says="agree bit by bit"))


def test_a_model_that_is_right_while_its_tests_lie_is_both(real):
    test = "import os\n\n\ndef test_it():\n    os._exit(0)\n"
    files = MODEL | {"model.py": WRITES, "test_model.py": test}
    forged = Forged(
        files=files,
        level=Level.REPRODUCED,
        says="However: Tests collected: 1; tests reported: 0.",
    )
    hold(real, forged)


@pytest.mark.parametrize(
    "files",
    [
        {"model.py": "import shutil\nshutil.copy('copy.json', 'out.json')\n", "copy.json": ANSWER},
        {"model.py": f"import os\nif os.environ.get('MPLBACKEND') == 'Agg':\n    {WRITES}"},
        {
            "model.py": "import shutil\nshutil.copy('/answers', 'out.json')\n",
            "Dockerfile": f"{DOCKERFILE}RUN echo '{ANSWER}' >/answers\n",
        },
    ],
    ids=["a copy under another name", "an answer for this portal alone", "a copy in the image"],
)
def test_answers_that_are_kept_elsewhere_are_equal_and_no_more_is_said(real, files):
    report = hold(
        real, Forged(files=MODEL | files, level=Level.REPRODUCED, says="output equals the expected")
    )
    assert "comput" not in report.explanation
    assert "not that they were computed honestly" in LIMITATIONS[-1]


def test_tests_may_read_the_expected_values_and_the_command_may_not(real):
    test = "def test_it():\n    assert open('expected.json').read()\n"
    files = README | MODEL | {"test_model.py": test, "model.py": WRITES}
    forged = Forged(files=files, level=Level.REPRODUCED, says="1 passed", tests=True)
    hold(real, forged)
