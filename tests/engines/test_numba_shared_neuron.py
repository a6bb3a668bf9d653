"""What belongs to the one neuron of a spike is loaded and stored once, except where its synapses touch it otherwise."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl

N = 4
PRE, POST = np.nonzero(np.ones((N, N)))  # autapses too: a neuron is then at both ends
SPIKES = ([1.0, 1.0, 2.0, 4.0], [0, 2, 1, 2])
NEURON = ncl.NeuronModel(name="neuron", equations="a : 1\nb : 1", threshold="scheduled", refractory=2.0)
HELD = NEURON.replace(name="held", equations="a : 1 (unless refractory)", parameters={"b": 0.0})
STATEMENTS = [
    "a_post += 0.5 * a_pre + b_post", "b_post += a_pre * w; w += 0.1 * b_post", "a_pre += b_post + 0.25 * w",
    "a_pre += 1; b_post += a_pre",
]  # fmt: skip


def run(on_pre: str, on_post: str, model: ncl.NeuronModel = NEURON) -> dict[str, np.ndarray]:
    net = ncl.Network(dt=1.0)
    p = net.add(model, N, name="p", a=np.arange(1.0, N + 1), b=np.arange(N) / 8, spikes=SPIKES)
    synapse = ncl.SynapseModel(name="s", on_pre=on_pre, on_post=on_post)
    net.connect(p, p, ncl.Edges(PRE, POST), synapse=synapse, weight=np.linspace(0.5, 2.0, N * N), name="s")
    sim = net.build(dtype="float64")
    sim.run(6.0)
    return {key: sim.state[key].copy() for key in sim.state}


def expected(statements: str, at_pre: bool) -> dict[str, np.ndarray]:
    """The same statements, one synapse after the other, every name read and written in place."""
    a, b, w = np.arange(1.0, N + 1), np.arange(N) / 8, np.linspace(0.5, 2.0, N * N)
    for step in range(1, 5):
        fired = [i for t, i in zip(*SPIKES, strict=True) if t == step]
        for neuron in fired:
            for e in np.nonzero((PRE if at_pre else POST) == neuron)[0]:
                code = statements.replace("_pre", f"[{PRE[e]}]").replace("_post", f"[{POST[e]}]")
                code = code.replace("w +=", f"w[{e}] +=").replace("* w", f"* w[{e}]")
                exec(code, {"a": a, "b": b, "w": w})
    return {"p.a": a, "p.b": b, "s.w": w}


@pytest.mark.parametrize("statements", STATEMENTS)
@pytest.mark.parametrize("at_pre", [True, False])
def test_statements_act_as_if_every_state_were_read_and_written_at_every_synapse(statements: str, at_pre: bool) -> None:
    found = run(statements, "") if at_pre else run("", statements)
    for name, values in expected(statements, at_pre).items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)


def test_a_held_state_of_the_shared_neuron_takes_nothing_while_refractory() -> None:
    found = run("", "a_post += w", HELD)
    assert found["p.a"].tolist() == np.arange(1.0, N + 1).tolist()
