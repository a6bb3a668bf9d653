"""Short-term plasticity: efficacies and steady states against the recursion and its fixed point."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.models import TsodyksMarkram
from neurocl.models.short_term import TSODYKS_MARKRAM_SETS
from tests.helpers import pair_up

RATES = [1, 5, 10, 20, 50]  # Hz
NONE = 1e-3  # ms, far below every interval: no facilitation
# U, tau_d, tau_f; first eight efficacies at 20 Hz from rest; u after, x before the spike and u x in the steady state.
SETS = {
    "depressing": (
        (0.5, 800.0, NONE),
        [0.5, 0.265147, 0.154835, 0.103020, 0.078683, 0.067251, 0.061882, 0.059360],
        (0.5, 0.114251713, 0.057125857),
    ),
    "E-E": (
        (0.5, 1100.0, 50.0),
        [0.5, 0.309138, 0.151034, 0.083930, 0.058368, 0.048838, 0.045302, 0.043993],
        (0.612699837, 0.070544910, 0.043222855),
    ),
    "E-I": (
        (0.05, 125.0, 1200.0),
        [0.05, 0.092359, 0.125512, 0.150302, 0.168541, 0.182107, 0.192516, 0.200828],
        (0.563253251, 0.466150106, 0.262560563),
    ),
    "I-E": (
        (0.25, 700.0, 20.0),
        [0.25, 0.203617, 0.158125, 0.126401, 0.104702, 0.089879, 0.079755, 0.072840],
        (0.266400621, 0.217486149, 0.057938445),
    ),
    "I-I": (
        (0.32, 144.0, 60.0),
        [0.32, 0.320823, 0.271483, 0.241181, 0.227063, 0.221036, 0.218558, 0.217559],
        (0.454240121, 0.477507333, 0.216902989),
    ),
    "facilitating": (
        (0.15, 50.0, 750.0),
        [0.15, 0.254418, 0.322652, 0.368955, 0.402206, 0.427024, 0.445932, 0.460500],
        (0.732353708, 0.701157640, 0.513495397),
    ),
}
# u x in the steady state at 1, 5, 10 and 50 Hz.
OTHER_RATES = {
    "depressing": [0.416397549, 0.181132786, 0.105147894, 0.024095176],
    "E-I": [0.085157335, 0.239818645, 0.299839076, 0.141295424],
    "facilitating": [0.19331331, 0.426427696, 0.53651844, 0.314232317],
}


def arrived(sim, duration, **kwargs):
    """What arrives at each postsynaptic neuron in each step, [step, neuron], and the trace x."""
    out = sim.run(duration, record={"post": ["received"], "synapses": ["x"]}, **kwargs)
    return np.diff(out["post"]["received"], axis=0, prepend=0.0), out["synapses"]["x"]


def regular_trains(dt, u_jump, tau_d, tau_f):
    """Efficacies and x before each spike, per rate, of 40 s of regular spikes."""
    trains = [1000 / rate * np.arange(1, 40 * rate) for rate in RATES]
    values = {"U": u_jump, "tau_d": tau_d, "tau_f": tau_f}
    sim = pair_up(TsodyksMarkram, trains, [[]] * len(RATES), dt=dt, weight=1.0, **values)
    amounts, x = arrived(sim, 40_000.0)
    # The spike of time t is delivered in the step that starts at t, the one in row t/dt.
    rows = [np.rint(train / dt).astype(int) for train in trains]
    return {rate: (amounts[row, k], x[row - 1, k]) for k, (rate, row) in enumerate(zip(RATES, rows, strict=True))}


def recursion(intervals, u_jump, tau_d, tau_f):
    """Efficacies of spikes with these intervals in front of them."""
    u, x, efficacies = 0.0, 1.0, []
    for interval in intervals:
        u *= np.exp(-interval / tau_f)
        x = 1 - (1 - x) * np.exp(-interval / tau_d)
        u += u_jump * (1 - u)
        efficacies.append(u * x)
        x -= u * x
    return efficacies


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize("name", SETS)
def test_first_efficacies_and_steady_states(name, dt):
    values, first, (u_steady, x_steady, product) = SETS[name]
    found = regular_trains(dt, *values)
    efficacies, x = found[20]
    np.testing.assert_allclose(efficacies[:8], first, atol=6e-7)
    assert x[-1] == pytest.approx(x_steady, abs=1e-9)
    assert efficacies[-1] == pytest.approx(product, abs=1e-9)
    assert efficacies[-1] / x[-1] == pytest.approx(u_steady, abs=2e-9)
    for rate, steady in zip([1, 5, 10, 50], OTHER_RATES.get(name, []), strict=False):
        assert found[rate][0][-1] == pytest.approx(steady, abs=1e-9)


def test_library_has_the_tabulated_sets():
    expected = {name: dict(zip(("U", "tau_d", "tau_f"), values, strict=True)) for name, (values, _, _) in SETS.items()}
    assert expected == TSODYKS_MARKRAM_SETS
    assert TsodyksMarkram.parameters == TSODYKS_MARKRAM_SETS["E-E"]


@cache
def one_synapse(weight):
    """A simulation to be reset for each train; building is slower than running."""
    return pair_up(TsodyksMarkram, [[]], [[]], dt=0.5, weight=weight, U=0.2, tau_d=150.0, tau_f=80.0)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_irregular_trains_follow_the_recursion(steps):
    sim = one_synapse(3.0)
    sim.reset()
    rows = np.cumsum(steps)
    duration = 0.5 * (rows[-1] + 1)
    amounts, _ = arrived(sim, duration, inputs={"pre": {"spikes": (0.5 * rows, np.zeros_like(rows))}})
    expected = np.zeros(len(amounts))
    expected[rows] = 3.0 * np.array(recursion(0.5 * np.array(steps), 0.2, 150.0, 80.0))
    np.testing.assert_allclose(amounts[:, 0], expected, atol=1e-12)
