"""MR estimator: exact slopes, the spec's processes under subsampling, intervals that hold, and its errors."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis._exponential import fit_exponential
from neurocl.analysis.branching import branching_process, mr_estimator, subsampling_factor
from neurocl.core.errors import NeuroclError
from neurocl.core.recording import Spikes


@pytest.mark.parametrize(
    ("m", "observed", "b"),
    [(0.9, 0.1, 0.369004), (0.98, 0.1, 0.737246), (0.98, 0.01, 0.203235), (0.99, 0.05, 0.725637)],
)
def test_subsampling_factor_has_the_known_values(m, observed, b):
    assert subsampling_factor(m, observed) == pytest.approx(b, abs=5e-6)


def test_the_conventional_estimate_reads_b_m():
    b = subsampling_factor(0.95, 0.1)
    assert (b, b * 0.95) == pytest.approx((0.5326, 0.5060), abs=5e-5)


# With the values of single runs of the specification: r_1, the estimate of m and, in the first, of b.
@pytest.mark.parametrize(
    ("m", "h", "observed", "measured"),
    [
        (0.95, 5.0, 0.1, (0.5035, 0.9494, 0.5336)),
        (0.98, 2.0, 0.05, (0.5482, 0.9779, None)),
        (0.99, 1.0, 0.2, (0.918, 0.9910, None)),
    ],
)
def test_mr_finds_m_where_the_conventional_estimate_fails(m, h, observed, measured):
    estimate = mr_estimator(branching_process(m, h, 100_000, observed=observed, rng=3), rng=4)
    found = (estimate.r_1, estimate.m, estimate.b)
    for value, known, tolerance in zip(found, measured, (0.05, 0.01, 0.04), strict=True):
        assert known is None or value == pytest.approx(known, abs=tolerance)
    b = subsampling_factor(m, observed)
    assert estimate.m == pytest.approx(m, abs=0.01)
    assert estimate.b == pytest.approx(b, abs=0.04)
    assert estimate.r_1 == pytest.approx(b * m, abs=0.04)
    assert estimate.r_1 < estimate.m - 0.05
    assert estimate.interval[0] < estimate.m < estimate.interval[1]
    assert 3 * estimate.tau <= estimate.k_max <= 6 * estimate.tau


@pytest.mark.parametrize(("m", "h"), [(0.8, 3.0), (0.95, 1.0)])
def test_full_sampling_gives_amplitude_one(m, h):
    estimate = mr_estimator(branching_process(m, h, 100_000, rng=5))
    assert estimate.m == pytest.approx(m, abs=0.015)
    assert estimate.b == pytest.approx(1.0, abs=0.03)


def test_the_process_has_its_mean_and_variance():
    # Mean h / (1 - m); Poisson offspring and immigration: variance = mean / (1 - m^2). Tolerance: 4 standard errors.
    activity = branching_process(0.9, 2.0, 200, trials=5000, rng=1)
    assert activity.shape == (5000, 200)
    assert activity[:, 0].mean() == pytest.approx(20.0, abs=4 * np.sqrt(20 / 0.19 / 5000))
    assert activity[:, -1].var() == pytest.approx(20 / 0.19, rel=0.09)


def test_slopes_are_those_of_a_regression_with_intercept():
    activity = branching_process(0.8, 4.0, 3000, rng=2)
    slopes = mr_estimator(activity, k_max=7).slopes
    expected = [np.polyfit(activity[:-k], activity[k:], 1)[0] for k in range(1, 8)]
    np.testing.assert_allclose(slopes, expected, rtol=1e-9)


def test_the_slopes_of_trials_use_one_intercept_or_one_each():
    trials = branching_process(0.8, 4.0, 100, trials=30, rng=2) + np.arange(30)[:, None]
    pooled, own = (mr_estimator(trials, k_max=5, mean=mean).slopes for mean in ("stationary", "trial"))
    x, y = trials[:, :-2], trials[:, 2:]
    assert pooled[1] == pytest.approx(np.polyfit(x.ravel(), y.ravel(), 1)[0])
    x, y = (part - part.mean(axis=1, keepdims=True) for part in (x, y))
    assert own[1] == pytest.approx((x * y).sum() / (x * x).sum())


def test_a_mean_per_trial_withstands_trials_of_different_rate():
    rates = np.random.default_rng(0).uniform(1.0, 30.0, 40)
    trials = np.concatenate([branching_process(0.9, h, 2000, trials=1, rng=k) for k, h in enumerate(rates)])
    assert mr_estimator(trials, mean="trial").m == pytest.approx(0.9, abs=0.015)
    assert mr_estimator(trials, mean="stationary").m > 0.98


def test_an_offset_absorbs_a_slow_drift():
    drift = 300.0 * np.sin(np.linspace(0.0, 6.0, 50_000))
    activity = branching_process(0.9, 10.0, 50_000, rng=6) + drift - drift.min()
    estimate = mr_estimator(activity, k_max=60, fit="exponential+offset")
    assert estimate.m == pytest.approx(0.9, abs=0.02)
    assert estimate.offset > 0.5
    assert mr_estimator(activity, k_max=60).m > 0.99


def test_the_interval_covers_the_true_value_about_as_often_as_it_says():
    # Of 60 runs, 95 % are 57; fewer than 48 has a probability below 1e-5. Blocks alone, and trials.
    covered = np.zeros(2)
    for seed in range(60):
        series = branching_process(0.9, 5.0, 5000, observed=0.5, rng=seed)
        trials = branching_process(0.9, 5.0, 250, trials=20, observed=0.5, rng=1000 + seed)
        intervals = [mr_estimator(a, k_max=30, n_bootstrap=100, rng=seed).interval for a in (series, trials)]
        covered += [low <= 0.9 <= high for low, high in intervals]
    assert (covered >= 48).all()


@given(m=st.floats(0.05, 0.995), b=st.floats(0.05, 1.0), c=st.floats(-0.3, 0.3), k_max=st.integers(10, 80))
def test_an_exact_exponential_is_found_again(m, b, c, k_max):
    lags = np.arange(1, k_max + 1)
    found_m, found_b, _ = fit_exponential(b * m ** lags[None], with_offset=False)
    assert found_m[0] == pytest.approx(m, abs=1e-6) and found_b[0] == pytest.approx(b, rel=1e-4)
    rows = b * m ** lags[None] + c
    found_m, found_b, found_c = fit_exponential(rows, with_offset=True)
    np.testing.assert_allclose(found_b[:, None] * found_m[:, None] ** lags + found_c[:, None], rows, atol=1e-6)


def test_spikes_are_counted_in_bins_of_dt():
    activity = branching_process(0.9, 2.0, 2000, rng=7)
    times = np.repeat((np.arange(2000) + 1) * 4.0, activity)
    spikes = Spikes(times, np.zeros(times.size, dtype=int), n=1, t_start=0.0, t_stop=8000.0)
    from_spikes, from_counts = mr_estimator(spikes, dt=4.0), mr_estimator(activity, dt=4.0)
    assert from_spikes.m == from_counts.m
    assert from_counts.tau == pytest.approx(-4.0 / np.log(from_counts.m))
    assert "m = 0." in str(from_counts) and "r_1" in str(from_counts)
    np.testing.assert_allclose(from_counts.predicted()[0], from_counts.b * from_counts.m)


def test_one_seed_gives_one_result():
    activity = branching_process(0.9, 2.0, 2000, rng=7)
    np.testing.assert_array_equal(activity, branching_process(0.9, 2.0, 2000, rng=np.random.default_rng(7)))
    assert mr_estimator(activity, rng=1).interval == mr_estimator(activity, rng=1).interval
    assert mr_estimator(activity, rng=1).interval != mr_estimator(activity, rng=2).interval


def test_uncorrelated_activity_has_no_precise_m():
    low, high = mr_estimator(np.random.default_rng(0).poisson(5.0, 20_000)).interval
    assert high - low > 0.1


@pytest.mark.parametrize("steps", [10_000, 1000, 997])
def test_the_longest_lag_allowed_can_be_fitted(steps):
    activity = branching_process(0.9, 2.0, steps, rng=1)
    k_max = steps // 10  # of a multiple of 10, the last block begins where the pairs of this lag end
    slopes = mr_estimator(activity, k_max=k_max).slopes
    assert slopes[-1] == pytest.approx(np.polyfit(activity[:-k_max], activity[k_max:], 1)[0], rel=1e-9)


@pytest.mark.parametrize("mean", ["stationary", "trial"])
def test_uncorrelated_activity_is_said_to_be_so(mean):
    for seed in range(10):
        noise = np.random.default_rng(seed).poisson(5.0, (1 + 19 * (mean == "trial"), 5000))
        found = mr_estimator(noise, mean=mean, n_bootstrap=20)
        assert not found.consistent
    assert "not distinguishable from zero" in str(mr_estimator(np.random.default_rng(0).poisson(5.0, 50_000)))
    # By chance, one noise of a hundred looks correlated: its interval still tells.
    assert not mr_estimator(np.random.default_rng(0).poisson(5.0, 10_000), k_max=1000).consistent


@pytest.mark.parametrize(
    ("activity", "options", "warning"),
    [
        ([0, 1] * 1000, {}, "the exponential does not fit, it explains 0%.*some are negative"),
        ([0, 0, 0, 5, 9, 5] * 500, {}, "the exponential does not fit"),
        (5 + np.sin(np.arange(20_000) / 160), {}, "the exponential does not fit"),
        (5 + np.sin(np.arange(20_000) / 160), {"k_max": 50}, "the slopes hardly fall until k_max = 50"),
        (5 + np.linspace(0, 1, 20_000), {"k_max": 50}, "the slopes hardly fall"),
    ],
)
def test_a_rhythm_and_a_drift_are_said_to_be_no_branching(activity, options, warning):
    found = mr_estimator(activity, **options)
    assert not found.consistent and re.search(warning, str(found))


def test_an_offset_alone_gives_an_m_that_is_said_to_be_worthless():
    drift = np.random.default_rng(0).poisson(5 + 2 * np.sin(np.linspace(0, 6 * np.pi, 50_000)))
    assert "interval is too wide" in str(mr_estimator(drift, fit="exponential+offset", k_max=100))


@pytest.mark.parametrize(
    ("m", "observed", "options"),
    [(0.3, 1.0, {"k_max": 100}), (0.9, 0.5, {}), (0.98, 0.05, {}), (0.9, 1.0, {"fit": "exponential+offset"})],
)
def test_a_branching_process_draws_no_warning(m, observed, options):
    for seed in range(10):
        found = mr_estimator(branching_process(m, 5.0, 20_000, observed=observed, rng=seed), n_bootstrap=50, **options)
        assert found.warnings == () and found.consistent and "trust" not in str(found)


@pytest.mark.parametrize(
    ("activity", "options", "message"),
    [
        ([], {}, "empty"),
        ("abc", {}, "must be Spikes or an array"),
        ([1.0, np.nan] * 100, {}, "NaN"),
        ([1.0, -2.0] * 100, {}, "negative"),
        (np.zeros(500), {}, "0 in every step"),
        ([1, 2] * 20, {}, "too few"),
        ([1, 2] * 100, {"k_max": 30}, "k_max = 30 is too large for 200 time steps, at most 20"),
        ([1, 2] * 100, {"k_max": 0}, "k_max must be a whole number"),
        ([1, 2] * 100, {"mean": "none"}, "mean must be 'stationary' or 'trial'"),
        ([1, 2] * 100, {"fit": "linear"}, "fit must be"),
        ([1, 2] * 100, {"level": 1.0}, "level must lie"),
        ([1, 2] * 100, {"dt": 0.0}, "dt must be > 0"),
        ([1, 2] * 100, {"rng": -1}, "rng must be a seed"),
        (np.ones((2, 2, 200)) + np.arange(200), {}, "expected activity"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(activity, options, message):
    with pytest.raises(NeuroclError, match=message):
        mr_estimator(activity, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((1.0, 1.0, 10), "m must be < 1"), ((0.5, -1.0, 10), "h must be >= 0"), ((0.5, 1.0, 0), "steps")],
)
def test_an_impossible_process_is_refused(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        branching_process(*arguments)
    with pytest.raises(NeuroclError, match="observed must be > 0"):
        branching_process(0.5, 1.0, 10, observed=0.0)
