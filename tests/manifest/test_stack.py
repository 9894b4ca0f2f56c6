"""What a repository is made of: languages by size, frameworks and GPU by what it declares."""

import pytest

from registry.spec.ladder import Origin
from registry.spec.manifest import Description
from runners.stack import with_stack
from tests.trees import MemoryTree


def made(files):
    return with_stack(Description(), MemoryTree(files))


def test_languages_come_by_size_without_helpers_and_others_code():
    files = {
        "model.f90": "x" * 5000, "run.py": "x" * 3000, "go.sh": "x" * 10,
        "vendor/lib.c": "x" * 90_000, "data.csv": "1" * 90_000,
    }  # fmt: skip
    assert made(files).languages == ("Fortran", "Python")


def test_the_outputs_of_a_notebook_are_no_code():
    files = {"run.ipynb": "x" * 900_000, "model.py": "x" * 9000}
    assert made(files).languages == ("Python", "Jupyter")


def test_frameworks_are_read_off_declared_dependencies():
    seen = made({"requirements.txt": "Torch>=2\nbrian2==2.5\nnumpy\n", "a.py": "import scipy"})
    assert {"PyTorch", "Brian 2", "NumPy", "SciPy"} <= set(seen.frameworks)
    assert seen.origins["frameworks"] is Origin.SOURCES


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("cupy-cuda12x", True),
        ("pycuda==2024.1", True),
        ("jax[cuda12]>=0.4", False),
        ("nvidia-cublas-cu12", False),
        ("torch", False),
        ("jax", False),
    ],
)
def test_a_gpu_is_asked_for_by_what_works_on_nothing_else(line, needed):
    assert made({"requirements.txt": f"{line}\n", "a.py": "pass"}).needs_gpu is needed


def test_an_empty_repository_says_nothing():
    seen = made({"README.md": "Nothing here."})
    assert (seen.languages, seen.frameworks, seen.needs_gpu) == ((), (), False)
    assert "languages" not in seen.origins
