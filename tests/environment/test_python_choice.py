"""Which Python a repository gets: every kind of file that says something, as it occurs."""

import json

import pytest

from registry.spec.manifest import Manifest
from runners.environment.declaration import Declaration
from runners.environment.python import python_wanted
from tests.trees import MemoryTree

ALL = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
FEW = ("3.9", "3.11", "3.13")


def choice(files, *, day="2021-03-05", available=ALL, manifest=None, declared=None):
    return python_wanted(
        MemoryTree(files),
        manifest or Manifest(),
        declared,
        committed_on=day,
        available=available,
    )


def notebook(version, name="python"):
    metadata = {"language_info": {"name": name, "version": version}}
    return json.dumps({"cells": [], "metadata": metadata, "nbformat": 4})


POETRY_LOCK = """\
[[package]]
name = "six"
version = "1.16.0"
python-versions = ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*"

[metadata]
lock-version = "1.1"
python-versions = "^3.6.2,<3.8"
content-hash = "1"
"""
WORKFLOW = """\
name: test
on: [push]
jobs:
  build:
    strategy:
      matrix:
        python-version: [3.6, 3.7, "3.10", pypy-3.8, 3.x]
    steps:
    - uses: actions/setup-python@v2
      with:
        python-version: ${{ matrix.python-version }}
    - run: pip install pytest==3.9 && pytest
"""
TRAVIS = """\
language: python
matrix:
  include:
    - python: 3.5
      env: TOXENV=py35
    - python: "3.6"
dist: bionic
script: pytest
"""
CIRCLE = """\
version: 2
jobs:
  build:
    docker:
      - image: circleci/python:3.7.2
      - image: circleci/postgres:9.6
"""
AZURE = """\
steps:
- task: UsePythonVersion@0
  inputs:
    versionSpec: '3.7'
"""
APPVEYOR = """\
environment:
  matrix:
    - PYTHON: "C:\\\\Python36-x64"
    - PYTHON: "C:\\\\Python37-x64"
"""
SETUP_PY = """\
from setuptools import setup
REQUIRES = '>=3.5,<3.8'
setup(name='x', python_requires=REQUIRES)
"""
POETRY_SETUP_PY = """\
setup_kwargs = {'name': 'x', 'python_requires': '>=3.6.1,<3.7'}
setup(**setup_kwargs)
"""
CLASSIFIERS = """\
[metadata]
classifiers =
    Programming Language :: Python :: 3
    Programming Language :: Python :: 3.6
    Programming Language :: Python :: 3.7
"""


