"""Drawings of comparisons: what is drawn, how large, in which words; hostile numbers included."""

import io
import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from registry.spec.evidence import Comparison, Statistic
from registry.spec.manifest import Output
from runners.compare import compare
from runners.figures import draw
from runners.figures.drawing import MOST_BYTES, MOST_DRAWINGS, MOST_OF_A_RUN
from runners.figures.thinning import MOST_POINTS, thinned, thinned_map
from tests.compare.compare_helpers import npy, npz

SVG = "{http://www.w3.org/2000/svg}"
STEPS = np.linspace(0, 10, 200)


def csv(**columns):
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, map(float, row))) for row in rows)]
    return "\n".join(lines).encode()


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(stream, format="PNG")
    return stream.getvalue()


def drawn(tmp_path, path, produced, expected, *, against="expected", **declared):
    """The figures of a comparison of two contents, and their bytes."""
    output = Output(path=path, **declared)
    ours = tmp_path / "produced"
    ours.write_bytes(produced)
    comparison = compare(output, produced=ours, expected=expected, against=against)
    return figures(tmp_path, output, comparison, [ours], [expected])


def figures(tmp_path, output, comparison, produced, expected):
    folder = tmp_path / "artifacts" / "figures"
    found = draw(
        output, comparison, produced=produced, expected=expected, folder=folder, stem="0-first"
    )
    contents = [(folder.parent / figure.name).read_bytes() for figure in found]
    assert sorted(path.name for path in folder.glob("*")) == sorted(
        figure.name.removeprefix("figures/") for figure in found
    )
    for figure, content in zip(found, contents, strict=True):
        assert len(content) <= MOST_BYTES
        assert figure.caption.endswith(".")
        assert figure.alternative.endswith(".")
        if figure.name.endswith(".svg"):
            assert ET.fromstring(content).tag == f"{SVG}svg"
    return found, contents


def words_in(content):
    return " ".join("".join(each.itertext()) for each in ET.fromstring(content).iter(f"{SVG}text"))


def test_a_line_that_is_off_is_drawn_with_its_difference_and_told_in_words(tmp_path):
    produced = np.sin(STEPS)
    produced[56] += 0.013
    (figure,), (content,) = drawn(
        tmp_path,
        "out/decay.csv",
        csv(energy=produced),
        csv(energy=np.sin(STEPS)),
        atol=0.005,
    )
    assert figure.name == "figures/0-first-1.svg"
    assert figure.alternative == (
        "Line chart of energy against row, 200 points. Expected runs from -0.9999 to 0.9999, "
        "produced from -0.9999 to 0.9999. The largest difference, 0.013, is at row 57. "
        "1 point lies outside the tolerance."
    )
    for word in ("energy", "row", "difference", "tolerance", "expected", "produced"):
        assert word in words_in(content)


def test_equal_numbers_give_equal_bytes(tmp_path):
    arguments = ("x.npy", npy(np.arange(20.0)), npy(np.arange(20.0) + 1))
    once, again = (drawn(tmp_path, *arguments)[1] for _ in range(2))
    assert once == again
    assert b"<dc:date>" not in once[0]


@pytest.mark.parametrize(
    ("produced", "against", "count"),
    [
        (np.arange(20.0), "expected", 0),
        (np.arange(20.0) + 1e-9, "expected", 1),
        (np.arange(20.0) + 1e-9, "repeat", 0),
        (np.arange(20.0) + 1, "repeat", 1),
    ],
    ids=["identical", "within the tolerance", "a repeat that agrees", "a repeat that does not"],
)
def test_only_what_differs_from_the_expected_or_between_runs_is_drawn(
    tmp_path, produced, against, count
):
    expected = npy(np.arange(20.0))
    found, _ = drawn(
        tmp_path, "x.npy", npy(produced), expected, against=against, atol=1e-6, rtol=1e-6
    )
    assert len(found) == count


