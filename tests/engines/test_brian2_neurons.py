"""Neurons on the Numba engine and in Brian2: the same spikes; states equal to rounding, or to the schemes' error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl.engines.agreement import Agreement, compare

pytest.importorskip("brian2", exc_type=Exception)

LANGUAGE = ncl.NeuronModel(
    name="language",
    doc="Every function of the equation language, and t, dt and i.",
    equations="""
        dx/dt = cos(t / 7) - 0.1 * x**3 + 0.01 * i : 1
        y : 1
        z : 1
        q : 1
    """,
    update="""
        y = clip(x, -1, 1) + min(x, 0.2) - max(x, 0.1) + 2 * int(x > 0) - int(3 * x) + sign(x) + floor(x) - ceil(x)
        y += x % 2 - (-x) % 3
        z = exprel(x) + expm1(x) + log1p(abs(x)) + log10(1 + abs(x)) + log(2 + x**2) + sqrt(abs(x)) + where(x > 1, x, t)
        q = sin(x) * cos(x) + tan(0.1 * x) + sinh(x) - cosh(x) + tanh(x) + arctan(x) + arcsin(tanh(x)) + arccos(tanh(x))
        q += exp(-abs(x)) if x > 0 and not y > 1 or x == 0 else dt * x**-2
    """,
    threshold="x > 1.5 and int(t) % 2 != 1",
    reset="x = x - 1 - 0.01 * i",
    initial={"x": 0.5},
)

NOISY = ncl.NeuronModel(
    name="noisy",
    doc="An Ornstein-Uhlenbeck membrane, a nonlinear state with noise, and draws of all kinds.",
    equations="""
        dv/dt = (mu - v) / tau + sigma * sqrt(2 / tau) * xi : mV (unless refractory)
        dz/dt = -z**3 + 0.1 * xi                            : 1
        n : 1
    """,
    update="n = poisson(2 + v) + rand()",
    threshold="v > 1 + 0.1 * randn()",
    reset="v = 0.1 * poisson(1 + z**2)",
    refractory="t_ref",
    parameters={"mu": 0.8, "tau": 10.0, "sigma": 0.3, "t_ref": 1.0},
)


def driven(model: ncl.NeuronModel, dt: float, pulses: dict[str, float], **values: Any) -> ncl.Network:
    """Three neurons of `model`; every state in `pulses` receives Poisson spikes of that weight."""
    net = ncl.Network(dt=dt)
    neurons = net.add(model, 3, name="neurons", **values)
    source = net.add(ncl.models.Poisson, 20, name="source", rate=40.0)
    for target, weight in pulses.items():
        net.connect(source, neurons, ncl.FixedProbability(0.5), target=target, weight=weight, delay=4 * dt, name=target)
    return net


CURRENT = np.array([0.0, 300.0, 500.0])
M = ncl.models
CASES: dict[str, tuple[ncl.NeuronModel, float, dict[str, float], dict[str, Any], str]] = {
    "LIF": (M.LIF, 0.1, {"i_syn": 150.0}, {"i_ext": CURRENT, "t_ref": [0.0, 0.1, 2.0]}, "exact"),
    "LIFDelta": (M.LIFDelta, 0.1, {"v": 3.0}, {"i_ext": CURRENT, "t_ref": [0.0, 1.0, 2.0]}, "exact"),
    "LIFAlpha": (M.LIFAlpha, 0.05, {"i_rise": 150.0}, {"i_ext": CURRENT}, "rk4"),
    "ConductanceLIF": (M.ConductanceLIF, 0.1, {"g_e": 2.0, "g_i": 3.0}, {"i_ext": CURRENT}, "statements"),
    "AdEx": (M.AdEx, 0.1, {"i_syn": 100.0}, {"i_ext": CURRENT}, "rk4"),
    "HodgkinHuxley": (M.HodgkinHuxley, 0.01, {"i_syn": 5.0}, {"i_ext": [0.0, 7.0, 15.0]}, "rk4"),
    "Izhikevich": (M.Izhikevich, 1.0, {"i_syn": 4.0}, {"i_ext": [0.0, 5.0, 10.0]}, ""),
    "IzhikevichODE": (M.IzhikevichODE, 0.025, {"i_syn": 4.0}, {"i_ext": [0.0, 5.0, 10.0]}, "rk4"),
    "PoissonDeadTime": (M.PoissonDeadTime, 0.1, {}, {"rate": [10.0, 100.0, 400.0]}, ""),
    "noise and draws": (NOISY, 0.1, {"v": 0.1}, {"t_ref": [0.0, 1.0, 2.0]}, "statements"),
    "language": (LANGUAGE, 0.1, {}, {}, "rk4"),
}
"""Model, dt, weights by target, parameters, and the integrator of Brian2 that should be found for it."""


@pytest.mark.parametrize("name", CASES)
def test_neurons_agree(name: str) -> None:
    model, dt, pulses, values, integrator = CASES[name]
    network = driven(model, dt, pulses, **values)
    assert network.build(engine="brian2", seed=3).integrators.get("neurons", "") == integrator
    found = compare(network, 200.0 if dt >= 0.05 else 40.0, seed=3)
    assert found.holds(1e-6), str(found)
    assert found.n_spikes["neurons"] > 0


@pytest.mark.parametrize("method", ["euler", "heun", "rk4", "exponential_euler", "exact"])
def test_a_method_named_by_the_model_agrees(method: str) -> None:
    model = ncl.NeuronModel(
        name="named",
        equations="dv/dt = (a - v + u) / 10 : 1 (unless refractory); du/dt = (b * v - u) / 30 : 1",
        threshold="v > 0.7", reset="v = 0", refractory="2.0", parameters={"a": 1.0, "b": -0.5}, method=method,
    )  # fmt: skip
    net = ncl.Network(dt=0.1)
    net.add(model, 3, name="neurons", a=[1.0, 1.5, 2.0])
    found = compare(net, 100.0)
    assert found.holds(1e-8), str(found)
    assert found.n_spikes["neurons"] > 5


def test_a_thousand_neurons_fire_the_same_spikes() -> None:
    net = ncl.Network(dt=0.1)
    neurons = net.add(M.LIF, 1000, name="neurons", v=ncl.uniform(-70, -55), i_ext=380.0, c_mem=250.0)
    exc, inh, rule = neurons[:800], neurons[800:], ncl.FixedProbability(0.1)
    net.connect(exc, neurons, rule, target="i_syn", weight=20.0, delay=1.5, name="exc")
    net.connect(inh, neurons, rule, target="i_syn", weight=-100.0, delay=0.8, name="inh")
    found: Agreement = compare(net, 200.0, record={"neurons": ["spikes", ncl.Record("v", neurons=[0, 999])]}, seed=1)
    assert found.holds(1e-9), str(found)
    assert found.n_spikes["neurons"] > 1000
