"""Siegert's rate against quadrature of high precision and its limits; Brunel's rates against the paper."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.analysis import brunel_rate, self_consistent_rates, siegert_rate
from neurocl.core.errors import NeuroclError

NEURON = {"tau_mem": 20.0, "v_th": 20.0, "v_reset": 10.0, "t_ref": 2.0}


def quadrature(mu, sigma):
    """Siegert's formula as it is written, in 20 digits."""
    with mpmath.workdps(20):
        low, high = ((mpmath.mpf(v) - mu) / sigma for v in (10, 20))
        points = mpmath.linspace(low, high, 12)
        integral = mpmath.quad(lambda u: mpmath.exp(u * u) * mpmath.erfc(-u), points)
        return float(1000 / (2 + 20 * mpmath.sqrt(mpmath.pi) * integral))


@pytest.mark.parametrize("sigma", [0.5, 5.0, 50.0])
def test_rates_agree_with_the_formula_from_deep_below_to_far_above_threshold(sigma):
    for mu in (5.0, 10.0, 19.0, 20.1, 40.0, 500.0):
        # Rates down to 1e-300 Hz: the integral itself overflows there.
        assert siegert_rate(mu, sigma, **NEURON) == pytest.approx(quadrature(mu, sigma), rel=1e-10, abs=1e-300)


def test_without_noise_the_rate_is_that_of_the_regular_neuron():
    exact = 1000.0 / (2.0 + 20.0 * math.log(15.0 / 5.0))
    np.testing.assert_allclose(siegert_rate(25.0, [0.0, 1e-300, 1e-12, 1e-6], **NEURON), exact, rtol=1e-9)
    np.testing.assert_array_equal(siegert_rate([-5.0, 19.9, 20.0], 0.0, **NEURON), 0.0)
    np.testing.assert_array_equal(siegert_rate([-5.0, 19.9], 1e-9, **NEURON), 0.0)


@given(st.floats(-1e3, 1e3), st.floats(0.0, 1e3), st.floats(0.0, 100.0))
def test_the_rate_rises_with_the_input_up_to_the_refractory_limit(mu, sigma, more):
    low, high = siegert_rate([mu, mu + more], sigma, **NEURON)
    assert 0.0 <= low <= high * (1 + 1e-10) <= 500.0 * (1 + 1e-9)


def test_shapes_are_broadcast():
    rates = siegert_rate(np.array([[10.0], [25.0]]), [1.0, 5.0, 9.0], **NEURON)
    assert rates.shape == (2, 3) and rates[1, 2] == siegert_rate(25.0, 9.0, **NEURON)
    assert isinstance(siegert_rate(25.0, 9.0, **NEURON), float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mu": np.nan}, "mu must be finite"),
        ({"sigma": -1.0}, "sigma >= 0"),
        ({"v_reset": 20.0}, "v_reset < v_th"),
        ({"tau_mem": 0.0}, "tau_mem > 0"),
        ({"t_ref": -1.0}, "t_ref >= 0"),
        ({"mu": [1.0, 2.0], "sigma": [1.0, 2.0, 3.0]}, "one shape"),
    ],
)
def test_what_no_neuron_has_is_refused(change, message):
    with pytest.raises(NeuroclError, match=message):
        siegert_rate(**{"mu": 15.0, "sigma": 5.0, **NEURON, **change})


# The analytical rates of Brunel (2000), section 5, for the networks of figure 8 B to D.
@pytest.mark.parametrize(("g", "eta", "published"), [(6.0, 4.0, 55.8), (5.0, 2.0, 38.0), (4.5, 0.9, 6.5)])
def test_rates_of_brunels_network_are_those_of_the_paper(g, eta, published):
    assert brunel_rate(g, eta) == pytest.approx(published, abs=0.06)


def test_excitation_that_dominates_drives_the_network_near_saturation():
    assert 300.0 < brunel_rate(3.0, 2.0) < 500.0


@pytest.mark.parametrize(("g", "eta"), [(5.0, 2.0), (8.0, 1.0), (4.5, 4.0), (3.0, 2.0)])
def test_the_rate_reproduces_itself(g, eta):
    rate = brunel_rate(g, eta)
    mu = 20.0 * (eta + (1.0 - 0.25 * g) * rate / 10.0)
    variance = 0.1 * 20.0 * (eta + (1.0 + 0.25 * g * g) * rate / 10.0)
    assert siegert_rate(mu, math.sqrt(variance), **NEURON) == pytest.approx(rate, rel=1e-7)


def test_without_input_the_network_is_silent_and_without_recurrence_each_neuron_is_alone():
    assert brunel_rate(5.0, 0.0) == 0.0
    alone = self_consistent_rates([[0.0]], [[0.0]], 15_000.0, 0.1, **NEURON)
    assert alone[0] == pytest.approx(siegert_rate(30.0, math.sqrt(3.0), **NEURON), rel=1e-9)


def test_populations_may_differ():
    rates = self_consistent_rates(
        [[800, 200], [800, 200]], [[0.1, -0.6], [0.12, -0.5]], [20_000.0, 18_000.0], 0.1,
        tau_mem=[20.0, 10.0], v_th=20.0, v_reset=10.0, t_ref=[2.0, 1.0],
    )  # fmt: skip
    exc, inh = rates
    tau = np.array([20.0, 10.0]) / 1000.0  # s
    mu = tau * [80 * exc - 120 * inh + 2000, 96 * exc - 100 * inh + 1800]
    variance = tau * [8 * exc + 72 * inh + 200, 11.52 * exc + 50 * inh + 180]
    expected = siegert_rate(mu, np.sqrt(variance), [20.0, 10.0], 20.0, 10.0, [2.0, 1.0])
    np.testing.assert_allclose(rates, expected, rtol=1e-7)


def test_the_start_decides_between_two_states():
    def rate(start):
        return self_consistent_rates([[1000]], [[0.2]], 1000.0, 0.2, **NEURON, start=start)[0]

    assert rate(0.0) < 1.0 and rate(400.0) > 300.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], [[1.0, 2.0]], 1.0, 1.0), r"must be \[n, n\]"),
        (([[-1.0]], [[1.0]], 1.0, 1.0), "must be >= 0"),
        (([[1.0]], [[np.nan]], 1.0, 1.0), "weight must be finite"),
        (([[1.0]], [[1.0]], [1.0, 2.0], 1.0), "rate_ext must be a number or 1 of them"),
    ],
)
def test_a_network_that_is_none_is_refused(arguments, message):
    with pytest.raises(NeuroclError, match=message):
        self_consistent_rates(*arguments, **NEURON)
    with pytest.raises(NeuroclError, match="g must be a finite number"):
        brunel_rate(np.nan, 2.0)
