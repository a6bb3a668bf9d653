"""Mean-field theory against the published landmarks and an independent solution of the equations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.memory import theory

COLD = {  # alpha: m, C, r, bit error, one-step error
    0.03: (0.99999999, 4e-7, 1.000001, 3.882e-9, 3.882e-9),
    0.05: (0.99999223, 0.000163, 1.000325, 3.886e-6, 3.872e-6),
    0.06: (0.99995478, 0.000793, 1.001589, 2.261e-5, 2.228e-5),
    0.07: (0.99983655, 0.002469, 1.004956, 8.172e-5, 7.853e-5),
    0.08: (0.99955738, 0.005856, 1.011815, 2.213e-4, 2.035e-4),
    0.09: (0.99900198, 0.011688, 1.023792, 4.990e-4, 4.291e-4),
    0.10: (0.99799927, 0.020858, 1.043059, 1.000e-3, 7.827e-4),
    0.11: (0.99626439, 0.034684, 1.073151, 1.868e-3, 1.284e-3),
    0.12: (0.99322273, 0.055662, 1.121359, 3.389e-3, 1.946e-3),
    0.13: (0.98721189, 0.090728, 1.209519, 6.394e-3, 2.773e-3),
    0.135: (0.98079132, 0.122845, 1.299713, 9.604e-3, 3.248e-3),
    0.137: (0.97544413, 0.146869, 1.373942, 1.228e-2, 3.449e-3),
}
LOADS = (0.0, 0.01, 0.03, 0.05, 0.08, 0.10, 0.12, 0.13)
WARM = {
    0.05: (1.0000, 1.0000, 1.0000, 1.0000, 0.9995, 0.9977, 0.9926, 0.9862),
    0.1: (1.0000, 1.0000, 1.0000, 1.0000, 0.9991, 0.9968, 0.9901, 0.9812),
    0.2: (0.9999, 0.9999, 0.9996, 0.9989, 0.9954, 0.9891, 0.9678, 0),
    0.3: (0.9974, 0.9967, 0.9947, 0.9912, 0.9792, 0.9530, 0, 0),
    0.4: (0.9856, 0.9833, 0.9768, 0.9662, 0.9129, 0, 0, 0),
    0.5: (0.9575, 0.9519, 0.9360, 0.9041, 0, 0, 0, 0),
}
FOLDS = {0.1: (0.1350, 0.963), 0.2: (0.1225, 0.953), 0.3: (0.1033, 0.930), 0.4: (0.0810, 0.896), 0.5: (0.0588, 0.849)}


@pytest.mark.parametrize("alpha", COLD)
def test_cold_order_parameters_have_the_known_values(alpha: float) -> None:
    m, c, r, error, one_step = COLD[alpha]
    found = theory.retrieval(alpha)
    assert found.m == pytest.approx(m, abs=6e-9)
    assert (found.c, found.r) == pytest.approx((c, r), abs=6e-7)
    assert found.bit_error == pytest.approx(error, rel=6e-4)
    assert theory.one_step_error(alpha) == pytest.approx(one_step, rel=6e-4)


@pytest.mark.parametrize("temperature", WARM)
def test_warm_overlaps_have_the_known_values(temperature: float) -> None:
    found = [theory.retrieval(alpha, temperature).m for alpha in LOADS]
    assert found == pytest.approx(WARM[temperature], abs=1.01e-4)


def test_critical_load_at_zero_temperature() -> None:
    alpha_c = theory.critical_load()
    assert alpha_c == pytest.approx(0.1379055665, abs=1e-10)
    assert theory.retrieval(alpha_c - 1e-12).m == pytest.approx(0.9674171, abs=1e-5)
    assert theory.retrieval(alpha_c + 1e-6).m == 0.0


@pytest.mark.parametrize("temperature", FOLDS)
def test_critical_load_falls_with_temperature(temperature: float) -> None:
    alpha_c, m = FOLDS[temperature]
    found = theory.critical_load(temperature)
    assert found == pytest.approx(alpha_c, abs=1e-4)
    assert theory.retrieval(found - 1e-5, temperature).m == pytest.approx(m, abs=0.004)


def test_there_is_no_retrieval_from_temperature_one_on() -> None:
    assert theory.critical_load(1.0) == 0.0
    assert theory.retrieval(0.0, 1.2).m == 0.0
    assert theory.spin_glass_temperature(0.25) == 1.5


@pytest.mark.parametrize(("alpha", "temperature"), [(0.05, 0.3), (0.1, 0.1), (0.12, 0.2)])
def test_the_solution_satisfies_the_three_equations(alpha: float, temperature: float) -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(201)
    weights = weights / math.sqrt(2 * math.pi)
    m, q, r, _ = theory.retrieval(alpha, temperature)
    rate = np.tanh((m + math.sqrt(alpha * r) * nodes) / temperature)
    assert weights @ rate == pytest.approx(m, abs=1e-6)
    assert weights @ rate**2 == pytest.approx(q, abs=1e-6)
    assert q / (1 - (1 - q) / temperature) ** 2 == pytest.approx(r, rel=1e-6)


def test_a_negative_load_is_refused() -> None:
    with pytest.raises(NeuroclError, match="alpha must be >= 0"):
        theory.retrieval(-0.1)