@pytest.mark.parametrize(
    ("files", "python", "why"),
    [
        ({".python-version": "3.7.9\n2.7.18\n"}, "3.7", ".python-version names Python 3.7"),
        ({".python-version": "# comment\ncpython-3.8\n"}, "3.8", ".python-version"),
        ({"runtime.txt": "python-3.7.12\n"}, "3.7", "runtime.txt names Python 3.7"),
        ({".binder/runtime.txt": "python-3.7"}, "3.7", ".binder/runtime.txt"),
        ({".tool-versions": "nodejs 16.3.0\npython 3.8.5\n"}, "3.8", ".tool-versions"),
        ({"Pipfile": '[requires]\npython_version = "3.7"\n'}, "3.7", "Pipfile"),
        ({"Pipfile": '[requires]\npython_full_version = "3.8.1"\n'}, "3.8", "Pipfile"),
        ({"uv.lock": 'version = 1\nrequires-python = ">=3.6, <3.8"\n'}, "3.7", "uv.lock admits"),
        ({"poetry.lock": POETRY_LOCK}, "3.7", "poetry.lock admits Python"),
        (
            {"pixi.lock": "- conda: https://c/linux-64/python-3.8.19-hd12c33a_0_cpython.conda\n"},
            "3.8",
            "pixi.lock names Python 3.8",
        ),
        (
            {"conda-lock.yml": "  url: https://c/linux-64/python-3.7.12-hb7a2778_100.tar.bz2\n"},
            "3.7",
            "conda-lock.yml names",
        ),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.6,<3.8"\n'}, "3.7", "pyproject"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.7"\n'}, "3.7", "pyproject"),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = {version = "3.8.*"}\n'},
            "3.8",
            "pyproject.toml admits",
        ),
        ({"pixi.toml": '[dependencies]\npython = ">=3.7,<3.8"\n'}, "3.7", "pixi.toml admits"),
        ({"setup.cfg": "[options]\npython_requires = >= 3.6, < 3.8\n"}, "3.7", "setup.cfg admits"),
        ({"setup.py": SETUP_PY}, "3.7", "setup.py admits"),
        ({"setup.py": POETRY_SETUP_PY}, "3.6", "setup.py admits"),
        ({"Dockerfile": "FROM python:3.7-slim AS base\n"}, "3.7", "the Dockerfile starts from"),
        ({"Dockerfile": "FROM bentoml/model-server:0.11.0-py37\n"}, "3.7", "the Dockerfile"),
        ({"fit.ipynb": notebook("3.8.5")}, "3.8", "the notebooks were last run with Python 3.8"),
        (
            {
                "a.ipynb": notebook("3.6.1"),
                "b.ipynb": notebook("3.7.3"),
                "c.ipynb": notebook("3.7.4"),
                "d.ipynb": notebook("4.0.2", "R"),
            },
            "3.7",
            "the notebooks",
        ),
        ({"README.md": "conda create -n phi4 python=3.7 numpy\n"}, "3.7", "the README makes"),
        ({"README.md": "## Needed\n\n* **Python** 3.7.3\n* numpy 1.16\n"}, "3.7", "the README"),
        ({"README.rst": "Tested with Python 2.7, 3.6 and 3.7.\n"}, "3.7", "the README speaks of"),
        ({"setup.cfg": CLASSIFIERS}, "3.7", "the classifiers name Python 3.6, 3.7"),
        ({".travis.yml": TRAVIS}, "3.6", ".travis.yml names"),
        ({".gitlab-ci.yml": "image: python:3.8\ntest:\n  script: pytest\n"}, "3.8", ".gitlab-ci"),
        ({".circleci/config.yml": CIRCLE}, "3.7", ".circleci/config.yml names Python 3.7"),
        ({"azure-pipelines.yml": AZURE}, "3.7", "azure-pipelines.yml"),
        ({"appveyor.yml": APPVEYOR}, "3.7", "appveyor.yml"),
        ({"tox.ini": "[tox]\nenvlist = py{36,37}, lint\n"}, "3.7", "tox.ini names Python 3.6"),
        ({"tox.ini": "[tox]\nenvlist =\n    clean\n    py38-numpy\n"}, "3.8", "tox.ini"),
        (
            {"pyproject.toml": '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = py37\n"""\n'},
            "3.7",
            "tox.ini",
        ),
        (
            {"noxfile.py": "@nox.session(python=['3.7', '3.8'])\ndef t(session):\n    pass\n"},
            "3.8",
            "noxfile.py",
        ),
    ],
)
def test_each_file_that_says_something_is_heard(files, python, why):
    found = choice(files)
    assert (found.python, found.asked) == (python, None), found
    assert found.why.startswith(why)


@pytest.mark.parametrize(
    ("files", "python"),
    [
        ({"runtime.txt": "python-3.7", "Pipfile": '[requires]\npython_version = "3.8"'}, "3.7"),
        ({"runtime.txt": "python-3.7", "uv.lock": 'requires-python = ">=3.9"'}, "3.7"),
        ({"uv.lock": 'requires-python = "==3.8.*"', "a.ipynb": notebook("3.7.0")}, "3.8"),
        ({"setup.cfg": "[options]\npython_requires = >=3.6\n", "a.ipynb": notebook("3.7")}, "3.7"),
        ({"setup.cfg": "[options]\npython_requires = >=3.8\n", "a.ipynb": notebook("3.7")}, "3.9"),
        ({"a.ipynb": notebook("3.7.1"), ".travis.yml": "python: 3.6"}, "3.7"),
        ({"setup.cfg": CLASSIFIERS, ".gitlab-ci.yml": "image: python:3.8"}, "3.8"),
        ({"README.md": "Python >= 3.7\n", ".travis.yml": "python: 3.8"}, "3.8"),
    ],
)
def test_a_weightier_sign_decides_and_a_lighter_one_chooses_within_it(files, python):
    assert choice(files).python == python


