"""What moves within a step beside a state it drives: held neurons, the target of a delivery, traces, modulators."""

from __future__ import annotations

import numpy as np

import neurocl as ncl
from neurocl.engines.agreement import compare

DT = 0.1
TRAIN = np.arange(10, 400, 20) * DT


def source(net: ncl.Network) -> ncl.core.components.Population:
    times, indices = np.repeat(TRAIN, 2), np.tile([0, 1], len(TRAIN))
    return net.add(ncl.models.SpikeArray, 2, name="source", spikes=(times, indices))


def test_a_state_that_follows_a_held_state_drives_a_nonlinear_one() -> None:
    model = ncl.NeuronModel(
        name="follower",
        equations="""
            dv/dt = (5 - v) / 10 : 1 (unless refractory)
            da/dt = (v - a) / 5  : 1
            dz/dt = a - z**2     : 1
        """,
        threshold="v > 3", reset="v = 0", refractory=3.0,
    )  # fmt: skip
    net = ncl.Network(dt=DT)
    net.add(model, 1, name="cell")
    found = compare(net, 100.0)
    assert found.holds(1e-6), str(found)
    assert found.n_spikes["cell"] > 5


def test_a_transmission_that_reads_its_target_sees_it_before_the_events() -> None:
    pull = ncl.SynapseModel(name="pull", transmit="w * (e - v_post)", parameters={"e": 0.0})
    net = ncl.Network(dt=DT)
    cells = net.add(ncl.models.LIFDelta, 2, name="cells")
    pre = source(net)
    net.connect(pre, cells, ncl.AllToAll(), target="v", weight=0.1, synapse=pull)
    net.connect(pre, cells, ncl.AllToAll(), target="v", weight=0.7, name="plain")
    found = compare(net, 50.0)
    assert found.holds(1e-9), str(found)
    assert found.n_spikes["cells"] > 5


def test_synapse_equations_see_traces_and_modulators_move_within_the_step() -> None:
    receiver = ncl.NeuronModel(name="receiver", equations="g : 1", threshold="scheduled")
    reward = ncl.Modulator(name="reward", equations="dd/dt = -d / 50 + u : 1", parameters={"u": 0.0})
    fading = ncl.Modulator(name="fading", equations="dd/dt = -k * d : 1", parameters={"k": 0.0}, initial={"d": 1})
    counting = ncl.Modulator(name="counting", equations="dd/dt = -d / 50 + 0.1 * n_spikes : 1", counts=("n_spikes",))
    tagged = {
        name: ncl.SynapseModel(
            name=name, pre="dx/dt = -x / 20", on_pre="x += 1; c += 0.1", equations=equations, parameters={"d": 0.0}
        )
        for name, equations in {
            "fed_by_trace": "dc/dt = -c / 100 + x / 10 : 1",
            "decays_by_trace": "dc/dt = -c * x / 100 : 1",
            "gated": "dc/dt = -c / 100 : 1\ndw/dt = c * d : 1",
        }.items()
    }
    net = ncl.Network(dt=DT)
    pre = source(net)
    post = net.add(receiver, 2, name="post", spikes=([5.0, 9.0, 20.0, 31.3], [0, 1, 0, 1]))
    for name in ("fed_by_trace", "decays_by_trace"):
        net.connect(pre, post, ncl.AllToAll(), target="g", synapse=tagged[name], name=name)
    handles = [
        net.add(reward, u=ncl.Input()), net.add(fading, k=ncl.Input()), net.add(counting, n_spikes=post),
    ]  # fmt: skip
    for handle in handles:
        name = f"gated_by_{handle.name}"
        projection = net.connect(pre, post, ncl.AllToAll(), target="g", synapse=tagged["gated"], name=name)
        net.modulate(projection, d=handle["d"])
    inputs = {"reward": {"u": np.ones(300)}, "fading": {"k": np.full(300, 0.2)}}
    found = compare(net, 50.0, inputs=inputs)
    assert found.holds(1e-9), str(found)
