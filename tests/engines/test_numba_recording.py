"""What a run returns does not depend on what else is recorded, on how the run is split, or on the thread count."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core.recording import Recording

DT, STEPS = 0.5, 80
EVERYTHING: dict[str, Any] = {
    "inp": ["spikes", "counts"], "exc": ["spikes", "counts", "v", "i_syn"], "rec": ["w", "x", "y"], "da": "d",
}  # fmt: skip


@cache
def network() -> ncl.Network:
    net = ncl.Network(dt=DT)
    inp = net.add(models.Poisson, 40, name="inp", rate=ncl.Input(200.0))
    exc = net.add(models.LIF, 20, name="exc", v=ncl.uniform(-70, -55))
    da = net.add(models.Dopamine, name="da", reward=ncl.Input())
    net.connect(inp, exc, ncl.FixedProbability(0.4), target="i_syn", weight=300.0, delay=1.5, name="ffw")
    rec = net.connect(exc, exc, ncl.FixedIndegree(5), target="i_syn", synapse=models.PairSTDP, delay=0.5,
                      weight=ncl.uniform(0, 1), w_max=2.0, name="rec")  # fmt: skip
    net.modulate(rec, a_plus=da["d"])
    return net


def simulation(dtype: str = "float64") -> ncl.Simulator:
    return network().build(seed=3, dtype=dtype)


@cache
def whole() -> Recording:
    sim = simulation()
    return sim.run(STEPS * DT, record=EVERYTHING, inputs={"da": {"reward": np.linspace(0, 0.1, STEPS)}})


def test_the_network_of_these_tests_is_busy() -> None:
    out = whole()
    assert out["exc"].counts().sum() > 50 and np.ptp(out["rec"]["w"], axis=0).max() > 0.01


def test_states_at_the_end_of_a_run_are_its_last_row() -> None:
    sim = simulation()
    out = sim.run(STEPS * DT, record=EVERYTHING)
    for name, quantities in EVERYTHING.items():
        for quantity in [quantities] if isinstance(quantities, str) else quantities:
            if quantity not in ("spikes", "counts"):
                np.testing.assert_array_equal(out[name][quantity][-1], sim.state[f"{name}.{quantity}"])
                assert out[name].trace(quantity).times.tolist() == [(k + 1) * DT for k in range(STEPS)]


def test_counts_are_the_numbers_of_spikes() -> None:
    out = whole()
    for name in ("inp", "exc"):
        np.testing.assert_array_equal(out[name].counts(), out[name].spikes.counts())
        assert out[name].spikes.times.min() >= DT and out[name].spikes.times.max() <= STEPS * DT


@settings(max_examples=20)
@given(
    st.sets(st.integers(0, STEPS), max_size=3), st.integers(1, 9),
    st.lists(st.integers(0, 19), min_size=1, unique=True), st.integers(1, 9),
)  # fmt: skip
def test_a_run_may_be_split_and_thinned(cuts: set[int], every: int, neurons: list[int], every_weight: int) -> None:
    sim, at = simulation(), 0
    record = {
        "exc": ["spikes", ncl.Record("v", neurons=neurons, every=every), ncl.Record("i_syn", neurons=slice(3, 15, 4))],
        "rec": [ncl.Record("w", every=every_weight)], "inp": ncl.Record("spikes", neurons=[5, 0, 7]),
    }  # fmt: skip
    reward, parts = np.linspace(0, 0.1, STEPS), []
    for stop in [*sorted(cuts), STEPS]:
        inputs = {"da": {"reward": reward[at:stop]}} if stop > at else {}
        parts.append(sim.run((stop - at) * DT, record=record, inputs=inputs))
        at = stop
    out = parts[0]
    for part in parts[1:]:
        out = Recording.join(out, part)
    rows = np.arange(STEPS)
    np.testing.assert_array_equal(out["exc"]["v"], whole()["exc"]["v"][(rows + 1) % every == 0][:, neurons])
    np.testing.assert_array_equal(out["exc"]["i_syn"], whole()["exc"]["i_syn"][:, 3:15:4])
    np.testing.assert_array_equal(out["rec"]["w"], whole()["rec"]["w"][(rows + 1) % every_weight == 0])
    np.testing.assert_array_equal(out["exc"].spikes.times, whole()["exc"].spikes.times)
    np.testing.assert_array_equal(out["exc"].spikes.indices, whole()["exc"].spikes.indices)
    np.testing.assert_array_equal(out["inp"].counts(), whole()["inp"].counts()[[5, 0, 7]])


def test_weights_of_a_projection_without_edges_are_an_empty_record() -> None:
    net = ncl.Network(dt=DT)
    exc = net.add(models.LIF, 20, name="exc")
    net.connect(exc, exc, ncl.FixedProbability(0.0), target="i_syn", synapse=models.PairSTDP, name="rec")
    out = net.build(dtype="float64").run(5 * DT, record={"rec": ["w", "x", "y"]})
    assert out["rec"]["w"].shape == (5, 0) and out["rec"]["x"].shape == (5, 20)


def test_recording_does_not_change_a_run() -> None:
    silent, recorded = simulation(), simulation()
    silent.run(STEPS * DT)
    recorded.run(STEPS * DT, record=EVERYTHING)
    for name, array in silent.state.items():
        np.testing.assert_array_equal(array, recorded.state[name])


def test_a_recording_is_not_changed_by_the_next_run() -> None:
    sim = simulation()
    out = sim.run(20.0, record=EVERYTHING)
    before = {name: np.array(out["exc"][name]) for name in ("v", "i_syn")}
    spikes = out["exc"].spikes.times.copy()
    sim.run(20.0, record=EVERYTHING)
    sim.reset()
    for name, values in before.items():
        np.testing.assert_array_equal(out["exc"][name], values)
    np.testing.assert_array_equal(out["exc"].spikes.times, spikes)


def test_the_spike_table_grows_with_the_spikes() -> None:
    net = ncl.Network(dt=0.1)
    net.add(ncl.NeuronModel(name="always", equations="u : 1", threshold="u < 1"), 1500, name="p")
    sim = net.build()
    spikes = sim.run(10.0, record={"p": "spikes"})["p"].spikes  # the table begins with room for two steps
    assert len(spikes.times) == 150_000
    np.testing.assert_array_equal(spikes.indices.reshape(100, 1500), np.tile(np.arange(1500), (100, 1)))
    np.testing.assert_allclose(spikes.times[::1500], 0.1 * np.arange(1, 101))
    batch = sim.run_batch(10.0, 2, record={"p": ["spikes", "counts"]})
    assert all(len(out["p"].spikes.times) == 150_000 and (out["p"].counts() == 100).all() for out in batch)


def test_inputs_act_from_the_beginning_of_their_run_and_end_with_it() -> None:
    sim = simulation()
    sim.run(7 * DT)
    out = sim.run(5 * DT, record={"da": "d"}, inputs={"da": {"reward": [1.0, 0.0, 2.0]}})
    assert sim.run(DT, record={"da": "d"})["da"]["d"].item() < out["da"]["d"][-1, 0]
    decay = np.exp(-DT / 200.0)
    expected, d = [], 0.0
    for reward in (1.0, 0.0, 2.0, 0.0, 0.0):
        d = (d + reward) * decay
        expected.append(d)
    np.testing.assert_allclose(out["da"]["d"][:, 0], expected, rtol=1e-12)


def test_an_input_per_neuron_drives_each_neuron_by_its_column() -> None:
    rates = np.zeros((STEPS, 40))
    rates[10:20, 7] = 1e6  # fires in every step
    spikes = simulation().run(STEPS * DT, record={"inp": "spikes"}, inputs={"inp": {"rate": rates}})["inp"].spikes
    assert set(spikes.indices) == {7}
    np.testing.assert_allclose(spikes.times, DT * np.arange(11, 21))


def test_a_reset_goes_back_to_the_start_and_keeps_what_is_asked() -> None:
    sim = simulation()
    start = {name: array.copy() for name, array in sim.state.items()}
    first = sim.run(STEPS * DT, record=EVERYTHING)
    learned = sim.state["rec.w"].copy()
    sim.reset(keep=["rec.w"])
    assert sim.step == 0 and sim.time == 0.0
    np.testing.assert_array_equal(sim.state["rec.w"], learned)
    np.testing.assert_array_equal(sim.state["exc.v"], start["exc.v"])
    sim.reset()
    for name, array in sim.state.items():
        np.testing.assert_array_equal(array, start[name])
    np.testing.assert_array_equal(sim.run(STEPS * DT, record=EVERYTHING)["exc"]["v"], first["exc"]["v"])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_presentations_side_by_side_are_those_one_after_the_other(threads: int) -> None:
    sim, rate = simulation(), np.array([[50.0], [100.0], [200.0], [400.0]]) * np.ones(40)
    reward = np.random.default_rng(0).uniform(0, 0.1, (4, 10))
    driven = {"values": {"inp": {"rate": rate}}, "inputs": {"da": {"reward": reward}}}
    together = sim.run_batch(20.0, 4, **driven, record=EVERYTHING, first_trial=5, threads=threads)
    assert sim.step == 0
    for k in range(4):
        sim.reset(trial=5 + k)
        alone = sim.run(
            20.0, record=EVERYTHING, inputs={"inp": {"rate": np.tile(rate[k], (40, 1))}, "da": {"reward": reward[k]}}
        )
        for name in ("inp", "exc"):
            np.testing.assert_array_equal(together[k][name].spikes.times, alone[name].spikes.times)
            np.testing.assert_array_equal(together[k][name].spikes.indices, alone[name].spikes.indices)
        np.testing.assert_array_equal(together[k]["rec"]["w"], alone["rec"]["w"])
        np.testing.assert_array_equal(together[k]["exc"]["v"], alone["exc"]["v"])


def test_a_printed_simulation_tells_sizes_schemes_weights_and_delays() -> None:
    text = str(simulation())
    for part in ("NumbaSimulation: dt = 0.5 ms, float64, seed 3, exact Gaussian numbers, threads 1, at 0 ms",
                 "inp: 40 x Poisson", "exc: 20 x LIF", "v: exact",
                 "rec: exc -> exc, 100 synapses (PairSTDP), one weight per synapse, delay 0.5 ms", "x: exact",
                 "weight 300, delay 1.5 ms", "da: modulator Dopamine", "d: exact"):  # fmt: skip
        assert part in text, f"{part!r} not in\n{text}"


def test_states_are_live_and_may_be_written() -> None:
    sim = simulation()
    sim.state["exc.v"][:] = -80.0
    sim.set("rec", w=0.25)
    assert set(sim.state) == {"exc.v", "exc.i_syn", "exc.refractory", "rec.w", "rec.x", "rec.y", "da.d"}
    out = sim.run(DT, record={"exc": "v", "rec": "w"})
    assert (out["exc"]["v"] < -78).all() and (out["rec"]["w"] == 0.25).all()
    pre, post = sim.edges("rec")
    assert pre.shape == post.shape == sim.state["rec.w"].shape and (np.bincount(post, minlength=20) == 5).all()
    assert (sim.delays("rec") == 0.5).all()


def test_a_parameter_may_be_changed_between_runs() -> None:
    sim, changed = simulation(), network()
    sim.set("exc", tau_mem=20.0, t_ref=5.0)
    sim.set("inp", rate=400.0)
    sim.run(20.0)
    net = ncl.Network(dt=DT)
    for population in changed.populations.values():
        extra = {"tau_mem": 20.0, "t_ref": 5.0} if population.name == "exc" else {"rate": ncl.Input(400.0)}
        net.add(population.model, population.n, name=population.name, **{**population.values, **extra})
    da = net.add(models.Dopamine, name="da", reward=ncl.Input())
    for p in changed.projections.values():
        ends = [net.populations[end.population.name] for end in (p.pre, p.post)]
        made = net.connect(
            *ends, p.rule, target=p.target, weight=p.weight, delay=p.delay, synapse=p.synapse, name=p.name, **p.values
        )
        if p.name == "rec":
            net.modulate(made, a_plus=da["d"])
    fresh = net.build(seed=3, dtype="float64")
    fresh.run(20.0)
    for name, array in fresh.state.items():
        np.testing.assert_allclose(sim.state[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


def test_float32_and_float64_begin_alike() -> None:
    exact, rounded = (simulation(dtype).run(10.0, record=EVERYTHING) for dtype in ("float64", "float32"))
    np.testing.assert_allclose(rounded["exc"]["v"], exact["exc"]["v"], rtol=1e-4)
    assert rounded["exc"]["v"].dtype == np.float32 and exact["exc"]["v"].dtype == np.float64
