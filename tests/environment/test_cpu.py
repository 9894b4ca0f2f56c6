"""CPU builds are chosen where the site has one for that Python and something wants it."""

import pytest

from runners.environment.cpu import cpu_constraints

WHEEL = "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"


@pytest.mark.parametrize("wanted", ["torch", "Torch", "pytorch_lightning", "gpytorch"])
def test_the_cpu_build_is_chosen_for_what_brings_torch(wanted):
    chosen = cpu_constraints([WHEEL], python="3.11", wanted=["numpy", wanted])
    assert chosen == ("torch==2.13.0+cpu",)


@pytest.mark.parametrize(
    ("wheels", "python", "wanted"),
    [
        ([WHEEL], "3.12", "torch"),
        ([WHEEL], "3.11", "numpy"),
        (["torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl"], "3.11", "torch"),
        (["torch-2.13.0+cu130-cp311-cp311-manylinux_2_28_x86_64.whl"], "3.11", "torch"),
        (["notes.whl", "numpy-2.0-cp311-cp311-linux_x86_64.whl"], "3.11", "torch"),
        ([], "3.11", "torch"),
    ],
)
def test_nothing_is_chosen_where_none_fits(wheels, python, wanted):
    assert cpu_constraints(wheels, python=python, wanted=[wanted]) == ()
