"""Spike trains in all the forms that users hold."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.analysis import (
    as_spikes,
    bin_counts,
    cv2,
    fano_factor,
    mr_estimator,
    spike_distance,
    victor_purpura_distance,
)
from neurocl.analysis._trains import flat_trains
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import GroupRecording, Recording, Spikes

A, B = [30.0, 10.0, 25.0], [12.0]


@pytest.mark.parametrize(
    "trains",
    [
        [A, B, []],
        (tuple(A), tuple(B), ()),
        [np.array(A), np.array(B), np.array([])],
        np.array([np.array(A), np.array(B), np.array([])], dtype=object),
        Spikes([*A, *B], [0, 0, 0, 1], n=3, t_start=0.0, t_stop=40.0),
        Spikes([*A, *B], [0, 0, 0, 1], n=3, t_start=0.0, t_stop=40.0, neurons=[7, 2, 5]),
    ],
)
def test_all_forms_of_several_trains_are_the_same_sorted_trains(trains):
    flat = flat_trains(trains, "f")
    np.testing.assert_array_equal(flat.times, [10.0, 25.0, 30.0, 12.0])
    np.testing.assert_array_equal(flat.bounds, [0, 3, 4, 4])
    assert flat.n == 3 and not flat.single


@pytest.mark.parametrize("train", [A, tuple(A), np.array(A), np.array(A, dtype=np.float32), [30, 10, 25]])
def test_an_array_of_numbers_is_one_train(train):
    flat = flat_trains(train, "f")
    np.testing.assert_array_equal(flat.times, [10.0, 25.0, 30.0])
    assert flat.single
    assert isinstance(cv2(train), float) and cv2([train]).shape == (1,)


def test_an_empty_list_is_one_silent_train():
    assert flat_trains([], "f").single and flat_trains([], "f").n == 1


def test_rows_of_an_array_are_trains():
    assert flat_trains(np.array([[1.0, 2.0], [4.0, 3.0]]), "f").times.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_units_of_neo_trains_are_converted():
    neo, pq = pytest.importorskip("neo"), pytest.importorskip("quantities")
    trains = [neo.SpikeTrain([0.01, 0.02] * pq.s, t_stop=1.0 * pq.s), neo.SpikeTrain([5.0] * pq.ms, t_stop=1.0 * pq.s)]
    np.testing.assert_allclose(flat_trains(trains, "f").times, [10.0, 20.0, 5.0])
    assert flat_trains(trains[0], "f").single


def test_as_spikes_keeps_trains_and_window():
    spikes = as_spikes([A, [], B], t_start=5.0, t_stop=50.0)
    assert (spikes.n, spikes.t_start, spikes.t_stop) == (3, 5.0, 50.0)
    assert [train.tolist() for train in spikes.trains()] == [[10.0, 25.0, 30.0], [], [12.0]]
    assert as_spikes(A, t_stop=40.0).n == 1


def test_more_neurons_than_16_bits_count_keep_their_trains():
    n = 70_000
    spikes = Spikes([3.0, 2.0, 1.0], [n - 1, 0, n - 1], n=n, t_start=0.0, t_stop=4.0)
    flat = flat_trains(spikes, "f")
    assert flat.times.tolist() == [2.0, 1.0, 3.0] and flat.bounds[-2:].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("trains", "message"),
    [
        ([1.0, np.nan], "finite"),
        ([[1.0], [np.inf]], "finite"),
        ([1.0, [2.0]], "mixture"),
        (["a"], "numbers"),
        ("abc", "expected a Spikes"),
        (5.0, "expected a Spikes"),
        (None, "expected a Spikes"),
        ([[[1.0]]], "list of times"),
        (np.zeros((2, 2, 2)), "shape"),
        (np.empty((0, 3)), "no train"),
        (np.array([True, False]), "mask"),
        ([True, False], "mask"),
        ([[1.0], [True]], "mask"),
        (np.zeros((2, 3), dtype=bool), "mask"),
    ],
)
def test_what_is_no_train_is_refused(trains, message):
    with pytest.raises(NeuroclError, match=message):
        cv2(trains)


@pytest.mark.parametrize("function", [spike_distance, lambda s: victor_purpura_distance(5.0, s), fano_factor])
def test_messages_begin_with_the_function(function):
    with pytest.raises(NeuroclError, match=r"^(spike_distance|victor_purpura_distance|fano_factor): "):
        function(None)


def test_a_function_that_needs_the_window_says_how_to_give_it():
    with pytest.raises(NeuroclError, match=r"as_spikes\(trains, t_stop="):
        spike_distance([A, B])
    with pytest.raises(NeuroclError, match="window of time"):
        spike_distance(as_spikes([[]], t_stop=0.0))
    with pytest.raises(NeuroclError, match="outside the window"):
        as_spikes(A, t_stop=20.0)


@pytest.mark.parametrize("function", [cv2, spike_distance, lambda s: bin_counts(s, 1.0), mr_estimator])
def test_a_recording_instead_of_its_spikes_is_refused_with_the_way_out(function):
    group = GroupRecording("p", as_spikes([A], t_stop=40.0))
    for given in (group, Recording(40.0, 0.1, [group])):
        with pytest.raises(NeuroclError, match=r'give out\["p"\]\.spikes\.$'):
            function(given)
