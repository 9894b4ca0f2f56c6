"""Conda's files, read as packages of the Python index and of Debian."""

import pytest

from runners.environment.declared.binder import binder, system_items
from runners.environment.declared.conda import spec_items, specifier_of
from runners.environment.declared.conda_locks import conda_lock, pixi_lock
from runners.environment.declared.environment_yml import (
    conda_environment,
    inner_environment,
    pixi_manifest,
)
from runners.environment.declared.items import Item, Kind, sentences, texts
from tests.trees import MemoryTree


def environment(*specs, name="environment.yml", **others):
    text = "name: m\nchannels:\n- conda-forge\ndependencies:\n" + "".join(
        f"- {spec}\n" for spec in specs
    )
    return conda_environment(MemoryTree({name: text, **others}))


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("numpy", "numpy"),
        ("numpy=1.21", "numpy==1.21.*"),
        ("numpy=1.21.2=py39h20f2e39_0", "numpy==1.21.2"),
        ("numpy==1.21.2", "numpy==1.21.2"),
        ("numpy =1.21", "numpy==1.21.*"),
        ("numpy 1.21.*", "numpy==1.21.*"),
        ("numpy>=1.2,<2", "numpy<2,>=1.2"),
        ("numpy >= 1.2", "numpy>=1.2"),
        ("numpy 1.21.2 py39h20f2e39_0", "numpy==1.21.2"),
        ("conda-forge::numpy=1.21", "numpy==1.21.*"),
        ("numpy[version='>=1.2']", "numpy>=1.2"),
        ("numpy=1.21|1.22", "numpy"),
        ("numpy=*=*mkl*", "numpy"),
        ("pytorch=1.9.0=py3.8_cuda11.1_cudnn8.0.5_0", "torch==1.9.0"),
        ("pytorch-cpu", "torch"),
        ("matplotlib-base", "matplotlib"),
        ("py-opencv=4.5.1", "opencv-python-headless==4.5.1.*"),
        ("msgpack-python", "msgpack"),
        ("pytables", "tables"),
        ("pyqt=5.12.3", "PyQt5==5.12.3.*"),
        ("netcdf4", "netCDF4"),
        ("tensorflow-gpu=2.4.1", "tensorflow==2.4.1.*"),
        ("librosa", "librosa"),
        ("ruamel_yaml", "ruamel_yaml"),
    ],
)
def test_a_specification_becomes_a_line_for_the_index(spec, line):
    assert texts(spec_items(spec), Kind.REQUIREMENT) == (line,)


@pytest.mark.parametrize(
    ("spec", "packages"),
    [
        ("gcc_linux-64", ("gcc", "libc6-dev")),
        ("fortran-compiler", ("gfortran",)),
        ("hdf5", ("libhdf5-dev",)),
        ("openmpi=4.1", ("openmpi-bin", "libopenmpi-dev")),
        ("graphviz", ("graphviz",)),
        ("libgdal", ("gdal-bin", "libgdal-dev")),
    ],
)
def test_programs_and_libraries_come_from_debian(spec, packages):
    items = tuple(spec_items(spec))
    assert texts(items, Kind.SYSTEM) == packages
    assert texts(items, Kind.REQUIREMENT) == ()


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("r-ggplot2", Kind.R),
        ("fenics", Kind.CONDA_ONLY),
        ("cudatoolkit=11.1", Kind.CARRIED),
        ("libgcc-ng", Kind.CARRIED),
        ("vs2015_runtime", Kind.CARRIED),
        ("mkl_fft", Kind.CARRIED),
        ("pip", Kind.CARRIED),
        ("appnope", Kind.MAC),
        ("{{ package }}", Kind.INVALID),
    ],
)
def test_what_neither_has_is_left_out_with_a_remark(spec, kind):
    items = tuple(spec_items(spec))
    assert texts(items, kind)
    assert not texts(items, Kind.REQUIREMENT)
    assert not texts(items, Kind.SYSTEM)


@pytest.mark.parametrize("spec", ["python=3.8", "python=3.8.3=hcff3b4d_2", "python 3.8.*",
                                  "python==3.8.5", "conda-forge::python=3.8"])  # fmt: skip
