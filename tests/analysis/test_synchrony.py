"""Measures of pyspike on trains of ours."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from neurocl.analysis import as_spikes, isi_distance, spike_distance, spike_synchronization
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes

A = [10, 25, 60, 61.5, 120, 180, 195, 300, 310, 450]
B = [12, 24, 58, 125, 140, 185, 305, 400, 455]

MEASURES = (isi_distance, spike_distance, spike_synchronization)


@pytest.mark.parametrize(
    ("trains", "t_stop", "expected"),
    [
        ([A, B], 500.0, (0.323651121, 0.116846710, 0.526315789)),
        ([[10, 20, 30], [12, 22, 32]], 40.0, (0.05, 0.194545455, 1.0)),
    ],
)
def test_values_of_known_trains(trains, t_stop, expected):
    pytest.importorskip("pyspike")
    spikes = as_spikes(trains, t_stop=t_stop)
    assert [measure(spikes)[0, 1] for measure in MEASURES] == pytest.approx(expected, abs=1e-9)


def test_matrices_are_symmetric_within_0_and_1_and_each_train_agrees_with_itself():
    pytest.importorskip("pyspike")
    rng = np.random.default_rng(0)
    trains = [rng.uniform(100.0, 300.0, size) for size in (10, 30, 1, 0)]
    spikes = as_spikes(trains, t_start=100.0, t_stop=300.0)
    for measure, own in zip(MEASURES, (0.0, 0.0, 1.0), strict=True):
        matrix = measure(spikes)
        np.testing.assert_allclose(matrix, matrix.T)
        np.testing.assert_array_equal(np.diagonal(matrix), own)
        assert ((matrix >= 0.0) & (matrix <= 1.0)).all()
        assert measure(spikes.select([1])).tolist() == [[own]]


def test_a_spike_past_the_end_by_rounding_is_one_at_the_end():
    pytest.importorskip("pyspike")
    beyond = Spikes([10.0, 20.0 + 1e-9], [0, 1], n=2, t_start=0.0, t_stop=20.0)
    np.testing.assert_allclose(isi_distance(beyond), isi_distance(as_spikes([[10.0], [20.0]], t_stop=20.0)))


def test_two_spikes_at_one_time_are_refused_by_the_number_of_the_neuron():
    pytest.importorskip("pyspike")
    spikes = Spikes([5.0, 5.0, 6.0], [1, 1, 0], n=2, t_start=0.0, t_stop=9.0, neurons=[3, 8])
    with pytest.raises(NeuroclError, match="neuron 8 has two spikes at one time"):
        spike_distance(spikes)


@pytest.mark.parametrize("measure", MEASURES)
def test_without_pyspike_the_message_says_what_to_install(measure, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspike", None)
    with pytest.raises(NeuroclError, match=rf'^{measure.__name__} needs pyspike: pip install "neurocl\[distances\]"'):
        measure(as_spikes([A, B], t_stop=500.0))
