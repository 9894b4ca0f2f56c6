"""Requirements files as they are found, and the lines that can be installed from them."""

import pytest

from runners.environment.declared.items import Kind, sentences, texts
from runners.environment.declared.requirements import file_items
from tests.trees import MemoryTree


def read(content, **others):
    files = {path.replace("__", "/") + ".txt": text for path, text in others.items()}
    return tuple(file_items(MemoryTree({"requirements.txt": content, **files}), "requirements.txt"))


def lines(content, **others):
    return texts(read(content, **others), Kind.REQUIREMENT)


GIT = "git+https://github.com/a/b"
HASH = "--hash=sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("numpy", "numpy"),
        ("numpy >= 1.2 , < 2   # the newer ones break", "numpy<2,>=1.2"),
        ("foo (>=1.2)", "foo>=1.2"),
        ("a[b,c]==1", "a[b,c]==1"),
        ('dataclasses; python_version < "3.7"', 'dataclasses; python_version < "3.7"'),
        ("'pandas>=1.1',", "pandas>=1.1"),
        ("- pandas", "pandas"),
        ("numpy==1.21.0;", "numpy==1.21.0"),
        (f"a==1.0 \\\n    {HASH} \\\n    {HASH}\n", f"a==1.0 {HASH} {HASH}"),
        (f"torch==1.9.0+cu111 {HASH}", "torch==1.9.0"),
        ("a==1 --global-option=x", "a==1"),
        # another tool wrote the list
        ("scipy                 1.2.3", "scipy==1.2.3"),
        ("numpy=1.21", "numpy==1.21.*"),
        ("numpy=1.21.2=py39hdbf815f_0", "numpy==1.21.2"),
        ("pandas                    1.2.0            py38h1234567_0  conda-forge", "pandas==1.2.0"),
        ("torch=1.9.0=pypi_0", "torch==1.9.0"),
        (
            "https://repo.anaconda.com/pkgs/main/linux-64/xlrd-1.2.0-py38_0.tar.bz2#0a1b",
            "xlrd==1.2.0",
        ),
        ("numpy @ file:///croot/numpy_and_numpy_base_1668593735768/work", "numpy"),
        ("idna @ file:///C:/b/idna-2.10-py3-none-any.whl", "idna==2.10"),
        ("idna @ file:///tmp/idna-2.10.tar.gz#sha256=00", "idna==2.10"),
        (
            "a @ https://h.org/cu113/a-1.11.0%2Bcu113-cp38-cp38-linux_x86_64.whl",
            "a==1.11.0",
        ),
        ("pip install h5py==3.1", "h5py==3.1"),
        # names of other things
        ("sklearn==0.0", "scikit-learn"),
        ("sklearn==0.0.post1", "scikit-learn"),
        ("sklearn==0.24.2", "scikit-learn==0.24.2"),
        ("PIL", "pillow"),
        ("opencv-python==4.5.1.48", "opencv-python==4.5.1.48"),
        ("tensorflow-gpu==2.4.1", "tensorflow==2.4.1"),
        ("jax[cuda11_cudnn82]==0.3.0", "jax==0.3.0"),
        ("pytz==2004d", "pytz"),
        ("numpy^1.2", "numpy"),
        # addresses
        (f"{GIT}@v1#egg=b", f"b @ {GIT}@v1"),
        (f"-e {GIT}.git@0a1b#egg=b-1.2&subdirectory=py", f"b @ {GIT}.git@0a1b#subdirectory=py"),
        (f"{GIT}#egg=b[x]", f"b[x] @ {GIT}"),
        (GIT, GIT),
        (f"{GIT}.git?rev=0a1b", f"{GIT}.git@0a1b"),
        ("-e git+ssh://git@github.com/a/b.git#egg=b", f"b @ {GIT}.git"),
        ("git+git@github.com:a/b.git#egg=b", f"b @ {GIT}.git"),
        ("b @ git+ssh://git@github.com/a/b", f"b @ {GIT}"),
        ("b @ git+https://${TOKEN}@github.com/a/b", f"b @ {GIT}"),
        ("https://github.com/a/b.git", f"{GIT}.git"),
        (
            "https://github.com/a/b/archive/master.zip#egg=b",
            "b @ https://github.com/a/b/archive/master.zip",
        ),
        ("https://h.org/a-1.2-py3-none-any.whl", "a @ https://h.org/a-1.2-py3-none-any.whl"),
        ("-e hg+https://h.org/a#egg=a", "a"),
    ],
)
def test_a_line_becomes_one_that_can_be_installed(line, expected):
    assert lines(line) == (expected,)


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ("os", "Python has them built in: os"),
        ("typing==3.7.4", "built in: typing"),
        ("tkinter", "built in"),
        ("pywin32==300", "Windows only: pywin32"),
        ("appnope==0.1.0", "macOS only"),
        ("pkg-resources==0.0.0", "operating system: pkg-resources"),
        ("conda-package-handling==1.7.3", "manage packages"),
        ("mkl-fft==1.3.0", "bring them"),
        ("nvidia-cublas-cu12==12.1.3.1", "graphics card"),
        ("import numpy as np", "name no package: import numpy as np"),
        ("This model needs numpy and some patience.", "name no package"),
        ("libffi=3.3=he6710b0_2", "conda adds"),
        ("-f https://download.pytorch.org/whl/torch_stable.html", "package indexes"),
        ("--extra-index-url https://h.org/simple", "package indexes"),
        ("--pre", "Pre-releases"),
        ("./missing", "does not hold it: ./missing"),
        ("/data/model", "does not hold it"),
        ("C:\\Users\\me\\model", "does not hold it"),
        ("-r missing.txt", "does not hold it: missing.txt"),
        ("git+https:///a", "cannot be fetched"),
    ],
)
def test_what_cannot_be_installed_is_left_out_with_a_sentence(line, remark):
    items = read(line)
    assert texts(items, Kind.REQUIREMENT) == ()
    assert remark in " ".join(sentences(items))


