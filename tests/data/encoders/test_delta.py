from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neurocl.core.errors import NeuroclError
from neurocl.data.encoders.delta import decode_delta, encode_delta

SIGNALS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.floats(-100, 100),
)


def test_events_follow_a_moving_reference() -> None:
    signal = [0.0, 0.5, 0.9, 1.0, 1.9, 1.1, 0.0, -0.1]  # reference 0, then 1, then 0
    np.testing.assert_array_equal(encode_delta(signal, 1.0), [0, 0, 0, 1, 0, 0, -1, 0])


def test_a_jump_of_several_thresholds_gives_as_many_events() -> None:
    np.testing.assert_array_equal(encode_delta([0.0, 2.5, -1.0], 1.0), [0, 2, -3])


def test_one_event_per_step_suffices_for_a_slow_signal() -> None:
    signal = np.sin(np.linspace(0, 20, 500))
    events = encode_delta(signal, 0.1)  # steps of at most 0.04
    assert set(np.unique(events)) == {-1, 0, 1}


@given(signal=SIGNALS, threshold=st.floats(1e-3, 50))
def test_reconstruction_error_stays_below_the_threshold(signal: np.ndarray, threshold: float) -> None:
    rebuilt = decode_delta(encode_delta(signal, threshold), threshold, signal[0])
    rounding = 4 * np.finfo(float).eps * 200  # of the largest reference
    assert np.abs(rebuilt - signal).max() < threshold + rounding


@given(signal=SIGNALS, threshold=st.floats(1e-3, 50))
def test_columns_do_not_influence_each_other(signal: np.ndarray, threshold: float) -> None:
    events = encode_delta(signal, threshold)
    for neuron in range(signal.shape[1]):
        np.testing.assert_array_equal(events[:, neuron], encode_delta(signal[:, neuron], threshold))


@given(signal=SIGNALS, threshold=st.floats(1e-3, 50))
def test_the_negative_signal_gives_the_negative_events(signal: np.ndarray, threshold: float) -> None:
    np.testing.assert_array_equal(encode_delta(-signal, threshold), -encode_delta(signal, threshold))


def test_decoding_adds_up_the_events() -> None:
    signal = decode_delta([[0, 0], [1, -1], [0, -2]], 0.5, start=[1.0, 2.0])
    np.testing.assert_allclose(signal, [[1, 2], [1.5, 1.5], [1.5, 0.5]])


@pytest.mark.parametrize(
    ("signal", "threshold", "complaint"),
    [
        ([0.0, np.nan], 1.0, "NaN"),
        ([0.0, 1.0], 0.0, "threshold"),
        ([0.0, 1.0], -1.0, "threshold"),
        ([0.0, 1.0], 1e-300, "threshold must be larger"),
        ([-1e308, 1e308], 1.0, "threshold must be larger"),
        (3.0, 1.0, r"\[time, ...\]"),
        ([], 1.0, "empty"),
    ],
)
def test_wrong_signals_are_an_error(signal: object, threshold: float, complaint: str) -> None:
    with pytest.raises(NeuroclError, match=complaint):
        encode_delta(signal, threshold)


@pytest.mark.parametrize(
    ("events", "start", "complaint"),
    [([0.5, 1.0], 0.0, "whole numbers"), (1, 0.0, "whole numbers"), ([[0, 1]], [1.0, 2.0, 3.0], "start")],
)
def test_wrong_events_are_an_error(events: object, start: object, complaint: str) -> None:
    with pytest.raises(NeuroclError, match=complaint):
        decode_delta(events, 1.0, start)
