"""Power-law fits: the spec's Borel samples, recovery of drawn exponents, agreement with `powerlaw`, goodness of fit."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.analysis._power_sums import power_sum
from neurocl.analysis.avalanches import borel
from neurocl.analysis.power_law import fit_power_law, goodness_of_fit, sample_power_law
from neurocl.core.errors import NeuroclError


def borel_samples(number: int, seed: int) -> np.ndarray:
    """Sizes of critical trees; beyond 10^6 by their tail, P(S > s) = sqrt(2 / (pi s))."""
    cumulative = np.cumsum(borel(np.arange(1, 10**6 + 1)))
    u = np.random.default_rng(seed).random(number)
    sizes = np.searchsorted(cumulative, u).astype(np.float64) + 1
    beyond = u > cumulative[-1]
    sizes[beyond] = np.rint(2 / np.pi / (1 - u[beyond]) ** 2)
    return sizes.astype(np.int64)


BOREL = borel_samples(20_000, seed=0)


# The values of the specification are of its own 20 000 samples; tolerance: four times the error of a difference.
@pytest.mark.parametrize(
    ("x_min", "x_max", "alpha", "sigma"),
    [(10, None, 1.5004, 0.007), (1, None, 1.489, 0.0035), (10, 1000, 1.481, 0.0125)],
)
def test_critical_borel_sizes_have_the_known_exponent(x_min, x_max, alpha, sigma):
    fit = fit_power_law(BOREL, x_min=x_min, x_max=x_max)
    assert fit.alpha == pytest.approx(alpha, abs=4 * np.sqrt(2) * sigma)
    assert fit.sigma == pytest.approx(sigma, rel=0.1)
    assert (fit.x_min, fit.x_max, fit.n, fit.scanned) == (x_min, x_max, 20_000, False)
    assert fit.n_tail == np.count_nonzero((x_min <= BOREL) & ((x_max or np.inf) >= BOREL))
    assert "alpha = 1." in str(fit)


def test_a_fit_of_few_observations_says_so():
    few, enough = (fit_power_law(BOREL[:number], x_min=1) for number in (12, 50))
    assert few.is_small and "12 are too few to trust, expected 50 or more" in str(few)
    assert not enough.is_small and "too few" not in str(enough)


def test_x_min_is_found_where_the_power_law_begins():
    body = np.random.default_rng(1).integers(1, 30, 3000)
    data = np.concatenate([body[body < 15], sample_power_law(2.5, 3000, x_min=15, rng=2)])
    fit = fit_power_law(data)
    assert fit.scanned and 13 <= fit.x_min <= 20
    assert fit.alpha == pytest.approx(2.5, abs=4 * fit.sigma)


@pytest.mark.parametrize(("x_min", "data"), [(10, BOREL), (1, BOREL), (None, BOREL[:2000])])
def test_fit_agrees_with_powerlaw(x_min, data):
    powerlaw = pytest.importorskip("powerlaw")
    data = np.minimum(data, 10**6)  # it sums over every whole number up to the largest
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = powerlaw.Fit(data, discrete=True, xmin=x_min, verbose=False)
    fit = fit_power_law(data, x_min=int(reference.power_law.xmin))
    assert fit.alpha == pytest.approx(reference.power_law.alpha, abs=1e-3)
    assert fit.ks == pytest.approx(reference.power_law.D, abs=1e-3)
    if x_min == 10:  # its known value, with the tolerance of ours
        assert reference.power_law.alpha == pytest.approx(1.5002, abs=4 * np.sqrt(2) * 0.007)


@settings(max_examples=20)
@given(
    alpha=st.floats(1.2, 4.0), x_min=st.integers(1, 30), length=st.sampled_from([None, 100, 10_000]),
    seed=st.integers(0, 2**32),
)  # fmt: skip
def test_a_drawn_exponent_is_found_again(alpha, x_min, length, seed):
    x_max = None if length is None else x_min + length
    data = sample_power_law(alpha, 5000, x_min=x_min, x_max=x_max, rng=seed)
    assert data.min() >= x_min and (x_max is None or data.max() <= x_max)
    fit = fit_power_law(data, x_min=x_min, x_max=x_max)
    assert fit.alpha == pytest.approx(alpha, abs=5 * fit.sigma)
    assert fit.ks < 3.0 / np.sqrt(5000)


@pytest.mark.parametrize("alpha", [-1.5, 0.5, 1.0, 1.6])
def test_a_bounded_power_law_may_have_any_exponent(alpha):
    data = sample_power_law(alpha, 20_000, x_min=3, x_max=10**6, rng=1)
    fit = fit_power_law(data, x_min=3, x_max=10**6)
    assert fit.alpha == pytest.approx(alpha, abs=4 * fit.sigma)


@given(alpha=st.floats(-3.0, 12.0), low=st.integers(1, 200), length=st.integers(0, 3000))
def test_power_sums_equal_the_direct_sum(alpha, low, length):
    direct = (np.arange(low, low + length + 1, dtype=np.float64) ** -alpha).sum()
    assert power_sum(alpha, low, low + length) == pytest.approx(direct, rel=1e-10)


@pytest.mark.parametrize("x_max", [None, 400])
def test_the_fit_is_the_maximum_of_a_likelihood_that_adds_up(x_max):
    data = sample_power_law(2.0, 3000, x_min=2, x_max=x_max, rng=3)
    fit = fit_power_law(data, x_min=2, x_max=x_max)
    assert np.log(fit.pmf(data)).sum() == pytest.approx(fit.loglikelihood)
    for alpha in (fit.alpha - 0.01, fit.alpha + 0.01):
        other = -alpha * np.log(data).sum() - len(data) * np.log(power_sum(alpha, 2, x_max))
        assert other < fit.loglikelihood
    assert fit.pmf([1]) == 0.0
    if x_max:
        assert fit.pmf(np.arange(2, x_max + 1)).sum() == pytest.approx(1.0)
        assert fit.pmf([x_max + 1]) == 0.0


def test_the_ks_distance_is_the_largest_over_all_whole_numbers():
    data = sample_power_law(2.0, 200, x_min=2, x_max=500, rng=4)
    fit = fit_power_law(data, x_min=2, x_max=500)
    grid = np.arange(2, 501)
    observed = np.searchsorted(np.sort(data), grid, side="right") / len(data)
    assert fit.ks == pytest.approx(np.abs(observed - np.cumsum(fit.pmf(grid))).max(), abs=1e-9)


def test_goodness_of_fit_accepts_a_power_law_and_rejects_a_geometric():
    power = fit_power_law(sample_power_law(2.2, 800, x_min=2, rng=1), x_min=2)
    geometric = fit_power_law(np.random.default_rng(6).geometric(0.1, 800), x_min=2)
    assert goodness_of_fit(power, n_bootstrap=40, rng=1) > 0.1
    assert goodness_of_fit(geometric, n_bootstrap=40, rng=1) < 0.05


def test_goodness_of_fit_is_uniform_for_true_power_laws():
    # p of 40 data sets: mean 1/2, standard error 0.29 / sqrt(40) = 0.046; four of them.
    p = [
        goodness_of_fit(fit_power_law(sample_power_law(2.0, 300, rng=k), x_min=1), n_bootstrap=20, rng=k)
        for k in range(40)
    ]
    assert np.mean(p) == pytest.approx(0.5, abs=0.19)


def test_goodness_of_fit_chooses_x_min_again():
    body = np.random.default_rng(1).integers(1, 10, 200)
    fit = fit_power_law(np.concatenate([body, sample_power_law(2.5, 300, x_min=10, rng=2)]))
    assert fit.scanned and 0.05 < goodness_of_fit(fit, n_bootstrap=20, rng=1) <= 1.0


def test_draws_follow_the_exact_probabilities_also_beyond_the_table():
    drawn = sample_power_law(1.3, 200_000, rng=7)
    for x in (1, 2, 10, 10**5, 10**8):
        expected = power_sum(1.3, float(x), None) / power_sum(1.3, 1, None)
        assert np.mean(drawn >= x) == pytest.approx(expected, abs=4 * np.sqrt(expected / 200_000))
    np.testing.assert_array_equal(drawn, sample_power_law(1.3, 200_000, rng=np.random.default_rng(7)))


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ([], {}, "no data"),
        ("abc", {}, "whole numbers"),
        ([1.5, 2.0], {}, "whole numbers"),
        ([1.0, np.nan], {}, "NaN"),
        ([0, 1, 2], {}, "must be >= 1"),
        ([-1, 1, 2], {}, "must be >= 1"),
        ([3] * 50, {"x_min": 3}, "1 different values"),
        ([3] * 50, {}, "too few to choose x_min"),
        ([1, 2, 3], {"x_min": 10}, "0 different values"),
        ([[1, 2], [2, 3]], {}, r"one list of numbers, got shape \[2, 2\]"),
        (3, {}, "one list of numbers"),
        ([1, 2, 3], {"x_min": 0}, "x_min must be a whole number >= 1"),
        ([1, 2, 3], {"x_min": 2, "x_max": 2}, "x_max must be a whole number >= 3"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(data, options, message):
    with pytest.raises(NeuroclError, match=message):
        fit_power_law(data, **options)


def test_values_near_the_largest_integers_do_not_break_the_fit():
    data = sample_power_law(1.1, 3000, x_min=10**6, rng=1)
    for x_max in (None, 2**62):
        fit = fit_power_law(data, x_min=10**6, x_max=x_max)
        assert fit.alpha == pytest.approx(1.1, abs=0.05)


def test_an_unbounded_law_with_exponent_one_cannot_be_drawn():
    with pytest.raises(NeuroclError, match="alpha must be > 1"):
        sample_power_law(1.0, 10)


@pytest.mark.parametrize("fit", [None, [1, 2, 3], "fit"])
def test_goodness_of_fit_needs_a_fit(fit):
    with pytest.raises(NeuroclError, match=r"^goodness_of_fit: fit must be the PowerLawFit that fit_power_law"):
        goodness_of_fit(fit)
