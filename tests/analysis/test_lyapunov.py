"""Lyapunov exponents of maps and flows: known values, both estimators alike, spectra that add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.analysis.lyapunov import lyapunov_spectrum, lyapunov_tangent, lyapunov_twin, rk4_step
from neurocl.core.errors import NeuroclError

A, B = 1.4, 0.3


def logistic(x: np.ndarray) -> np.ndarray:
    return 4.0 * x * (1.0 - x)


def henon(s: np.ndarray) -> np.ndarray:
    return np.array([1.0 - A * s[0] * s[0] + s[1], B * s[0]])


def henon_jacobian(s: np.ndarray) -> np.ndarray:
    return np.array([[-2.0 * A * s[0], 1.0], [B, 0.0]])


def lorenz(s: np.ndarray) -> np.ndarray:
    x, y, z = s
    return np.array([10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z])


def test_logistic_map_has_exponent_ln_2():
    twin = lyapunov_twin(logistic, [0.3], 50_000)
    tangent = lyapunov_tangent(logistic, lambda x: np.array([[4.0 - 8.0 * x[0]]]), [0.3], 50_000)
    for found in (twin, tangent):
        assert found.exponent == pytest.approx(math.log(2.0), rel=0.02)
        assert found.error < 0.001 and len(found.local) == 50_000
        assert found.exponent == pytest.approx(found.local.mean())
    assert "(chaotic)" in str(twin)


@pytest.mark.slow
def test_logistic_map_at_the_length_of_the_specification():
    assert lyapunov_twin(logistic, [0.3], 200_000).exponent == pytest.approx(0.693145, abs=1e-4)


def test_henon_map_has_its_known_spectrum():
    spectrum = lyapunov_spectrum(henon, henon_jacobian, [0.1, 0.1], 40_000, burn_in=100, every=4)
    assert spectrum.exponents[0] == pytest.approx(0.419, rel=0.02)
    assert spectrum.exponents.sum() == pytest.approx(math.log(B), abs=1e-9)  # |det J| = b everywhere
    assert spectrum.dimension == pytest.approx(1.26, abs=0.01)
    assert lyapunov_twin(henon, [0.1, 0.1], 40_000, burn_in=100).exponent == pytest.approx(0.419, rel=0.02)
    assert "Kaplan-Yorke" in str(spectrum)


def test_lorenz_flow_has_its_known_exponent():
    found = lyapunov_twin(rk4_step(lorenz, 0.01), [1.0, 1.0, 1.0], 60_000, dt=0.01, burn_in=2000, every=10)
    assert found.exponent == pytest.approx(0.906, rel=0.02)


def test_the_lorenz_spectrum_adds_up_to_the_divergence_of_the_flow():
    step = rk4_step(lorenz, 0.01)
    spectrum = lyapunov_spectrum(step, None, [1.0, 1.0, 1.0], 6000, dt=0.01, burn_in=1000, every=10)
    assert spectrum.exponents.sum() == pytest.approx(-(10.0 + 1.0 + 8.0 / 3.0), rel=1e-3)
    assert spectrum.exponents[1] == pytest.approx(0.0, abs=0.03)  # along the flow


# The specification's network and its values, got with another first direction: 5000 steps leave 4e-4 of that.
@pytest.mark.parametrize(("g", "value"), [(0.5, -0.657652), (1.5, 0.02066), (2.0, 0.13518), (3.0, 0.28624)])
def test_random_networks_agree_with_the_known_values_and_in_both_estimators(g, value):
    rng, n = np.random.default_rng(0), 100
    W = g * rng.standard_normal((n, n)) / np.sqrt(n)
    x = rng.standard_normal(n) * 0.1

    def step(x):
        return np.tanh(W @ x)

    def jacobian(x):
        return (1.0 - np.tanh(W @ x) ** 2)[:, None] * W

    twin = lyapunov_twin(step, x, 5000, burn_in=500, d0=1e-8)
    tangent = lyapunov_tangent(step, jacobian, x, 5000, burn_in=500)
    assert twin.exponent == pytest.approx(tangent.exponent, rel=1e-5)
    assert tangent.exponent == pytest.approx(value, abs=6e-4)
    if g < 1.0:
        radius = np.abs(np.linalg.eigvals(W)).max()
        assert np.log(radius) == pytest.approx(-0.6573, abs=6e-5)
        assert tangent.exponent == pytest.approx(np.log(radius), abs=1e-6)
        assert "not chaotic" in str(tangent)


@given(rates=st.lists(st.floats(-2.0, 1.0), min_size=1, max_size=5), every=st.integers(1, 4), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_a_linear_flow_has_the_logarithms_of_its_stretching(rates, every, seed):
    basis = np.linalg.qr(np.random.default_rng(seed + 100).standard_normal((len(rates), len(rates))))[0]
    M = basis @ np.diag(np.exp(rates)) @ basis.T
    start = np.zeros(len(rates))
    spectrum = lyapunov_spectrum(lambda x: M @ x, lambda x: M, start, 400, burn_in=100, every=every, dt=0.5, rng=seed)
    np.testing.assert_allclose(spectrum.exponents, np.sort(rates)[::-1] / 0.5, atol=0.05)
    leading = lyapunov_spectrum(lambda x: M @ x, None, start, 400, n_exponents=1, burn_in=100, dt=0.5, rng=seed)
    assert leading.exponents[0] == pytest.approx(max(rates) / 0.5, abs=0.05)


@pytest.mark.parametrize("every", [1, 5])
def test_central_differences_and_renormalisation_change_nothing(every):
    exact = lyapunov_tangent(henon, henon_jacobian, [0.1, 0.1], 2000, burn_in=100)
    other = lyapunov_tangent(henon, None, [0.1, 0.1], 2000, burn_in=100, every=every)
    assert other.exponent == pytest.approx(exact.exponent, rel=1e-6)


def test_trajectories_that_meet_have_the_exponent_minus_infinity():
    assert lyapunov_twin(lambda x: 0.0 * x, [1.0], 10).exponent == -math.inf
    assert lyapunov_tangent(lambda x: 0.0 * x, lambda x: np.zeros((1, 1)), [1.0], 10).exponent == -math.inf


def test_rk4_has_order_four():
    errors = []
    for n in (10, 20):
        x, step = np.array([1.0]), rk4_step(lambda x: -x, 1.0 / n)
        for _ in range(n):
            x = step(x)
        errors.append(abs(x[0] - math.exp(-1.0)))
    assert errors[0] / errors[1] == pytest.approx(16.0, rel=0.1)


@pytest.mark.parametrize(
    ("step", "state", "options", "message"),
    [
        (henon, [0.1, np.nan], {}, "finite numbers"),
        (henon, 0.1, {}, r"shape \[n\]"),
        (lambda x: x[:1], [0.1, 0.1], {}, r"shape of the state, \[2\], got \[1\]"),
        (henon, [0.1, 0.1], {"every": 200}, "steps must be a whole number >= 200"),
        (henon, [0.1, 0.1], {"dt": -1.0}, "dt must be > 0"),
        (lambda x: x * np.inf, [0.1, 0.1], {}, "infinite or NaN"),
        (lambda x: x * 1e20, [0.1, 0.1], {}, "d0 = 1e-08 is lost in the rounding"),
    ],
)
def test_a_mistake_is_named_in_one_sentence(step, state, options, message):
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(NeuroclError, match=message):
        lyapunov_twin(step, state, 100, **options)


def test_a_jacobian_of_the_wrong_shape_and_too_many_exponents_are_named():
    with pytest.raises(NeuroclError, match=r"jacobian must return \[2, 2\] for this state, got \[2\]"):
        lyapunov_tangent(henon, henon, [0.1, 0.1], 100)
    with pytest.raises(NeuroclError, match="n_exponents = 3, but a state of 2 numbers"):
        lyapunov_spectrum(henon, henon_jacobian, [0.1, 0.1], 100, n_exponents=3)


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (rk4_step, (None, 0.1), "derivative"),
        (lyapunov_twin, (None, [1.0], 100), "step"),
        (lyapunov_tangent, ("x", None, [1.0], 100), "step"),
        (lyapunov_tangent, (np.tanh, np.eye(1), [1.0], 100), "jacobian"),
        (lyapunov_spectrum, (3.0, None, [1.0], 100), "step"),
    ],
)
def test_what_cannot_be_called_is_refused(function, arguments, name):
    with pytest.raises(NeuroclError, match=f"^{function.__name__}: {name} must be a function, such as .*, got "):
        function(*arguments)
