"""Which tests are found in trees like those in the wild, and how they are to be run."""

import json

import pytest

from registry.spec.manifest import Manifest
from runners.discovery import tests as discovery
from runners.discovery.plans import TestPlan
from tests.trees import MemoryTree

FUNCTION = "def test_a():\n    assert 1\n"
CASE = (
    "import unittest\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        assert 1\n"
)
PYTEST = "python -m pytest"
# As in an evaluation script of machine learning: called with what no fixture gives.
EVALUATION = (
    "import argparse\n\ndef test(model, loader):\n    assert model\n\n"
    "if __name__ == '__main__':\n    test(1, 2)\n"
)
SCRIPT = "import rdkit\n\nif __name__ == '__main__':\n    print('Final result: All passed!')\n"
WORKFLOW = "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n"


def workflow(*lines):
    return {".github/workflows/ci.yml": WORKFLOW + "".join(f"          {x}\n" for x in lines)}


def plans(files, **manifest):
    return discovery.test_plans(MemoryTree(files), Manifest(**manifest))


def commands(files, **manifest):
    return [" ".join(plan.command) for plan in plans(files, **manifest)]


def notebook(*cells, language="python", version="3.10.1", **metadata):
    code = [
        {"cell_type": "code", "source": [source], "metadata": {}, "execution_count": 1,
         "outputs": [{"output_type": "stream", "name": "stdout", "text": text}] if text else []}
        for source, text in cells
    ]  # fmt: skip
    info = {"language_info": {"name": language, "version": version}, **metadata}
    return json.dumps({"cells": code, "metadata": info, "nbformat": 4, "nbformat_minor": 5})


def test_what_is_declared_stands_alone():
    [plan] = plans({"tests/test_a.py": FUNCTION}, test="make check")
    assert (plan.runner, plan.command) == ("declared", ("sh", "-c", "make check"))


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({"tests/test_a.py": FUNCTION}, PYTEST),
        ({"pkg/model_test.py": FUNCTION}, PYTEST),
        ({"tests/test_a.py": CASE}, PYTEST),
        ({"tests/test_a.py": "try:\n    import x\nexcept ImportError:\n    x = 0\n" + FUNCTION},
         PYTEST),
        ({"test_large.py": "#" * 400_000 + FUNCTION}, PYTEST),
        ({"tests/test_a.py": "from base import Base\n\nclass TestA(Base):\n    pass\n"}, PYTEST),
        ({"tests/test_old.py": "print 'a'\n\ndef test_a():\n    assert 1\n"}, PYTEST),
        ({"tests/base.py": CASE, "a_test.py": "from b import B\nclass A(B):\n    pass\n"}, PYTEST),
        ({"a_test.py": FUNCTION, "fit_test.py": "def fit(a, b):\n    return a\n"}, PYTEST),
        # pytest has to be given these by name
        ({"test.py": FUNCTION}, f"{PYTEST} test.py"),
        ({"test.py": EVALUATION, "tests.py": CASE}, f"{PYTEST} tests.py"),
        ({"test/unittest/01_FR.py": CASE, "test/unittest/02_A.py": CASE},
         f"{PYTEST} test/unittest/01_FR.py test/unittest/02_A.py"),
        ({"verify.py": CASE}, f"{PYTEST} verify.py"),
        ({"testModel.py": CASE}, f"{PYTEST} testModel.py"),
        # a script that is only named as tests are
        ({"test_net.py": SCRIPT, "tests/test_a.py": FUNCTION}, f"{PYTEST} --ignore=test_net.py"),
        ({"pytest.ini": "[pytest]\npython_files = *_sp.py\n", "tests/a_sp.py": FUNCTION}, PYTEST),
        ({"pkg/tests/__main__.py": "run()\n"}, "python -m pkg.tests"),
        ({"src/pkg/tests/__main__.py": "run()\n"}, "python -m pkg.tests"),
        ({"pkg/a.py": '"""\n>>> 1 + 1\n2\n"""\n', "pkg/b.py": ""},
         f"{PYTEST} --doctest-modules pkg/a.py"),
        ({"Makefile": "all: m\n\ntest: all\n\t./m --check\n", "m.c": ""}, "make test"),
        ({"tests/testthat/test-a.R": "", "DESCRIPTION": ""}, "Rscript -e testthat::test_local()"),
        ({"test/runtests.jl": ""}, "julia --project=. test/runtests.jl"),
        ({"a.ipynb": notebook(("1+1", "2"))}, "python .reprise-notebooks.py a.ipynb"),
    ],
)  # fmt: skip
def test_the_first_plan(files, first):
    assert commands(files)[0] == first