@pytest.mark.parametrize("line", ["", "# numpy", "-e .", ".", "Package    Version", "@EXPLICIT"])
def test_some_lines_say_nothing(line):
    items = read(line)
    assert (texts(items, Kind.REQUIREMENT), sentences(items)) == ((), ())


def test_sentences_are_few_and_name_a_few():
    items = read("os\nsys\nre\nmath\njson\ntime\nglob")
    assert sentences(items) == (
        "Left out, as Python has them built in: os, sys, re, math, json and 2 more.",
    )


def test_files_name_each_other_from_their_own_folder_and_in_circles():
    found = lines(
        "numpy\n-r requirements/base.txt\n",
        requirements__base="scipy\n-r more.txt\n--requirement ../requirements.txt\n",
        requirements__more="sympy\n-r base.txt\n",
    )
    assert found == ("numpy", "scipy", "sympy")


def test_constraints_are_kept_apart():
    items = read("numpy\n-c pins.txt\n", pins="numpy<2\nscipy==1.5\n")
    assert texts(items, Kind.REQUIREMENT) == ("numpy",)
    assert texts(items, Kind.CONSTRAINT) == ("numpy<2", "scipy==1.5")


def test_parts_of_the_repository_are_named_from_its_root():
    tree = MemoryTree({
        "tests/requirements.txt": "-e ..\n-e ../lib[x]\nwheels/a-1-py3-none-any.whl\n./wheels\n",
        "lib/setup.py": "",
        "wheels/a-1-py3-none-any.whl": "",
    })  # fmt: skip
    items = tuple(file_items(tree, "tests/requirements.txt"))
    assert texts(items, Kind.REQUIREMENT) == ("-e ./lib[x]", "./wheels/a-1-py3-none-any.whl")
    assert texts(items, Kind.MISSING) == ("./wheels",)


def test_extras_of_the_repository_itself_are_told():
    assert texts(read("-e .[plot, fit]"), Kind.EXTRA) == ("plot", "fit")


@pytest.mark.parametrize("line", ["python==3.8.5", "python=3.8", "Python 3.8"])
def test_a_line_on_python_is_no_package(line):
    items = read(line)
    assert (texts(items, Kind.PYTHON), texts(items, Kind.REQUIREMENT)) == (("3.8",), ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_of_other_systems_are_read(encoding, newline):
    content = newline.join(["numpy==1.21.0", "scipy>=1.5", ""]).encode(encoding)
    assert lines(content) == ("numpy==1.21.0", "scipy>=1.5")


def test_a_list_of_names_on_one_line_is_read():
    assert lines("numpy, scipy>=1, matplotlib") == ("numpy", "scipy>=1", "matplotlib")


def test_too_much_is_read_in_part():
    items = read("".join(f"package{number}\n" for number in range(10_000)))
    assert len(texts(items, Kind.REQUIREMENT)) == 2_000
    assert "too much" in sentences(items)[0]
    assert "too much" in sentences(read(b"a" * 2_000_000))[0]
