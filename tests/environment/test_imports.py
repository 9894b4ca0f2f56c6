"""What sources and notebooks import, and what a log says is missing."""

import json

import pytest

from runners.environment.imports import imports_of, missing_modules_in_log
from tests.trees import MemoryTree


def notebook(*cells, kernel="python3", language="python", **more):
    """A notebook of code cells."""
    code = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(keepends=True),
        }
        for cell in cells
    ]
    kernelspec = {"name": kernel, "display_name": kernel, "language": language}
    document = {"cells": code, "metadata": {"kernelspec": kernelspec}, "nbformat": 4}
    return json.dumps(document | more)


def notebook_of_old(source):
    """A notebook as they were before 2014."""
    return json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": source}]}]})


MAGICS = """%matplotlib inline
!pip install torch
import numpy as np
files = !ls
np.array?
%time import slow
"""


@pytest.mark.parametrize(
    ("files", "imports"),
    [
        ({"m.py": "import numpy\nimport os\nfrom scipy.special import j0"}, ("numpy", "scipy")),
        ({"m.py": "import helper\n", "lib/helper.py": "import yaml\n"}, ("yaml",)),
        ({"src/a/x.py": "import b.y", "src/b/y.py": "import numpy"}, ("numpy",)),
        ({"run.py": "import core", "core/fast.pyx": "", "core/__init__.py": ""}, ()),
        ({"m.py": "try:\n import tomllib\nexcept ImportError:\n import tomli"}, ()),
        ({"m.py": "import sys\nif sys.version_info < (3,):\n import mock"}, ()),
        ({"m.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n import torch"}, ()),
        ({"m.py": "if __name__ == '__main__':\n import matplotlib\n main()"}, ("matplotlib",)),
        ({"m.py": "import distutils.core, imp, asyncore, tomllib, cPickle"}, ()),
        ({"m.py": "import pkg_resources"}, ("pkg_resources",)),
        ({"m.py": "from . import x\nfrom .y import z\nimport numpy"}, ("numpy",)),
        ({"m.py": "class A:\n import numpy\nwith open('a'):\n import scipy"}, ("numpy", "scipy")),
        ({"m.py": 's = "\\d"\nimport numpy'}, ("numpy",)),
        ({"old.py": "print 'two'\nimport numpy\n"}, ()),
        ({"deep.py": "(" * 5000}, ()),
        ({"big.py": "import numpy\n" + "#" * 1_000_000}, ()),
    ],
)  # fmt: skip
def test_what_is_imported_whenever_the_code_runs_is_found(files, imports):
    assert imports_of(MemoryTree(files)).model == imports


@pytest.mark.parametrize(
    ("content", "imports"),
    [
        (notebook("import numpy", "import scipy"), ("numpy", "scipy")),
        (notebook(MAGICS), ("numpy",)),
        (notebook("import numpy", "this is ) broken"), ("numpy",)),
        (notebook("%%bash\nimport nothing", "%%time\nimport numpy"), ("numpy",)),
        (notebook("import numpy", kernel="ir", language="R"), ()),
        (notebook("using LinearAlgebra", kernel="julia-1.9", language="julia"), ()),
        (json.dumps({"cells": [{"cell_type": "code", "source": "import numpy"}]}), ("numpy",)),
        (notebook_of_old("import sys, ase"), ("ase",)),
        (json.dumps({"cells": [{"cell_type": "markdown", "source": "import numpy"}]}), ()),
        (json.dumps({"cells": {"cell_type": "code"}, "worksheets": 3}), ()),
        ("{not json", ()),
        ("[" * 100_000, ()),
        (json.dumps({"cells": [{"cell_type": "code", "source": [1, None, "import numpy"]}]}), ()),
    ],
)  # fmt: skip
def test_a_notebook_is_read_cell_by_cell(content, imports):
    assert imports_of(MemoryTree({"a.ipynb": content})).model == imports


def test_what_stands_beside_a_package_is_told_from_it():
    tree = MemoryTree(
        {
            "model/__init__.py": "import numpy",
            "figure.py": "import matplotlib, numpy, model",
            "notebooks/demo.ipynb": notebook("import seaborn", "import figure"),
            ".ipynb_checkpoints/demo.ipynb": notebook("import torch"),
            "test_model.py": "import hypothesis",
            "setup.py": "import setuptools",
        }
    )
    imports = imports_of(tree)
    assert imports.model == ("numpy",)
    assert imports.beside == ("matplotlib", "seaborn")
    assert imports.tests == ("hypothesis",)
    assert imports.all == ("numpy", "hypothesis", "matplotlib", "seaborn")


@pytest.mark.parametrize(
    ("log", "modules"),
    [
        ("E   ModuleNotFoundError: No module named 'rdkit'", ("rdkit",)),
        ("ImportError: No module named yaml", ("yaml",)),
        ("/opt/environment/bin/python: No module named pytest", ("pytest",)),
        ("No module named 'a_b'\nNo module named 'torch'\nNo module named 'a_b'", ("a_b", "torch")),
        ("ModuleNotFoundError: No module named 'scipy.misc'", ()),
        ("ModuleNotFoundError: No module named 'numpy.core.umath_tests'", ()),
        ("ModuleNotFoundError: No module named 'mpl_toolkits.basemap'", ("mpl_toolkits.basemap",)),
        ("ModuleNotFoundError: No module named 'google.protobuf'", ("google.protobuf",)),
        ("No module named 'google.cloud.storage.blob'", ("google.cloud.storage",)),
        ("ModuleNotFoundError: No module named 'imp'", ()),
        ("ModuleNotFoundError: No module named 'distutils'", ("distutils",)),
        ("ModuleNotFoundError: No module named 'pkg_resources'", ("pkg_resources",)),
        ("ModuleNotFoundError: No module named 'ConfigParser'", ()),
        ("ModuleNotFoundError: No module named 'utils'", ()),
        ("ModuleNotFoundError: No module named 'dolfin'", ()),
        ("ModuleNotFoundError: No module named 'urllib.request'; 'urllib' is not a package", ()),
        ("ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda to install it",
         ("openpyxl",)),
        ("ImportError: Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'.",
         ("pyarrow",)),
        ("matches with the input file in xarray's IO backends: ['netcdf4', 'h5netcdf']. But their",
         ("netcdf4",)),
        ("ImportError: lxml not found, please install it", ("lxml",)),
        ("3 passed", ()),
    ],
)  # fmt: skip
def test_what_a_log_misses_is_what_can_be_installed(log, modules):
    assert missing_modules_in_log(log) == modules
