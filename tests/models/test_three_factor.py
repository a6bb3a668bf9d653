"""e-prop: weights, traces and spikes against the formula in numpy, and gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.engines.agreement import compare
from neurocl.models.three_factor import EProp, EPropFeedback, EPropLIF, EPropReadout

TAU_MEM, TAU_OUT, DAMPENING, DT = 20.0, 30.0, 0.3, 1.0
N_IN, N, STEPS = 5, 4, 120
ALPHA, KAPPA = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_OUT)
RNG = np.random.default_rng(0)
SPIKES = RNG.random((STEPS, N_IN)) < 0.15
SPIKES[0] = False
SIGNAL = RNG.normal(size=(STEPS, N))
W_IN, W_REC = RNG.uniform(0.1, 0.5, (N, N_IN)), RNG.normal(0, 0.2, (N, N)) * ~np.eye(N, dtype=bool)


def eprop_in_numpy(eta):
    """Bellec et al. (2020), step by step: spikes [step, neuron], input and recurrent weights, eligibility."""
    w_in, w_rec = W_IN.copy(), W_REC.copy()
    v, z = np.zeros(N), np.zeros(N)
    bar_in, bar_rec = np.zeros(N_IN), np.zeros(N)
    e_in, e_rec = np.zeros_like(w_in), np.zeros_like(w_rec)
    fired = []
    for x, signal in zip(SPIKES, SIGNAL, strict=True):
        v = ALPHA * (v - z + w_in @ x + w_rec @ z)
        bar_in, bar_rec = ALPHA * (bar_in + x), ALPHA * (bar_rec + z)
        psi = DAMPENING * np.maximum(0, 1 - np.abs(v - 1))
        e_in, e_rec = KAPPA * e_in + np.outer(psi, bar_in), KAPPA * e_rec + np.outer(psi, bar_rec)
        w_in -= eta * signal[:, None] * e_in
        w_rec -= eta * signal[:, None] * e_rec * (W_REC != 0)
        z = (v >= 1).astype(float)
        fired.append(z)
    return np.array(fired), w_in, w_rec, e_in


def network(signal=None, **values):
    """Spiking inputs onto recurrent neurons, all synapses plastic; `signal` makes learning_signal an input."""
    net = ncl.Network(dt=DT)
    steps, indices = np.nonzero(SPIKES)
    inputs = net.add(ncl.models.SpikeArray, N_IN, name="inputs", spikes=(steps * DT, indices))
    neurons = net.add(EPropLIF, N, name="neurons", **({"learning_signal": signal} if signal else {}))
    rule = {"target": "v", "synapse": EProp, "tau_out": TAU_OUT, "delay": 0.0, **values}
    net.connect(inputs, neurons, ncl.AllToAll(), weight=W_IN, name="in", **rule)
    pre, post = np.nonzero(W_REC.T)
    net.connect(neurons, neurons, ncl.Edges(pre, post), weight=W_REC[post, pre], name="rec", **rule)
    return net


def matrix(sim, projection, state, shape):
    pre, post = sim.edges(projection)
    found = np.zeros(shape)
    found[post, pre] = sim.state[f"{projection}.{state}"]
    return found


@pytest.mark.parametrize("eta", [0.0, 0.01])
def test_network_learns_by_the_formula(eta):
    sim = network(ncl.Input(), eta=eta).build(dtype="float64")
    out = sim.run(STEPS * DT, inputs={"neurons": {"learning_signal": SIGNAL}}, record={"neurons": ["spikes"]})
    fired, w_in, w_rec, e_in = eprop_in_numpy(eta)
    steps, indices = np.nonzero(fired)
    spikes = out["neurons"].spikes
    assert spikes.times.size > 20
    np.testing.assert_allclose(spikes.times, (steps + 1) * DT)
    np.testing.assert_array_equal(spikes.indices, indices)
    np.testing.assert_allclose(matrix(sim, "in", "w", w_in.shape), w_in, rtol=1e-10)
    np.testing.assert_allclose(matrix(sim, "rec", "w", w_rec.shape), w_rec, atol=1e-12)
    np.testing.assert_allclose(matrix(sim, "in", "e", e_in.shape), e_in, atol=1e-12)


def voltages(weight):
    """Voltage [step] of one neuron that never fires, as a function of its input weights."""
    v, history = 0.0, []
    for x in SPIKES:
        v = ALPHA * (v + weight @ x)
        history.append(v)
    return np.array(history)


def test_eligibility_of_a_silent_neuron_is_the_derivative_of_its_filtered_pseudo_spikes():
    # Without resets e-prop is exact: e = d/dw of the low-pass of a function s of v with ds/dv = psi.
    weight = W_IN[0] / 8
    net = ncl.Network(dt=DT)
    steps, indices = np.nonzero(SPIKES)
    inputs = net.add(ncl.models.SpikeArray, N_IN, name="inputs", spikes=(steps * DT, indices))
    neuron = net.add(EPropLIF, 1, name="neuron")
    net.connect(
        inputs, neuron, ncl.AllToAll(), target="v", synapse=EProp, tau_out=TAU_OUT, weight=weight[None, :], name="in"
    )
    sim = net.build(dtype="float64")
    sim.run(STEPS * DT)
    assert voltages(weight).min() >= 0
    assert voltages(weight).max() < 1

    def filtered(w):
        pseudo = DAMPENING * voltages(w) ** 2 / 2  # its derivative is psi = dampening * v below threshold
        return np.sum(pseudo * KAPPA ** np.arange(STEPS - 1, -1, -1))

    small = 1e-5
    gradient = [(filtered(weight + d) - filtered(weight - d)) / (2 * small) for d in small * np.eye(N_IN)]
    np.testing.assert_allclose(sim.state["in.e"], gradient, rtol=1e-7)


def test_feedback_brings_errors_and_learning_lowers_the_loss():
    net = network(eta=2e-3)
    readout = net.add(EPropReadout, 2, name="readout", tau_out=TAU_OUT, y_target=ncl.Input())
    neurons, w_out = net.populations["neurons"], np.random.default_rng(1).normal(size=(2, N))
    net.connect(neurons, readout, ncl.AllToAll(), target="y", weight=w_out, name="out")
    net.connect(readout, neurons, ncl.AllToAll(), synapse=EPropFeedback, weight=w_out.T, name="feedback")
    sim = net.build(dtype="float64")
    target = {"readout": {"y_target": np.tile([[3.0, -2.0]], (STEPS, 1))}}
    losses = []
    for _ in range(60):
        sim.reset(keep=["in.w", "rec.w"])
        error = sim.run(STEPS * DT, inputs=target, record={"readout": ["error"]})["readout"]["error"]
        losses.append(np.mean(error**2))
    assert np.mean(losses[-5:]) < 0.6 * losses[0]


def test_rule_agrees_with_brian2():
    pytest.importorskip("brian2", exc_type=Exception)
    found = compare(network(ncl.Input(), eta=0.01), 60.0, inputs={"neurons": {"learning_signal": SIGNAL[:60]}})
    assert found.holds(1e-9), str(found)
