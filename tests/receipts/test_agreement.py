"""Whether a rerun bears a receipt out, and what a processor's name tells of its family."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.spec.agreement import Agreement, rerun_compared
from registry.spec.cpus import cpu_family
from registry.spec.evidence import Tests
from tests.receipts.receipt_helpers import SHA, opened, report, signed

SAME, WITHIN, DIFFERENT, MISSING = Agreement


def seen(**changes):
    return opened(signed(report(**changes))).seen


def disagreeing():
    return tuple(replace(one, agrees=False) for one in report().comparisons)


@pytest.mark.parametrize(
    ("before", "now", "agreement"),
    [
        ({}, {}, SAME),
        ({}, {"sha": SHA["c"]}, WITHIN),
        ({}, {"sha": SHA["c"], "comparisons": disagreeing()}, DIFFERENT),
        ({"comparisons": disagreeing()}, {"sha": SHA["c"]}, DIFFERENT),
        ({"comparisons": ()}, {"sha": SHA["c"]}, DIFFERENT),
        ({}, {"inference": ()}, MISSING),
        ({}, {"inference": (), "read": None}, MISSING),
    ],
)
def test_an_output_is_the_same_within_different_or_missing(before, now, agreement):
    (output,) = rerun_compared(seen(**before), seen(**now)).outputs
    assert output.agreement is agreement


def test_two_runs_of_a_rerun_must_both_be_the_earlier_ones():
    first, second = report().inference
    moved = replace(second, outputs=(replace(second.outputs[0], sha256=SHA["c"]),))
    mixed = seen(inference=(first, moved), comparisons=())
    (output,) = rerun_compared(seen(), mixed).outputs
    assert output.agreement is DIFFERENT


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        ({"level": 5}, {"level": 4}, False),
        ({"level": 6, "level_name": "sustained"}, {"level": 5}, True),
        ({"level": 3}, {"level": 5}, True),
    ],
)
def test_a_level_above_reproduced_rests_on_earlier_runs_that_a_rerun_lacks(before, now, held):
    assert rerun_compared(seen(**before), seen(**now)).level_held is held


def counted(passed: int) -> Tests:
    return replace(report().tests, passed=passed)


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        ({}, {"tests": None, "tests_pass": None}, False),
        ({}, {"tests": counted(1)}, False),
        ({}, {"tests": counted(3)}, True),
        ({}, {"tests_pass": False}, False),
        ({"tests_pass": False}, {"tests": None, "tests_pass": None}, True),
    ],
)
def test_no_fewer_tests_may_pass(before, now, held):
    compared = rerun_compared(seen(**before), seen(**now))
    assert compared.tests_held is held
    assert compared.agrees is held


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("AMD EPYC 7B13 64-Core Processor", "AMD EPYC, 3rd generation"),
        ("AMD EPYC 9454P 48-Core Processor", "AMD EPYC, 4th generation"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "AMD Ryzen 5000"),
        ("AMD Opteron(tm) Processor 6376", "AMD"),
        ("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "Intel Xeon, 2nd generation"),
        ("INTEL(R) XEON(R) PLATINUM 8581C CPU @ 2.30GHz", "Intel Xeon, 5th generation"),
        ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "Intel Xeon E5 v4"),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel Xeon"),
        ("Intel(R) Core(TM) i5-2500K CPU", "Intel Core, 2nd generation"),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "Intel Core, 11th generation"),
        ("13th Gen Intel(R) Core(TM) i9-13900K", "Intel Core, 13th generation"),
        ("Intel(R) Core(TM) i7-920", "Intel"),
        ("Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra"),
        ("Apple M2 Pro", "Apple M2"),
        ("VirtualApple @ 2.50GHz", "Apple"),
        ("Neoverse-N1", "ARM Neoverse N1"),
        ("aarch64", "ARM"),
        ("POWER9, altivec supported", "POWER"),
        ("x86_64", "x86-64, model not told"),
        ("", "unknown"),
    ],
)
def test_the_family_of_a_processor(model, family):
    assert cpu_family(model) == family


@given(st.text(max_size=500))
def test_any_name_has_a_family_of_known_words(name):
    assert 0 < len(cpu_family(name)) < 40
    assert "{" not in cpu_family(name)
