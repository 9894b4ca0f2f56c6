"""Python 2 is told by its syntax, and only where it is essentially all there is."""

import json

import pytest

from runners.environment.python_two import python_two, python_two_note
from tests.trees import MemoryTree

OLD = """\
from pylab import *
# figures of the article
def rate(spikes):
\tn = 0
\tfor s in xrange(len(spikes)):
\t\tn += 1
\treturn n
print "rate: %d" % rate([1, 2])
"""
NEW = "def rate(spikes):\n    return len(spikes)\n\n\nprint(rate([1, 2]))\n"


def notebook(*cells):
    listed = [{"cell_type": "code", "source": [cell]} for cell in cells]
    return json.dumps({"cells": listed, "nbformat": 4})


@pytest.mark.parametrize(
    "source",
    [
        OLD,
        "x = 1\nprint x\n",
        "import sys\nprint >>sys.stderr, 'x'; print 'y'\n",
        "try:\n    pass\nexcept IOError, error:\n    raise\n",
        "try:\n    pass\nexcept (IOError, OSError), e:\n    raise\n",
        "def f():\n    raise ValueError, 'no'\n",
        "if True: print 'x'\n",
        "exec 'x = 1' in {}\n",
        "mode = 0755\nprint 'x'\n",
        "def f():\n\tif 1:\n        \treturn 2\nprint 'tabs and spaces'\n",
    ],
)
def test_python_two_syntax_is_known(source):
    tree = MemoryTree({"model.py": source, "lib/__init__.py": "", "README.md": "# A model"})
    assert python_two(tree) == (
        "The sources are in Python 2 (model.py), and only Python 3 is at hand."
    )
    assert python_two_note(tree) == "model.py is in Python 2 and cannot run here."


@pytest.mark.parametrize(
    "source",
    [
        NEW,
        "import sys\nprint >> sys.stderr\n",
        "from six.moves import xrange\nfor i in xrange(3): print(i)\n",
        '"""Notes.\n\nprint the result, then exec it\n"""\nx = {{ cookiecutter.name }}\n',
        '"""Notes.\n\nprint the result\n"""\ntype Pair[T] = tuple[T, T]\n',
        "def broken(:\n",
        "x = '\0'\n",
        "(" * 1000,
        "",
    ],
)
def test_other_syntax_is_not_called_python_two(source):
    tree = MemoryTree({"model.py": source})
    assert python_two(tree) is None
    assert python_two_note(tree) is None


def test_a_tree_with_some_python_three_is_mixed_and_its_old_files_are_named():
    tree = MemoryTree({"a.py": OLD, "b.py": OLD, "c.py": OLD, "d.py": OLD, "model.py": NEW * 3})
    assert python_two(tree) is None
    assert (
        python_two_note(tree) == "a.py, b.py, c.py and 1 more are in Python 2 and cannot run here."
    )


def test_the_old_figure_script_of_a_neuron_model_says_nothing_of_the_model():
    tree = MemoryTree({"main.hoc": "load_file()", "kv.mod": "NEURON {}", "fig.py": OLD})
    assert python_two(tree) is None
    assert python_two_note(tree) == "fig.py is in Python 2 and cannot run here."


def test_notebooks_are_sources_too():
    assert python_two(MemoryTree({"fit.ipynb": notebook("%matplotlib inline\n", "print 'x'\n")}))
    assert not python_two(MemoryTree({"fit.ipynb": notebook("%pylab\n!ls\nx?\n", "print('x')\n")}))


def test_a_file_too_large_to_be_read_may_be_in_python_three():
    tree = MemoryTree({"small.py": "print 'x'\n", "large.ipynb": " " * 400_000})
    assert python_two(tree) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize("source", [" " * 290_000, "x:" * 140_000, "except " + "a." * 140_000])
def test_hostile_lines_are_read_in_no_time(source):
    assert python_two(MemoryTree({"model.py": source})) is None