@pytest.mark.parametrize(
    ("path", "produced", "expected"),
    [
        ("log.txt", b"energy 1.0\n", b"energy 2.0\n"),
        ("words.csv", b"name\nada\n", b"name\nemmy\n"),
        ("x.npy", b"no array", npy(np.arange(20.0))),
        ("x.png", b"no picture", png(np.zeros((9, 9)))),
        ("x.json", b"[1, 2", b"[1, 2]"),
        ("x.npy", npy(np.zeros(0)), npy(np.zeros(0, dtype=int))),
    ],
    ids=["text", "words", "broken npy", "broken png", "broken json", "empty"],
)
def test_what_holds_no_numbers_to_draw_is_not_drawn(tmp_path, path, produced, expected):
    assert drawn(tmp_path, path, produced, expected) == ((), [])


def test_few_numbers_are_read_one_by_one_the_worst_first(tmp_path):
    expected = {"T_c": 2.269, "gap": [0.5, 0.25], "name": "ising"}
    produced = {"T_c": 2.27, "gap": [0.5, 0.35], "name": "ising"}
    (figure,), (content,) = drawn(
        tmp_path,
        "table.json",
        json.dumps(produced).encode(),
        json.dumps(expected).encode(),
        rtol=1e-3,
    )
    assert figure.alternative == (
        "Relative differences of 2 numbers. gap[1]: 0.35 for 0.25 expected, outside the tolerance; "
        "T_c: 2.27 for 2.269 expected, within the tolerance."
    )
    assert "0.35 for 0.25" in words_in(content)


def test_two_axes_are_maps_in_which_what_is_no_number_is_grey(tmp_path):
    expected = np.random.default_rng(1).normal(size=(64, 80))
    produced = expected.copy()
    produced[10:20, 10:20] += 0.5
    produced[3, 4] = np.nan
    (figure,), (content,) = drawn(
        tmp_path, "x.npz", npz(density=produced), npz(density=expected), atol=0.01
    )
    assert figure.caption == "density: expected, produced and their difference."
    assert "Maps of density, 64 by 80 numbers" in figure.alternative
    assert "101 points lie outside the tolerance." in figure.alternative
    assert content.count(b"<image") >= 3


def test_of_more_axes_the_part_that_differs_most_is_drawn(tmp_path):
    expected = np.zeros((3, 4, 50, 60))
    produced = expected.copy()
    produced[2, 1, 7, 9] = 1
    (figure,), _ = drawn(tmp_path, "psi.npy", npy(produced), npy(expected))
    assert figure.caption.startswith("psi.npy[2, 1, :, :]:")
    assert "is at position [7, 9]" in figure.alternative


def test_columns_that_stand_in_one_array_are_lines(tmp_path):
    expected = np.zeros((300, 3))
    produced = expected.copy()
    produced[4, 2] = 1
    (figure,), _ = drawn(tmp_path, "orbit.npy", npy(produced), npy(expected))
    assert figure.alternative.startswith("Line chart of orbit.npy[:, 2] against position")


def test_lines_of_different_lengths_are_drawn_without_a_difference(tmp_path):
    (figure,), _ = drawn(
        tmp_path, "x.csv", csv(energy=np.sin(STEPS[:150])), csv(energy=np.sin(STEPS))
    )
    assert "150 points produced, 200 points expected" in figure.alternative


def test_the_worst_of_many_series_are_drawn_and_no_more(tmp_path):
    expected = {f"c{n}": np.arange(20.0) for n in range(30)}
    produced = {name: values + n for n, (name, values) in enumerate(expected.items())}
    found, _ = drawn(tmp_path, "x.csv", csv(**produced), csv(**expected))
    assert [figure.caption.partition(":")[0] for figure in found] == ["c29", "c28", "c27", "c26"]
    assert len(found) == MOST_DRAWINGS


