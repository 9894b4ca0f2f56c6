"""Whole verifications in real containers: the examples, and what people get wrong."""

from dataclasses import replace

import pytest

from registry.spec.ladder import (
    Cause,
    Level,
    Outcome,
    Repair,
    Repeatability,
    Step,
    StepState,
)

pytestmark = pytest.mark.docker

README = {"README.md": "# A model\n\nIt computes.\n"}
TEST = {"test_model.py": "def test_two():\n    assert 1 + 1 == 2\n"}
WRITER = "import json\njson.dump({'x': 1.5}, open('out.json', 'w'))\n"
MANIFEST = 'run = "python3 model.py"\n[[outputs]]\npath = "out.json"\nexpected = "expected.json"\n'
MODEL = README | {
    "model.py": WRITER,
    "expected.json": '{"x": 1.5}',
    "reprise.toml": MANIFEST,
}


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("lotka-volterra", "requirements.txt"),
        # A minute; CI builds authors' Dockerfiles in tests/containers/test_author_dockerfile.py.
        pytest.param("ising-2d", "dockerfile", marks=pytest.mark.slow),
    ],
)
def test_an_honest_example_is_reproduced(real, example, name, strategy):
    result = real.result(example(name))
    report = result.report
    assert (report.level, report.outcome) == (Level.REPRODUCED, Outcome.REPRODUCED), report
    assert report.environment.strategy == strategy
    assert report.repeatable is True
    assert report.repeatability is Repeatability.BITWISE
    assert report.tests_pass is True
    assert len(report.inference) == 2
    assert {c.against for c in report.comparisons} == {"repeat", "expected"}
    kept = {"Dockerfile", "requirements.lock", "sbom.cdx.json", "junit.xml", "comparisons.json"}
    assert kept | {"source.tar.gz", "build_image.log", "run_tests.log"} <= set(result.files)
    assert "numpy==" in result.files["requirements.lock"].read_text()


def test_the_example_that_claims_too_much_is_a_mismatch(real, example):
    report = real.verify(example("pendulum-period"))
    assert (report.level, report.cause) == (Level.REPEATABLE, Cause.MISMATCH), report
    assert report.tests_pass is True
    assert "periods.csv" in report.explanation


def test_tests_alone_make_a_model_run(real):
    report = real.verify(README | TEST)
    assert (report.level, report.cause) == (Level.RUNS, None), report
    assert report.tests.passed == 1
    assert report.repeatable is None


def test_a_failing_test_is_named(real):
    files = README | {"test_model.py": "def test_two():\n    assert 1 + 1 == 3\n"}
    report = real.verify(files)
    assert (report.level, report.cause) == (Level.BUILDS, Cause.TEST)
    assert "test_two" in report.explanation


def test_an_import_that_no_package_provides_is_named(real):
    name = "no_such_module_by_anyone_xyzzy"
    report = real.verify(README | {"model.py": f"import {name}\n"} | TEST)
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.IMPORT), report
    assert name in report.explanation
    assert not any(attempt.built for attempt in report.environment.attempts[:1])


@pytest.mark.slow  # two environments; CI has the rung in test_rungs.py
def test_an_import_that_is_not_declared_is_added_and_said(real):
    files = README | {
        "model.py": "import yaml\n",
        "test_model.py": "import model, six\n\ndef test_it():\n    assert model.yaml and six\n",
    }
    report = real.verify(files)
    assert (report.level, report.modifiers) == (Level.RUNS, ("repaired",)), report
    first, second = report.environment.attempts
    assert (first.built, first.kept, second.kept) == (True, False, True)
    assert "pyyaml" in first.changed[-1].lower()
    assert "six" in second.changed[-1]
    assert Repair.IMPORTS in report.repairs


def test_a_compiler_is_added_for_an_extension(real):
    setup = (
        "from setuptools import Extension, setup\n"
        "setup(name='tiny', version='1', py_modules=[],"
        " ext_modules=[Extension('tiny', ['tiny.c'])])\n"
    )
    code = (
        "#include <Python.h>\n"
        'static struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "tiny", 0, -1, 0};\n'
        "PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&m); }\n"
    )
    test = "import tiny\n\ndef test_it():\n    assert tiny\n"
    report = real.verify(README | {"setup.py": setup, "tiny.c": code, "test_tiny.py": test})
    assert (report.level, report.modifiers) == (Level.RUNS, ("repaired",)), report
    assert report.repairs == (Repair.FIELD,)


