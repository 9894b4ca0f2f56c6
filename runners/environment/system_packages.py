"""Which Debian packages a log asks for: a header, a library or a program that was not there."""

import re
from collections.abc import Iterator

from runners.environment.debian_names import (
    DEPENDENCIES,
    HEADERS,
    LIBRARIES,
    PROGRAMS,
    RENAMED,
    Table,
)

# A build that calls a compiler or a build tool that is not there. The repair ladder reads it too.
NO_COMPILER = (
    r"(?:unable to execute '[\w+-]+'|command '[\w+-]+' failed: No such file"
    r"|No such file or directory: '[\w-]*(?:gcc|g\+\+|cc|gfortran|cmake|make)'"
    r"|(?:gcc|g\+\+|gfortran|cmake|make|cc|c\+\+): (?:(?:command )?not found|No such file)"
    r"|failed to run command .(?:gcc|g\+\+|gfortran|cmake|make).: No such file"
    r"|Unknown compiler\(s\)|CMAKE_(?:C|CXX|Fortran)_COMPILER not set"
    r"|No (?:working|acceptable) C(?:\+\+)? ?compiler|[Nn]o working compiler found"
    r"|no acceptable C compiler found|C compiler cannot create executables"
    r"|CMake must be installed to build)"
)
COMPILERS = ("build-essential", "gfortran", "cmake", "pkg-config", "python3-dev")
_MPI = "libopenmpi-dev openmpi-bin"
_BLAS = "libopenblas-dev liblapack-dev gfortran pkg-config"
_XCB = (
    "libgl1 libegl1 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0"
)
# Where a message says in its own words what is missing.
_PHRASES: tuple[tuple[str, str], ...] = (
    (NO_COMPILER + r"|C\+\+ compiler not found on system", " ".join(COMPILERS)),
    (r"netCDF version 4 headers|Could not (?:find|locate) netCDF|nc-config not found",
     "libnetcdf-dev libhdf5-dev"),
    (r"Unable to load dependency HDF5|Could not find (?:a local )?HDF5|HDF5 headers not found",
     "libhdf5-dev pkg-config"),
    (r"libxml2 and libxslt development packages", "libxml2-dev libxslt1-dev"),
    ((r"Cannot compile MPI programs|requires a working MPI implementation|cannot load MPI library"
     r"|Could not find MPI|MPI compiler not found"), _MPI),
    (r"pkg-config probably not installed|pkg-config: (?:command )?not found", "pkg-config"),
    (r"(?:find|[Ff]ind) (?:library|lib) geos_c|Cannot find GEOS library", "libgeos-dev"),
    (r"[Ff]ind (?:valid )?gdal-config|GDAL API version must be specified", "libgdal-dev gdal-bin"),
    (r"proj executable not found|Proj \S+ must be installed", "libproj-dev proj-bin"),
    (r"Can not find valid pkg-config name", "default-libmysqlclient-dev pkg-config"),
    (r"Bad git executable|Failed to initialize: git|git executable must be specified", "git"),
    ((r"Graphviz executables|GraphViz's executables not found|\"(?:dot|neato)\" not found in path"
     r"|Could not find `dot` executable"), "graphviz libgraphviz-dev"),
    (r"MovieWriter \(?ffmpeg|find ffmpeg or avconv|ffmpeg (?:is )?not (?:found|installed)",
     "ffmpeg"),
    (r"latex could not be found|Failed to process string with tex|LaTeX Error: File `[\w-]+\.sty'",
     "texlive-latex-extra texlive-fonts-recommended cm-super dvipng"),
    (r"PortAudio library not found", "libportaudio2"),
    (r"sndfile library not found|cannot load library 'libsndfile", "libsndfile1"),
    (r"failed to find libmagic", "libmagic1"),
    (r"'enchant' C library was not found", "libenchant-2-2"),
    (r"No module named '?_?tkinter|please install the python3-tk", "python3-tk"),
    (r"load the Qt platform plugin \"xcb\"", _XCB),
    (r"[Uu]nable to determine R home|R_HOME not defined|without R in the PATH", "r-base-dev"),
    ((r"No JVM shared library file|JAVA_HOME is not set|JavaNotFoundError|JVMNotFoundException"
     r"|Java gateway process exited"), "default-jre-headless"),
    ((r"(?:Blas|Lapack)NotFoundError|[Ll]apack (?:\(\S+\) )?libraries (?:are )?not found"
     r"|No BLAS/LAPACK|Blas \(\S+\) libraries not found"
     r"|undefined reference to `d(?:gemm|gesv|potrf)_"), _BLAS),
    (r"Could not find the FFTW header", "libfftw3-dev"),
    (r"find Rust compiler|Rust package manager, is not installed|Rust toolchain", "cargo rustc"),
    (r"xmlsec1 is not installed", "libxmlsec1-dev pkg-config"),
    (r"specify a working qmake", "qtbase5-dev"),
    (r"unsupported locale setting", "locales-all"),
    (r"requested Boost libraries|Boost C\+\+ (?:Libraries )?not found|find the boost libraries",
     "libboost-all-dev"),
    (r"eccodes library|Cannot find the ecCodes library", "libeccodes-dev"),
    (r"[Uu]nable to find the udunits2|Could not find UDUNITS2", "libudunits2-dev"),
    (r"NoSuchKernel: No such kernel named ir\b", "r-base-core r-cran-irkernel"),
)  # fmt: skip