def test_pictures_stand_side_by_side_with_a_map_of_where_they_differ(tmp_path):
    expected = np.zeros((48, 64, 3)) + 200
    produced = expected.copy()
    produced[10:12, 20:30, 1] = 180
    (figure,), (content,) = drawn(tmp_path, "plot.png", png(produced), png(expected))
    assert figure.name.endswith(".png")
    assert "20 pixels (0.65%), by at most 20 of 255, between rows 10 and 11" in figure.alternative
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    assert picture.width <= 1600
    corner = 16 + 2 * (3 * 64 + 16)
    off = picture.getpixel((corner + 3 * 25, 16 + 3 * 11))
    same = picture.getpixel((corner + 3 * 5, 16 + 3 * 40))
    assert off != same


def test_pictures_of_noise_are_made_smaller_until_they_fit(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, size=(2, 900, 1100, 3))
    found, _ = drawn(tmp_path, "plot.png", png(noise[0]), png(noise[1]))
    assert len(found) == 1


def statistic_of(tmp_path, test, produced, expected):
    output = Output(path="out/m.json", expected="m.json", test=test)
    paths = []
    for number, content in enumerate(produced):
        paths.append(tmp_path / f"run-{number}")
        paths[-1].write_bytes(content)
    comparison = Comparison(
        path="out/m.json",
        against="expected",
        kind="json",
        identical=False,
        agrees=True,
        compared=1,
        statistic=Statistic(test=test, value=0.1, p_value=0.31, samples=(400, 400)),
    )
    return figures(tmp_path, output, comparison, paths, expected)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("kolmogorov-smirnov", "Distribution of m. Produced: 400 numbers, mean"),
        ("chi-squared", "Histogram of m in 50 bins"),
        ("z-interval", "Means of m over 8 produced runs with 95% intervals"),
    ],
)
def test_samples_are_drawn_by_what_their_test_is_about(tmp_path, test, said):
    random = np.random.default_rng(3)
    runs = [
        json.dumps({"m": random.poisson(50, 50).tolist(), "grid": [1, 2, 3]}).encode()
        for _ in range(16)
    ]
    (figure,), _ = statistic_of(tmp_path, test, runs[:8], runs[8:])
    assert figure.alternative.startswith(said)
    assert "p = 0.31" in figure.caption


def test_runs_of_different_lengths_are_one_sample_still(tmp_path):
    runs = [json.dumps({"m": [0.5 * n] * (10 + n)}).encode() for n in range(8)]
    (figure,), _ = statistic_of(tmp_path, "z-interval", runs[:4], runs[4:])
    assert figure.alternative.startswith("Distribution of m.")


EXTREME = {
    "overflow": ([1e308, -1e308] * 10, [-1e308, 1e308] * 10),
    "denormal": ([5e-324] * 20, [0.0] * 20),
    "nan alone": ([np.nan] * 20, list(range(20))),
    "infinity alone": ([np.inf, -np.inf] * 10, [1.0, 2.0] * 10),
    "nan on both sides": ([np.nan] * 19 + [1.0], [np.nan] * 19 + [2.0]),
    "constant": ([1e15 + 0.125] * 20, [1e15] * 20),
    "one among zeros": ([0.0] * 19 + [1e300], [0.0] * 20),
    "wide": (np.logspace(-300, 300, 20), np.logspace(-300, 300, 20)[::-1]),
    "few": ([np.nan, 1e308, 5e-324], [1.0, -1e308, 0.0]),
    "maps": (np.full((9, 9), np.inf), np.zeros((9, 9))),
    "thin": (np.zeros((9, 3000)), np.ones((9, 3000))),
    "eight axes": (np.zeros((2,) * 8), np.ones((2,) * 8)),
    "half": (np.zeros(20, np.float16), np.full(20, 6e4, np.float16)),
    "long double": (np.zeros(20, np.longdouble), np.ones(20, np.longdouble)),
    "complex": (np.full(20, 1e308j), np.full(20, complex(np.nan, np.inf))),
    "big-endian": (np.zeros(20, ">f8"), np.ones(20, ">f8")),
    "unsigned": (np.zeros(20, np.uint64), np.full(20, 2**64 - 1, np.uint64)),
}


@pytest.mark.parametrize(("produced", "expected"), EXTREME.values(), ids=EXTREME.keys())
def test_extreme_numbers_are_drawn_all_the_same(tmp_path, produced, expected):
    found, _ = drawn(tmp_path, "x.npy", npy(produced), npy(expected))
    assert found