def test_a_base_image_that_cannot_be_had_is_unsupported_and_named(real):
    report = real.verify(README | TEST | {"Dockerfile": "FROM python:3.11.0rc9-slim\nRUN true\n"})
    assert (report.level, report.cause) == (Level.ARCHIVED, Cause.UNSUPPORTED), report
    assert "3.11.0rc9" in report.explanation


def test_declared_packages_are_the_way_out_of_a_dockerfile_that_does_not_build(real):
    files = (
        README
        | TEST
        | {
            "Dockerfile": "FROM python:3.11-slim\nWORKDIR /m\nRUN false\n",
            "requirements.txt": "six\n",
        }
    )
    report = real.verify(files)
    assert report.level == Level.RUNS, report
    assert [attempt.built for attempt in report.environment.attempts] == [False, True]
    assert report.modifiers == ("repaired",)


def test_a_pin_that_cannot_be_had_is_relaxed_and_said(real):
    files = {"requirements.txt": "six==99.99\n", "model.py": "import six\n"}
    report = real.verify(README | TEST | files)
    assert (report.level, report.modifiers) == (Level.RUNS, ("repaired",)), report
    assert Repair.RELAXED in report.repairs
    assert report.environment.attempts[0].failure.cause is Cause.RESOLVE


def test_a_package_that_does_not_exist_ends_in_resolve(real):
    name = "no-such-package-by-anyone-xyzzy"
    files = {"requirements.txt": name, "model.py": "import no_such_package_by_anyone_xyzzy\n"}
    report = real.verify(README | TEST | files)
    assert report.level == Level.ARCHIVED
    assert name in report.environment.attempts[0].failure.sentence


def test_a_suite_that_hangs_ends_in_time(real):
    real.bounds = replace(real.bounds, run=replace(real.bounds.run, seconds=5))
    files = README | {"test_model.py": "import time\n\ndef test_wait():\n    time.sleep(900)\n"}
    report = real.verify(files)
    assert report.cause is Cause.TIMEOUT
    assert "5 seconds" in report.explanation


def test_an_inference_that_writes_nothing_is_told_which_file_is_missing(real):
    report = real.verify(MODEL | {"model.py": "pass\n"})
    assert report.cause is Cause.MISMATCH
    assert "did not write out.json" in report.explanation


def test_a_package_is_installed_with_its_own_requirements(real):
    pyproject = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "tiny"\nversion = "1"\ndependencies = ["six"]\n'
        '[tool.setuptools]\npackages = ["tiny"]\n'
    )
    files = README | {
        "pyproject.toml": pyproject,
        "tiny/__init__.py": "import six\n",
        "tests/test_tiny.py": "import tiny\n\ndef test_it():\n    assert tiny.six\n",
    }
    report = real.verify(files)
    assert (report.level, report.environment.strategy) == (Level.RUNS, "pyproject.toml"), report
    assert any(package.startswith("six==") for package in report.environment.packages)


def test_a_repository_without_readme_is_only_registered_but_told_why(real):
    report = real.verify(TEST)
    assert report.level == Level.REGISTERED
    assert "README" in report.explanation
    assert report.tests_pass is True


def test_a_missing_ref_fails_at_fetch_and_nothing_else_runs(real):
    report = real.verify(real.repository(README | TEST), ref="no-such-branch")
    assert (report.level, report.cause) == (Level.REGISTERED, Cause.FETCH)
    assert set(real.notes.states) == {Step.FETCH_SOURCE, Step.DECIDE}
    assert real.notes.states[Step.FETCH_SOURCE] is StepState.FAILED


def test_a_project_of_a_day_before_editable_installs_is_installed_all_the_same(real):
    setup = (
        "from setuptools import setup\n"
        "setup(name='tiny', version='1', py_modules=['tiny'], install_requires=['six'])\n"
    )
    test = "import tiny, six\n\ndef test_it():\n    assert six.__version__ == '1.15.0'\n"
    dated = 'as_of = "2020-11-18"\npython = "3.9"\n'
    files = {"setup.py": setup, "tiny.py": "", "test_it.py": test, "reprise.toml": dated}
    report = real.verify(README | files)
    assert (report.level, report.modifiers) == (Level.RUNS, ()), report
