"""Julia: only one of Debian's suites has it."""

import re

from runners.environment.needs.language import main_language
from runners.environment.needs.need import Needs
from runners.environment.needs.survey import own_files, texts
from runners.manifest.plain import load_toml, mapping, text
from runners.tree import Tree

SUITE = "bullseye"  # the only one at hand with Julia, 1.5
_STANDARD = frozenset({
    "Base64", "Core", "CRC32c", "Dates", "DelimitedFiles", "Distributed", "FileWatching", "Future",
    "InteractiveUtils", "Libdl", "LibGit2", "LinearAlgebra", "Logging", "Main", "Markdown", "Mmap",
    "Pkg", "Printf", "Profile", "REPL", "Random", "SHA", "Serialization", "SharedArrays",
    "Sockets", "SparseArrays", "Statistics", "SuiteSparse", "Test", "UUIDs", "Unicode",
})  # fmt: skip
_USING = re.compile(r"^[ \t]*(?:using|import)[ \t]+([^\n#]{1,500})", re.MULTILINE)
# Where root installs and everyone reads; Julia itself looks only into the user's own folder.
_DEPOT = "/opt/julia"
_STEPS = (
    f"echo 'push!(DEPOT_PATH, \"{_DEPOT}\")' >> /etc/julia/startup.jl",
    f"JULIA_DEPOT_PATH={_DEPOT} julia --project=. -e 'using Pkg; Pkg.instantiate()'",
)


def julia_sources(tree: Tree) -> Needs | None:
    """Julia, and what Project.toml declares from its registry, where that can be reached.

    Where Julia stands beside a larger program in another language, it is left aside.
    """
    sources = own_files(tree, frozenset({".jl"}))
    if not sources:
        return None
    if main_language(tree) != "Julia":
        return Needs(notes=(f"Julia sources are left aside, such as {text(sources[0].path)}",))
    declared = sorted(set(mapping(load_toml(tree, "Project.toml").get("deps"))) - _STANDARD)
    return Needs(
        system_packages=("julia", *(("ca-certificates", "curl", "git") if declared else ())),
        steps=_STEPS if declared else (),
        notes=("Julia is 1.5, the only one that Debian has", *_undeclared(tree, declared)),
        base_suite=SUITE,
    )


def _undeclared(tree: Tree, declared: list[str]) -> tuple[str, ...]:
    """A sentence on packages that sources use and no Project.toml declares."""
    if declared:
        return ()
    used = {
        name
        for _, code in texts(tree, own_files(tree, frozenset({".jl"})))
        for names in _USING.findall(code)
        for name in re.findall(r"(?:^|,)\s*([A-Z]\w*)", names.partition(":")[0])
    }
    foreign = sorted(used - _STANDARD - _modules(tree))
    return (
        (f"Julia packages that no Project.toml declares: {', '.join(foreign)}",) if foreign else ()
    )


def _modules(tree: Tree) -> set[str]:
    return {entry.path.rsplit("/", 1)[-1].removesuffix(".jl") for entry in tree.entries}
