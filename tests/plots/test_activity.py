"""The activity plot is a raster with the rates below, on one time axis."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from neurocl.core.recording import Spikes
from neurocl.plots import activity

EXC = Spikes([1.0, 2.0, 3.0], [0, 2, 1], 3, 0, 10)
INH = Spikes([4.0], [1], 2, 0, 10)


def test_rates_stand_below_the_raster_in_the_same_colours():
    ax = activity({"exc": EXC, "inh": INH}, bin_width=5)
    rates = ax.figure.axes[-1]
    dots = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [line.get_xdata().size for line in dots] == [3, 1]
    for patch, line, spikes in zip(rates.patches, dots, (EXC, INH), strict=True):
        np.testing.assert_array_equal(patch.get_data().values, spikes.population_rate(5)[0])
        assert plt.matplotlib.colors.same_color(patch.get_edgecolor(), line.get_color())
    assert (rates.get_xlabel(), rates.get_ylabel(), ax.get_xlabel()) == ("time (ms)", "rate (Hz)", "")
    assert rates.get_legend() is None


def test_both_share_the_time_and_stay_inside_a_given_place():
    figure, axes = plt.subplots(1, 2, layout="constrained")
    assert activity(EXC, axes[0]) is axes[0]
    axes[0].set_xlim(2, 5)
    rates = figure.axes[-1]
    assert rates.get_xlim() == (2, 5)
    figure.canvas.draw()
    upper, lower = axes[0].get_tightbbox(), rates.get_tightbbox()
    assert lower.y0 >= 0 and lower.y1 <= upper.y0 and max(lower.x1, upper.x1) <= axes[1].get_tightbbox().x0


def test_axes_outside_a_grid_are_divided_too():
    ax = plt.figure().add_axes((0.1, 0.1, 0.8, 0.8))
    activity(EXC, ax)
    lower, upper = ax.figure.axes[-1].get_position(), ax.get_position()
    assert lower.y0 == 0.1 and lower.y1 < upper.y0 and upper.y1 == pytest.approx(0.9)