def test_the_manifest_stands_above_the_declaration_and_that_above_all_files():
    files = {"runtime.txt": "python-3.6", ".python-version": "3.6"}
    declared = Declaration(origin="environment.yml", python="3.7")
    assert choice(files, declared=declared).why == "environment.yml names Python 3.7"
    found = choice(files, declared=declared, manifest=Manifest(python="3.8"))
    assert (found.python, found.why) == ("3.8", "the manifest names Python 3.8")


@pytest.mark.parametrize(
    ("day", "python"),
    [
        ("2017-06-01", "3.6"),
        ("2020-10-20", "3.8"),
        ("2021-03-05", "3.9"),
        ("2025-12-01", "3.13"),
        ("2026-11-22", "3.14"),
    ],
)
def test_without_any_sign_it_is_the_newest_that_was_in_use_on_the_day(day, python):
    found = choice({"model.py": "pass\n"}, day=day)
    assert (found.python, found.asked) == (python, None)
    assert f"{python} was the newest in use on {day}" in found.why


def test_an_open_range_is_closed_by_the_day_of_the_commit():
    files = {"pyproject.toml": '[project]\nrequires-python = ">=3.7"\n'}
    assert choice(files, day="2020-06-01").python == "3.8"
    assert choice(files, day="2023-06-01").python == "3.11"


def test_of_the_versions_in_a_matrix_the_newest_that_existed_is_taken():
    files = {".github/workflows/test.yml": WORKFLOW}
    assert choice(files, day="2022-02-01").python == "3.10"
    assert choice(files, day="2021-02-01").python == "3.7"


def test_a_workflow_that_only_publishes_says_nothing_beside_one_that_tests():
    publish = "on: release\njobs:\n  d:\n    steps:\n    - with: {python-version: '3.9'}\n"
    files = {".github/workflows/test.yml": WORKFLOW, ".github/workflows/publish.yml": publish}
    assert choice(files).python == "3.7"


def test_a_python_that_is_not_at_hand_is_said_and_its_nearest_taken():
    found = choice({"runtime.txt": "python-3.12.4"}, day="2024-05-01", available=("3.9", "3.11"))
    assert (found.python, found.asked) == ("3.11", "3.12")
    assert found.why == "runtime.txt names Python 3.12; 3.11 is the nearest to 3.12 here"


def test_a_neighbour_that_was_not_in_use_then_gets_no_wheels_of_the_day():
    files = {"runtime.txt": "python-3.10.4"}
    assert choice(files, day="2022-06-01", available=FEW).python == "3.9"
    assert choice(files, day="2024-06-01", available=FEW).python == "3.11"


def test_pinned_packages_prefer_the_older_neighbour_which_has_their_wheels():
    pinned = Declaration(origin="requirements.txt", requirements=("numpy==1.22.0", "six"))
    files = {"runtime.txt": "python-3.10.4"}
    found = choice(files, day="2024-06-01", available=FEW, declared=pinned)
    assert (found.python, found.neighbours) == ("3.9", ("3.11", "3.13"))


@pytest.mark.parametrize(
    "files", [{"fit.ipynb": notebook("3.7.4")}, {".travis.yml": "python: [3.6, 3.7]\n"}]
)
def test_traces_of_a_python_that_had_no_support_any_more_do_not_count(files):
    assert choice(files, day="2023-06-01").python == "3.7"
    assert choice(files, day="2024-06-01").python == "3.12"
    current = files | {".github/workflows/ci.yml": "jobs: {test: {python-version: '3.11'}}\n"}
    assert choice(current, day="2024-06-01").python == "3.11"


