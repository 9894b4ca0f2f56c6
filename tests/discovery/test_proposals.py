"""Commands that may compute a model's results, found where nobody declared one."""

import json

import pytest

from runners.discovery.files import Files
from runners.discovery.outputs import outputs_of
from runners.discovery.proposals import MOST, proposals
from tests.trees import MemoryTree

MAIN = "import a\n\nif __name__ == '__main__':\n    a.run()\n"
WRITER = "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig('fig1.png')\n"
README = "# A model\n\n```bash\npip install -r requirements.txt\npython model.py --steps 10\n```\n"
ARGUMENTS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\n"
THETA = 'f = fopen("rate", "w"); g = fopen("input","r");'
THETA_MAKEFILE = (
    "CC = gcc\n\ntheta1d: theta1d.o\n\t$(CC) theta1d.o -o theta1d -lm\n\nclean:\n\trm *.o\n"
)


def first(files):
    return proposals(MemoryTree(files))[0]


@pytest.mark.parametrize(
    ("files", "command", "outputs"),
    [
        ({"README.md": README, "model.py": WRITER}, "python model.py --steps 10", ("fig1.png",)),
        ({"README.md": "Use `python src/model.py`.\n", "src/model.py": MAIN},
         "python src/model.py", ()),
        ({"README.md": "```\n$ cd code\n$ python fit.py\n```\n", "code/fit.py": WRITER},
         "cd code && python fit.py", ("code/fig1.png",)),
        ({"README.rst": "Usage\n=====\n\n::\n\n    Rscript fit.R\n",
          "fit.R": "write.csv(x, 'fit.csv')\n"}, "Rscript fit.R", ("fit.csv",)),
        ({"README.md": "```\npython m.py\n```\nIt writes `out.csv`.\n", "m.py": MAIN},
         "python m.py", ("out.csv",)),
        ({"run_all.sh": "python a.py > log.txt\n"}, "bash run_all.sh", ("log.txt",)),
        ({"Makefile": "all:\n\ttrue\nfigures: a\n\tpython plot.py\n"}, "make figures", ()),
        ({"main.py": MAIN}, "python main.py", ()),
        ({"run_model.py": MAIN, "run_figure.py": WRITER}, "python run_figure.py", ("fig1.png",)),
        ({"Makefile": THETA_MAKEFILE, "theta1d.c": THETA},
         "make && ./theta1d", ("rate",)),
        ({"Makefile": THETA_MAKEFILE, "theta1d.c": THETA, "input": ""},
         "make && ./theta1d input", ("rate",)),
        ({"brian2_integrator.py": MAIN, "fit.py": "x = 1\n"}, "python brian2_integrator.py", ()),
        ({"mosinit.hoc": 'f.wopen("v.dat")\n', "na.mod": ""},
         "nrniv -nogui mosinit.hoc -c 'quit()'", ("v.dat",)),
        ({"pyproject.toml": "[project.scripts]\nmymodel = 'm:main'\n"}, "mymodel", ()),
        ({"a.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "1"}]})},
         "jupyter nbconvert --to notebook --execute --inplace a.ipynb", ("a.ipynb",)),
    ],
)  # fmt: skip
def test_a_command_is_proposed_with_what_it_writes(files, command, outputs):
    found = first(files)
    assert (found.command, found.outputs) == (command, outputs)
    assert found.why


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"model.py": "x = 1\n"},
        {"README.md": "```\npython train.py --data path/to/data\n```\n", "train.py": MAIN},
        {"README.md": "```\npython train.py <config>\n```\n", "train.py": MAIN},
        {"README.md": "```\npython setup.py install\n```\n", "setup.py": "setup()\n"},
        {"README.md": "```\npython gone.py\npython -m http.server; rm -rf /\n```\n"},
        {"README.md": "Python 3.8 is needed.\n"},
        {"main.py": ARGUMENTS},
        {"run.py": "import sys\nprint(sys.argv[1])\n"},
        {"main.py": "print 'Python 2'\n"},
        {"main.py": "(" * 9_000, "README.md": b"\xff`" * 1000, "Makefile": "all:" * 1000},
    ],
)  # fmt: skip
def test_nothing_is_proposed_where_something_is_left_to_fill_in(files):
    assert proposals(MemoryTree(files)) == ()


def test_no_more_than_five_are_proposed_and_what_the_readme_says_comes_first():
    files = {f"run_{i}.py": MAIN for i in range(9)} | {"README.md": README, "model.py": MAIN}
    found = proposals(MemoryTree(files))
    assert len(found) == MOST
    assert found[0].command == "python model.py --steps 10"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("df.to_csv('a.csv')\ndf.to_csv(name)\n", ("a.csv",)),
        ("np.save('a.npy', x)\nnp.savez(file='b.npz')\nmodel.save('c.txt')\n", ("a.npy", "b.npz")),
        ("with open('o.json', 'w') as f:\n    json.dump({}, f)\nopen('i.json')\n", ("o.json",)),
        ("open('a.txt', mode='a')\nopen('b.txt', 'rb')\n", ("a.txt",)),
        ("torch.save(n, 'net.pt')\nplt.savefig('../u.png')\nplt.savefig('/a.png')\n", ("net.pt",)),
        ("h5py.File('o.h5', 'w')\nh5py.File('i.h5', 'r')\n", ("o.h5",)),
        ("plt.savefig(f'{a}.png')\nplt.savefig('figs/b.pdf')\n", ("figs/b.pdf",)),
    ],
)  # fmt: skip
def test_outputs_are_literals_of_what_writes(source, written):
    assert outputs_of(Files(MemoryTree({"m.py": source})), "m.py") == written
