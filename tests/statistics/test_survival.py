"""The share that is still there: the same as SciPy's, and honest at its edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from registry.spec.survival import Lifetime, at_time, survival

TIMES = st.lists(
    st.tuples(st.integers(0, 30).map(float), st.booleans()), min_size=1, max_size=60
).filter(lambda pairs: any(lost for _, lost in pairs))


def of(*pairs: tuple[float, bool]) -> list[Lifetime]:
    return [Lifetime(time=time, lost=lost) for time, lost in pairs]


@given(TIMES)
def test_the_curve_is_scipys(pairs):
    ours = survival(of(*pairs))
    lost = [time for time, gone in pairs if gone]
    kept = [time for time, gone in pairs if not gone]
    theirs = ecdf(CensoredData(uncensored=lost, right=kept)).sf
    for row in ours:
        assert row.share == pytest.approx(theirs.evaluate(np.array([row.time]))[0], abs=1e-12)


def test_the_band_is_scipys_greenwood():
    pairs = [(1.0, True), (2.0, False), (3.0, True), (3.0, True), (5.0, False), (6.0, True),
             (9.0, False), (9.0, False)]  # fmt: skip
    ours = survival(of(*pairs))
    lost = [time for time, gone in pairs if gone]
    kept = [time for time, gone in pairs if not gone]
    band = ecdf(CensoredData(uncensored=lost, right=kept)).sf.confidence_interval()
    for row in ours:
        at = np.array([row.time])
        assert row.low == pytest.approx(float(band.low.evaluate(at)[0]), abs=1e-12)
        assert row.high == pytest.approx(float(band.high.evaluate(at)[0]), abs=1e-12)


@given(TIMES)
def test_the_share_never_rises_and_lies_within_its_band(pairs):
    rows = survival(of(*pairs))
    shares = [1.0, *(row.share for row in rows)]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= row.low <= row.share + 1e-12 <= row.high + 2e-12 <= 1 + 3e-12 for row in rows)
    assert [row.time for row in rows] == sorted({time for time, lost in pairs if lost})


def test_without_a_loss_there_is_no_curve():
    assert survival(of((3.0, False), (9.0, False))) == ()
    assert survival([]) == ()


def test_who_is_watched_to_the_very_day_of_a_loss_is_at_risk_on_it():
    (row,) = survival(of((3.0, False), (3.0, True), (1.0, False)))
    assert (row.at_risk, row.lost, row.share) == (2, 1, 0.5)


def test_when_all_are_lost_nothing_is_left():
    last = survival(of((1.0, True), (2.0, True)))[-1]
    assert (last.share, last.low, last.high) == (0.0, 0.0, 0.0)


def test_at_a_time_the_last_row_before_it_is_in_force():
    rows = survival(of((1.0, True), (4.0, True), (9.0, False)))
    assert at_time(rows, 0.5) is None
    assert at_time(rows, 3.9) == rows[0]
    assert at_time(rows, 4.0) == rows[1]
