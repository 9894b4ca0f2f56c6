"""Lock files of the Python index: one version of everything, and for whom."""

import pytest

from runners.environment.declared.items import Kind, texts
from runners.environment.declared.locks import pdm_lock, poetry_lock, pylock, uv_lock
from runners.environment.declared.pipfile import pipfile, pipfile_lock
from tests.trees import MemoryTree


def lines(reader, files):
    reading = reader(MemoryTree(files))
    assert reading
    return texts(reading.items, Kind.REQUIREMENT), texts(reading.for_tests, Kind.REQUIREMENT)


UV = """\
version = 1
requires-python = ">=3.9"

[[package]]
name = "model"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "scipy" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
]

[package.optional-dependencies]
plot = [{ name = "matplotlib" }]
test = [{ name = "hypothesis" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "scipy"
version = "1.13.1"
source = { registry = "https://index.org/simple" }
resolution-markers = ["python_full_version < '3.10'"]
dependencies = [{ name = "numpy", version = "2.0.2" }]

[[package]]
name = "scipy"
version = "1.15.0"
source = { registry = "https://index.org/simple" }
resolution-markers = ["python_full_version >= '3.10'"]
dependencies = [{ name = "numpy", version = "2.0.2" }, { name = "lib" }]

[[package]]
name = "numpy"
version = "2.0.2"
source = { registry = "https://index.org/simple" }

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://index.org/simple" }

[[package]]
name = "torch"
version = "2.1.0+cpu"
source = { registry = "https://download.pytorch.org/whl/cpu" }

[[package]]
name = "lib"
version = "1.0"
source = { git = "https://github.com/a/lib?rev=main#0a1b2c" }
dependencies = [{ name = "torch" }]

[[package]]
name = "pytest"
version = "8.0.0"
source = { registry = "https://index.org/simple" }
dependencies = [{ name = "pluggy" }]

[[package]]
name = "pluggy"
version = "1.5.0"

[[package]]
name = "hypothesis"
version = "6.0"

[[package]]
name = "matplotlib"
version = "3.9.0"
"""


def test_uv_lock_parts_what_the_model_reaches_from_what_tests_do():
    model, tests = lines(uv_lock, {"uv.lock": UV})
    assert model == (
        'scipy==1.13.1; python_full_version < "3.10"',
        'scipy==1.15.0; python_full_version >= "3.10"',
        "numpy==2.0.2",
        "colorama==0.4.6",
        "torch==2.1.0",
        "lib @ git+https://github.com/a/lib@0a1b2c",
    )
    assert tests == ("pytest==8.0.0", "pluggy==1.5.0", "hypothesis==6.0")


OLD_POETRY = """\
[[package]]
name = "numpy"
version = "1.21.1"
description = "NumPy"
category = "main"
optional = false
python-versions = ">=3.7,<3.11"

[[package]]
name = "pytest"
version = "6.2.4"
category = "dev"
optional = false
python-versions = ">=3.6"

[package.dependencies]
atomicwrites = {version = ">=1.0", markers = "sys_platform == \\"win32\\""}

[[package]]
name = "h5py"
version = "3.0"
category = "main"
optional = true
python-versions = "*"
"""


def test_an_old_poetry_lock_tells_categories():
    model, tests = lines(poetry_lock, {"poetry.lock": OLD_POETRY})
    assert model == ('numpy==1.21.1; python_version < "3.11"',)
    assert tests == ("pytest==6.2.4",)


def test_a_poetry_lock_of_neither_is_told_apart_by_what_pyproject_reaches():
    text = OLD_POETRY.replace('category = "main"\n', "").replace('category = "dev"\n', "")
    pyproject = '[tool.poetry.dependencies]\npython = "^3.8"\nnumpy = "*"\n'
    model, tests = lines(poetry_lock, {"poetry.lock": text, "pyproject.toml": pyproject})
    assert model == ('numpy==1.21.1; python_version < "3.11"',)
    assert tests == ("pytest==6.2.4",)
    everything, none = lines(poetry_lock, {"poetry.lock": text})
    assert (len(everything), none) == (2, ())


NEW_POETRY = """\
[[package]]
name = "numpy"
version = "1.24.4"
groups = ["main", "dev"]
python-versions = ">=3.8"
markers = "python_version < \\"3.9\\""

[[package]]
name = "numpy"
version = "1.26.4"
groups = ["main"]
python-versions = ">=3.9"
markers = {main = "python_version >= \\"3.9\\""}

[[package]]
name = "lib"
version = "0.1"
groups = ["main"]
python-versions = "*"

[package.source]
type = "git"
url = "https://github.com/a/lib.git"
reference = "main"
resolved_reference = "0a1b2c"

[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]
python-versions = ">=3.8"
"""


