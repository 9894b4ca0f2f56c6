"""Repositories whose code lies about its own tests: ends them early, edits or replaces reports.

Test code runs in the process that reports, so some lies cannot be told from the truth. Of those no
more is said than what “the repository's tests report”; every other one gets nothing.
"""

import pytest

from registry.spec.ladder import Level
from registry.spec.policy import LIMITATIONS
from tests.forgery.forged import Forged, hold

pytestmark = pytest.mark.docker

# What is to be hidden: a model that is wrong, and a test that says so.
MODEL = {"model.py": "def energy():\n    return 1.0\n"}
FAILS = "import model\n\n\ndef test_energy():\n    assert model.energy() == 2.0\n"
PASSES = "\n\ndef test_name():\n    assert model.energy\n"
WRONG = MODEL | {"test_model.py": FAILS}
HALF = MODEL | {"test_model.py": f"import model\n{PASSES}\n{FAILS}"}
FORGE = """import os

CASES = "".join(f'<testcase classname="t" name="t{n}"/>' for n in range(999))


def forge():
    with open(os.environ["REPRISE_REPORT"], "w") as file:
        file.write(f"<testsuites><testsuite>{CASES}</testsuite></testsuites>")


"""
AT_EXIT = "import atexit\nimport os\n\n\n@atexit.register\ndef leave():\n"
# A second process that outlives pytest and puts its own report in the place of the real one.
OUTLIVE = f"""{FORGE}import time

if os.fork() == 0:
    os.setsid()
    path = os.environ["REPRISE_REPORT"]
    while not os.path.exists(path) or not os.path.getsize(path):
        time.sleep(0.01)
    forge()
    os._exit(0)
"""
MAKEREPORT = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    outcome.get_result().outcome = "passed"
"""
FINISH = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
KEEP_ONE = "def pytest_collection_modifyitems(items):\n    del items[1:]\n"
KNOWING = FAILS.replace("assert", "assert 'REPRISE_REPORT' in __import__('os').environ or")
BOMB = "<!DOCTYPE b [<!ENTITY a 'a'><!ENTITY b '&a;&a;'>]><testsuite><testcase/></testsuite>"
BIG = "'<testsuite>' + '<testcase/>' * 2_000_000 + '</testsuite>'"
REPLACE = "import os\nprint('\\n999 passed in 0.01s')\npath = os.environ['REPRISE_REPORT']\n"
DOCKERFILE = "FROM python:3.13-slim\nWORKDIR /m\nCOPY . .\n"
WITH_PYTEST = "FROM python:3.13-slim\nRUN pip install pytest\nWORKDIR /m\nCOPY . .\n"
WRAPPER = f"#!/usr/local/bin/python-real\n{FORGE}forge()\n"

NOTHING = {
    "a test ends the process": Forged(
        files=MODEL | {"test_model.py": FAILS.replace("assert", "__import__('os')._exit(0) ==")},
        level=Level.BUILDS,
        says="Tests collected: 1; tests reported: 0.",
    ),
    "conftest ends the process": Forged(
        files=WRONG | {"conftest.py": "import os\n\nos._exit(0)\n"},
        level=Level.BUILDS,
        says="without a report",
    ),
    "a module ends the process": Forged(
        files=MODEL | {"test_model.py": f"import sys\n\nsys.exit(0)\n{FAILS}"},
        level=Level.BUILDS,
        says="",
        tests=False,
    ),
    "pytest is left before the test that fails": Forged(
        files=HALF
        | {
            "conftest.py": "import pytest\n\n\ndef pytest_runtest_logfinish():\n"
            "    pytest.exit('done', returncode=0)\n"
        },
        level=Level.BUILDS,
        says="Tests collected: 2; tests reported: 1.",
        tests=False,
    ),
    "the exit code is forged by a hook": Forged(
        files=WRONG | {"conftest.py": FINISH},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
    "the report is rewritten at exit": Forged(
        files=WRONG | {"conftest.py": f"{FORGE}{AT_EXIT}    forge()\n    os._exit(0)\n"},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
    "the report is rewritten by a process that outlives pytest": Forged(
        files=WRONG | {"conftest.py": f"{OUTLIVE}\n{FINISH}"},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
    "a report of 999 tests is written by the only one": Forged(
        files={"test_model.py": f"{FORGE}def test_it():\n    forge()\n    os._exit(0)\n"},
        level=Level.BUILDS,
        says="Tests collected: 1; tests reported: 999.",
        tests=False,
    ),
    "a test that is left out by a hook": Forged(
        files=HALF | {"conftest.py": KEEP_ONE},
        level=Level.BUILDS,
        says="Tests collected: 2; tests reported: 1.",
        tests=False,
    ),
    "a file called pytest.py": Forged(
        files=WRONG | {"pytest.py": f"{FORGE}forge()\nprint('999 passed in 0.01s')\n"},
        level=Level.BUILDS,
        says="pytest.py of the repository stands in the place of pytest",
    ),
    "old reports under likely names": Forged(
        files=WRONG
        | {
            **dict.fromkeys(("report.xml", "junit.xml", ".reprise.xml"), "<testcase name='a'/>"),
            "conftest.py": "import os\n\nos._exit(0)\n",
        },
        level=Level.BUILDS,
        says="without a report",
    ),
    "the report is a link to one that was committed": Forged(
        files=WRONG
        | {
            "old.xml": "<testsuite><testcase name='a'/></testsuite>",
            "conftest.py": f"{REPLACE}os.symlink('old.xml', path)\nos._exit(0)\n",
        },
        level=Level.BUILDS,
        says="without a report",
    ),
    "the report is a pipe that nobody fills": Forged(
        files=WRONG | {"conftest.py": f"{REPLACE}os.mkfifo(path)\nos._exit(0)\n"},
        level=Level.BUILDS,
        says="without a report",
    ),
    "the report is a bomb of entities": Forged(
        files=WRONG | {"conftest.py": f'{REPLACE}open(path, "w").write("""{BOMB}""")\nos._exit(0)'},
        level=Level.BUILDS,
        says="No test passed",
    ),
    "the report is larger than any": Forged(
        files=WRONG | {"conftest.py": f"{REPLACE}open(path, 'w').write({BIG})\nos._exit(0)\n"},
        level=Level.BUILDS,
        says="No test passed",
    ),
    "the Dockerfile has an entry point that reports": Forged(
        files=WRONG | {"Dockerfile": f'{WITH_PYTEST}ENTRYPOINT ["echo", "999 passed in 0.01s"]\n'},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
    "the Dockerfile lets pytest only collect": Forged(
        files=WRONG | {"Dockerfile": f'{WITH_PYTEST}ENV PYTEST_ADDOPTS="--collect-only -q"\n'},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
    "a test kills the process that would report it": Forged(
        files=MODEL | {"test_model.py": "import os\n\n\ndef test_it():\n    os.kill(0, 9)\n"},
        level=Level.BUILDS,
        says="Tests collected: 1; tests reported: 0.",
        tests=False,
    ),
    "a test kills the container's first process": Forged(
        files=MODEL | {"test_model.py": f"import os\n\nos.kill(1, 9)\n{FAILS}"},
        level=Level.BUILDS,
        says="1 of 1 tests do not pass",
        tests=False,
    ),
}
BELIEVED = {
    "a hook turns failures into passes": Forged(
        files=WRONG | {"conftest.py": MAKEREPORT},
        level=Level.RUNS,
        says="The repository's tests report 1 passed and no failure.",
        tests=True,
    ),
    "a report is written before anything was collected": Forged(
        files=WRONG | {"conftest.py": f"{FORGE}forge()\nos._exit(0)\n"},
        level=Level.RUNS,
        says="The repository's tests report 999 passed and no failure.",
        tests=True,
    ),
    "the image's python writes the report": Forged(
        files=WRONG
        | {
            "fake": WRAPPER,
            "Dockerfile": f"{DOCKERFILE}RUN cd $(dirname $(command -v python3)) && "
            "ln -sf $(readlink -f python3) /usr/local/bin/python-real && "
            "install -m 755 /m/fake /usr/local/bin/python\n",
        },
        level=Level.RUNS,
        says="The repository's tests report 999 passed and no failure.",
        tests=True,
    ),
    "the tests know where they are run": Forged(
        files=MODEL | {"test_model.py": KNOWING},
        level=Level.RUNS,
        says="The repository's tests report 1 passed and no failure.",
        tests=True,
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_lie_that_can_be_told_gets_nothing(real, name):
    hold(real, NOTHING[name])


@pytest.mark.parametrize("name", BELIEVED)
def test_a_lie_that_cannot_be_told_is_no_more_than_what_the_tests_report(real, name):
    report = hold(real, BELIEVED[name])
    assert not report.inference
    assert "a repository can misreport its own tests" in LIMITATIONS[0]
