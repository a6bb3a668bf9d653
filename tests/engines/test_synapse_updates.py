"""Sums over synapses and per-step statements of synapses, against plain NumPy and against Brian2."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.engines.agreement import compare

INPUT = ncl.NeuronModel(name="input", parameters={"x": 0.0})
OUTPUT = ncl.NeuronModel(name="output", equations="y : 1", update="y = drive", parameters={"drive": 0.0})
ETA = 0.05


def learner(name: str, update: str, sums: str = "") -> ncl.SynapseModel:
    """A synapse between INPUT and OUTPUT: y = W x in each step, then `update`."""
    return ncl.SynapseModel(
        name=name, equations=f"drive_post = w * x_pre : 1 (summed)\n{sums}", update=update, parameters={"eta": ETA}
    )


HEBB = learner("hebb", "w += eta * y_post * x_pre")
SANGER = learner("sanger", "w += eta * y_post * (x_pre - r)", "r = y_post * w : 1 (summed pre, in order)")
SUBSPACE = learner("subspace", "w += eta * y_post * (x_pre - r)", "r = y_post * w : 1 (summed pre)")
NORMALISED = learner("normalised", "w = w / total", "total = abs(w) : 1 (summed post)")


def layer(synapse: ncl.SynapseModel, n_in: int, n_out: int, seed: int = 0) -> ncl.Network:
    net = ncl.Network(dt=1.0)
    pre = net.add(INPUT, n_in, name="pre", x=ncl.Input(0.0))
    post = net.add(OUTPUT, n_out, name="post")
    weights = np.random.default_rng(seed).normal(0, 0.3, (n_out, n_in))
    net.connect(pre, post, ncl.AllToAll(), synapse=synapse, weight=weights, name="w")
    return net


def learn(synapse: ncl.SynapseModel, x: NDArray[np.float64], n_out: int) -> tuple[NDArray[np.float64], ...]:
    """Weights [post, pre] before and after the samples `x`, and the outputs."""
    sim = layer(synapse, x.shape[1], n_out).build(dtype="float64")
    before = sim.state["w.w"].reshape(x.shape[1], n_out).T.copy()
    out = sim.run(float(len(x)), record={"post": ["y"]}, inputs={"pre": {"x": x}})
    return before, sim.state["w.w"].reshape(x.shape[1], n_out).T, out["post"]["y"]


def change(rule: str, w: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """One step of a rule, as its paper writes it."""
    y = w @ x
    if rule == "normalised":
        return w / np.abs(w).sum(axis=1, keepdims=True)
    fed_back = {"hebb": 0.0, "sanger": np.tril(np.outer(y, y)) @ w, "subspace": np.outer(y, y) @ w}[rule]
    return w + ETA * (np.outer(y, x) - fed_back)


@pytest.mark.parametrize("synapse", [HEBB, SANGER, SUBSPACE, NORMALISED], ids=lambda s: s.name)
@given(seed=st.integers(0, 2**32), n_in=st.integers(1, 6), n_out=st.integers(1, 4))
def test_each_step_is_one_exact_step_of_the_rule(synapse: ncl.SynapseModel, seed: int, n_in: int, n_out: int) -> None:
    x = np.random.default_rng(seed).normal(size=(20, n_in))
    w, after, y = learn(synapse, x, n_out)
    for sample, answer in zip(x, y, strict=True):
        np.testing.assert_allclose(answer, w @ sample, rtol=1e-10, atol=1e-12)
        w = change(synapse.name, w, sample)
    np.testing.assert_allclose(after, w, rtol=1e-10, atol=1e-12)


def test_projections_add_up_and_brian2_sums_the_same() -> None:
    net = layer(SUBSPACE, 5, 3)
    pre, post = net.populations["pre"], net.populations["post"]
    net.connect(pre[:3], post, ncl.FixedProbability(0.5), synapse=NORMALISED, weight=ncl.normal(0, 0.3), name="more")
    x = np.random.default_rng(1).normal(size=(30, 5))
    record = {"post": ["y"], "w": ["w"], "more": ["w"]}
    assert compare(net, 30.0, record=record, inputs={"pre": {"x": x}}, seed=2).holds()


def test_electrical_coupling_agrees_with_brian2_in_every_voltage() -> None:
    neuron = ncl.NeuronModel(
        name="coupled",
        equations="dv/dt = (i_ext - v + i_gap) / tau_mem : mV (unless refractory)",
        threshold="v > 10", reset="v = 0", refractory=1.0,
        parameters={"tau_mem": 10.0, "i_ext": 0.0, "i_gap": 0.0},
    )  # fmt: skip
    gap = ncl.SynapseModel(name="gap", equations="i_gap_post = w * (v_pre - v_post) : mV (summed)")
    net = ncl.Network(dt=0.1)
    cells = net.add(neuron, 5, name="cells", v=ncl.uniform(0, 9), i_ext=ncl.uniform(8, 14))
    net.connect(cells, cells, ncl.FixedProbability(0.6), synapse=gap, weight=ncl.uniform(0.1, 0.5))
    agreement = compare(net, 100.0, record={"cells": ["spikes", "v"]}, seed=1)
    assert agreement.holds(), agreement


def test_a_sum_over_traces_follows_each_presynaptic_spike_after_its_delay() -> None:
    gate = ncl.SynapseModel(
        name="gate", pre="ds/dt = -s / 5 : 1", on_pre="s += 1", equations="total_post = w * s : 1 (summed)"
    )
    reader = ncl.NeuronModel(name="reader", equations="seen : 1", update="seen = total", parameters={"total": 0.0})
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.SpikeArray, 2, name="source", spikes=([1.0, 1.0], [0, 1]))
    target = net.add(reader, 1, name="target")
    net.connect(source, target, ncl.AllToAll(), synapse=gate, weight=[[2.0, 3.0]], delay=[[0.0, 1.0]], name="gate")
    seen = net.build(dtype="float64").run(4.0, record={"target": ["seen"]})["target"]["seen"][:, 0]
    t = np.arange(40) * 0.1  # the sum of step k is made at t_k
    expected = sum(w * np.where(t >= at - 1e-9, np.exp(-(t - at) / 5), 0) for w, at in ((2.0, 1.0), (3.0, 2.0)))
    np.testing.assert_allclose(seen, expected, rtol=1e-12, atol=1e-15)


def test_update_statements_draw_random_numbers_and_read_modulators() -> None:
    noisy = ncl.SynapseModel(
        name="noisy", update="w += gain * (rand() - 0.5); age += 1", equations="age : 1", parameters={"gain": 0.0}
    )
    ramp = ncl.Modulator(name="ramp", equations="g : 1", update="g += 1")
    net = ncl.Network(dt=1.0)
    pre, post = net.add(INPUT, 10, name="pre"), net.add(OUTPUT, 20, name="post")
    projection = net.connect(pre, post, ncl.AllToAll(), synapse=noisy, weight=ncl.uniform(0, 0), name="p")
    net.modulate(projection, gain=net.add(ramp, name="ramp")["g"])
    sim = net.build(dtype="float64")
    w = sim.run(50.0, record={"p": ["w"]})["p"]["w"]
    steps = np.diff(w, axis=0, prepend=0)
    assert (sim.state["p.age"] == 50).all()
    bound = np.arange(1, 51)[:, None] / 2
    assert (np.abs(steps) <= bound).all() and np.abs(steps / bound).mean() == pytest.approx(0.5, abs=0.02)
    assert compare(net, 20.0, record={"p": ["w"]}).holds()


def test_brian2_refuses_a_running_sum_by_name() -> None:
    with pytest.raises(ncl.NeuroclError, match="projection 'w': Brian2 has no sum in order"):
        layer(SANGER, 2, 2).build(engine="brian2")
