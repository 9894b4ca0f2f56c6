"""Which languages are counted, and what is said when none of them can be run."""

import pytest

from runners.environment.needs import unsupported_language
from runners.environment.needs.language import languages
from tests.trees import MemoryTree

MATLAB = "% the model\nx = linspace(0, 1);\n"
WOLFRAM = "(* ::Package:: *)\nf[x_] := x^2\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.m": MATLAB, "lib/ode.m": MATLAB}, "Matlab (2 files, such as main.m)"),
        ({"net.slx": b"PK", "a.txt": ""}, "Simulink (one file, such as net.slx)"),
        ({"work.m": WOLFRAM}, "Mathematica (one file"),
        ({"fig.nb": WOLFRAM}, "Mathematica (one file"),
        ({"wolves.nlogo": "to setup\n"}, "NetLogo (one file"),
        ({"Sim.cs": "class Sim {}", "Sim.csproj": "<Project/>"}, "C# (one file"),
        ({"src/main/java/Sim.java": "class Sim {}", "pom.xml": ""}, "default-jdk-headless"),
        ({"view.m": "#import <Foundation/Foundation.h>\n"}, "Objective-C (one file"),
        ({"go.do": "regress y x\n"}, "Stata (one file"),
    ],
)
def test_what_cannot_be_run_is_named_in_one_sentence(files, said):
    sentence = unsupported_language(MemoryTree(files))
    assert sentence is not None
    assert said in sentence
    assert sentence.endswith(".")
    assert ". " not in sentence.removesuffix(".")


def test_octave_is_proposed_for_matlab_with_the_script_that_one_starts():
    tree = MemoryTree({"a_helper.m": MATLAB, "run_all.m": MATLAB, "lib/main.m": MATLAB})
    assert 'run = "octave --no-gui run_all.m"' in (unsupported_language(tree) or "")


@pytest.mark.parametrize(
    "beside",
    ["plot.py", "fit.R", "core.c", "solver.f90", "main.hoc", "net.ode", "model.jl", "book.ipynb"],
)
def test_one_source_that_may_run_is_enough_not_to_refuse(beside):
    tree = MemoryTree({"big.m": MATLAB * 1000, beside: "x"})
    assert unsupported_language(tree) is None


def test_a_tree_without_sources_is_not_refused_for_its_language():
    assert unsupported_language(MemoryTree({"README.md": "# Data", "a.csv": "1"})) is None


def test_vendored_and_documentation_folders_are_not_counted():
    tree = MemoryTree(
        {"main.m": MATLAB, "docs/conf.py": "x = 1\n" * 99, "third_party/fast/a.c": "int x;\n" * 99}
    )
    assert [share.language for share in languages(tree)] == ["Matlab"]
    assert unsupported_language(tree) is not None


def test_languages_come_by_bytes_with_the_most_prominent_file():
    tree = MemoryTree({"sub/b.py": "x" * 50, "a.py": "x" * 50, "c.c": "x" * 60})
    shares = languages(tree)
    assert [(s.language, s.bytes, s.files, s.first) for s in shares] == [
        ("Python", 100, 2, "a.py"),
        ("C", 60, 1, "c.c"),
    ]
