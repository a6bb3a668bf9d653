"""Time scales found in exact curves and in processes of known time scales."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from neurocl.analysis import as_spikes, autocorrelation, bin_counts, fit_timescales
from neurocl.core.errors import NeuroclError

LAGS = np.arange(101)


def process(tau, steps, n, rng):
    """Noise of variance 1 that decays with tau steps, [steps, n]."""
    m = np.exp(-1.0 / tau)
    return lfilter([np.sqrt(1 - m * m)], [1, -m], rng.normal(size=(steps + 500, n)), axis=0)[500:]


@settings(max_examples=20)
@given(st.floats(0.5, 80.0), st.floats(0.05, 1.0), st.floats(0.1, 10.0))
def test_one_exact_exponential_is_found_whatever_lag_0_is(tau, amplitude, dt):
    curve = amplitude * np.exp(-LAGS / tau)
    curve[0] = 1.0
    fit = fit_timescales(curve, dt=dt)
    assert fit.taus.size == 1 and not fit.bounded
    assert fit.tau == pytest.approx(tau * dt, rel=1e-5)
    assert fit.amplitudes[0] == pytest.approx(amplitude, rel=1e-4)
    assert fit.rmse < 1e-6


@settings(max_examples=20)
@given(st.floats(1.0, 6.0), st.floats(15.0, 60.0), st.floats(0.1, 1.0), st.sampled_from([-0.3, 0.2, 0.7]))
def test_two_exact_exponentials_are_found_also_with_a_negative_amplitude(fast, slow, weight_slow, weight_fast):
    curve = weight_fast * np.exp(-LAGS / fast) + weight_slow * np.exp(-LAGS / slow)
    fit = fit_timescales(curve)
    assert fit.taus == pytest.approx([slow, fast], rel=1e-3)
    assert fit.amplitudes == pytest.approx([weight_slow, weight_fast], rel=1e-2)
    assert fit.tau == fit.taus[0] and fit.aic.argmin() == 2
    np.testing.assert_allclose(fit.curve(LAGS), curve, atol=1e-4)


def test_a_recorded_process_of_one_time_scale_shows_it_also_under_observation_noise():
    rng = np.random.default_rng(0)
    x = process(20.0, 50_000, 9, rng) + rng.normal(size=(50_000, 9))
    correlations = autocorrelation(x, 120)
    fits = [fit_timescales(column, dt=0.5) for column in correlations.T]
    # One recording of five may get a second term; the median does not.
    assert np.median([fit.tau for fit in fits]) == pytest.approx(10.0, rel=0.05)
    assert np.median([fit.taus.size for fit in fits]) == 1
    assert np.median([fit_timescales(column, terms=1).amplitudes[0] for column in correlations.T]) == pytest.approx(
        0.5, abs=0.03
    )


def test_a_recorded_process_of_two_time_scales_shows_both():
    rng = np.random.default_rng(1)
    x = process(3.0, 100_000, 5, rng) + process(40.0, 100_000, 5, rng)
    fit = fit_timescales(autocorrelation(x, 150).mean(axis=1))
    assert fit.taus == pytest.approx([40.0, 3.0], rel=0.15)
    assert fit.amplitudes == pytest.approx([0.5, 0.5], abs=0.06)


def test_white_noise_mostly_has_no_time_scale():
    correlations = autocorrelation(np.random.default_rng(2).normal(size=(5000, 20)), 40)
    silent = [np.isnan(fit_timescales(column).tau) for column in correlations.T]
    assert np.mean(silent) > 0.6
    assert np.isfinite(fit_timescales(correlations[:, 0], terms=1).tau)
    none = fit_timescales(np.r_[1.0, np.zeros(20)])
    assert np.isnan(none.tau) and none.curve([0.0, 1.0]).tolist() == [0.0, 0.0]


def test_spikes_show_the_time_scale_of_their_rate():
    rng = np.random.default_rng(3)
    rate = 0.05 * np.exp(0.5 * process(30.0, 50_000, 8, rng))  # per ms
    step, neuron = np.nonzero(rng.random(rate.shape) < rate)
    spikes = as_spikes([step[neuron == i] + 1.0 for i in range(8)], t_stop=50_000.0)
    correlation = autocorrelation(bin_counts(spikes, 5.0), 30).mean(axis=1)
    assert fit_timescales(correlation, dt=5.0, terms=1).tau == pytest.approx(30.0, rel=0.15)


@settings(max_examples=20)
@given(st.floats(4.0, 20.0), st.floats(0.02, 0.6))
def test_an_oscillation_is_not_taken_for_two_time_scales_that_cancel(tau, frequency):
    curve = np.exp(-LAGS / tau) * np.cos(frequency * LAGS)
    fit = fit_timescales(curve)
    assert fit.taus.size == 1
    assert np.abs(fit.amplitudes).max() < 5.0


def test_critical_damping_has_one_time_scale_of_finite_amplitude():
    fit = fit_timescales((1 + LAGS / 8) * np.exp(-LAGS / 8))
    assert fit.taus.size == 1 and fit.amplitudes[0] == pytest.approx(1.0, abs=0.1)


def test_a_correlation_that_does_not_decay_is_marked():
    assert fit_timescales(np.full(30, 0.4)).bounded


@pytest.mark.parametrize(
    ("correlation", "options", "message"),
    [
        (np.ones(6), {}, "7 or more lags"),
        (np.ones((9, 2)), {}, "7 or more lags"),
        (np.r_[np.ones(9), np.nan], {}, "finite"),
        (np.ones(9), {"dt": 0.0}, "dt must be > 0"),
        (np.ones(9), {"terms": 3}, "terms must be 1, 2 or None, got 3"),
    ],
)
def test_what_cannot_be_fitted_is_refused(correlation, options, message):
    with pytest.raises(NeuroclError, match=message):
        fit_timescales(correlation, **options)
