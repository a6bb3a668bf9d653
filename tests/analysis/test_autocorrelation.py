"""Autocorrelation against its definition and a process of known correlation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from neurocl.analysis import autocorrelation
from neurocl.core.errors import NeuroclError


def direct(x, max_lag):
    x = x - x.mean()
    return np.array([np.mean(x[: x.size - k] * x[k:]) for k in range(max_lag + 1)]) / np.mean(x * x)


@pytest.mark.parametrize(("steps", "max_lag"), [(2, 1), (50, 49), (501, 30), (1000, 7)])
def test_it_is_the_mean_over_the_pairs_there_are(steps, max_lag):
    x = np.random.default_rng(0).normal(3.0, 2.0, (steps, 70))
    result = autocorrelation(x, max_lag)
    assert result.shape == (max_lag + 1, 70)
    np.testing.assert_allclose(result, np.stack([direct(column, max_lag) for column in x.T], axis=1), atol=1e-10)
    np.testing.assert_allclose(autocorrelation(x[:, 0], max_lag), result[:, 0], atol=1e-12)


def test_a_first_order_process_decays_geometrically():
    x = lfilter([1.0], [1.0, -0.9], np.random.default_rng(1).normal(size=(20_000, 20)), axis=0)
    np.testing.assert_allclose(autocorrelation(x, 20).mean(axis=1), 0.9 ** np.arange(21), atol=0.02)


def test_a_constant_column_has_none():
    result = autocorrelation(np.stack([np.full(50, 0.1), np.arange(50.0)], axis=1), 5)
    assert np.isnan(result[:, 0]).all() and result[0, 1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("activity", "max_lag", "message"),
    [
        (np.ones(5), 5, "below the number of steps, 5"),
        (np.array([1.0, np.nan, 2.0]), 1, "finite"),
        (np.ones((3, 3, 3)), 1, "shape"),
        (np.ones(5), 0, "whole number >= 1"),
        (["a", "b"], 1, "numbers"),
    ],
)
def test_what_has_no_autocorrelation_is_refused(activity, max_lag, message):
    with pytest.raises(NeuroclError, match=message):
        autocorrelation(activity, max_lag)
