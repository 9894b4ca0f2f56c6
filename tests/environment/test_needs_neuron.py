"""NEURON models: which folders are compiled where, and with which NEURON."""

import pytest

from runners.environment.needs import needs_of
from tests.trees import MemoryTree


def nmodl(name: str, extra: str = "") -> str:
    return f"TITLE a channel\n\nNEURON {{\n    SUFFIX {name}\n    RANGE gbar\n}}\n{extra}"


VERBATIM = "VERBATIM\ndouble nrn_random_pick(void* r);\nENDVERBATIM\n"
GUARDED = f"VERBATIM\n#ifndef NRN_VERSION_GTEQ_8_2_0\n{VERBATIM}"
LINK = 'ln -sfn ../"$(uname -m)" scripts/"$(uname -m)"'


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ({"na.mod": nmodl("na"), "main.hoc": ""}, ("nrnivmodl",)),
        ({"mod/na.mod": nmodl("na"), "main.hoc": ""}, ("nrnivmodl mod",)),
        ({"k.mod": nmodl("k"), "mod/na.mod": nmodl("na"), "a.hoc": ""}, ("nrnivmodl . mod",)),
        ({"ion channels/na.mod": nmodl("na"), "a.hoc": ""}, ("nrnivmodl 'ion channels'",)),
        (
            {"mod/na.mod": nmodl("na"), "scripts/run.py": "from neuron import h\n"},
            ("nrnivmodl mod", LINK),
        ),
        (
            {"mod/na.mod": nmodl("na"), "run.py": 'neuron.load_mechanisms("./mod")\n'},
            ("cd mod && nrnivmodl",),
        ),
        (
            {
                "parts/mechanisms/modfiles/na.mod": nmodl("na"),
                "run.py": "h.nrn_load_dll('./parts/mechanisms/x86_64/libnrnmech.so')\n",
            },
            ("cd parts/mechanisms && nrnivmodl modfiles",),
        ),
        (
            {"components/mechanisms/modfiles/na.mod": nmodl("na"), "run.py": "import bmtk\n"},
            ("cd components/mechanisms && nrnivmodl modfiles",),
        ),
        (
            {"mod/na.mod": nmodl("na"), "run.py": '#neuron.load_mechanisms("./mod")\n'},
            ("nrnivmodl mod",),
        ),
    ],
)
def test_mechanisms_are_compiled_where_the_model_looks_for_them(files, steps):
    assert needs_of(MemoryTree(files)).steps == steps


def test_two_models_with_a_mechanism_of_the_same_name_are_compiled_apart():
    tree = MemoryTree(
        {
            "young/main.hoc": "",
            "young/mod/na.mod": nmodl("na"),
            "old/main.hoc": "",
            "old/mod/na.mod": nmodl("na"),
        }
    )
    assert needs_of(tree).steps == ("cd old && nrnivmodl mod", "cd young && nrnivmodl mod")


def test_a_second_copy_of_a_mechanism_in_one_model_is_left_out():
    tree = MemoryTree({"main.hoc": "", "na.mod": nmodl("na"), "na_old.mod": nmodl("Na")})
    assert needs_of(tree).steps == ("nrnivmodl na.mod",)


def test_mod_files_of_other_kinds_are_not_compiled():
    tree = MemoryTree(
        {
            "main.hoc": "",
            "na.mod": nmodl("na"),
            "grid.mod": "GFORTRAN module version '15' created from grid.f90\n",
            "diet.mod": "set FOOD;\nparam cost {FOOD} > 0;\n",
            "song.mod": b"\x00\xffM.K.",
        }
    )
    assert needs_of(tree).steps == ("nrnivmodl na.mod",)


def test_a_tree_with_other_mod_files_alone_needs_no_neuron():
    assert needs_of(MemoryTree({"diet.mod": "set FOOD;\n"})).requirements == ()


def test_a_hoc_program_without_mechanisms_needs_neuron_and_no_compiler():
    needs = needs_of(MemoryTree({"main.hoc": "create soma\n"}))
    assert (needs.requirements, needs.system_packages, needs.steps) == (("neuron",), (), ())


@pytest.mark.parametrize(
    ("extra", "first", "second"),
    [
        ("", "neuron", "neuron==8.2.7"),
        (GUARDED, "neuron", "neuron==8.2.7"),
        (VERBATIM, "neuron==8.2.7", "neuron"),
    ],
)
def test_unguarded_c_is_tried_first_with_the_neuron_that_compiles_c(extra, first, second):
    needs = needs_of(MemoryTree({"na.mod": nmodl("na", extra), "main.hoc": ""}))
    assert needs.requirements == (first,)
    assert [other.requirements for other in needs.alternatives] == [(second,)]
    assert needs.alternatives[0].steps == needs.steps


@pytest.mark.parametrize(
    "name", ["a\nFROM scratch\n", "$(id)", "`id`", "a'b", "<<EOF", "-help", "a\\"]
)
def test_a_folder_whose_name_something_would_obey_is_named_in_no_step(name):
    tree = MemoryTree({f"{name}/na.mod": nmodl("na"), f"{name}/main.hoc": "", "k.mod": nmodl("k")})
    assert needs_of(tree).steps == ("nrnivmodl",)