def test_what_requires_python_admits_goes_before_what_is_nearer():
    files = {
        "runtime.txt": "python-3.10",
        "setup.cfg": "[options]\npython_requires = >=3.10\n",
    }
    pinned = Declaration(origin="requirements.txt", requirements=("numpy==1.22.0",))
    found = choice(files, available=FEW, declared=pinned)
    assert (found.python, found.neighbours) == ("3.11", ("3.13", "3.9"))


def test_a_range_that_nothing_at_hand_meets_is_said():
    files = {"pyproject.toml": '[project]\nrequires-python = ">=3.6,<3.8"\n'}
    found = choice(files, available=FEW)
    assert (found.python, found.asked) == ("3.9", "<3.8,>=3.6")


def test_a_range_of_pythons_to_come_is_said_and_the_newest_taken():
    files = {"pyproject.toml": '[project]\nrequires-python = ">=3.16"\n'}
    found = choice(files, available=FEW)
    assert (found.python, found.asked) == ("3.13", ">=3.16")


def test_what_the_author_only_had_is_not_called_asked_for():
    found = choice({"a.ipynb": notebook("3.7.4")}, available=FEW)
    assert (found.python, found.asked) == ("3.9", None)


def test_python_two_asked_for_gets_the_oldest_at_hand():
    found = choice({"runtime.txt": "python-2.7.15"}, available=FEW)
    assert (found.python, found.asked) == ("3.9", "2.7")


@pytest.mark.parametrize(
    "files",
    [
        {"runtime.txt": ""},
        {".python-version": "system\n"},
        {".python-version": "miniconda3-latest"},
        {"pyproject.toml": "requires-python = ["},
        {"pyproject.toml": '[project]\nrequires-python = 3.7\n[tool]\npoetry = "x"\n'},
        {"pyproject.toml": '[project]\nrequires-python = "=="\n'},
        {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^"\n'},
        {"Pipfile": "[requires]\npython_version = []\n"},
        {"setup.py": "print 'no'\nsetup(python_requires='>=3.7')\n"},
        {"setup.py": "setup(python_requires=f'>={v}', **{1: 2})\n"},
        {"setup.cfg": "[options\npython_requires = 3\n"},
        {"setup.cfg": "no section\n"},
        {"a.ipynb": "{"},
        {"a.ipynb": '"language_info"'},
        {"a.ipynb": '{"metadata": {"language_info": [1]}}'},
        {"a.ipynb": '{"language_info": {"name": "python", "version": null}}'},
        {".travis.yml": "python: &a [*a]\n"},
        {".github/workflows/x.yml": "- not a mapping\n"},
        {"tox.ini": "envlist = py37\n"},
        {"uv.lock": "requires-python = 3\n"},
        {"poetry.lock": "[metadata]\n"},
        {"README.md": "Python bindings of version 3.14159 of numpy 3.7\n"},
    ],
)
def test_what_says_nothing_or_is_broken_is_no_sign(files):
    assert choice(files).why.startswith("no file asks for one Python"), choice(files)


@pytest.mark.timeout(20)
def test_hostile_files_are_read_in_no_time():
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
    )
    files = {
        ".travis.yml": bomb,
        "README.md": "tested with " + "python " * 30_000,
        "tox.ini": "[tox]\nenvlist = " + "py{3" * 60_000,
        "pyproject.toml": f'[project]\nrequires-python = "{">=3," * 50_000}"\n',
        "setup.py": "(" * 100_000,
        "Pipfile": "a." * 140_000 + "a = 1\n",
        "a.ipynb": '"language_info"{"a":' + '{"a":' * 100_000,
        "runtime.txt": " " * 250_000,
    }
    assert choice(files).python == "3.9"
