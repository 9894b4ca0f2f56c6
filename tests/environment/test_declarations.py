"""Which files of a repository are believed, and what they are read to say."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from runners.environment.declaration import declarations
from tests.trees import MemoryTree

SETUP = "from setuptools import setup\nsetup(name='model', install_requires=['numpy>=1.2'])\n"
PROJECT = '[project]\nname = "model"\nversion = "1"\ndependencies = ["numpy>=1.2"]\n'
POETRY = (
    '[tool.poetry]\nname = "model"\n[tool.poetry.dependencies]\npython = "^3.8"\n'
    'numpy = "^1.21"\nscipy = { version = "~1.7", extras = ["x"] }\n'
    'old = { version = "*", optional = true }\n'
    'tomli = { version = "*", python = "<3.11" }\n[tool.poetry.dev-dependencies]\npytest = "*"\n'
)
BACKEND = '[build-system]\nrequires = ["poetry-core"]\n'


def read(files):
    return declarations(MemoryTree(files))


def first(files):
    return read(files)[0]


def origins(files):
    return tuple(declaration.origin for declaration in read(files))


EVERYTHING = {
    "binder/environment.yml": "dependencies:\n- numpy\n",
    "uv.lock": '[[package]]\nname = "numpy"\nversion = "1.2"\n',
    "poetry.lock": '[[package]]\nname = "numpy"\nversion = "1.2"\n',
    "Pipfile.lock": '{"default": {"numpy": {"version": "==1.2"}}}',
    "pdm.lock": '[[package]]\nname = "numpy"\nversion = "1.2"\n',
    "pylock.toml": '[[packages]]\nname = "numpy"\nversion = "1.2"\n',
    "environment.yml": "dependencies:\n- numpy\n",
    "pixi.toml": '[dependencies]\nnumpy = "*"\n',
    "requirements.txt": "numpy\n",
    "requirements.in": "numpy\n",
    "Pipfile": '[packages]\nnumpy = "*"\n',
    "setup.py": SETUP,
    "model.py": "import numpy\n",
}


def test_the_more_exact_comes_before_the_less():
    assert origins(EVERYTHING) == (*(name for name in EVERYTHING if name != "model.py"), "imports")


def test_a_repository_that_declares_nothing_needs_python_alone():
    (declaration,) = read({"README.md": "# Hello"})
    assert (declaration.origin, declaration.requirements, declaration.project) == (
        "python",
        (),
        False,
    )


def test_a_source_that_is_too_large_to_be_read_is_passed_over():
    (declaration,) = read({"table.py": "x = 1\n" * 200_000, "model.py": "import numpy\n"})
    assert declaration.requirements == ("numpy",)


def test_imports_stand_for_what_nobody_declared():
    (declaration,) = read({"model.py": "import os, numpy, cv2\n", "test_m.py": "import pytest\n"})
    assert declaration.origin == "imports"
    assert set(declaration.requirements) == {"numpy", "opencv-python-headless"}
    assert declaration.test_requirements == ("pytest",)


@pytest.mark.parametrize(
    "name",
    ["requirements.txt", "Requirements.txt", "requirement.txt", "reqs.txt", "requirements/base.txt",
     "requirements/requirements.txt", "requirements_cpu.txt", "requirements-py3.txt",
     "code/requirements.txt", "spec-file.txt", "pip_requirements.txt"],
)  # fmt: skip
def test_requirements_files_go_by_many_names(name):
    assert first({name: "numpy\n"}).origin == name


@pytest.mark.parametrize(
    "name", ["docs/requirements.txt", "requirements_docs.txt", "requirements-dev.txt", "notes.txt"]
)
def test_requirements_of_something_else_are_not_the_models(name):
    assert origins({name: "numpy\n"}) == ("python",)


def test_an_empty_requirements_file_declares_nothing():
    assert origins({"requirements.txt": "\n# none\n"}) == ("python",)


def test_folders_are_asked_only_where_the_root_is_no_project():
    inner = {"web/requirements.txt": "django\n"}
    assert origins(inner) == ("web/requirements.txt", "python")
    assert origins({**inner, "setup.py": SETUP}) == ("setup.py", "python")


def test_a_project_in_a_folder_is_installed_from_there():
    declaration = first({"python/setup.py": SETUP, "python/model/__init__.py": ""})
    assert (declaration.origin, declaration.requirements) == ("python/setup.py", ("-e ./python",))


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": SETUP},
        {"pyproject.toml": PROJECT},
        {"pyproject.toml": POETRY + BACKEND},
        {"setup.cfg": "[metadata]\nname = model\n[options]\ninstall_requires =\n  numpy>=1.2\n"},
    ],
)
def test_pip_reads_the_requirements_of_a_project_itself(files):
    declaration = first(files)
    assert declaration.origin in files
    assert declaration.project
    assert declaration.requirements == ()
    assert declaration.project_requirements[0].startswith("numpy")


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[tool.black]\nline-length = 100\n"},
        {"pyproject.toml": "[project\n", "setup.py": SETUP},
        {"pyproject.toml": PROJECT + "[tool.uv]\npackage = false\n"},
        {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
    ],
)
def test_what_pip_could_not_install_is_no_project(files):
    assert not any(declaration.project for declaration in read(files))


def test_a_broken_pyproject_is_told_and_the_rest_is_read():
    declaration = first({"pyproject.toml": "[project\n", "setup.py": SETUP})
    assert declaration.requirements == ("numpy>=1.2",)
    assert declaration.notes[0].startswith("pyproject.toml cannot be read: ")


def test_a_project_that_is_no_package_has_its_requirements_listed():
    declaration = first({"pyproject.toml": PROJECT + "[tool.uv]\npackage = false\n"})
    assert declaration.requirements == ("numpy>=1.2",)


def test_poetry_without_its_backend_has_its_requirements_listed():
    declaration = first({"pyproject.toml": POETRY})
    assert declaration.requirements == (
        "numpy<2,>=1.21",
        "scipy[x]<1.8,>=1.7",
        'tomli; python_version < "3.11"',
    )
    assert declaration.test_requirements == ("pytest",)


def test_the_project_itself_is_not_fetched_from_elsewhere():
    frozen = "numpy\n-e git+https://github.com/me/model@0a1b#egg=model\nMODEL==1.0\n"
    declaration = first({"setup.py": SETUP, "requirements.txt": frozen})
    assert (declaration.requirements, declaration.project) == (("numpy",), True)
    assert declaration.system_packages == ()
    assert "this repository itself" in declaration.notes[0]


def test_git_is_there_when_an_address_is_fetched_with_it():
    line = "b @ git+https://github.com/a/b"
    assert first({"requirements.txt": line}).system_packages == ("git",)
    assert first({"setup.py": "", "requirements-dev.txt": line}).system_packages == ("git",)


def test_apt_txt_holds_beside_every_declaration():
    files = {"apt.txt": "gfortran\n", "requirements.txt": "numpy\n", "model.py": "import numpy\n"}
    assert [d.system_packages for d in read(files)] == [("gfortran",), ("gfortran",)]


SETUPS = {
    "in the call": "setup(install_requires=['numpy', \"scipy>=1\"])",
    "as a name of setuptools": "setuptools.setup(install_requires=['numpy', 'scipy>=1'])",
    "in a variable": "a = ['numpy']\na = a + ['scipy>=1']\nsetup(install_requires=a)",
    "in a table": "meta = {'install_requires': ('numpy', 'scipy>=1')}\nsetup(**meta)",
    "in a table by name": "a = {'b': ['numpy', 'scipy>=1']}\nsetup(install_requires=a['b'])",
    "as a text": "setup(install_requires='''\n  numpy\n  scipy>=1\n''')",
    "split": "setup(install_requires='numpy scipy>=1'.split())",
    "below main": "if __name__ == '__main__':\n    setup(install_requires=['numpy', 'scipy>=1'])",
}


@pytest.mark.parametrize("source", SETUPS.values(), ids=SETUPS.keys())
def test_setup_py_is_read_where_it_says_its_requirements_plainly(source):
    assert first({"setup.py": source}).project_requirements == ("numpy", "scipy>=1")


@pytest.mark.parametrize(
    "source",
    ["print 'hello'", "setup(install_requires=open('requirements.txt').read().split())",
     "setup(install_requires=needs)", "setup(install_requires=7)", "setup(**setup(**x))",
     "a = ['x']\n" + "a = a + a\n" * 60 + "setup(extras_require=a)",
     "a = {}\na['b'] = a\nsetup(install_requires=a, extras_require=a)"],
)  # fmt: skip
def test_a_setup_py_that_must_be_run_says_nothing(source):
    declaration = first({"setup.py": source})
    assert (declaration.origin, declaration.project) == ("setup.py", True)
    assert declaration.project_requirements == ()


POETRY_RANGES = [
    ("^1.2.3", "<2,>=1.2.3"), ("^0.2.3", "<0.3,>=0.2.3"), ("^0.0.3", "<0.0.4,>=0.0.3"),
    ("^0.0", "<0.1,>=0.0"), ("^0", "<1,>=0"), ("^2", "<3,>=2"), ("~1.2.3", "<1.3,>=1.2.3"),
    ("~1", "<2,>=1"), ("1.2.3", "==1.2.3"), ("1.*", "==1.*"), ("*", ""), (">=1,<2", "<2,>=1"),
    ("<1 || >=2", ">=2"), ("=1.2", "==1.2"), ("latest", ""), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "range_"), POETRY_RANGES)
def test_poetrys_ranges_become_those_of_pip(written, range_):
    text = f'[tool.poetry]\nname = "m"\n[tool.poetry.dependencies]\nnumpy = "{written}"\n'
    assert first({"pyproject.toml": text}).requirements == (f"numpy{range_}",)


TESTS = {
    "an extra": {"pyproject.toml": PROJECT + '[project.optional-dependencies]\ntest = ["h5py"]\n'},
    "an extra of setup.py": {"setup.py": "setup(extras_require={'testing': ['h5py']})"},
    "tests_require": {"setup.py": "setup(tests_require=['h5py'])"},
    "setup.cfg": {"setup.cfg": "[metadata]\nname=m\n[options.extras_require]\ntest =\n  h5py\n"},
    "a dependency group": {"pyproject.toml": '[dependency-groups]\ndev = ["h5py", "black"]\n'},
    "an included group": {
        "pyproject.toml": '[dependency-groups]\nx = ["h5py"]\ntest = [{include-group = "x"}]\n'
    },
    "poetry's group": {"pyproject.toml": '[tool.poetry.group.test.dependencies]\nh5py = "*"\n'},
    "uv's": {"pyproject.toml": '[tool.uv]\ndev-dependencies = ["h5py"]\n'},
    "hatch's": {"pyproject.toml": '[tool.hatch.envs.test]\ndependencies = ["h5py"]\n'},
    "a file": {"requirements-dev.txt": "h5py\n"},
    "a file of a folder": {"requirements/test.txt": "h5py\n"},
    "a file beside the tests": {"tests/requirements.txt": "h5py\n"},
    "another file": {"test-requirements.txt": "h5py\nflake8==3.8\n"},
    "tox": {"tox.ini": "[testenv]\ndeps =\n    py38: h5py\n    -r{toxinidir}/a\n    {[x]y}\n"},
    "nox": {"noxfile.py": "def test(session):\n    session.install('h5py', '-U', '.')\n"},
    "GitHub": {".github/workflows/ci.yml": "- run: |\n    pip install -U pip h5py && pytest\n"},
    "Travis": {".travis.yml": 'install:\n  - "pip install h5py"\n'},
    "conda in CI": {".travis.yml": "- conda install -c x -y python=3.8 h5py=${{ m }}\n"},
    "an extra that tox names": {
        "pyproject.toml": PROJECT + '[project.optional-dependencies]\nfull = ["h5py"]\n',
        "tox.ini": "[testenv]\nextras = full\n",
    },
    "an extra that CI names": {
        "pyproject.toml": PROJECT + '[project.optional-dependencies]\nfull = ["h5py"]\n',
        ".gitlab-ci.yml": "script: pip install -e .[full]\n",
    },
    "an extra within an extra": {
        "pyproject.toml": PROJECT
        + '[project.optional-dependencies]\nio = ["h5py"]\ntest = ["model[io]"]\n'
    },
}  # fmt: skip


@pytest.mark.parametrize("files", TESTS.values(), ids=TESTS.keys())
def test_what_only_tests_want_is_found_in(files):
    assert first(files).test_requirements == ("h5py",)


def test_tests_do_not_ask_for_another_version_of_what_the_model_has():
    declaration = first({"requirements.txt": "h5py==2\n", "requirements-dev.txt": "h5py>=3\nemcee"})
    assert declaration.test_requirements == ("emcee",)


def test_a_lock_may_have_two_versions_for_two_pythons_and_style_tools_are_no_test():
    package = '[[package]]\nname = "{}"\nversion = "{}"\ngroups = ["{}"]\nmarkers = "{}"\n'
    rows = (
        ("numpy", "2", "main", "python_version > '3'"),
        ("h5py", "2.0", "dev", "python_version < '3.9'"),
        ("h5py", "3.0", "dev", "python_version >= '3.9'"),
        ("black", "22.1", "dev", "python_version > '3'"),
    )
    declaration = first({"poetry.lock": "".join(package.format(*row) for row in rows)})
    assert declaration.test_requirements == (
        'h5py==2.0; python_version < "3.9"',
        'h5py==3.0; python_version >= "3.9"',
    )


# ---- Whatever stands in the files ----

LOCAL = re.compile(r"(?:-e )?\./[\w./+-]+(?:\[[\w,. -]+\])?")
ADDRESS = re.compile(r"(?:git\+)?https?://\S+")
FRAGMENTS = st.sampled_from([
    "numpy", "==", "1.2", ">=", ",", ";", " @ ", "git+", "https://", "h.org/a", "#egg=", "[x]",
    "-e ", ".", "./a", "..", "-r ", "-c ", "requirements.txt", "--hash=sha256:0a", "\\\n", "\n",
    " ", "=", "python", "python_version<'3'", "pip install ", "file:///", "name: ", "- ",
    "dependencies:\n", "pip:\n  ", "[", "]", "{", "}", "'", '"', "^", "*", "||", "[[package]]\n",
    'name = "a"\n', 'version = "1"\n', "[project]\n", "setup(", "install_requires=", ")", "dict(",
    "$", "&&", "\x00", "\u2028", "é", "$(id)", "`", "user:pw@", "::1", "%2B",
    ".whl", "a-1-py3-none-any",
])  # fmt: skip
CONTENT = st.one_of(
    st.lists(FRAGMENTS, max_size=30).map("".join),
    st.text(max_size=200),
    st.binary(max_size=200),
)
NAMES = st.sampled_from([
    *EVERYTHING, "setup.cfg", "pyproject.toml", "tox.ini", "noxfile.py", "pixi.lock",
    "conda-lock.yml", "requirements-dev.txt", ".github/workflows/ci.yml", "binder/apt.txt",
    "apt.txt", "binder/requirements.txt", "a/setup.py",
])  # fmt: skip


def is_documented(line):
    plain = re.sub(r"( --hash=\w+:[0-9a-fA-F]+)+$", "", line)
    return bool(LOCAL.fullmatch(plain) or ADDRESS.fullmatch(plain) or Requirement(plain))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, CONTENT, max_size=5))
def test_no_files_raise_and_every_line_is_one_that_pip_takes(files):
    for declaration in read({**files, "a/x.py": "import a_b, numpy\n"}):
        for line in (
            *declaration.requirements,
            *declaration.constraints,
            *declaration.test_requirements,
            *declaration.project_requirements,
        ):
            assert is_documented(line)
            assert "\n" not in line
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", s) for s in declaration.system_packages)
        assert all("\n" not in note and len(note) < 1_000 for note in declaration.notes)
