"""What a repository is made of: languages, frameworks, whether it works on a GPU alone.

Read off names and sizes of files and off declared dependencies; nothing is run, nothing raises.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name

from registry.spec.frameworks import FRAMEWORKS
from registry.spec.ladder import Origin
from registry.spec.manifest import Description
from runners.environment.declaration import Declaration, declarations
from runners.tree import Tree

# Suffix → language, by the names of registry/vocabularies/language.toml.
LANGUAGES = {
    ".py": "Python", ".pyx": "Cython", ".pxd": "Cython", ".ipynb": "Jupyter", ".c": "C",
    ".cc": "C++", ".cpp": "C++", ".cxx": "C++", ".hpp": "C++", ".f": "Fortran", ".for": "Fortran",
    ".f77": "Fortran", ".f90": "Fortran", ".f95": "Fortran", ".f03": "Fortran", ".f08": "Fortran",
    ".jl": "Julia", ".r": "R", ".rmd": "R", ".java": "Java", ".js": "JavaScript",
    ".ts": "TypeScript", ".rs": "Rust", ".go": "Go", ".hs": "Haskell", ".cu": "CUDA",
    ".mod": "NMODL", ".hoc": "HOC", ".sli": "SLI", ".nb": "Mathematica", ".wl": "Mathematica",
    ".mpl": "Maple", ".pl": "Perl", ".sh": "Shell", ".lua": "Lua", ".scala": "Scala",
    ".mo": "Modelica", ".nlogo": "NetLogo", ".stan": "Stan", ".m": "MATLAB",
}  # fmt: skip
# A notebook's bytes are mostly its outputs: this much of it is taken for code.
_NOTEBOOK_BYTES = 4000
# What is less than this part of the code is a helper beside the model, not its language.
LEAST_PART, MOST_LANGUAGES = 0.05, 5
_NOT_OWN = re.compile(
    r"(^|/)(vendor|third_party|node_modules|site-packages|\.git|docs?|build|dist)/"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Distributions of which nothing works without a GPU. Not what comes with PyTorch or JAX for one
# (nvidia-*, jax[cuda]): those work on a processor too, and are built for it here.
_GPU_ALONE = re.compile(r"cupy(-.*)?|pycuda|cudf.*|cuml.*|cugraph.*|numba-cuda")


def with_stack(description: Description, tree: Tree) -> Description:
    """The description with what the repository is made of, and where that was read."""
    declared, languages = declarations(tree), languages_of(tree)
    found: dict[str, Any] = {
        "languages": languages,
        "frameworks": frameworks_of(declared),
        "needs_gpu": needs_gpu(declared, languages),
    }
    said = {name: Origin.SOURCES for name, value in found.items() if value}
    return replace(description, **found, origins=description.origins | said)


def languages_of(tree: Tree) -> tuple[str, ...]:
    """The languages of the repository's own code, the most of it first."""
    sizes: Counter[str] = Counter()
    for entry in tree.entries:
        language = LANGUAGES.get(PurePosixPath(entry.path).suffix.lower())
        if language and not _NOT_OWN.search(entry.path):
            sizes[language] += (
                min(entry.size, _NOTEBOOK_BYTES) if language == "Jupyter" else entry.size
            )
    least = LEAST_PART * sizes.total()
    return tuple(name for name, size in sizes.most_common(MOST_LANGUAGES) if size and size >= least)


def frameworks_of(declared: Iterable[Declaration]) -> tuple[str, ...]:
    """The frameworks among the declared dependencies, in the table's order."""
    names = _distributions(declared)
    return tuple(dict.fromkeys(label for name, label in FRAMEWORKS.items() if name in names))


def needs_gpu(declared: Iterable[Declaration], languages: Iterable[str]) -> bool:
    """Whether something that it declares, or is written in, works on a GPU alone.

    Only the declaration that is believed first counts: others may be for other machines.
    """
    first = list(declared)[:1]
    return "CUDA" in languages or any(map(_GPU_ALONE.fullmatch, _distributions(first)))


def _distributions(declared: Iterable[Declaration]) -> set[str]:
    """The normalised names of what is required of the package index."""
    lines = (
        line
        for one in declared
        for line in (*one.requirements, *one.project_requirements, *one.constraints)
    )
    found = (_NAME.match(line) for line in lines)
    return {str(canonicalize_name(name[0])) for name in found if name}