# A message that names the Debian package itself is believed where the tables know the name.
_BY_THEMSELVES: Table = {
    package: (package,)
    for table in (HEADERS, LIBRARIES, PROGRAMS, DEPENDENCIES)
    for packages in table.values()
    for package in packages
}
_NOT_THERE = r"(?:No such file or directory|not found|cannot be found)"
_READ: tuple[tuple[str, Table], ...] = (
    (rf"fatal error: '?([\w./+-]+)'?:? (?:file )?{_NOT_THERE}", HEADERS),
    (r"Cannot open (?:include|module) file ['‘]([\w./+-]+)['’]", HEADERS),
    (r"cannot find -l([\w.+-]+)", LIBRARIES),
    (r"\blib([\w.+-]{1,60}?)\.so[\d.]*: cannot open shared object file", LIBRARIES),
    (r"cannot load library ['\"]?lib([\w.+-]{1,60}?)\.so", LIBRARIES),
    (r"(?:^|[\s:])([\w.+/-]+): (?:command )?not found", PROGRAMS),
    (r"make(?:\[\d+\])?: ([\w.+-]+): (?:No such file or directory|Permission denied)", PROGRAMS),
    (r"(?<!gave \"\[Errno 2\] )No such file or directory: ['\"]([\w.+/-]+)['\"]", PROGRAMS),
    (r"failed to (?:run|execute)(?: command)? .?['‘`(]+([\w.+-]+)", PROGRAMS),
    (r"(?:unable to execute|command|Program) ['‘`]([\w.+-]+)['’`](?: failed: No such| not found|:)",
     PROGRAMS),
    (r"env: ['‘]?([\w.+/-]+)['’]?: No such file", PROGRAMS),
    (r"(?:^|\s)([\w+-]+) executable not found", PROGRAMS),
    (r"Dependency \"([\w.+-]+)\" not found", DEPENDENCIES),
    (r"Package '?([\w.+-]+)'?(?:, required by '[^'\n]{1,80}',)? (?:was )?not found", DEPENDENCIES),
    (r"No package '([\w.+-]+)' found", DEPENDENCIES),
    (r"find any of the requested packages \['([\w.+-]+)'\]", DEPENDENCIES),
    (r"library files could not be found for (\w+),", DEPENDENCIES),
    (r"(?:apt(?:-get)? install|such as|e\.g\.,) `?([a-z0-9.+-]+)", _BY_THEMSELVES),
    (r"CMake Error[^\n]{0,300}\n[^\n]{0,40}?Could NOT find ([\w.+-]+)", DEPENDENCIES),
    (r"package configuration file provided by \"([\w.+-]+)\"", DEPENDENCIES),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.MULTILINE), table) for pattern, table in _READ)
_SAID = tuple((re.compile(pattern), tuple(packages.split())) for pattern, packages in _PHRASES)

# A signature is looked for in this much of the end of a log.
_TAIL_CHARACTERS = 200_000


def packages_for_log(log: str, *, suite: str) -> tuple[str, ...]:
    """The packages of `suite` ("bookworm", "noble") that carry what the end of `log` misses.

    Each once, in the order of the tables; empty where the log misses nothing that is known.
    """
    renamed = RENAMED.get(suite, {})
    names = (renamed.get(package, package) for package in _wanted(log[-_TAIL_CHARACTERS:]))
    return tuple(dict.fromkeys(filter(None, names)))


def _wanted(log: str) -> Iterator[str]:
    for said, packages in _SAID:
        if said.search(log):
            yield from packages
    for pattern, table in _COMPILED:
        for name in dict.fromkeys(pattern.findall(log)):
            yield from carriers(name, table)


def carriers(name: str, table: Table) -> tuple[str, ...]:
    """What brings `name`: by the whole of it, by its folder ("boost/"), or by its family."""
    if table is DEPENDENCIES:
        return table.get(name.lower(), ())
    if table is LIBRARIES and name.startswith("boost_"):
        return table["boost_"]
    return table.get(name) or table.get(name.partition("/")[0] + "/", ())
