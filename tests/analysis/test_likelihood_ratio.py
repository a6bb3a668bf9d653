"""Vuong's test: it names the distribution that the data came from, and agrees with `powerlaw`."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from neurocl.analysis.likelihood_ratio import _log_geometric, likelihood_ratio
from neurocl.analysis.power_law import fit_power_law, sample_power_law
from neurocl.core.errors import NeuroclError

RNG = np.random.default_rng(0)
DATA = {
    "power law": sample_power_law(2.2, 5000, x_min=2, rng=1),
    "lognormal": np.maximum(np.rint(RNG.lognormal(2.0, 0.8, 5000)), 1).astype(int),
    "exponential": RNG.geometric(0.1, 5000),
}


@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("source", DATA)
def test_the_source_of_the_data_wins(source, bounded):
    data = DATA[source]
    fit = fit_power_law(data, x_min=2, x_max=int(data.max()) + 50 if bounded else None)
    if source == "power law":
        found = likelihood_ratio(fit, "exponential")
        assert found.ratio > 0 and found.p < 1e-6 and "power law is better" in str(found)
        # A lognormal wide enough is a power law: no decision.
        found = likelihood_ratio(fit, "lognormal")
        assert abs(found.ratio) < 3.0 and found.p > 0.1 and "no decision" in str(found)
    else:
        found = likelihood_ratio(fit, source)
        assert found.ratio < 0 and found.p < 1e-6 and f"the {source} is better" in str(found)


def test_the_parameters_are_those_of_the_source():
    found = likelihood_ratio(fit_power_law(DATA["lognormal"], x_min=1), "lognormal").parameters
    assert found["mu"] == pytest.approx(2.0, abs=0.05) and found["sigma"] == pytest.approx(0.8, abs=0.04)
    found = likelihood_ratio(fit_power_law(DATA["exponential"], x_min=1), "exponential").parameters
    assert found["lambda"] == pytest.approx(-np.log(0.9), rel=0.06)


@pytest.mark.parametrize("source", DATA)
def test_ratio_and_p_agree_with_powerlaw(source):
    powerlaw = pytest.importorskip("powerlaw")
    data = DATA[source]
    fit = fit_power_law(data, x_min=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = powerlaw.Fit(data, discrete=True, xmin=2, verbose=False)
        for alternative in ("exponential", "lognormal"):
            ratio, p = reference.distribution_compare("power_law", alternative)
            found = likelihood_ratio(fit, alternative)
            assert found.ratio == pytest.approx(ratio, rel=2e-3, abs=0.05)
            assert found.p == pytest.approx(p, rel=0.05, abs=0.02)


@pytest.mark.parametrize("rate", [-0.5, -1e-9, 0.0, 1e-14, 1e-3, 2.0])
def test_a_bounded_geometric_sum_equals_the_direct_sum(rate):
    assert _log_geometric(rate, 40) == pytest.approx(np.log(np.exp(-rate * np.arange(40)).sum()), rel=1e-9)


def test_a_rising_bounded_exponential_is_fitted():
    data = 101 - np.minimum(RNG.geometric(0.1, 2000), 100)
    found = likelihood_ratio(fit_power_law(data, x_min=1, x_max=100), "exponential")
    assert found.parameters["lambda"] == pytest.approx(np.log(0.9), rel=0.06)
    assert found.ratio < 0


def test_an_unknown_alternative_is_refused():
    fit = fit_power_law(DATA["power law"], x_min=2)
    with pytest.raises(NeuroclError, match="alternative must be 'exponential' or 'lognormal', got 'weibull'"):
        likelihood_ratio(fit, "weibull")


def test_the_heaviest_tails_stay_finite():
    data = sample_power_law(1.2, 5000, x_min=5, rng=3)
    assert data.max() > 10**12
    for x_max in (None, 2**62):
        found = likelihood_ratio(fit_power_law(data, x_min=5, x_max=x_max), "lognormal")
        assert np.isfinite(found.ratio) and found.p > 0.05


@pytest.mark.parametrize("fit", [None, DATA["power law"]])
def test_what_is_no_fit_is_refused(fit):
    with pytest.raises(NeuroclError, match=r"^likelihood_ratio: fit must be the PowerLawFit that fit_power_law"):
        likelihood_ratio(fit, "exponential")
