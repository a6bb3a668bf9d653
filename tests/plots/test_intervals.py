"""The interval histogram counts every inter-spike interval."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes
from neurocl.plots import isi_histogram


def test_bars_count_the_intervals_of_all_neurons():
    # Neuron 0: 10, 10 (CV 0); neuron 1: 10, 30 (CV 0.5).
    ax = isi_histogram(Spikes([10, 20, 30, 10, 20, 50], [0, 0, 0, 1, 1, 1], 2, 0, 100), bins=3)
    counts, edges, _ = ax.patches[0].get_data()
    np.testing.assert_allclose(edges, [0, 10, 20, 30])
    np.testing.assert_array_equal(counts, [0, 3, 1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("inter-spike interval (ms)", "number of intervals")
    assert ax.texts[0].get_text() == "mean CV = 0.25"


def test_without_a_cv_none_is_written():
    assert not isi_histogram(Spikes([10, 20], [0, 0], 1, 0, 100)).texts


def test_no_interval_is_an_error():
    with pytest.raises(NeuroclError, match="no neuron fired twice"):
        isi_histogram(Spikes([10, 20], [0, 1], 2, 0, 100))


def test_long_pauses_do_not_squeeze_the_others():
    times = np.append(np.arange(1.0, 1000.0, 5.0), 5000.0)  # 199 intervals of 5 ms and one of 4 s
    spikes = Spikes(times, np.zeros(times.size, int), 1, 0, 6000)
    ax = isi_histogram(spikes)
    assert ax.get_xlim() == (0, 5) and "0.5 % are longer" in ax.texts[0].get_text()
    assert isi_histogram(spikes, longest=5000.0).get_xlim() == (0, 5000)
    with pytest.raises(NeuroclError, match="longest must be > 0"):
        isi_histogram(spikes, longest=0.0)