def test_a_new_poetry_lock_tells_groups_and_markers():
    model, tests = lines(poetry_lock, {"poetry.lock": NEW_POETRY})
    assert model == (
        'numpy==1.24.4; python_version < "3.9"',
        'numpy==1.26.4; python_version >= "3.9"',
        "lib @ git+https://github.com/a/lib.git@0a1b2c",
    )
    assert tests == ("pytest==8.0",)


def test_two_versions_without_markers_part_the_pythons():
    text = "".join(
        f'[[package]]\nname = "numpy"\nversion = "{version}"\npython-versions = ">={python}"\n'
        for version, python in (("1.21.1", "3.7"), ("1.26.4", "3.9"))
    )
    model, _ = lines(poetry_lock, {"poetry.lock": text})
    assert model == ('numpy==1.21.1; python_version < "3.9"', "numpy==1.26.4")


PIPFILE_LOCK = """\
{"_meta": {"requires": {"python_version": "3.8"}},
 "default": {
  "numpy": {"hashes": ["sha256:00"], "index": "pypi", "version": "==1.21.0",
            "markers": "python_version >= '3.7'"},
  "requests": {"extras": ["socks"], "version": "==2.25.1"},
  "lib": {"git": "https://github.com/a/lib.git", "ref": "0a1b2c"},
  "model": {"editable": true, "path": "."},
  "appnope": {"version": "==0.1.2", "markers": "sys_platform == 'darwin'"}},
 "develop": {"pytest": {"version": "==6.2.4"}}}
"""


def test_pipfile_lock_is_read_with_its_python():
    reading = pipfile_lock(MemoryTree({"Pipfile.lock": PIPFILE_LOCK}))
    assert reading
    assert texts(reading.items, Kind.REQUIREMENT) == (
        'numpy==1.21.0; python_version >= "3.7"',
        "requests[socks]==2.25.1",
        "lib @ git+https://github.com/a/lib.git@0a1b2c",
        'appnope==0.1.2; sys_platform == "darwin"',
    )
    assert texts(reading.items, Kind.PYTHON) == ("3.8",)
    assert texts(reading.for_tests, Kind.REQUIREMENT) == ("pytest==6.2.4",)


def test_pipfile_is_read_without_its_lock():
    text = (
        '[packages]\nnumpy = "*"\nscipy = "~=1.5"\nlib = {git = "https://github.com/a/lib"}\n'
        '[dev-packages]\npytest = ">=6"\n[requires]\npython_version = "3.7"\n'
    )
    model, tests = lines(pipfile, {"Pipfile": text})
    assert model == ("numpy", "scipy~=1.5", "lib @ git+https://github.com/a/lib")
    assert tests == ("pytest>=6",)


PDM = """\
[[package]]
name = "numpy"
version = "1.26.4"
groups = ["default", "test"]
marker = "python_version >= \\"3.9\\""

[[package]]
name = "pytest"
version = "8.0"
groups = ["test"]

[[package]]
name = "sphinx"
version = "7.0"
groups = ["docs"]
"""


def test_pdm_lock_tells_groups():
    assert lines(pdm_lock, {"pdm.lock": PDM}) == (
        ('numpy==1.26.4; python_version >= "3.9"',),
        ("pytest==8.0",),
    )


PYLOCK = """\
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "2.0.2"
marker = "python_version >= '3.9'"
[[packages.wheels]]
url = "https://index.org/numpy-2.0.2-cp312-cp312-manylinux_2_17_x86_64.whl"
[[packages]]
name = "lib"
vcs = { type = "git", url = "https://github.com/a/lib", commit-id = "0a1b2c" }
[[packages]]
name = "model"
directory = { path = ".", editable = true }
"""


@pytest.mark.parametrize("name", ["pylock.toml", "pylock.model.toml"])
def test_the_standard_lock_file_is_read(name):
    assert lines(pylock, {name: PYLOCK})[0] == (
        'numpy==2.0.2; python_version >= "3.9"',
        "lib @ git+https://github.com/a/lib@0a1b2c",
    )


@pytest.mark.parametrize("reader", [uv_lock, poetry_lock, pdm_lock, pylock, pipfile_lock, pipfile])
def test_broken_lock_files_say_nothing(reader):
    names = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "Pipfile")
    assert reader(MemoryTree(dict.fromkeys(names, "[["))) is None
    assert reader(MemoryTree(dict.fromkeys(names, "a." * 100_000 + "b = 1"))) is None
