"""Synapses, plasticity and modulators on the Numba engine and in Brian2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.engines.agreement import compare
from tests.helpers import RECEIVER
from tests.networks import Case, network_of

pytest.importorskip("brian2", exc_type=Exception)

DT = 0.1


def trains(seed: int, n: int, count: int, steps: int, shared: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """About `count` spikes of `n` neurons within `steps` steps; the first `shared` times are the same for any seed."""
    rng = np.random.default_rng(seed)
    common = np.random.default_rng(0).integers(1, steps, shared)
    pairs = np.stack([np.concatenate([common, rng.integers(1, steps, count)]), rng.integers(0, n, shared + count)])
    times, neurons = np.unique(pairs, axis=1)
    return times * DT, neurons


def pair(synapse: ncl.SynapseModel, steps: int, **values: Any) -> tuple[ncl.Network, ncl.Population, ncl.Projection]:
    """Four neurons onto three, all scheduled, with mixed delays; a third of the spikes of both sides coincide."""
    net = ncl.Network(dt=DT)
    pre = net.add(ncl.models.SpikeArray, 4, name="pre", spikes=trains(1, 4, steps // 40, steps, shared=steps // 80))
    post = net.add(RECEIVER, 3, name="post", spikes=trains(2, 3, steps // 40, steps, shared=steps // 80))
    delay = np.array([[0.0, 0.8, 1.5, 0.0]] * 3)
    delay[0, 1] = 0.0
    made = net.connect(
        pre, post, ncl.AllToAll(), target="received", weight=ncl.uniform(0.2, 0.8), delay=delay, synapse=synapse,
        name="synapses", **values,
    )  # fmt: skip
    return net, post, made


@pytest.mark.parametrize(
    "name",
    [
        "PairSTDP",
        pytest.param("NearestSTDP", marks=pytest.mark.slow),
        pytest.param("PresynapticNearestSTDP", marks=pytest.mark.slow),
        "ReducedNearestSTDP",
    ],
)
def test_stdp_agrees_for_coincident_and_other_spikes(name: str) -> None:
    net, _, _ = pair(getattr(ncl.models, name), 20_000)
    found = compare(net, 2000.0)
    assert found.holds(1e-9), str(found)
    assert {"synapses.w", "synapses.x", "synapses.y"} <= found.differences.keys()


def test_short_term_plasticity_agrees() -> None:
    net, _, _ = pair(ncl.models.TsodyksMarkram, 5000, U=0.2, tau_f=600.0, tau_d=200.0)
    found = compare(net, 500.0)
    assert found.holds(1e-9), str(found)


def test_reward_modulated_stdp_agrees() -> None:
    net, post, synapses = pair(ncl.models.RewardSTDP, 5000, tau_c=100.0)
    model = ncl.models.Dopamine.replace(update="d += reward + 0.01 * n_spikes", counts=("n_spikes",))
    dopamine = net.add(model, name="dopamine", reward=ncl.Input(0.0), n_spikes=post[1:])
    net.modulate(synapses, d=dopamine["d"])
    reward = np.zeros(4000)
    reward[500::700] = 0.2
    found = compare(net, 500.0, inputs={"dopamine": {"reward": reward}})
    assert found.holds(1e-9), str(found)
    assert {"synapses.c", "synapses.w", "dopamine.d", "post.received"} <= found.differences.keys()


def test_statements_on_neurons_respect_their_refractory_time() -> None:
    neuron = ncl.NeuronModel(
        name="two",
        equations="du/dt = -u / 10 : 1; dv/dt = -v / 20 : 1 (unless refractory)",
        threshold="u + v > 1.2", reset="u = 0; v = 0", refractory="t_ref", parameters={"t_ref": 1.5},
    )  # fmt: skip
    adding = ncl.SynapseModel(name="adding", on_pre="u_post += w * (1 - g); v_post += 0.1", parameters={"g": 0.3})
    mixing = ncl.SynapseModel(
        name="mixing", on_pre="v_post = clip(v_post + w * (1 - v_post), 0, 1)", on_post="v_pre -= 0.1 * w; w *= 0.99"
    )
    net = ncl.Network(dt=DT)
    source = net.add(ncl.models.SpikeArray, 4, name="source", spikes=trains(3, 4, 300, 1000))
    neurons = net.add(neuron, 3, name="neurons", t_ref=[0.0, 0.1, 2.0])
    net.connect(source, neurons, ncl.AllToAll(), weight=0.2, synapse=adding, name="adding")
    net.connect(neurons, neurons, ncl.AllToAll(), weight=0.1, synapse=mixing, delay=0.5, name="mixing")
    found = compare(net, 100.0)
    assert found.holds(1e-9), str(found)
    assert found.n_spikes["neurons"] > 20


def test_several_synapses_between_two_neurons_and_draws_per_synapse_agree() -> None:
    synapse = ncl.SynapseModel(
        name="unreliable", transmit="w * int(rand() < p) + 0.1 * randn()", on_pre="w += 0.01 * randn()",
        parameters={"p": 0.5},
    )  # fmt: skip
    net = ncl.Network(dt=DT)
    pre = net.add(ncl.models.SpikeArray, 3, name="pre", spikes=trains(4, 3, 200, 1000))
    post = net.add(RECEIVER, 5, name="post")
    edges = ncl.Edges([2, 0, 0, 1, 1, 0], [0, 0, 0, 1, 0, 1])
    delay = [0.0, 0.0, 0.8, 0.8, 0.0, 1.5]
    net.connect(
        pre, post[::2], edges, target="received", weight=np.arange(6.0), delay=delay, synapse=synapse,
        p=ncl.uniform(0, 1),
    )  # fmt: skip
    found = compare(net, 100.0)
    assert found.holds(1e-12), str(found)


@pytest.mark.parametrize("case", [Case(), Case(delays=(3, 3), probability=1.0, n_exc=20, seed=7)])
def test_a_network_of_everything_agrees(case: Case) -> None:
    reward = np.zeros(300)
    reward[::50] = 0.5
    current = np.random.default_rng(0).uniform(0, 6, (300, case.n_exc + case.n_inh))
    inputs = {"dopamine": {"reward": reward}, "neurons": {"i_ext": current}}
    found = compare(network_of(case), 60.0, inputs=inputs, seed=case.seed)
    assert found.holds(1e-9), str(found)
    assert min(found.n_spikes.values()) > 0
