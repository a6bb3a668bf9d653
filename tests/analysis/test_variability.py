"""CV2, LV and LvR against the numbers of the literature's definitions, elephant and Poisson trains."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import as_spikes, cv2, lv, lvr

A = [10, 25, 60, 61.5, 120, 180, 195, 300, 310, 450]
B = [12, 24, 58, 125, 140, 185, 305, 400, 455]

times = st.lists(st.floats(0.0, 1000.0), min_size=3, max_size=30, unique_by=lambda t: round(t, 3))


def test_values_of_a_known_train():
    spikes = as_spikes(A, t_stop=500.0)
    assert spikes.mean_rate() == 20.0
    assert spikes.cv() == pytest.approx(0.912551651, abs=1e-9)
    assert spikes.cv() * np.sqrt(9 / 8) == pytest.approx(0.967907, abs=5e-7)  # with ddof 1, which it is not
    assert cv2(A) == pytest.approx(1.330805018, abs=1e-9)
    assert lv(A) == pytest.approx(1.597898598, abs=1e-9)
    assert lvr(A) == pytest.approx(2.061028797, abs=1e-9)


@pytest.mark.parametrize("measure", [cv2, lv, lvr])
def test_all_trains_at_once_equal_one_after_the_other(measure):
    spikes = as_spikes([A, [], B, [5.0], [5.0, 6.0]], t_stop=500.0)
    values = measure(spikes)
    np.testing.assert_allclose(values, measure(spikes.trains()))
    np.testing.assert_allclose(values, [measure(A), np.nan, measure(B), np.nan, np.nan])


@given(times)
def test_values_agree_with_elephant(train):
    statistics = pytest.importorskip("elephant.statistics")
    intervals = np.diff(np.sort(train))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = statistics.cv2(intervals), statistics.lv(intervals), statistics.lvr(intervals, R=3.0)
    assert (cv2(train), lv(train), lvr(train, 3.0)) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(times, st.floats(0.1, 10.0))
def test_cv2_and_lv_do_not_know_the_unit_of_time_and_lvr_without_refractoriness_is_lv(train, factor):
    scaled = np.array(train) * factor
    assert cv2(scaled) == pytest.approx(cv2(train), abs=1e-6)
    assert lv(scaled) == pytest.approx(lv(train), abs=1e-6)
    assert lvr(train, refractoriness=0.0) == lv(train)


def test_a_regular_train_has_none_and_poisson_trains_have_one():
    assert cv2(np.arange(0.0, 100.0, 5.0)) == lv(np.arange(0.0, 100.0, 5.0)) == 0.0
    poisson = np.cumsum(np.random.default_rng(0).exponential(50.0, size=(100, 1000)), axis=1)
    # 4 standard errors over 100 trains of 1000 intervals each.
    assert cv2(poisson).mean() == pytest.approx(1.0, abs=0.01)
    assert lv(poisson).mean() == pytest.approx(1.0, abs=0.02)


def test_a_slow_change_of_rate_raises_the_cv_but_hardly_cv2_and_lv():
    intervals = np.random.default_rng(1).exponential(1.0, 4000) * np.repeat([10.0, 100.0], 2000)
    train = np.cumsum(intervals)
    assert as_spikes(train, t_stop=train[-1]).cv() > 1.3
    assert cv2(train) == pytest.approx(1.0, abs=0.05) and lv(train) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("measure", [cv2, lv, lvr])
def test_three_spikes_at_one_time_have_no_value(measure):
    assert np.isnan(measure([5.0, 5.0, 5.0, 9.0]))
    assert np.isfinite(measure([5.0, 5.0, 9.0]))
