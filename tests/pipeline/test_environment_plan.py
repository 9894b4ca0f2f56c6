"""Which environments are tried for which repositories."""

import pytest

from registry.spec.ladder import Cause
from registry.spec.manifest import Manifest
from runners.environment.imports import imports_of
from runners.environment.plan import pip_packages, plan_environment
from runners.faults import RepositoryFault
from tests.trees import MemoryTree

BASES = {"3.9": "python:3.9", "3.11": "python:3.11", "3.13": "python:3.13"}
PYPROJECT = '[build-system]\nrequires = ["setuptools"]\n[project]\nname = "m"\nversion = "1"\n'


RDKIT_AND_A = ("rdkit==2024.9.5", "a>1")
NOTHING_DECLARED = Manifest()


def plan(files, *, manifest=NOTHING_DECLARED, bases=BASES, check=lambda text: text):
    return plan_environment(
        MemoryTree(files), manifest, bases=bases, check_dockerfile=check, cache_key="k"
    )


def test_a_repository_that_declares_nothing_gets_plain_python():
    (candidate,) = plan({"model.py": ""})
    assert (candidate.strategy, candidate.python) == ("python", "3.11")
    assert "-e ." not in candidate.dockerfile


def test_requirements_are_installed_before_the_source_is_copied():
    (candidate,) = plan({"requirements.txt": "numpy\n"})
    text = candidate.dockerfile
    assert candidate.strategy == "requirements.txt"
    assert text.index("-r requirements.txt") < text.index("COPY . .")


@pytest.mark.parametrize("line", ["-e .", "-r more.txt", "./local", "-c pins.txt"])
def test_requirements_that_name_files_wait_for_the_source(line):
    (candidate,) = plan({"requirements.txt": f"numpy\n{line}\n"})
    assert candidate.dockerfile.index("COPY . .") < candidate.dockerfile.index(
        "-r requirements.txt"
    )


@pytest.mark.parametrize(
    "files",
    [{"setup.py": ""}, {"pyproject.toml": PYPROJECT}, {"setup.cfg": "[metadata]\nname = m\n"}],
)
def test_a_package_is_itself_installed(files):
    (candidate,) = plan(files)
    assert candidate.strategy == "project"
    assert "uv pip install -e ." in candidate.dockerfile


def test_a_pyproject_of_tool_settings_is_no_package():
    (candidate,) = plan({"pyproject.toml": "[tool.black]\nline-length = 100\n"})
    assert candidate.strategy == "python"


def test_a_broken_pyproject_is_the_authors_fault():
    with pytest.raises(RepositoryFault, match=r"pyproject\.toml") as caught:
        plan({"pyproject.toml": "[project\n"})
    assert caught.value.failure.cause is Cause.BUILD


def test_a_dockerfile_comes_first_and_the_declared_packages_after_it():
    own, declared = plan({"Dockerfile": "FROM python:3.11\n", "requirements.txt": "numpy\n"})
    assert (own.strategy, own.base_image) == ("dockerfile", "python:3.11")
    assert declared.changed


def refuse(_text):
    raise RepositoryFault(Cause.UNSUPPORTED, "No.")


def test_a_refused_dockerfile_is_set_aside_for_declared_packages():
    (declared,) = plan({"Dockerfile": "", "requirements.txt": "numpy\n"}, check=refuse)
    assert "set aside" in declared.changed[0]


@pytest.mark.parametrize(
    ("dockerfile", "packages"),
    [
        ("FROM x\nRUN pip install rdkit==2024.9.5\nRUN pip install 'a>1'\n", RDKIT_AND_A),
        (
            "FROM x\nRUN apt-get update && pip3 install -q numpy \\\n scipy>=1.5\n",
            ("numpy", "scipy>=1.5"),
        ),
        ("FROM x\nRUN python -m pip install -r requirements.txt .\n", ()),
        ("FROM x\nRUN make\n", ()),
    ],
)
def test_the_packages_that_a_dockerfile_installs_are_read_from_it(dockerfile, packages):
    assert pip_packages(dockerfile) == packages


def test_a_refused_dockerfile_still_says_which_packages_are_wanted():
    dockerfile = "FROM elsewhere/image\nRUN pip install rdkit==2024.9.5\n"
    (candidate,) = plan({"Dockerfile": dockerfile}, check=refuse)
    assert candidate.strategy == "dockerfile packages"
    assert "rdkit==2024.9.5" in candidate.dockerfile


def test_a_date_of_the_manifest_bounds_the_packages():
    (candidate,) = plan({"requirements.txt": "numpy"}, manifest=Manifest(as_of="2021-03-05"))
    assert "--exclude-newer 2021-03-05" in candidate.dockerfile
    assert candidate.changed == ()


def test_a_refused_dockerfile_alone_is_never_ignored():
    with pytest.raises(RepositoryFault, match="No"):
        plan({"Dockerfile": "", "model.py": ""}, check=refuse)


@pytest.mark.parametrize(
    ("files", "python", "changed"),
    [
        ({".python-version": "3.9.18\n"}, "3.9", False),
        ({"runtime.txt": "python-3.13"}, "3.13", False),
        ({".python-version": "3.7\n"}, "3.9", True),
        ({"pyproject.toml": '[project]\nname="m"\nrequires-python = ">=3.12"\n'}, "3.13", False),
        ({"pyproject.toml": '[project]\nname="m"\nrequires-python = "<3.11"\n'}, "3.9", False),
        ({"setup.py": "setup(python_requires='>=3.8,<3.10')"}, "3.9", False),
        ({"setup.cfg": "[options]\npython_requires = >=3.6\n"}, "3.11", False),
        ({"pyproject.toml": '[project]\nname="m"\nrequires-python = "<3.5"\n'}, "3.11", True),
    ],
)
def test_the_python_follows_what_the_repository_says(files, python, changed):
    candidate = plan(files)[-1]
    assert (candidate.python, bool(candidate.changed)) == (python, changed)


def test_the_manifest_decides_over_other_signs():
    manifest = Manifest(python="3.13", system_packages=("gfortran",))
    (candidate,) = plan({".python-version": "3.9"}, manifest=manifest)
    assert candidate.python == "3.13"
    assert "install -y --no-install-recommends gfortran" in candidate.dockerfile


def test_no_base_image_is_said_plainly():
    with pytest.raises(RepositoryFault, match="base image"):
        plan({}, bases={})


@pytest.mark.parametrize(
    ("files", "imports"),
    [
        ({"m.py": "import numpy\nimport os\nfrom scipy.special import j0"}, ("numpy", "scipy")),
        ({"m.py": "import helper\n", "helper.py": "import yaml\n"}, ("yaml",)),
        ({"m.py": "try:\n import cupy\nexcept ImportError:\n cupy = None\n"}, ()),
        ({"m.py": "def plot():\n import matplotlib\n"}, ()),
        ({"p/__init__.py": "", "p/a.py": "import numpy", "demo.py": "import torch"}, ("numpy",)),
        ({"tests/test_m.py": "import pytest\n", "setup.py": "import setuptools\n"}, ()),
        ({"old.py": "print 'two'\nimport numpy\n"}, ()),
        ({"deep.py": "(" * 5000}, ()),
    ],
)  # fmt: skip
def test_imports_are_read_from_the_syntax(files, imports):
    assert imports_of(MemoryTree(files)).model == imports
