import json

import numpy as np
import pytest
from compare_helpers import compared, image, notebook, printed, shown

PICTURE = image(np.full((3, 4, 3), 100, np.uint8))
EXPECTED = notebook(
    ("x = solve()", [printed("energy 1.0\n"), shown(text="2.5")]),
    ("plot(x)", [shown(text="<Figure size 640x480>", png=PICTURE)]),
)


def with_outputs(*outputs):
    return notebook(("solve()", list(outputs)))


def test_what_a_cell_printed_is_named_by_cell_stream_and_line():
    comparison = compared("e.ipynb", EXPECTED.replace(b"1.0", b"1.5"), EXPECTED)
    assert comparison.message == (
        "1 of 38 lines and values differ; it is code cell 1, stdout, line 1: "
        "“energy 1.5” instead of “energy 1.0”."
    )


def test_numbers_in_text_agree_within_the_tolerance():
    produced = EXPECTED.replace(b"1.0", b"1.001").replace(b"2.5", b"2.501")
    assert compared("e.ipynb", produced, EXPECTED, rtol=1e-2).agrees
    assert not compared("e.ipynb", produced, EXPECTED, rtol=1e-5).agrees


def test_counts_metadata_and_how_a_stream_was_cut_do_not_count():
    one = with_outputs(printed("a\n"), printed("warned\n", "stderr"), printed("b\n"))
    cells = ("solve()", [printed("a\nb\n"), printed("warned\n", "stderr")])
    other = notebook(cells, execution_count=7, id="c0ffee")
    assert compared("e.ipynb", one, other).agrees


def test_pictures_are_compared_by_their_pixels():
    pixels = np.full((3, 4, 3), 100, np.uint8)
    again = image(pixels, compress_level=0)
    pixels[1, 2, 0] = 102
    changed = image(pixels)
    expected = with_outputs(shown(png=PICTURE))
    assert compared("e.ipynb", with_outputs(shown(png=again)), expected).agrees
    produced = with_outputs(shown(png=changed))
    comparison = compared("e.ipynb", produced, expected)
    assert comparison.where == "code cell 1, output 1, image/png, pixel [1, 2], R"
    assert compared("e.ipynb", produced, expected, atol=1, max_mismatch_ppm=1000).agrees is False


def test_where_an_object_was_in_memory_does_not_count():
    one, other = (with_outputs(shown(text=f"[<Line2D at 0x7f{n}0c0>]")) for n in (3, 4))
    assert compared("e.ipynb", one, other).agrees


def test_ignored_lines_may_differ():
    one, other = (with_outputs(printed(f"took {n} s\nenergy 1.0\n")) for n in (3, 4))
    assert compared("e.ipynb", one, other, ignore=("^took",)).agrees


@pytest.mark.parametrize(
    ("produced", "detail"),
    [
        (EXPECTED.replace(b"solve", b"guess"), "the code of code cell 1: “x = guess()” instead"),
        (notebook(("x = solve()", [])), "1 code cells instead of 2"),
        (
            notebook(("x = solve()", []), ("plot(x)", [])),
            "3 of 3 lines and values differ; the first is code cell 1, output 1, text: missing",
        ),
        (
            EXPECTED.replace(b'"display_data"', b'"error", "ename": "E", "evalue": "no"', 1),
            "code cell 1, output 1, text: missing",
        ),
    ],
)
def test_a_difference_of_form_is_a_mismatch(produced, detail):
    comparison = compared("e.ipynb", produced, EXPECTED, rtol=1e-2)
    assert not comparison.agrees
    assert detail in comparison.message


def test_what_has_no_plain_text_is_compared_as_a_whole():
    one, other = (with_outputs(shown(html=f"<b>{n}</b>")) for n in (1, 2))
    assert not compared("e.ipynb", one, other).agrees
    assert compared("e.ipynb", one, one + b" ").agrees


def test_a_notebook_without_outputs_says_nothing():
    silent = notebook(("x = 1", []))
    assert "nothing to compare" in compared("e.ipynb", silent, silent).message


@pytest.mark.parametrize(
    ("produced", "reason"),
    [
        ("{}", "is not a sound notebook"),
        ("[]", "is not a sound notebook"),
        ("no", "is not sound JSON"),
        (json.dumps({"worksheets": []}), "is not a sound notebook"),
        (json.dumps({"cells": [1]}), "is not a sound notebook"),
        (json.dumps({"cells": [{"cell_type": "code", "source": 1}]}), "is not a sound notebook"),
        (with_outputs({"output_type": "display_data", "data": None}), "is not a sound notebook"),
        (with_outputs({"output_type": "stream", "name": [], "text": 3}), "is not a sound notebook"),
        (with_outputs(shown(png=b"no picture")), "is not a sound image"),
        (
            with_outputs({"output_type": "display_data", "data": {"image/png": "%%%é"}}),
            "is not a sound",
        ),
        (with_outputs(shown(text="\ud800")), "code cells instead of"),
    ],
)
def test_hostile_notebooks_become_a_sentence(produced, reason):
    comparison = compared("e.ipynb", produced, EXPECTED)
    assert not comparison.agrees
    assert comparison.message.endswith(".")
    assert reason in comparison.message