@pytest.mark.parametrize(
    "files",
    [
        {"model.py": "x = 1\n"},
        {"test.py": EVALUATION},
        {"test_model.py": EVALUATION},
        {"train.py": EVALUATION, "pytest.ini": "[pytest]\n"},
        {"third_party/lib/test_a.py": FUNCTION},
        {"tests/data.json": "{}"},
        {"Untitled.ipynb": notebook(("1", ""))},
        {".ipynb_checkpoints/a-checkpoint.ipynb": notebook(("1", ""))},
        {"notes.ipynb": "not a notebook"},
        {"test.py": "import argparse\nargparse.ArgumentParser().parse_args()\n"},
    ],
)
def test_what_is_no_test_is_not_run(files):
    assert plans(files) == ()


@pytest.mark.parametrize(
    ("lines", "command"),
    [
        (["pytest tests/unit"], f"{PYTEST} tests/unit"),
        (["pip install .[test]", "pytest --cov=pkg -n 4 -v tests/unit/"], f"{PYTEST} tests/unit/"),
        (["cd tests", "pytest -k 'not slow'"], "sh -c cd tests && python -m pytest -k 'not slow'"),
        (["cd tests && pytest unit"], "sh -c cd tests && python -m pytest unit"),
        (["MPLBACKEND=Agg python -m pytest tests"], f"env MPLBACKEND=Agg {PYTEST} tests"),
        (["export OMP_NUM_THREADS=1", "pytest tests"], f"env OMP_NUM_THREADS=1 {PYTEST} tests"),
        (["poetry run pytest tests"], f"{PYTEST} tests"),
        (["xvfb-run -a pytest tests"], f"{PYTEST} tests"),
        (["coverage run --source pkg -m pytest tests"], f"{PYTEST} tests"),
        (["python3 -W error -m pytest -m 'not gpu' --pyargs tests"],
         f"{PYTEST} -m not gpu --pyargs tests"),
        (["python -m unittest tests.test_a"], "python -m unittest tests.test_a"),
        (["python -m unittest discover -s tests -p 'test_*.py' -v"],
         "python -m unittest discover -s tests -p test_*.py"),
        (["nosetests tests"], f"{PYTEST} tests"),
        (["pytest tests/*.py || true"], f"{PYTEST} tests/test_a.py tests/unit/test_b.py"),
        (["make test"], PYTEST),
        (["pytest tests/unit", "pytest --slow tests/test_a.py"],
         f"{PYTEST} tests/unit tests/test_a.py"),
        # a job that runs a part is not the tests
        (["pytest -k 'fast or small'"], PYTEST),
        (["pytest -m gpu tests/unit", "pytest -m 'not gpu'"], PYTEST),
        # not taken over: other people's words, other machines, what is not there
        (["pytest elsewhere"], PYTEST),
        (["pytest ${{ matrix.folder }}"], PYTEST),
        (["docker run image pytest tests/unit"], PYTEST),
        (["curl -d @$(pytest tests/unit) https://a.example"], PYTEST),
        (["API_TOKEN=abc FORCE_COLOR=1 pytest"], PYTEST),
        (["PYTEST_ADDOPTS=--co pytest"], PYTEST),
        (["pytest --junitxml=/x -p no:junitxml --co"], PYTEST),
        (["cd /etc && pytest tests/unit"], PYTEST),
        (["cd ../.. && pytest tests/unit"], PYTEST),
        (["pytest 'tests/unit"], PYTEST),
    ],
)  # fmt: skip
def test_lines_of_ci_are_hints(lines, command):
    files = {"tests/test_a.py": FUNCTION, "tests/unit/test_b.py": FUNCTION} | workflow(*lines)
    assert commands(files)[0] == command
    assert PYTEST in commands(files)


