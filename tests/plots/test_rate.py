"""Rate plots show the population rate in Hz."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.recording import Spikes
from neurocl.plots import rate

SPIKES = Spikes([1, 10, 11, 25], [0, 1, 0, 1], 2, 0, 25)


def test_steps_are_the_population_rate():
    ax = rate(SPIKES, bin_width=10)
    values, edges, _ = ax.patches[0].get_data()
    np.testing.assert_allclose(values, [100, 50, 100])  # 2, 1 and 1 spikes of 2 neurons in 10, 10 and 5 ms
    np.testing.assert_allclose(edges, [0, 10, 20, 25])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "population rate (Hz)")
    assert ax.get_xlim() == (0, 25) and ax.get_ylim()[0] == 0
    assert ax.get_legend() is None


def test_several_populations_have_a_legend_and_colours():
    ax = rate({"exc": SPIKES, "inh": SPIKES.select([0])}, bin_width=5)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["exc", "inh"]
    assert ax.patches[0].get_edgecolor() != ax.patches[1].get_edgecolor()
    for patch, spikes in zip(ax.patches, (SPIKES, SPIKES.select([0])), strict=True):
        np.testing.assert_array_equal(patch.get_data().values, spikes.population_rate(5)[0])


def test_bin_width_must_be_positive():
    with pytest.raises(ValueError, match="bin_width must be > 0"):
        rate(SPIKES, bin_width=0)


def test_a_second_plot_on_the_same_axes_is_not_cut():
    ax = rate(SPIKES.select([1]), bin_width=25)  # 80 Hz
    rate(SPIKES, ax, bin_width=1)  # up to 500 Hz
    assert ax.get_ylim()[1] > 500 and ax.get_ylim()[0] == 0