def test_the_python_of_an_environment_is_told(spec):
    assert tuple(spec_items(spec)) == (Item(Kind.PYTHON, "3.8"),)


def test_a_range_of_pythons_pins_none():
    assert tuple(spec_items("python>=3.6")) == ()


def test_a_version_of_no_known_kind_is_none():
    assert specifier_of("=>1.x_y") is None


def test_all_that_an_environment_held_is_less_than_what_it_needs():
    """Lines of a real `conda env export`."""
    reading = environment(
        "_libgcc_mutex=0.1=main", "blas=1.0=mkl", "bzip2=1.0.8=h7b6447c_0",
        "c-ares=1.19.0=h5eee18b_0",
        "certifi=2020.6.20=py38_0", "ffmpeg=4.2.2=h20bf706_0", "gmp=6.1.2=h6c8ec71_1",
        "hdf5=1.10.6=hb1b8bf9_0", "h5py=2.10.0=py38hd6299e0_1", "newlib=1.0=h6c8ec71_1",
        "git=2.23.0=pl526hacde149_0", "python=3.8.3=hcff3b4d_2", "tk=8.6.10=hbc83047_0",
        "pip=20.1.1=py38_1", "setuptools=47.3.1=py38_0",
    )  # fmt: skip
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("certifi==2020.6.20", "h5py==2.10.0")
    assert texts(reading.items, Kind.SYSTEM) == ("git",)
    assert texts(reading.items, Kind.PYTHON) == ("3.8",)
    said = " ".join(sentences(reading.items))
    assert "Python package index instead" in said
    assert "_libgcc_mutex, blas, bzip2, c-ares, ffmpeg and" in said


def test_what_pip_installs_takes_the_place_of_condas():
    reading = environment("numpy=1.19", "pip", "pip:\n  - numpy==1.21.0\n  - -r more.txt\n  - -e .",
                          **{"more.txt": "sympy\n"})  # fmt: skip
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("numpy==1.21.0", "sympy")


@pytest.mark.parametrize("name", ["environment.yaml", "conda.yaml", "env.yml", "envs/model.yml",
                                  "model_env.yml", "odd.yml", "envs/environment.yml"])  # fmt: skip
def test_environment_files_go_by_many_names(name):
    if name == "envs/model.yml":
        assert environment("numpy", name=name) is None
    else:
        reading = environment("numpy", name=name)
        assert reading
        assert reading.origin == name


def test_a_utf_16_environment_of_powershell_is_read():
    tree = MemoryTree({"environment.yml": "dependencies:\n- numpy\n".encode("utf-16")})
    reading = conda_environment(tree)
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("numpy",)


def test_the_file_for_this_machine_is_preferred():
    files = {
        f"environment_{name}.yml": f"dependencies:\n- {name}\n"
        for name in ("gpu", "mac", "cpu", "windows")
    }
    reading = conda_environment(MemoryTree(files))
    assert reading
    assert reading.origin == "environment_cpu.yml"


def test_environments_of_other_folders_are_read_apart():
    tree = MemoryTree({"code/environment.yml": "dependencies:\n- numpy\n"})
    assert conda_environment(tree) is None
    assert inner_environment(tree)


@pytest.mark.parametrize("text", ["", "a: [", "dependencies: x\n", "dependencies:\n- [1]\n", "\t"])
def test_what_is_no_environment_says_nothing(text):
    assert conda_environment(MemoryTree({"environment.yml": text})) is None


