"""What sources ask for beyond Python packages: compilers, libraries, R, Julia, programs."""

import pytest

from runners.environment.needs import needs_of
from runners.environment.needs.need import Needs, combined
from tests.trees import MemoryTree


def packages(files: dict[str, str | bytes]) -> set[str]:
    return set(needs_of(MemoryTree(files)).system_packages)


def test_plain_python_needs_nothing():
    tree = MemoryTree(
        {
            "model/__init__.py": "import numpy\n",
            "setup.py": "from setuptools import setup\nsetup()\n",
            "Makefile": "test:\n\tpytest\ndocs:\n\tmake -C docs html\n",
            "paper/build.sh": "pdflatex paper.tex\n",
        }
    )
    assert needs_of(tree) == Needs()


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"a.c": "#include <math.h>\n"}, {"build-essential"}),
        ({"a.c": "#include <gsl/gsl_rng.h>\n"}, {"libgsl-dev"}),
        ({"a.c": "#include <fftw3.h>\n#include <mpi.h>\n"}, {"libfftw3-dev", "libopenmpi-dev"}),
        ({"a.cpp": '#include "hdf5.h"\n'}, {"libhdf5-dev"}),
        ({"a.cpp": "#include <Eigen/Dense>\n"}, {"libeigen3-dev"}),
        ({"a.f90": "program a\n  use mpi\n"}, {"gfortran", "libopenmpi-dev", "openmpi-bin"}),
        ({"a.F90": "USE netcdf\n"}, {"gfortran", "libnetcdff-dev"}),
        ({"a.f": "      include 'mpif.h'\n"}, {"gfortran", "libopenmpi-dev"}),
        ({"a.f90": "", "Makefile": "a: a.f90\n\tmpif90 a.f90\n"}, {"gfortran", "openmpi-bin"}),
        ({"a.c": "", "Makefile": "LIBS = -lgsl -lgslcblas -lm\n"}, {"libgsl-dev"}),
        ({"a.cpp": "", "CMakeLists.txt": "find_package(FFTW3)\n"}, {"cmake", "libfftw3-dev"}),
        ({"a.c": "", "Makefile": "C = `pkg-config --cflags hdf5`\n"}, {"pkg-config"}),
        ({"p/a.pyx": "", "setup.py": ""}, {"build-essential", "python3-dev"}),
        ({"x.ode": "x'=-x\n"}, {"xppaut"}),
        ({"in.lj": "units lj\n", "run.sh": "lmp_serial -in in.lj\n"}, {"lammps"}),
        ({"a.py": "import os\nos.system('gnuplot plot.gp')\n"}, {"gnuplot-nox"}),
        ({"a.py": "sub.check_call(['make', 'core'])\n"}, {"build-essential", "gfortran"}),
        ({"a.py": "import vtk\n"}, {"libgl1"}),
        ({"a.py": "import pydot\n"}, {"graphviz"}),
        ({"a.py": "from rdkit.Chem import AllChem, Draw\n"}, {"libxrender1"}),
        ({"a.py": "import tkinter\n"}, {"python3-tk"}),
        ({"a.py": "import brian2\n"}, {"g++"}),
    ],
)
def test_what_sources_name_is_installed(files, wanted):
    assert wanted <= packages(files)


@pytest.mark.parametrize(
    "files",
    [
        {"png.h": "", "a.c": '#include "png.h"\n'},
        {"vendor/Eigen/Dense": "", "a.cpp": "#include <Eigen/Dense>\n"},
        {"a.py": "plt.rcParams['text.usetex'] = True\n"},
        {"examples/film.py": "subprocess.run(['ffmpeg', '-i', 'a.png'])\n"},
        {"a.py": "# import vtk\n"},
        {"third_party/a.c": "#include <mpi.h>\n"},
    ],
)
def test_what_the_tree_holds_or_does_not_use_is_not_installed(files):
    assert packages(files) <= {"build-essential"}


def test_nothing_is_made_while_the_image_is_built():
    tree = MemoryTree({"main.c": "int main(void) { return 0; }\n", "Makefile": "all: main\n"})
    assert needs_of(tree).steps == ()


def test_an_intel_compiler_is_stood_in_for_and_said():
    needs = needs_of(MemoryTree({"a.f90": "", "Makefile": "FC = ifort\n"}))
    assert "gfortran" in needs.system_packages
    assert needs.notes == ("ifort is not to be had: gfortran stands in",)


