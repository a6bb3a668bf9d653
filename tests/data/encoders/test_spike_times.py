from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders.spike_times import spikes_to_times, times_to_spikes


def test_row_k_has_time_k_plus_one_times_dt() -> None:
    spikes = np.array([[0, 1, 0], [0, 0, 0], [1, 0, 1]])
    times, indices = spikes_to_times(spikes, dt=0.5)
    np.testing.assert_array_equal(times, [0.5, 1.5, 1.5])
    np.testing.assert_array_equal(indices, [1, 0, 2])


@given(
    spikes=hnp.arrays(bool, st.tuples(st.integers(1, 40), st.integers(1, 6))),
    dt=st.sampled_from([0.1, 0.3, 1.0, 1 / 3]),
    dtype=st.sampled_from(["float64", "float32"]),
    seed=st.integers(0, 9),
)
def test_back_and_forth_changes_nothing(spikes: np.ndarray, dt: float, dtype: str, seed: int) -> None:
    times, indices = spikes_to_times(spikes, dt)
    order = np.random.default_rng(seed).permutation(len(times))  # any order is allowed
    back = times_to_spikes(times[order].astype(dtype), indices[order], *spikes.shape, dt)
    np.testing.assert_array_equal(back, spikes)


@pytest.mark.parametrize("spikes", [np.ones(3), np.ones((2, 2, 2)), [[2, 0]], [[-1, 0]], [[1], [0, 1]]])
def test_anything_but_a_plane_of_zeros_and_ones_is_an_error(spikes: object) -> None:
    with pytest.raises(NeuroclError, match="spikes must"):
        spikes_to_times(spikes, 1.0)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"times": [0.0]}, "between dt = 0.5 and n_steps"),
        ({"times": [5.5]}, "between dt = 0.5 and n_steps"),
        ({"times": [1.2]}, "multiples of dt = 0.5 ms, got 1.2"),
        ({"times": [np.nan]}, "NaN"),
        ({"times": [1.0, 2.0]}, "one length"),
        ({"indices": [3]}, "from 0 to 2"),
        ({"indices": [-1]}, "from 0 to 2"),
        ({"indices": [0.5]}, "whole numbers"),
        ({"times": [1.0, 1.0], "indices": [2, 2]}, "once in a step"),
        ({"dt": 0.0}, "dt"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_neurons": 0}, "n_neurons"),
    ],
)
def test_wrong_events_are_an_error(changed: dict[str, Any], complaint: str) -> None:
    good = {"times": [1.0], "indices": [0], "n_steps": 10, "n_neurons": 3, "dt": 0.5}
    with pytest.raises(NeuroclError, match=complaint):
        times_to_spikes(**(good | changed))
