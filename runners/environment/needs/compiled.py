"""C, C++ and Fortran: compilers, and the libraries that sources and build files name.

Nothing is built here. A Makefile's first target may be its help, the paper or the whole study, and
what it writes while an image is made would pass for an output of the model. Commands that begin
with make build at run time, with the network off. See docs/languages.md.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from runners.environment.debian_names import DEPENDENCIES, HEADERS, LIBRARIES, PROGRAMS
from runners.environment.needs.need import Needs
from runners.environment.needs.survey import build_files, own_files, suffix, texts
from runners.environment.system_packages import carriers
from runners.tree import Entry, Tree

_C = frozenset({".c", ".h", ".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh"})
_FORTRAN = frozenset({".f", ".for", ".f77", ".f90", ".f95", ".f03", ".f08"})
_CYTHON = frozenset({".pyx"})
_PACKAGE_FILES = ("setup.py", "setup.cfg", "pyproject.toml")

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[<\"]([\w./+-]{1,100})[>\"]", re.MULTILINE)
_FORTRAN_INCLUDE = re.compile(r"(?im)^[ \t]*include[ \t]*['\"]([\w./+-]{1,100})['\"]")
_USE = re.compile(r"(?im)^[ \t]*use[ \t]+(?:,[ \t]*intrinsic[ \t]*::[ \t]*)?(\w{1,60})")
# Modules of Fortran, by the header that stands for the same library.
_MODULES = {
    "mpi": "mpi.h", "mpi_f08": "mpi.h", "netcdf": "netcdf.mod", "hdf5": "hdf5.h",
    "fftw3": "fftw3.h", "petsc": "petsc.h", "petscksp": "petsc.h",
}  # fmt: skip
_LINK = re.compile(r"(?<![\w-])-l([A-Za-z][\w+.-]{0,60})")
_FIND_PACKAGE = re.compile(r"(?im)^[ \t]*find_package[ \t]*\([ \t]*(\w{1,60})")
_PKG_CONFIG = re.compile(r"pkg-config\s+(?:--[\w-]+\s+)*([a-z][\w.+-]{0,60})")
_TOOL = re.compile(
    r"(?<![\w./-])(mpi(?:cc|cxx|c\+\+|CC|f77|f90|fort|run|exec)|h5(?:cc|fc|c\+\+)|pkg-config"
    r"|(?:nc|nf|gsl|xml2)-config|autoreconf|libtoolize|flex|bison|swig|ninja|gfortran)(?![\w-])"
)

# What starts a command: the first word of a shell line or of a recipe, less make's signs.
_COMMAND = re.compile(
    r"^[ \t$@-]*(?:(?:time|nohup|exec|sudo)[ \t]+)*([A-Za-z][\w.+-]{0,40})(?=[ \t;]|$)",
    re.MULTILINE,
)
_STARTED = re.compile(
    r"\b\w+\.(?:call|check_call|check_output|run|Popen|system|popen|getoutput)"
    r"\(\s*\[?\s*[rf]?[\"']([\w.+-]{1,40})"
)
_COMPILE = frozenset({"make", "gcc", "g++", "cc", "gfortran", "cmake", "f2py", "nvcc"})
# What stands beside a model starts programs that the model does not need.
_BESIDE = re.compile(r"(?:^|/)(?:examples?|benchmarks?|papers?|figures?|reproductions?|tools|ci)/")
# Called by scripts about the paper and the page, not by the model.
_ASIDE = frozenset({
    "latex", "pdflatex", "xelatex", "latexmk", "bibtex", "dvips", "kpsewhich", "doxygen", "pandoc",
    "valgrind", "gdb", "git", "git-lfs", "svn", "hg", "npm", "node", "ruby", "zsh", "less", "top",
    "watch", "inkscape", "file", "free", "dot",
})  # fmt: skip


def compiled_sources(tree: Tree) -> Needs | None:
    """Compilers, and the libraries of the headers, modules, flags and find_package calls."""
    c, fortran = own_files(tree, _C), own_files(tree, _FORTRAN)
    if not (c or fortran or own_files(tree, _CYTHON)):
        return None
    packaged = any(name in tree for name in _PACKAGE_FILES)
    builds = "\n".join(text for _, text in texts(tree, build_files(tree)))
    named = (
        *((name, HEADERS) for name in _headers(tree)),
        *((name, LIBRARIES) for name in _LINK.findall(builds)),
        *((name, DEPENDENCIES) for name in _FIND_PACKAGE.findall(builds)),
        *((name, DEPENDENCIES) for name in _PKG_CONFIG.findall(builds)),
        *((name, PROGRAMS) for name in _TOOL.findall(builds)),
    )
    return Needs(
        system_packages=(
            "build-essential",
            *(("gfortran",) if fortran or "gfortran" in builds else ()),
            *(("cmake",) if any(_is_cmake(e.path) for e in build_files(tree)) else ()),
            *(("python3-dev",) if packaged else ()),
            *(package for name, table in named for package in carriers(name, table)),
        ),
        notes=("ifort is not to be had: gfortran stands in",) if "ifort" in builds else (),
    )


def started_programs(tree: Tree) -> Needs | None:
    """Programs that shell scripts, recipes and Python sources start."""
    scripts = texts(tree, _of_the_model(build_files(tree)))
    sources = texts(tree, _of_the_model(own_files(tree, frozenset({".py"}))))
    started = {name for _, text in sources for name in _STARTED.findall(text)}
    called = {name for path, text in scripts for name in _commands(path, text)}
    named = sorted((started | called) - _ASIDE)
    packages = tuple(package for name in named for package in carriers(name, PROGRAMS))
    compilers = ("build-essential", "gfortran") if started & _COMPILE else ()
    return Needs(system_packages=(*compilers, *packages)) if packages or compilers else None


def _headers(tree: Tree) -> Iterator[str]:
    """Headers that the sources include and the tree does not hold; Fortran's modules as well."""
    held = {PurePosixPath(entry.path).name for entry in tree.entries}
    seen = dict.fromkeys(
        name
        for path, text in texts(tree, own_files(tree, _C | _FORTRAN))
        for name in _named(path, text)
    )
    yield from (name for name in seen if PurePosixPath(name).name not in held)


def _named(path: str, text: str) -> Iterator[str]:
    yield from _INCLUDE.findall(text)
    if suffix(path) in _FORTRAN:
        yield from _FORTRAN_INCLUDE.findall(text)
        modules = (_MODULES.get(name.lower()) for name in _USE.findall(text))
        yield from (header for header in modules if header)


def _commands(path: str, text: str) -> list[str]:
    """The first words of the commands in a shell script or a Makefile."""
    name = PurePosixPath(path).name.lower()
    if not (name.endswith(".sh") or "makefile" in name):
        return []
    lines = (line for line in text.splitlines() if name.endswith(".sh") or line.startswith("\t"))
    return _COMMAND.findall("\n".join(lines))


def _of_the_model(files: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in files if not _BESIDE.search(entry.path))


def _is_cmake(path: str) -> bool:
    return PurePosixPath(path).name == "CMakeLists.txt"
