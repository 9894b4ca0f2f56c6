import pytest
from compare_helpers import compared


def test_numbers_within_the_tolerance_agree():
    comparison = compared("e.json", '{"e": 1.0001}', '{"e": 1.0}', rtol=1e-3)
    assert comparison.agrees
    assert comparison.max_absolute_error == pytest.approx(1e-4)
    assert comparison.message == "All 1 values agree; the largest difference is 0.0001."


def test_a_number_beyond_the_tolerance_is_named_with_its_place():
    comparison = compared("e.json", '{"a": {"e": [1.0, 2.5]}}', '{"a": {"e": [1.0, 2.0]}}')
    assert not comparison.agrees
    assert comparison.where == "a.e[1]"
    assert comparison.message == "1 of 2 values differ; it is a.e[1]: 2.5 instead of 2."


def test_key_order_and_layout_do_not_count():
    comparison = compared("e.json", '{"b":1,"a":2}', '{\n "a": 2,\n "b": 1}')
    assert comparison.agrees
    assert not comparison.identical


@pytest.mark.parametrize(
    ("produced", "detail"),
    [
        ('{"a": 1}', "b: missing"),
        ('{"a": 1, "b": 2, "c": 3}', "c: not among the expected ones"),
        ('{"a": 1, "b": "2"}', "b: “2” instead of 2"),
        ('{"a": 1, "b": null}', "b: null instead of 2"),
        ('{"a": true, "b": 2}', "a: true instead of 1"),
        ('{"a": 1, "b": [2]}', "b: a list of 1 instead of 2"),
    ],
)
def test_a_difference_of_form_is_a_mismatch(produced, detail):
    comparison = compared("e.json", produced, '{"a": 1, "b": 2}', rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


def test_lists_of_different_length_differ():
    comparison = compared("e.json", "[1, 2]", "[1, 2, 3]")
    assert comparison.message.endswith("the value: 2 values instead of 3.")


def test_an_expected_integer_must_be_met_exactly_whatever_the_tolerance():
    assert not compared("e.json", "[100]", "[101]", rtol=1e-2).agrees
    assert not compared("e.json", "[100.5]", "[100]", rtol=1e-2).agrees
    assert not compared("e.json", f"[{2**60}]", f"[{2**60 + 1}]", rtol=1e-2).agrees


def test_one_and_one_point_zero_are_the_same_number():
    assert compared("e.json", "[1.0]", "[1]").agrees
    assert compared("e.json", "[1]", "[1.0]").agrees


def test_an_integer_stands_for_a_float_within_the_tolerance():
    assert compared("e.json", '{"x": 1}', '{"x": 0.9999}', rtol=1e-3).agrees
    assert compared("e.json", "[0.9999, 2.5]", "[1, 2.5]", rtol=1e-3).agrees


def test_large_integers_among_floats_keep_their_last_digits():
    assert not compared("e.json", f"[{2**60}, 0.5]", f"[{2**60 + 1}, 0.5]").agrees


def test_nan_and_infinity_agree_only_with_themselves():
    assert compared(
        "e.json", "[NaN, Infinity, -Infinity, 0.5 ]", "[NaN,Infinity,-Infinity,0.5]"
    ).agrees
    for other in ("1.0", "-Infinity", "NaN"):
        assert not compared("e.json", f'{{"x": {other}}}', '{"x": Infinity}', rtol=1e-2).agrees
    assert not compared("e.json", "[NaN, NaN]", "[1.0, 2.0]", rtol=1e-2).agrees


def test_ignored_keys_may_differ_or_be_absent():
    expected = '{"e": 1.0, "meta": {"time": 3, "host": "a"}, "runs": [{"time": 1, "x": 2}]}'
    produced = '{"e": 1.0, "meta": {"time": 9}, "runs": [{"time": 7, "x": 2}]}'
    assert compared("e.json", produced, expected, ignore=("time", "meta.host")).agrees
    assert not compared("e.json", produced, expected, ignore=("time",)).agrees
    assert not compared("e.json", produced, expected, ignore=("runs.time", "meta")).agrees
    assert compared("e.json", produced, expected, ignore=("runs.0.time", "meta")).agrees


def test_ignoring_everything_is_no_agreement():
    comparison = compared("e.json", '{"e": 1}', '{"e": 2}', ignore=("e",))
    assert not comparison.agrees
    assert "nothing to compare once `ignore` is applied" in comparison.message


@pytest.mark.parametrize(
    ("produced", "reason"),
    [
        ("[" * 200 + "]" * 200, "[0]: a list of 1 instead of 1"),
        ("[" * 100_000, "nested"),
        ("[" + "9" * 10_000 + "]", "not sound JSON"),
        ('{"a": 1, "a": 1}', "names a key twice"),
        ("[1e999]", "too large for a float"),
        ("{'a': 1}", "not sound JSON"),
        ("", "not sound JSON"),
        (b"\xff\xfe[\x001\x00", "not UTF-8"),
        ("[" + "[]," * 1_100_000 + "[]]", "more than 1000000 values"),
        ('"\\ud800"', "instead of"),
    ],
)
def test_hostile_json_becomes_a_sentence(produced, reason):
    comparison = compared("e.json", produced, "[1]")
    assert not comparison.agrees
    assert reason in comparison.message


def test_nesting_on_both_sides_is_bounded():
    deep = "[" * 150 + "{}" + "]" * 150
    comparison = compared("e.json", deep.replace("{}", "1"), deep.replace("{}", "2"))
    assert comparison.message == "The values are nested more than 100 deep."


def test_names_from_a_file_cannot_break_the_message():
    comparison = compared("e.json", '{"a\\n\\u001b[31m": 1}', '{"a\\n\\u001b[31m": 2}')
    assert comparison.where == "a··[31m"