def test_names_are_text_and_nothing_else(tmp_path):
    name = r"$\frac{1}{\evil}$ <script>&\u202e\x1b[31m" + "🜁x" * 60
    found, (content,) = drawn(
        tmp_path, "x.npz", npz(**{name: np.zeros(20)}), npz(**{name: np.ones(20)})
    )
    assert r"$\frac{1}{\evil}$ <script>&" in words_in(content)
    assert "\x1b" not in found[0].alternative
    assert "\u202e" not in found[0].alternative
    assert len(found[0].caption) < 120
    assert b"<script" not in content


def test_a_million_numbers_take_seconds_and_kilobytes(tmp_path):
    random = np.random.default_rng(5)
    line, noise = random.normal(size=1_000_000).cumsum(), random.normal(size=(2, 1000, 1000))
    began = time.monotonic()
    _, (content,) = drawn(tmp_path, "x.npy", npy(line + 1), npy(line))
    assert len(content) < 300_000
    drawn(tmp_path, "x.npy", npy(noise[0]), npy(noise[1]))
    assert time.monotonic() - began < 20


def test_a_single_spike_stays_when_points_are_left_out():
    values = np.zeros(1_000_003)
    values[123_457], values[-1] = 7.0, -5.0
    places, kept = thinned(np.arange(values.size, dtype=float), values)
    assert kept.size <= MOST_POINTS + 2
    assert places[kept == 7.0].tolist() == [123_457]
    assert kept.min() == -5.0
    assert (np.diff(places) >= 0).all()


def test_a_single_pixel_stays_when_a_map_is_thinned():
    values = np.zeros((1031, 2050))
    values[600, 1999], values[0, 0] = -3.0, np.nan
    kept = thinned_map(values, most=512)
    assert max(kept.shape) <= 512
    assert np.nanmin(kept) == -3.0


def test_integers_are_exact_in_drawings_as_in_comparisons(tmp_path):
    expected = np.arange(100, 120)
    tables = (
        b"n\n" + "\n".join(map(str, numbers)).encode() for numbers in (expected + 1, expected)
    )
    lists = (json.dumps({"n": numbers.tolist()}).encode() for numbers in (expected + 1, expected))
    for path, contents in (("x.csv", tables), ("x.json", lists)):
        (figure,), _ = drawn(tmp_path, path, *contents, rtol=0.01)
        assert "20 points lie outside the tolerance." in figure.alternative


def test_a_run_has_so_many_drawings_and_no_more(tmp_path):
    output, folder = Output(path="x.npy"), tmp_path / "figures"
    ours = tmp_path / "x.npy"
    ours.write_bytes(npy(np.zeros(20)))
    theirs = npy(np.ones(20))
    comparison = compare(output, produced=ours, expected=theirs, against="expected")
    folder.mkdir()
    for number in range(MOST_OF_A_RUN - 1):
        (folder / f"{number}.svg").touch()
    counts = [
        len(draw(output, comparison, produced=[ours], expected=[theirs], folder=folder, stem=stem))
        for stem in ("a", "b")
    ]
    assert counts == [1, 0]


def test_the_names_of_drawings_are_ours_whatever_the_stem(tmp_path):
    output, folder = Output(path="x.npy"), tmp_path / "figures"
    ours = tmp_path / "x.npy"
    ours.write_bytes(npy(np.zeros(20)))
    theirs = npy(np.ones(20))
    comparison = compare(output, produced=ours, expected=theirs, against="expected")
    (figure,) = draw(
        output,
        comparison,
        produced=[ours],
        expected=[theirs],
        folder=folder,
        stem="../../ünsafe name?.csv" + "x" * 300,
    )
    assert (tmp_path / figure.name).is_file()
    assert figure.name.count("/") == 1
    assert len(figure.name) < 130


def test_runs_that_have_nothing_to_draw_do_not_wait_for_matplotlib():
    program = "import sys, runners.figures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
