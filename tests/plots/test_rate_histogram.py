"""The rate histogram counts every neuron, silent ones too."""

from __future__ import annotations

import numpy as np

from neurocl.core.recording import Spikes
from neurocl.plots import rate_histogram

# In 100 ms: 0, 10 and 20 Hz; 20 Hz.
EXC = Spikes([1, 2, 3], [1, 2, 2], 3, 0, 100)
INH = Spikes([5, 6], [0, 0], 1, 0, 100)


def test_bars_are_percentages_of_all_neurons():
    ax = rate_histogram(EXC, bins=2)
    values, edges, _ = ax.patches[0].get_data()
    np.testing.assert_allclose(edges, [0, 10, 20])
    np.testing.assert_allclose(values, [100 / 3, 200 / 3])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("mean rate of a neuron (Hz)", "neurons (%)")
    assert ax.texts[0].get_text() == "mean = 10 Hz"


def test_populations_share_bins_and_are_named_with_their_mean():
    ax = rate_histogram({"exc": EXC, "inh": INH}, bins=2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["exc: 10 Hz", "inh: 20 Hz"]
    outlines = [patch.get_data() for patch in ax.patches if not patch.get_fill()]
    np.testing.assert_allclose([data.values for data in outlines], [[100 / 3, 200 / 3], [0, 100]])


def test_a_silent_population_is_drawn():
    values, edges, _ = rate_histogram(Spikes([], [], 4, 0, 100), bins=5).patches[0].get_data()
    assert values[0] == 100 and edges[0] == 0
