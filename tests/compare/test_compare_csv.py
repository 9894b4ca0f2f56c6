import pytest
from compare_helpers import compared

EXPECTED = "t,energy,state\n0,1.0,up\n1,2.0,down\n"


def test_the_worst_cell_is_named_by_column_and_row():
    produced = EXPECTED.replace("2.0", "2.1").replace("1.0", "1.01")
    comparison = compared("e.csv", produced, EXPECTED)
    assert not comparison.agrees
    assert comparison.message == (
        "2 of 6 cells differ; the worst is column energy, row 2: 2.1 instead of 2."
    )


def test_cells_within_the_tolerance_agree_however_written():
    produced = '"t","energy","state"\r\n0,1e0,up\r\n1,2.001D+00,down\r\n'
    comparison = compared("e.csv", produced, EXPECTED, rtol=1e-3)
    assert comparison.agrees
    assert comparison.max_relative_error == pytest.approx(5e-4)


@pytest.mark.parametrize(
    ("produced", "detail"),
    [
        ("t,energy\n0,1.0\n1,2.0\n", "column state: missing"),
        (EXPECTED.replace("state", "spin"), "column state: missing"),
        ("energy,t,state\n1.0,0,up\n2.0,1,down\n", "the header"),
        ("t,energy,state\n0,1.0,up\n", "1 rows instead of 2"),
        (EXPECTED.replace("down", "up"), "column state, row 2: “up” instead of “down”"),
        (EXPECTED.replace("1,2.0", "2,2.0"), "column t, row 2"),
        (EXPECTED.replace("2.0", ""), "column energy, row 2: “” instead of “2.0”"),
        (EXPECTED.replace("2.0", "nan"), "column energy, row 2: nan instead of 2"),
    ],
)
def test_a_difference_of_form_is_a_mismatch(produced, detail):
    comparison = compared("e.csv", produced, EXPECTED, rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


def test_a_column_of_integers_is_exact_whatever_the_tolerance():
    assert not compared("n.csv", "n,x\n100,0.5\n", "n,x\n101,0.5\n", rtol=1e-2).agrees
    assert compared("n.csv", "n,x\n101.0,0.5\n", "n,x\n101,0.5\n").agrees


def test_an_integer_within_a_column_of_floats_is_a_float():
    assert compared("n.csv", "x\n0.9999\n0.5\n", "x\n1\n0.5\n", rtol=1e-3).agrees


def test_a_leading_zero_marks_a_name():
    assert not compared("n.csv", "id\n7\n", "id\n007\n").agrees


def test_missing_values_must_be_missing_in_the_same_places():
    expected = "x,y\n1.0,\n,2.0\n"
    assert compared("n.csv", "x,y\n1.0,\n,2.00\n", expected).agrees
    assert not compared("n.csv", "x,y\n1.0,0.0\n,2.0\n", expected).agrees


def test_a_table_without_header_names_columns_by_number():
    comparison = compared("n.tsv", "1.0\t2.0\n", "1.0\t3.0\n")
    assert comparison.where == "column 2, row 1"
    assert compared("n.tsv", "1.0\t2.0\n", "1.0\t3.0\n", ignore=("2",)).agrees


def test_semicolons_and_a_commented_header_are_understood():
    comparison = compared("n.csv", "# t;x\n0;1.5\n", "# t;x\n0;1.0\n")
    assert comparison.where == "column x, row 1"


def test_ignored_columns_may_differ_or_be_absent():
    produced = "energy,state\n1.0,up\n2.0,down\n"
    assert compared("e.csv", produced, EXPECTED, ignore=("t",)).agrees


@pytest.mark.parametrize(
    ("produced", "reason"),
    [
        ("t,energy,state\n0,1.0\n", "has 2 cells where the first has 3"),
        ('t,energy,state\n0,1.0,"' + "x" * 200_000 + '"\n', "field larger than field limit"),
        ("", "holds no table"),
        ("\n\n\n", "holds no table"),
        (b"t,energy,state\n0,\xff,up\n", "is not UTF-8"),
        ("," * 2_100_000, "more than 1000000 cells"),
        ("t,energy,state\n0,1\x00.0,up\n1,2.0,down\n", "“1·.0” instead of"),
        ("t,energy,state\n0,1e999,up\n1,2.0,down\n", "“1e999” instead of"),
        (f"t,energy,state\n{'9' * 5000},1.0,up\n1,2.0,down\n", "column t, row 1"),
    ],
)
def test_hostile_tables_become_a_sentence(produced, reason):
    comparison = compared("e.csv", produced, EXPECTED)
    assert not comparison.agrees
    assert reason in comparison.message
