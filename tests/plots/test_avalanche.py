"""Avalanche plots: densities that integrate to 1, lines of the given exponent, units."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.plots import avalanche_durations, avalanche_sizes
from neurocl.plots._avalanche import log_binned


@given(hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(1, 10**6)))
def test_bins_of_whole_numbers_hold_every_avalanche_once(sizes):
    centres, density = log_binned(sizes.astype(float))
    assert np.all(np.diff(centres) > 0) and np.all(density > 0)
    assert sizes.min() * (1 - 1e-9) <= centres[0] and centres[-1] <= sizes.max() * (1 + 1e-9)
    few = np.unique(sizes)
    if few.max() <= 3:  # bins of one number each: the density is the frequency itself
        np.testing.assert_array_equal(centres, few)
        np.testing.assert_allclose(density, [np.mean(sizes == number) for number in few])


@pytest.mark.parametrize("alpha", [1.5, 2.5])
def test_points_follow_an_exact_power_law(alpha):
    numbers = np.arange(1, 2001)
    sizes = np.repeat(numbers, np.rint(1e7 * numbers**-alpha).astype(int))
    centres, density = log_binned(sizes.astype(float))
    slope = np.polyfit(np.log(centres[centres < 200]), np.log(density[centres < 200]), 1)[0]
    assert slope == pytest.approx(-alpha, abs=0.02)


def test_sizes_of_a_continuous_signal_are_binned_as_densities():
    sizes = np.exp(np.linspace(0.0, np.log(100.0), 10_001))[1:]  # p(s) = 1 / (s ln 100)
    centres, density = log_binned(sizes)
    np.testing.assert_allclose(density, 1 / (centres * np.log(100)), rtol=0.02)


@pytest.mark.parametrize("fit", [2.0, SimpleNamespace(alpha=2.0), SimpleNamespace(alpha=2.0, x_min=2, x_max=None)])
def test_a_fit_is_a_line_of_its_slope_through_the_points(fit):
    sizes = np.repeat([1, 2, 4, 8], [6400, 1600, 400, 100])
    ax = avalanche_sizes(sizes, fit=fit)
    points, line = ax.lines
    x, y = (np.log(values) for values in line.get_data())
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(-2.0)
    assert line.get_xdata()[0] == getattr(fit, "x_min", 1)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("avalanche size (events)", "probability of a size")
    assert "-2.00" in ax.get_legend().get_texts()[1].get_text()
    np.testing.assert_allclose(points.get_ydata()[:2], [6400 / 8500, 1600 / 8500])


def test_a_fit_ends_with_its_range():
    line = avalanche_sizes(np.arange(1, 1000), fit=SimpleNamespace(alpha=1.0, x_min=3, x_max=100)).lines[1]
    assert 3 <= line.get_xdata()[0] < line.get_xdata()[1] <= 100


def test_durations_are_in_ms_and_their_density_per_ms():
    in_bins, in_ms = avalanche_durations([1, 1, 2], bin_width=1.0), avalanche_durations([1, 1, 2], bin_width=4.0)
    np.testing.assert_allclose(in_ms.lines[0].get_xdata(), 4.0 * in_bins.lines[0].get_xdata())
    np.testing.assert_allclose(in_ms.lines[0].get_ydata(), in_bins.lines[0].get_ydata() / 4.0)
    assert (in_ms.get_xlabel(), in_ms.get_ylabel()) == ("avalanche duration (ms)", "probability density (1/ms)")


def test_durations_without_a_width_stay_in_bins():
    ax, in_ms = avalanche_durations([1, 1, 2]), avalanche_durations([1, 1, 2], bin_width=1.0)
    np.testing.assert_array_equal(ax.lines[0].get_data(), in_ms.lines[0].get_data())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("avalanche duration (bins)", "probability of a duration")
    with pytest.raises(NeuroclError, match="bin_width must be > 0"):
        avalanche_durations([1, 1, 2], bin_width=0.0)


def test_several_sets_have_a_legend_and_each_its_fit():
    ax = avalanche_sizes({"a": [1, 1, 2], "b": [1, 2, 4]}, fit={"b": 1.5})
    assert len(ax.lines) == 3 and ax.lines[1].get_color() == ax.lines[2].get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()][:2] == ["a", "b"]


@pytest.mark.parametrize(
    ("sizes", "fit", "message"),
    [
        ([], None, "one number > 0"),
        ([0, 1], None, "one number > 0"),
        ([1.0, np.nan], None, "one number > 0"),
        ([1, 2], "steep", "exponent of fit must be a finite number"),
        ([1, 2], SimpleNamespace(alpha=2.0, x_min=50), "range of the fit, 50 to infinity"),
    ],
)
def test_wrong_input_is_told(sizes, fit, message):
    with pytest.raises(NeuroclError, match=message):
        avalanche_sizes(sizes, fit=fit)
