"""A drawing from a real run: made by the worker, beside what the repository wrote."""

import math

import pytest

from registry.spec.ladder import Cause
from runners.configuration import engine_of_site
from tests.bench import Bench

pytestmark = pytest.mark.docker

MODEL = """
import math, os
os.makedirs("figures", exist_ok=True)
with open("figures/0-out-expected-1-1.svg", "w") as file:
    file.write("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
with open("out.csv", "w") as file:
    file.write("t,energy\\n")
    for t in range(100):
        file.write(f"{t},{math.cos(t / 9) + (0.5 if t == 42 else 0)!r}\\n")
"""
MANIFEST = """
run = "python3 model.py"
[[outputs]]
path = "out.csv"
expected = "expected.csv"
atol = 1e-6
[[outputs]]
path = "figures/0-out-expected-1-1.svg"
"""


def expected():
    return "t,energy\n" + "".join(f"{t},{math.cos(t / 9)!r}\n" for t in range(100))


def test_what_is_off_is_drawn_and_no_file_of_a_repository_takes_a_drawings_place(tmp_path):
    files = {
        "README.md": "# Model\n",
        "reprise.toml": MANIFEST,
        "model.py": MODEL,
        "expected.csv": expected(),
    }
    result = Bench(tmp_path, engine_of_site()).result(files)
    report = result.report
    assert report.cause is Cause.MISMATCH, report.explanation
    (comparison,) = (one for one in report.comparisons if one.against == "expected")
    (figure,) = comparison.figures
    assert figure.alternative.endswith(
        "The largest difference, 0.5, is at row 43. 1 point lies outside the tolerance."
    )
    drawings = {name for name in result.files if name.startswith("figures/")}
    assert drawings == {figure.name}
    assert b"<script" not in result.files[figure.name].read_bytes()
    kept = {file.name: file.media_type for file in report.artifacts}
    assert kept[figure.name] == "image/svg+xml"
    assert any(name.startswith("outputs/") and name.endswith(".svg") for name in result.files)
