"""The Brian2 engine by itself: what a step means, and what a user sees of it."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

import neurocl as ncl
from tests.helpers import RECEIVER

brian2 = pytest.importorskip("brian2", exc_type=Exception)

DT = 0.1
RAMP = ncl.NeuronModel(
    name="ramp", equations="dv/dt = 1.0 : 1 (unless refractory)", threshold="v > 0.95", reset="v = 0",
    refractory="t_ref", parameters={"t_ref": 0.0},
)  # fmt: skip


def first_rows(trace: np.ndarray, times: np.ndarray) -> list[float]:
    """Time of the first row in which each column is not zero."""
    return [float(times[np.argmax(column != 0)]) for column in trace.T]


def test_a_spike_stamped_t_acts_at_t_plus_delay() -> None:
    net = ncl.Network(dt=DT)
    source = net.add(ncl.models.SpikeArray, 1, spikes=([1.0], [0]))
    receiver = net.add(RECEIVER, 3, name="receiver")
    net.connect(source, receiver, ncl.AllToAll(), target="received", delay=np.array([[0.0], [0.8], [1.5]]))
    out = net.build(engine="brian2").run(4.0, record={"receiver": "received", "SpikeArray": "spikes"})
    trace = out["receiver"].trace("received")
    assert out["SpikeArray"].spikes.times == pytest.approx([1.0])
    # What arrives at t is seen at the end of the step that begins at t.
    assert first_rows(trace.values, trace.times) == pytest.approx([1.1, 1.9, 2.6])


@pytest.mark.parametrize("held", [0, 1, 20])
def test_a_neuron_holds_for_exactly_the_refractory_updates(held: int) -> None:
    net = ncl.Network(dt=DT)
    net.add(RAMP, 1, name="ramp", t_ref=held * DT)
    simulation = net.build(engine="brian2")
    v = simulation.run(5.0, record={"ramp": "v"})["ramp"]["v"][:, 0]
    after = v[np.argmax(v == 0) :]
    # The row of the spike itself, then the updates that hold, then one step of the ramp.
    assert np.argmax(after > 0) == held + 1
    assert after[held + 1] == pytest.approx(DT)


def test_runs_go_on_and_the_state_is_in_the_plan_s_order() -> None:
    synapse = ncl.SynapseModel(name="s", pre="dx/dt = -x / 10", on_pre="x += 1; w += 0.1 * x")
    net = ncl.Network(dt=DT)
    ramp = net.add(RAMP, 4, name="ramp", v=ncl.uniform(0, 0.9), t_ref=0.3)
    lonely = net.add(RAMP, 2, name="lonely")
    edges = ncl.Edges([3, 0, 0], [1, 2, 1])
    net.connect(ramp, ramp, edges, target="v", weight=[0.3, 0.2, 0.1], synapse=synapse, name="s")
    net.connect(lonely, ramp, ncl.Edges([], []), target="v", name="none")
    record = {"ramp": ["spikes", "counts", ncl.Record("v", neurons=[2, 0], every=7)], "s": ["w", "x"]}
    whole, parts = net.build(engine="brian2", seed=2), net.build(engine="brian2", seed=2)
    one = whole.run(10.0, record=record)
    two = ncl.Recording.join(parts.run(3.3, record=record), parts.run(6.7, record=record))
    assert one["ramp"].spikes == two["ramp"].spikes
    assert len(one["ramp"].spikes) > 10
    np.testing.assert_array_equal(one["ramp"].counts(), two["ramp"].counts())
    for name, key in (("ramp", "v"), ("s", "w"), ("s", "x")):
        np.testing.assert_array_equal(one[name][key], two[name][key])
    # Neurons 1 and 2 of the presynaptic side have no synapse, so that Brian2 has no trace of them.
    np.testing.assert_array_equal(np.isnan(whole.state["s.x"]), [False, True, True, False])
    reference = net.build(engine="numba", seed=2, dtype="float64")
    reference.run(10.0)
    assert whole.state.keys() == reference.state.keys()
    for name, values in whole.state.items():
        known = ~np.isnan(values)
        np.testing.assert_allclose(values[known], reference.state[name][known], rtol=1e-12, err_msg=name)


def test_brian2_is_left_as_it_was() -> None:
    before = {name: brian2.prefs[name] for name in ("codegen.target", "codegen.loop_invariant_optimisations")}
    level, clock = logging.getLogger("brian2").level, brian2.defaultclock.dt
    net = ncl.Network(dt=DT)
    net.add(RAMP, 1)
    net.build(engine="brian2").run(1.0)
    assert {name: brian2.prefs[name] for name in before} == before
    assert (logging.getLogger("brian2").level, brian2.defaultclock.dt) == (level, clock)


def test_names_that_brian2_keeps_for_itself_are_free() -> None:
    model = ncl.NeuronModel(
        name="reserved",
        equations="dN/dt = (mV - N + e) / second : 1; lastspike : 1; j : 1",
        threshold="N > lambda_", reset="N = 0; lastspike += 1; j += N_outgoing",
        parameters={"mV": 2.0, "second": 3.0, "lambda_": 1.0, "e": 0.5, "N_outgoing": 1.0},
    )  # fmt: skip
    net = ncl.Network(dt=DT)
    net.add(model, 2)
    state = net.build(engine="brian2").run(50.0, record={"reserved": ["lastspike", "j", "counts"]})["reserved"]
    assert state.counts()[0] > 5
    np.testing.assert_array_equal(state["lastspike"][-1], state.counts())
    np.testing.assert_array_equal(state["j"][-1], state.counts())


def test_what_a_referee_cannot_do_is_said() -> None:
    net = ncl.Network(dt=DT)
    ramp = net.add(RAMP, 2, name="ramp")
    simulation = net.build(engine="brian2")
    with pytest.raises(ncl.NeuroclError, match="reset: the Brian2 engine is a referee"):
        simulation.reset()  # type: ignore[attr-defined]
    with pytest.raises(ncl.NeuroclError, match="brian2 engine cannot be saved"):
        simulation.save("never.safetensors")
    noisy = ncl.SynapseModel(name="noisy", transmit="w * poisson(2)")
    net.connect(ramp, ramp, ncl.AllToAll(), target="v", synapse=noisy, name="noisy")
    with pytest.raises(ncl.NeuroclError, match=r"projection 'noisy': .* not poisson"):
        net.build(engine="brian2")


def test_a_state_that_becomes_infinite_is_an_error() -> None:
    net = ncl.Network(dt=DT)
    net.add(ncl.NeuronModel(name="grows", equations="dv/dt = v**2 : 1", initial={"v": 1}), 2, name="grows")
    with pytest.raises(ncl.NeuroclError, match="'grows': state 'v' of element 0 became"):
        net.build(engine="brian2").run(10.0)


def test_a_brian2_that_does_not_import_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    net = ncl.Network(dt=DT)
    net.add(RAMP, 1)
    monkeypatch.setitem(sys.modules, "brian2", None)
    with pytest.raises(ncl.NeuroclError, match=r'cannot be imported .* pip install "neurocl\[brian2\]"'):
        net.build(engine="brian2")
