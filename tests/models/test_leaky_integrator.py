"""Leaky integrator: exact sums of postsynaptic potentials, at any height and without a spike."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl.models import LeakyIntegrator
from tests.helpers import simulate


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_potential_is_the_sum_of_the_closed_forms(dt):
    spikes, weight, tau_mem, tau_syn = np.array([3.0, 5.0, 20.0]), 20_000.0, 10.0, 2.0
    out = simulate(LeakyIntegrator, 50.0, dt=dt, pulses={"i_syn": (spikes, weight)}, record=["v"], i_ext=100.0)
    times = dt * np.arange(1, len(out["v"]) + 1)
    late = np.maximum(times[:, None] - spikes, 0)
    amplitude = weight / 250 * tau_mem * tau_syn / (tau_mem - tau_syn)
    psps = amplitude * (np.exp(-late / tau_mem) - np.exp(-late / tau_syn))
    exact = -70 + 100 * tau_mem / 250 * -np.expm1(-times / tau_mem) + psps.sum(axis=1)
    assert exact.max() > 0  # far above any threshold
    np.testing.assert_allclose(out["v"][:, 0], exact, atol=1e-9)