CONDA_LOCK = """\
version: 1
metadata:
  channels:
  - url: conda-forge
package:
- name: numpy
  version: 1.23.5
  manager: conda
  platform: linux-64
  dependencies:
    python: '>=3.9'
  url: https://conda.anaconda.org/conda-forge/linux-64/numpy-1.23.5-py39h3d75532_0.conda
  hash:
    md5: ea5d332da3ae8bea34deb1fde7ef6a67
  category: main
  optional: false
- name: numpy
  version: 1.23.5
  manager: conda
  platform: osx-64
  url: https://conda.anaconda.org/conda-forge/osx-64/numpy-1.23.5-py39h3d75532_0.conda
  category: main
- name: libffi
  version: 3.4.2
  manager: conda
  platform: linux-64
  url: https://conda.anaconda.org/conda-forge/linux-64/libffi-3.4.2-h7f98852_5.tar.bz2
  category: main
- name: emcee
  version: 3.1.4
  manager: pip
  platform: linux-64
  url: https://index.org/packages/emcee-3.1.4.tar.gz
  category: main
- name: pytest
  version: 7.4.0
  manager: conda
  platform: linux-64
  url: https://conda.anaconda.org/conda-forge/noarch/pytest-7.4.0-pyhd8ed1ab_0.conda
  category: dev
"""


@pytest.mark.parametrize("indent", ["", "  "])
def test_conda_lock_gives_the_packages_for_linux(indent):
    head, _, body = CONDA_LOCK.partition("package:\n")
    text = head + "package:\n" + "".join(f"{indent}{line}\n" for line in body.splitlines())
    reading = conda_lock(MemoryTree({"conda-lock.yml": text}))
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("numpy==1.23.5", "emcee==3.1.4")
    assert texts(reading.for_tests, Kind.REQUIREMENT) == ("pytest==7.4.0",)


PIXI_LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64:
      - conda: https://conda.anaconda.org/conda-forge/linux-64/_libgcc_mutex-0.1-conda_forge.tar.bz2
      - conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.11.8-hab00c5b_0_cpython.conda
      - conda: https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda
      - pypi: https://index.org/packages/1a/emcee-3.1.4-py2.py3-none-any.whl
      - pypi: ./
      osx-arm64:
      - conda: https://conda.anaconda.org/conda-forge/osx-arm64/scipy-1.12.0-py311h1_0.conda
  test:
    packages:
      linux-64:
      - conda: https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h64a7726_0.conda
      - conda: https://conda.anaconda.org/conda-forge/noarch/pytest-8.1.1-pyhd8ed1ab_0.conda
packages:
- conda: https://conda.anaconda.org/conda-forge/linux-64/sympy-1.12-py311h1_0.conda
"""


def test_pixi_lock_gives_its_default_environment_and_that_of_tests():
    reading = pixi_lock(MemoryTree({"pixi.lock": PIXI_LOCK}))
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("numpy==1.26.4", "emcee==3.1.4")
    assert texts(reading.items, Kind.PYTHON) == ("3.11",)
    assert texts(reading.for_tests, Kind.REQUIREMENT) == ("pytest==8.1.1",)


def test_pixis_manifest_names_packages_of_both_worlds():
    text = (
        '[dependencies]\npython = "3.11.*"\nnumpy = ">=1.26,<2"\nhdf5 = "*"\n'
        '[pypi-dependencies]\nemcee = ">=3"\nmodel = { path = ".", editable = true }\n'
        '[feature.test.dependencies]\npytest = "*"\n'
    )
    reading = pixi_manifest(MemoryTree({"pixi.toml": text}))
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == ("numpy<2,>=1.26", "emcee>=3")
    assert texts(reading.items, Kind.SYSTEM) == ("libhdf5-dev",)
    assert texts(reading.for_tests, Kind.REQUIREMENT) == ("pytest",)


def test_binders_folder_is_read():
    tree = MemoryTree({
        "binder/requirements.txt": "numpy\n",
        "binder/apt.txt": "gfortran\n# for plots\ntexlive-latex-base\n; rm -rf /\n",
        "binder/runtime.txt": "python-3.8\n",
        "binder/postBuild": "make\n",
    })  # fmt: skip
    reading, beside = binder(tree), tuple(system_items(tree))
    assert reading
    assert (reading.origin, texts(reading.items, Kind.REQUIREMENT)) == (
        "binder/requirements.txt",
        ("numpy",),
    )
    assert texts(beside, Kind.SYSTEM) == ("gfortran", "texlive-latex-base")
    assert texts(beside, Kind.PYTHON) == ("3.8",)
    assert "Not followed: binder/postBuild." in sentences(beside)