DESCRIPTION = """Package: decay
Version: 0.1.0
Imports:
    MASS,
    jsonlite (>= 1.0)
LinkingTo: Rcpp
Suggests: testthat, notindebian
"""


def test_an_r_package_is_installed_with_what_debian_has_of_it():
    needs = needs_of(MemoryTree({"DESCRIPTION": DESCRIPTION, "R/decay.R": "f <- 1\n"}))
    assert needs.system_packages == (
        "r-base-core",
        "r-cran-mass",
        "r-cran-jsonlite",
        "r-cran-rcpp",
        "r-cran-testthat",
    )
    assert needs.steps == ("R CMD INSTALL .",)
    assert needs.base_suite == "bookworm"


def test_an_r_package_with_c_of_its_own_gets_the_compilers():
    files = {"DESCRIPTION": DESCRIPTION, "R/decay.R": "", "src/fast.c": "int x;\n"}
    assert "r-base-dev" in packages(files)


SCRIPT = """# library(commented)
library("ggplot2"); require(Matrix)
suppressPackageStartupMessages(library(dplyr))
x <- limma::lmFit(y)
pacman::p_load(deSolve, zoo)
library(stats)
for (p in wanted) library(p, character.only = TRUE)
"""


def test_r_scripts_get_what_they_load():
    assert packages({"fit.R": SCRIPT}) == {
        "r-base-core", "r-base-dev", "r-cran-ggplot2", "r-cran-matrix", "r-cran-dplyr",
        "r-bioc-limma", "r-cran-desolve", "r-cran-zoo",
    }  # fmt: skip


def test_what_debian_lacks_comes_from_cran_or_ends_the_build():
    needs = needs_of(MemoryTree({"fit.R": "library(notindebian)\n"}))
    assert len(needs.steps) == 1
    assert needs.steps[0].startswith('Rscript -e \'wanted <- c("notindebian"); install.packages')
    assert "stop(" in needs.steps[0]
    assert "from CRAN, since Debian does not have them: notindebian" in needs.notes


def test_a_hostile_description_adds_no_line_to_a_step():
    text = 'Package: a\nVersion: 1\nImports: x")\n RUN id, fine, $(id), `id`\n'
    steps = needs_of(MemoryTree({"DESCRIPTION": text})).steps
    assert steps[-1] == "R CMD INSTALL ."
    assert 'wanted <- c("fine");' in steps[0]
    assert "id" not in steps[0].replace("fine", "").split("install.packages")[0]


def test_an_r_script_beside_a_python_model_is_left_aside_and_said():
    needs = needs_of(MemoryTree({"model.py": "x = 1\n" * 50, "fig/plot.R": "library(nosuch)\n"}))
    assert (needs.system_packages, needs.steps) == ((), ())
    assert needs.notes == ("R scripts are left aside, such as fig/plot.R",)


def test_julia_is_taken_from_the_suite_that_has_it():
    needs = needs_of(MemoryTree({"model.jl": "using LinearAlgebra, Plots\n"}))
    assert (needs.base_suite, needs.system_packages, needs.steps) == ("bullseye", ("julia",), ())
    assert "Julia packages that no Project.toml declares: Plots" in needs.notes


def test_julia_packages_come_from_the_registry_that_project_toml_names():
    project = '[deps]\nLinearAlgebra = "37e2"\nDifferentialEquations = "0c46"\n'
    needs = needs_of(MemoryTree({"src/Model.jl": "", "Project.toml": project}))
    assert "Pkg.instantiate()" in needs.steps[-1]


def test_an_alternative_of_one_part_keeps_the_others():
    newest = Needs(requirements=("a",), alternatives=(Needs(requirements=("a<2",)),))
    whole = combined((newest, Needs(system_packages=("gcc",))))
    assert whole.alternatives == (Needs(requirements=("a<2",), system_packages=("gcc",)),)


@pytest.mark.parametrize("path", ["DESCRIPTION", "Project.toml", "Makefile", "a.mod", "a.R", "a.c"])
def test_a_file_of_noise_is_read_without_harm(path):
    assert needs_of(MemoryTree({path: bytes(range(256)) * 50, "x.jl": "[" * 9_000})).steps == ()
