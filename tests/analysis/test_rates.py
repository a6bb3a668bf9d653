"""Smoothed rates against the Gaussian itself."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.analysis import as_spikes, smoothed_rate
from neurocl.core.errors import NeuroclError


def test_one_spike_becomes_the_gaussian():
    rate = smoothed_rate(as_spikes([[50.0], []], t_stop=100.0), sigma=5.0, bin_width=0.1)
    centres = np.arange(1000) * 0.1 + 0.05
    expected = 1000.0 * np.exp(-((centres - 49.95) ** 2) / 50.0) / np.sqrt(50.0 * np.pi)
    np.testing.assert_allclose(rate[:, 0], expected, atol=4e-4 * expected.max())  # cut at 4 sigma, e^-8
    assert not rate[:, 1].any()


@pytest.mark.parametrize("sigma", [1.0, 7.0, 300.0])
def test_a_constant_rate_stays_constant_up_to_the_ends(sigma):
    spikes = as_spikes(np.arange(1.0, 201.0), t_stop=200.0)
    np.testing.assert_allclose(smoothed_rate(spikes, sigma), 1000.0)


def test_the_width_must_be_positive():
    with pytest.raises(NeuroclError, match="sigma must be > 0"):
        smoothed_rate(as_spikes([1.0], t_stop=2.0), 0.0)


@pytest.mark.parametrize(
    ("spikes", "width", "message"),
    [
        ([1.0, 2.0], 1.0, r"expected a Spikes, .*as_spikes\(trains, t_stop="),
        (as_spikes([1.0], t_stop=2.0), 3.0, "must not exceed the window"),
        (as_spikes([1.0], t_stop=2.0), 1e-320, "too many bins"),
    ],
)
def test_messages_begin_with_smoothed_rate(spikes, width, message):
    with pytest.raises(NeuroclError, match=f"^smoothed_rate: .*{message}"):
        smoothed_rate(spikes, 1.0, width)
