"""Which system packages a log asks for, by lines that real builds and runs printed."""

import re

import pytest

from runners.environment.debian_names import DEPENDENCIES, HEADERS, LIBRARIES, PROGRAMS, RENAMED
from runners.environment.system_packages import COMPILERS, packages_for_log

DPKG_NAME = r"[a-z0-9][a-z0-9.+-]+"


@pytest.mark.parametrize(
    ("log", "packages"),
    [
        ("src/a.c:3:10: fatal error: fftw3.h: No such file or directory", "libfftw3-dev"),
        ("_batman.c:20:10: fatal error: Python.h: No such file or directory", "python3-dev"),
        ("src/gmpy2.h:76:10: fatal error: gmp.h: No such file or directory", "libgmp-dev"),
        ("fatal error: sundials/sundials_types.h: No such file or directory", "libsundials-dev"),
        ("fatal error: boost/python.hpp: No such file or directory", "libboost-all-dev"),
        ("fatal error: Eigen/Dense: No such file or directory", "libeigen3-dev"),
        ("Fatal Error: Cannot open module file ‘netcdf.mod’ for reading at (1)", "libnetcdff-dev"),
        ("fatal error: gsl/gsl_rng.h: No such file or directory", "libgsl-dev"),
        ("/usr/bin/ld: cannot find -llapack: No such file or directory", "liblapack-dev"),
        ("/usr/bin/ld: cannot find -lboost_python311", "libboost-all-dev"),
        ("ImportError: libGL.so.1: cannot open shared object file: No such file", "libgl1"),
        ("ImportError: libgthread-2.0.so.0: cannot open shared object file", "libglib2.0-0"),
        ("error: libhdf5.so: cannot open shared object file: No such file", "libhdf5-dev"),
        ("ImportError: libXrender.so.1: cannot open shared object file", "libxrender1"),
        ("sh: 1: Rscript: not found", "r-base-core"),
        ("run.sh: line 3: octave: command not found", "octave"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'", "ffmpeg"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'java'", "default-jre-headless"),
        ("failed to execute PosixPath('dot'), make sure the Graphviz executables are on",
         "graphviz libgraphviz-dev"),
        ("../meson.build:10:7: ERROR: Program 'swig' not found or not executable", "swig"),
        ("env: ‘gawk’: No such file or directory", "gawk"),
        ("Error: pg_config executable not found.", "libpq-dev"),
        ('../cairo/meson.build:31:12: ERROR: Dependency "cairo" not found (tried pkg-config and',
         "libcairo2-dev"),
        ("Package 'libffi', required by 'virtual:world', not found", "libffi-dev"),
        ("No package 'libzmq' found", "libzmq3-dev"),
        (("CMake Error at /usr/share/cmake-3.31/Modules/FindPackageHandleStandardArgs.cmake:233"
         " (message):\n  Could NOT find Boost (missing: Boost_INCLUDE_DIR)"), "libboost-all-dev"),
        ("-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)", ""),
        (("configure: error: libbzip2 development files not found\nyou may need a package "
         "such as libbz2-dev (on Debian or Ubuntu Linux)"), "libbz2-dev"),
        ("hint: you need to install a library (e.g., `libblas-dev`)", "libblas-dev"),
        ("$ sudo apt install rootkit-of-somebody", ""),
        ("ValueError: Did not find netCDF version 4 headers.", "libnetcdf-dev libhdf5-dev"),
        ("error: Unable to load dependency HDF5, make sure HDF5 is installed properly",
         "libhdf5-dev pkg-config"),
        ("error: Cannot compile MPI programs. Check your configuration!!!",
         "libopenmpi-dev openmpi-bin"),
        ("Error: Please make sure the libxml2 and libxslt development packages are installed.",
         "libxml2-dev libxslt1-dev"),
        ("ImportError: Bad git executable.", "git"),
        ("RuntimeError: Failed to process string with tex because latex could not be found",
         "texlive-latex-extra texlive-fonts-recommended cm-super dvipng"),
        ("OSError: PortAudio library not found", "libportaudio2"),
        ("ModuleNotFoundError: No module named '_tkinter'", "python3-tk"),
        ("Unable to determine R home: [Errno 2] No such file or directory: 'R'",
         "r-base-dev r-base-core"),
        ("fatal error: cuda.h: No such file or directory", ""),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/x.csv'", ""),
        ("all went well", ""),
    ],
)  # fmt: skip
def test_what_a_log_misses_is_named_by_its_package(log, packages):
    assert packages_for_log(log, suite="bookworm") == tuple(packages.split())


@pytest.mark.parametrize(
    "log",
    [
        "error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'",
        "/bin/sh: 1: make: not found",
        "ERROR: Unknown compiler(s): [['gfortran']]",
        "RuntimeError: CMake must be installed to build the following extensions: nlopt._nlopt",
        "CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage",
        "    No working compiler found, or bogus compiler options",
        (
            "Running `clang --version` gave \"[Errno 2] No such file or directory: 'clang'\"\n"
            "error: command 'gcc' failed: No such file or directory"
        ),
    ],
)
def test_a_build_without_a_compiler_gets_all_the_usual_ones(log):
    assert packages_for_log(log, suite="bookworm") == COMPILERS


@pytest.mark.parametrize(
    ("suite", "packages"),
    [
        ("bullseye", ("libglib2.0-0", "libmagic1", "libturbojpeg0")),
        ("bookworm", ("libglib2.0-0", "libmagic1", "libturbojpeg0")),
        ("trixie", ("libglib2.0-0t64", "libmagic1t64", "libturbojpeg0")),
        ("focal", ("libglib2.0-0", "libmagic1", "libturbojpeg")),
        ("jammy", ("libglib2.0-0", "libmagic1", "libturbojpeg")),
        ("noble", ("libglib2.0-0t64", "libmagic1t64", "libturbojpeg")),
    ],
)
def test_a_package_is_called_as_the_suite_calls_it(suite, packages):
    missing = ("libgthread-2.0.so.0", "libmagic.so.1", "libturbojpeg.so.0")
    log = "".join(f"ImportError: {name}: cannot open shared object file\n" for name in missing)
    assert packages_for_log(log, suite=suite) == packages


def test_what_a_suite_does_not_have_is_not_asked_for():
    log = "ImportError: libtinfo5.so.5: cannot open shared object file"
    assert packages_for_log(log, suite="bullseye") == ("libncurses5",)
    assert packages_for_log(log, suite="trixie") == ()


def test_several_missing_things_are_asked_for_at_once_and_each_once():
    log = "cannot find -lfftw3\ncannot find -lgsl\ncannot find -lfftw3f\n"
    assert packages_for_log(log, suite="bookworm") == ("libfftw3-dev", "libgsl-dev")


@pytest.mark.parametrize("table", [HEADERS, LIBRARIES, PROGRAMS, DEPENDENCIES])
def test_the_tables_name_packages_as_debian_may(table):
    for name, packages in table.items():
        assert packages, name
        assert all(re.fullmatch(DPKG_NAME, package) for package in packages), name


def test_every_renamed_package_is_one_that_the_tables_name():
    named = {
        p for t in (HEADERS, LIBRARIES, PROGRAMS, DEPENDENCIES) for ps in t.values() for p in ps
    }
    assert {name for names in RENAMED.values() for name in names} <= named
