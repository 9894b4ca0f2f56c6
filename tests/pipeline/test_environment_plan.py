"""Which environments are tried for which repositories."""

from datetime import date

import pytest

from registry.spec.ladder import Cause, Repair
from registry.spec.manifest import Manifest
from runners.environment.own_modules import folders_of_modules
from runners.environment.plan import Site, plan_environment
from runners.faults import RepositoryFault
from tests.trees import MemoryTree

BASES = {
    "3.9": "python:3.9-slim-bullseye",
    "3.11": "python:3.11-slim-bookworm",
    "3.13": "python:3.13-slim-trixie",
}
PYPROJECT = '[build-system]\nrequires = ["setuptools"]\n[project]\nname = "m"\nversion = "1"\n'
NOTHING_DECLARED = Manifest()
EVERY_RUNG = frozenset(Repair)


def plan(
    files,
    *,
    manifest=NOTHING_DECLARED,
    bases=BASES,
    check=lambda text: text,
    rungs=EVERY_RUNG,
    committed_on="2023-06-01",
):
    site = Site(bases=bases, check_dockerfile=check, today=date(2026, 11, 22), rungs=rungs)
    tree = MemoryTree(files)
    return plan_environment(tree, manifest, site=site, committed_on=committed_on, cache_key="k")


def candidates(files, **more):
    return plan(files, **more).candidates


def test_a_repository_that_declares_nothing_gets_plain_python():
    (candidate,) = candidates({"model.py": ""})
    assert candidate.python == "3.11"
    assert "-e ." not in candidate.dockerfile
    assert candidate.changed == ()


def test_requirements_are_installed_before_the_source_is_copied():
    candidate = candidates({"requirements.txt": "numpy\n"})[0]
    text = candidate.dockerfile
    assert candidate.strategy == "requirements.txt"
    assert text.index("-r reprise-requirements.txt") < text.index("COPY . .")
    assert candidate.files == {"reprise-requirements.txt": b"numpy\n"}


def test_requirements_that_name_folders_wait_for_the_source():
    files = {"requirements.txt": "numpy\n./local\n", "local/setup.py": "from setuptools import *\n"}
    text = candidates(files)[0].dockerfile
    assert text.index("COPY . .") < text.index("-r reprise-requirements.txt")


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "from setuptools import setup\nsetup()\n"},
        {"pyproject.toml": PYPROJECT},
    ],
)
def test_a_package_is_itself_installed(files):
    assert "uv pip install -e ." in candidates(files)[0].dockerfile


def test_what_was_read_from_imports_is_a_guess_and_said():
    (candidate,) = candidates({"model.py": "import yaml\n"})
    assert candidate.repairs == (Repair.IMPORTS,)
    assert "pyyaml" in candidate.changed[0].lower()
    assert "pyyaml" in candidate.dockerfile.lower()
    (bare,) = candidates({"model.py": "import yaml\n"}, rungs=frozenset())
    assert "pyyaml" not in bare.dockerfile.lower()


def test_a_dockerfile_comes_first_and_the_declared_packages_after_it():
    own, declared, *_ = candidates({"Dockerfile": "FROM python:3.11\n", "requirements.txt": "six"})
    assert (own.strategy, own.base_image) == ("dockerfile", "python:3.11")
    assert Repair.DOCKERFILE in declared.repairs


def refuse(_text):
    raise RepositoryFault(Cause.UNSUPPORTED, "No.")


def test_a_refused_dockerfile_is_set_aside_for_declared_packages():
    declared = candidates({"Dockerfile": "", "requirements.txt": "numpy\n"}, check=refuse)[0]
    assert "set aside" in declared.changed[0]


def test_a_refused_dockerfile_still_says_which_packages_are_wanted():
    dockerfile = "FROM elsewhere/image\nRUN pip install rdkit==2024.9.5\n"
    (candidate,) = candidates({"Dockerfile": dockerfile}, check=refuse)
    assert candidate.strategy == "dockerfile packages"
    assert candidate.recipe.requirements == ("rdkit==2024.9.5",)


def test_a_refused_dockerfile_alone_is_never_ignored():
    with pytest.raises(RepositoryFault, match="No"):
        plan({"Dockerfile": "", "model.py": ""}, check=refuse)


def test_a_date_of_the_manifest_bounds_the_packages():
    manifest = Manifest(as_of="2021-03-05")
    candidate = candidates({"requirements.txt": "numpy"}, manifest=manifest)[0]
    assert "--exclude-newer 2021-03-05" in candidate.dockerfile
    assert candidate.changed == ()


def test_the_manifest_decides_over_other_signs():
    manifest = Manifest(python="3.13", system_packages=("gfortran",))
    (candidate,) = candidates({".python-version": "3.9"}, manifest=manifest)
    assert candidate.python == "3.13"
    assert "install -y --no-install-recommends gfortran" in candidate.dockerfile


def test_a_python_that_is_not_at_hand_is_said():
    candidate = candidates({".python-version": "3.7\n"})[0]
    assert (candidate.python, candidate.repairs) == ("3.9", (Repair.PYTHON,))
    assert "3.7" in candidate.changed[0]


def test_the_other_pythons_are_the_neighbours():
    pythons = [python for python, _ in plan({".python-version": "3.11"}).neighbours]
    assert sorted(pythons) == ["3.13", "3.9"]


def test_no_base_image_is_said_plainly():
    with pytest.raises(RepositoryFault, match="base image"):
        plan({}, bases={})


def test_what_nothing_here_can_run_is_unsupported_unless_the_author_says_how():
    files = {"model.m": "function y = model(x)\n  y = ode45(@f, [0 1], x);\nend\n"}
    with pytest.raises(RepositoryFault) as caught:
        plan(files)
    assert caught.value.failure.cause is Cause.UNSUPPORTED
    assert plan(files, manifest=Manifest(run="octave model.m", system_packages=("octave",)))


def test_every_module_of_the_repository_has_the_folder_that_finds_it():
    tree = MemoryTree({"a.py": "", "src/pkg/__init__.py": "", "src/pkg/b.py": "", "lib/a.py": ""})
    assert folders_of_modules(tree) == {"a": ".", "pkg": "src", "b": "src/pkg"}


def test_only_allowed_rungs_make_candidates():
    files = {"requirements.txt": "six\n", "pyproject.toml": PYPROJECT, "m.py": "import six\n"}
    assert len(candidates(files, rungs=frozenset())) == 1
    assert len(candidates(files)) > 1
