"""For each rung of the repair ladder a tiny repository that needs it, in real containers."""

import pytest

from registry.spec.ladder import Level, Repair

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt computes.\n"}
SETUP = (
    "import pkg_resources\nfrom setuptools import setup\n"
    "setup(name='tiny', version='1', py_modules=['tiny'])\n"
)


def test_of(code: str) -> dict[str, str]:
    """A test file that runs `code`."""
    return {"test_model.py": f"{code}\n\ndef test_it():\n    assert True\n"}


test_of.__test__ = False

# What stands in each repository, the day of its commit where that matters, and the rung.
CASES: dict[str, tuple[Repair, dict[str, str], str | None]] = {
    "the language has changed since": (
        Repair.PYTHON,
        test_of("from collections import Mapping"),
        None,
    ),
    "a package has changed since": (
        Repair.DATED,
        {"requirements.txt": "jinja2\n"} | test_of("from jinja2 import Markup, contextfilter"),
        "2022-01-10",
    ),
    "a pinned version is gone": (
        Repair.RELAXED,
        # Not to be seen in the syntax, so that reading the imports does not help instead.
        {"requirements.txt": "six==99.99\n"}
        | test_of("from importlib.metadata import version\nversion('six')"),
        None,
    ),
    "an import is not declared": (
        Repair.IMPORTS,
        {"requirements.txt": "six\n", "model.py": "import yaml\n"} | test_of("import model"),
        None,
    ),
    "nothing is declared": (
        Repair.IMPORTS,
        {"model.py": "import yaml\n"} | test_of("import model"),
        None,
    ),
    "a fixture comes from a plugin": (
        Repair.TEST_PACKAGES,
        {"test_model.py": "def test_it(mocker):\n    assert mocker\n"},
        None,
    ),
    "the set-up imports what is not there": (
        Repair.SETUP,
        {"setup.py": SETUP, "tiny.py": ""}
        | test_of("from importlib.metadata import version\nversion('tiny')"),
        None,
    ),
    "a package calls a library of the system": (
        Repair.SYSTEM,
        {"requirements.txt": "cairocffi\n"} | test_of("import cairocffi"),
        None,
    ),
    "the sources lie in a folder of their own": (
        Repair.PATH,
        {"code/lattice.py": "SIZE = 1\n"} | test_of("import lattice"),
        None,
    ),
    "mechanisms of NEURON are to be compiled": (
        Repair.FIELD,
        {
            "leak.mod": (
                "NEURON {\n SUFFIX leak\n NONSPECIFIC_CURRENT i\n RANGE g, e\n}\n"
                "PARAMETER {\n g = 0.001 (S/cm2)\n e = -70 (mV)\n}\n"
                "ASSIGNED {\n v (mV)\n i (mA/cm2)\n}\nBREAKPOINT {\n i = g*(v - e)\n}\n"
            )
        }
        | test_of("from neuron import h\ns = h.Section()\ns.insert('leak')"),
        None,
    ),
    "the Dockerfile starts from an image that nobody has": (
        Repair.DOCKERFILE,
        {"Dockerfile": "FROM somebody/else:1\n", "requirements.txt": "six\n"}
        | test_of("import six"),
        None,
    ),
    "one file declares what is not to be had, another does not": (
        Repair.SOURCE,
        {
            "requirements.txt": "no-such-package-by-anyone-xyzzy\n",
            "pyproject.toml": '[project]\nname = "tiny"\nversion = "1"\ndependencies = ["six"]\n'
            "[tool.setuptools]\npy-modules = []\n",
        }
        | test_of("import six"),
        None,
    ),
}


# NEURON and its compiler take a minute to install, and so do old packages on an old Python. The
# others build two or three environments each; that the ladder takes them is shown without an
# engine (test_repair.py).
LONG = {
    "a fixture comes from a plugin",
    "one file declares what is not to be had, another does not",
    "the set-up imports what is not there",
    "the sources lie in a folder of their own",
    "mechanisms of NEURON are to be compiled",
    "the language has changed since",
    "a package has changed since",
}
MOST = [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in CASES]


@pytest.mark.parametrize("name", MOST)
def test_a_repository_passes_with_the_rung_that_it_needs(real, name):
    rung, files, day = CASES[name]
    report = real.verify(real.repository(README | files, day=day))
    assert (report.level, report.tests_pass) == (Level.RUNS, True), report
    assert rung in report.repairs
    assert report.modifiers == ("repaired",)
    kept = [attempt for attempt in report.environment.attempts if attempt.kept]
    assert len(kept) == 1
    assert kept[0].changed


@pytest.mark.slow  # every other rung is tried in vain first: eight attempts a repository
@pytest.mark.parametrize("name", CASES)
def test_it_fails_without_that_rung(real, name):
    rung, files, day = CASES[name]
    real.rungs = frozenset(Repair) - {rung}
    report = real.verify(real.repository(README | files, day=day))
    assert report.level < Level.RUNS, report
