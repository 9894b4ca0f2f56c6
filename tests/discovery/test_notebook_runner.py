"""How the program in the container compares what a cell gives with what is stored."""

import ast
from pathlib import Path

import pytest

from runners.discovery.in_container import notebooks


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data):
    return {
        "output_type": "display_data",
        "data": {k.replace("_", "/"): v for k, v in data.items()},
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a  b\n", "a b"),
        ("x = 0.123456789", "x = 0.123456790"),
        ("[1.0e+00 3.2e-17]", "[1.0e+00 7.1e-18]"),
        ("<function f at 0x7f01>", "<function f at 0x7f99>"),
        ("Wall time: 3.2 s\n1", "Wall time: 9 s\n1"),
        ("100%|████| 10/10 [00:01<00:00, 9.1it/s]\ndone", "done"),
        ("step 1\rstep 2\rstep 3\n", "step 3\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("2024-01-02 03:04:05,123 INFO ready", "2026-11-22 09:08:07,456 INFO ready"),
        ("saved to /scratch/me/model/out", "saved to /model/out/x"),
        ("<Figure size 640x480 with 1 Axes>", "<matplotlib.figure.Figure>"),
    ],
)
def test_what_differs_from_run_to_run_is_no_difference(before, after):
    assert notebooks.compare([stream(before)], [stream(after)]) == ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("n = 3", "n = 4", "stored 3, now 4"),
        ("E = 2.40", "E = 2.41", "stored 2.40, now 2.41"),
        ("period 3.5 s", "period 4.5 s", "stored 3.5, now 4.5"),
        ("q = 1.6e-19", "q = 3.2e-19", "stored 1.6e-19"),
        ("[1.0 nan]", "[1.0 2.0]", "nan"),
        ("[1.0 2.0]", "[1.0 nan]", "nan"),
        ("x = -1.0", "x = 1.0", "stored -1.0, now 1.0"),
        ("converged", "diverged", "“converged”"),
        ("1 2 3", "1 2", "#"),
        ("2020-01-02", "2020-01-03", "stored 02"),
        ("9" * 5000, "8" * 5000, "stored 9"),
        ("", "new", "new"),
    ],
)
def test_another_result_is_a_difference_and_shown(before, after, said):
    assert said in notebooks.compare([stream(before)], [stream(after)])


def test_results_are_compared_as_text_and_pictures_by_being_there():
    figure = shown(image_png="AAAA", text_plain="<Figure size 1x1>")
    assert notebooks.compare([figure], [shown(image_png="BBBB", text_plain="other")]) == ""
    assert "picture" in notebooks.compare([figure], [])
    table = shown(text_plain=["a\n", "1"], text_html="<table>")
    assert "result" in notebooks.compare([table], [shown(text_plain="a\n2")])


def test_warnings_are_not_compared():
    assert notebooks.compare([stream("old", "stderr")], [stream("new", "stderr")]) == ""


def test_the_program_is_understood_by_the_oldest_python_of_an_image():
    ast.parse(Path(notebooks.__file__).read_text(), feature_version=(3, 8))
