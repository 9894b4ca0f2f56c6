"""What the rules ask for is enough: tiny models of each language, in real containers."""

import pytest

from registry.spec.ladder import Cause, Level
from runners.environment.needs import needs_of
from tests.trees import MemoryTree

# Compilers and simulators come from package indexes: that takes minutes.
pytestmark = [pytest.mark.docker, pytest.mark.slow]

README = {"README.md": "# A model\n\nIt decays.\n"}
LEAK = """
NEURON { SUFFIX leak RANGE g NONSPECIFIC_CURRENT i }
PARAMETER { g = 0.001 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g * (v + 65) }
"""
HOC = """
create soma
soma insert leak
v_init = -50
finitialize(v_init)
objref file
file = new File()
file.wopen("out.txt")
file.printf("%g\\n", soma.g_leak)
file.close()
quit()
"""
FORTRAN = """
program decay
  use mpi
  implicit none
  integer :: e, rank
  double precision :: mine, total
  call mpi_init(e)
  call mpi_comm_rank(MPI_COMM_WORLD, rank, e)
  mine = rank + 1
  call mpi_reduce(mine, total, 1, MPI_DOUBLE_PRECISION, MPI_SUM, 0, MPI_COMM_WORLD, e)
  if (rank == 0) then
    open (10, file="out.txt")
    write (10, "(f5.2)") total
    close (10)
  end if
  call mpi_finalize(e)
end program
"""
C = """
#include <gsl/gsl_sf_bessel.h>
#include <stdio.h>
int main(void) {
    FILE *out = fopen("out.txt", "w");
    fprintf(out, "%.6f\\n", gsl_sf_bessel_J0(5.0));
    return fclose(out);
}
"""
MAKEFILE = "model: model.c\n\tgcc -o model model.c -lgsl -lgslcblas -lm\n"
R_PACKAGE = {
    "DESCRIPTION": "Package: decay\nVersion: 0.1.0\nTitle: Decay\nDescription: Decays.\n"
    "License: MIT\nImports: jsonlite\nSuggests: testthat\n",
    "NAMESPACE": "export(decay)\nimportFrom(jsonlite, toJSON)\n",
    "R/decay.R": "decay <- function(t) toJSON(exp(-t), digits = 6, auto_unbox = TRUE)\n",
}
R_RUN = "Rscript -e 'library(testthat); library(decay); writeLines(decay(1), \"out.txt\")'"
MODELS = {
    "neuron": ({"mod/leak.mod": LEAK, "main.hoc": HOC}, "nrniv main.hoc", "0.001\n"),
    "fortran": (
        {"decay.f90": FORTRAN},
        "mpif90 -o decay decay.f90 && mpirun -np 4 ./decay",
        "10.00\n",
    ),
    "c": ({"model.c": C, "Makefile": MAKEFILE}, "make && ./model", "-0.177597\n"),
    "r": (R_PACKAGE, R_RUN, "0.367879\n"),
}
BASE = "python:3.11-slim-bookworm"


def dockerfile(files: dict[str, str]) -> str:
    """What the needs of `files` come to, written out as a Dockerfile."""
    needs = needs_of(MemoryTree(files))
    lines = [
        f"FROM {BASE}",
        "RUN apt-get update && apt-get install -y --no-install-recommends "
        + " ".join(("ca-certificates", *needs.system_packages)),
        "RUN python3 -m pip install pytest " + " ".join(needs.requirements),
        "WORKDIR /model",
        "COPY . .",
        *(f"RUN {step}" for step in needs.steps),
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_runs_with_what_its_sources_ask_for(real, name):
    files, command, expected = MODELS[name]
    declared = f"""run = '''{command}'''
[[outputs]]
path = "out.txt"
expected = "expected.txt"
"""
    report = real.verify(
        README
        | files
        | {"expected.txt": expected, "reprise.toml": declared, "Dockerfile": dockerfile(files)}
    )
    assert report.level == Level.REPRODUCED, report.explanation


def test_a_mechanism_that_does_not_compile_fails_the_build_with_its_lines(real):
    files = {"bad.mod": LEAK.replace("BREAKPOINT", "BREAKPONT"), "main.hoc": HOC}
    report = real.verify(README | files | {"Dockerfile": dockerfile(files)})
    assert report.cause == Cause.BUILD, report.explanation
    assert "bad.mod" in real.notes.logs["build_image"]