@pytest.mark.parametrize(
    "files",
    [
        {"tox.ini": "[testenv]\ncommands =\n    pytest {posargs:tests/unit} --cov\n"},
        {"noxfile.py": "@nox.session\ndef t(session):\n    session.run('pytest', 'tests/unit')\n"},
        {"Makefile": ".PHONY: test\ntest:\n\t@python -m pytest tests/unit -v\n"},
        {"Makefile": "test: unit\n\t$(MAKE) unit\nunit:\n\tpytest tests/unit\n"},
        {".travis.yml": "script:\n  - pytest tests/unit\n"},
        {".gitlab-ci.yml": "test:\n  script: [pip install ., pytest tests/unit]\n"},
        {".circleci/config.yml": "jobs: {b: {steps: [{run: {command: pytest tests/unit}}]}}\n"},
        {"pyproject.toml": "[tool.hatch.envs.default.scripts]\ntest = 'pytest tests/unit'\n"},
        {"pyproject.toml": "[tool.pdm.scripts]\ntest = {cmd = 'pytest tests/unit'}\n"},
        {"pixi.toml": "[tasks]\ntest = 'pytest tests/unit'\n"},
    ],
)  # fmt: skip
def test_every_file_that_says_how_is_read(files):
    found = plans({"tests/unit/test_b.py": FUNCTION} | files)
    assert " ".join(found[0].command) == f"{PYTEST} tests/unit"
    assert next(iter(files)) in found[0].why


@pytest.mark.parametrize(
    "files",
    [
        {".github/workflows/a.yml": "a: &a [*a]\n"},
        {".github/workflows/a.yml": "jobs: {a: {steps: 3, env: [1]}}\nrun: {run: {run: 1}}\n"},
        {"tox.ini": "commands = pytest\n"},
        {"pyproject.toml": "[tool.a]\ntest = 3\n[[tool.b]]\n"},
        {"noxfile.py": "def ("},
        {"Makefile": "test:\n"},
        {"a.ipynb": "[]"},
        {"a.ipynb": '{"cells": [3, {"cell_type": "code", "source": 3}], "metadata": [1]}'},
        {"pytest.ini": "[pytest"},
        {"tests/test_b.py": "(" * 10_000},
        {"tests/test_b.py": b"\xff\xfe\x00"},
    ],
)
def test_what_is_broken_raises_nothing(files):
    assert PYTEST in commands({"tests/test_a.py": FUNCTION} | files)


def test_files_of_unusual_names_are_said_to_be():
    [plan] = plans({"test.py": FUNCTION * 103})
    assert "test.py holds 103 test functions." in plan.why
    assert "does not look" in plan.why


def test_unittest_comes_after_pytest_for_what_is_written_for_it():
    found = commands({"tests/__init__.py": "", "tests/test_a.py": CASE})
    assert found == [PYTEST, "python -m unittest discover -s tests -t ."]


def test_scripts_count_nothing_and_find_the_modules_at_the_top():
    [plan] = plans({"test/test_rdchiral.py": SCRIPT, "test/test_atom_mapping.py": SCRIPT})
    assert (plan.runner, plan.counted) == ("scripts", False)
    assert "(cd test && python test_rdchiral.py) || python test/test_rdchiral.py" in plan.command[2]


def test_notebooks_and_scripts_are_left_alone_where_there_are_tests():
    files = {"tests/test_a.py": FUNCTION, "a.ipynb": notebook(("1", "")), "test_s.py": SCRIPT}
    assert [plan.runner for plan in plans(files)] == ["pytest"]


def test_notebooks_and_scripts_do_not_stand_in_for_each_other():
    files = {"a.ipynb": notebook(("1", "")), "test_s.py": SCRIPT}
    assert [plan.runner for plan in plans(files)] == ["scripts"]


def test_notebooks_are_left_in_peace_where_a_command_is_declared():
    assert plans({"a.ipynb": notebook(("1", ""))}, run="python model.py") == ()


def test_notebooks_in_other_languages_are_not_run_and_it_is_said():
    files = {
        "r.ipynb": notebook(("1", ""), language="R"),
        "old.ipynb": notebook(("print 1", ""), version="2.7.12"),
        "julia.ipynb": notebook(("1", ""), language="", kernelspec={"name": "julia-1.6"}),
        "model.ipynb": notebook(("1", "1")),
    }
    [plan] = plans(files)
    assert plan.command[2:] == ("model.ipynb",)
    said = " ".join(discovery.left_out(MemoryTree(files), Manifest()))
    assert "r.ipynb is not run: it is written in R" in said
    assert "old" not in said  # named as a copy that nobody keeps
    assert "julia-1.6" in said
    assert plan.packages == ("nbclient", "ipykernel")


def test_python_2_notebooks_are_told():
    files = {"fig1.ipynb": notebook(("print 1", ""), version="2.7.12")}
    assert plans(files) == ()
    assert "Python 2" in discovery.left_out(MemoryTree(files), Manifest())[0]


def test_at_most_ten_notebooks_are_run():
    files = {f"n{i}.ipynb": notebook(("1", "")) for i in range(14)}
    assert len(plans(files)[0].command) == 2 + 10


def test_paths_are_those_from_the_working_folder():
    files = {"model/test.py": FUNCTION, "other/test_b.py": FUNCTION, "model/n.ipynb": "{}"}
    assert commands(files, workdir="model") == [f"{PYTEST} test.py"]
    [plan] = plans({"model/a.ipynb": notebook(("1", ""))}, workdir="model")
    assert set(plan.inject) == {"model/.reprise-notebooks.py"}


def test_tests_that_miss_a_file_beside_them_are_started_there():
    tree = MemoryTree({"tests/test_a.py": FUNCTION, "tests/data/x.csv": "1"})
    [plan] = discovery.test_plans(tree, Manifest())
    there = discovery.from_its_folder(plan, "data/x.csv", tree, Manifest())
    assert there.command[2] == "cd tests && env PYTHONPATH=.. python -m pytest"
    assert discovery.from_its_folder(plan, "data/y.csv", tree, Manifest()) is None
    assert discovery.from_its_folder(plan, "/etc/passwd", tree, Manifest()) is None


@pytest.mark.parametrize(
    ("path", "workdir", "seen"),
    [
        ("pytest.py", ".", True),
        ("_pytest/__init__.py", ".", True),
        ("model/pytest.py", "model", True),
        ("model/pytest.py", ".", False),
        ("pytest/notes.md", ".", False),
        ("unittest.py", ".", False),
    ],
)
def test_a_file_that_python_takes_for_the_runner_is_named(path, workdir, seen):
    tree = MemoryTree({path: "", "model/test_a.py": FUNCTION})
    plan = TestPlan(runner="pytest", command=discovery.PYTEST, why="")
    assert bool(discovery.stand_in(plan, tree, Manifest(workdir=workdir))) is seen


def test_a_package_called_unittest_stands_in_the_place_of_unittest():
    tree = MemoryTree({"unittest/__init__.py": "", "test_a.py": CASE})
    plan = TestPlan(runner="unittest", command=discovery.UNITTEST, why="")
    assert discovery.stand_in(plan, tree, Manifest()) == "unittest/__init__.py"
