"""Weights, traces and modulators at events, against the order of DESIGN.md written out in plain Python."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl

DT, N_PRE, N_POST, STEPS = 0.5, 3, 2, 24

TARGET = ncl.NeuronModel(name="target", equations="received : 1; seen : 1", threshold="scheduled")
LEARNING = ncl.SynapseModel(
    name="learning",
    pre="dx/dt = -x / 20", post="dy/dt = -y / 15", equations="dc/dt = -c / 50",
    transmit="w * (1 + x)",
    on_pre="w = clip(w - 0.1 * y + 0.01 * c + gain, 0, 5); c -= y; x += 1; seen_post += w",
    on_post="w = clip(w + 0.2 * x + 0.02 * c, 0, 5); c += x; y += 1",
    parameters={"gain": 0.0},
)  # fmt: skip
POOL = ncl.Modulator(
    name="pool", equations="dd/dt = -d / 30; e : 1", update="e = d + reward; d += reward + 0.25 * n", counts=("n",),
    parameters={"reward": 0.0}, initial={"d": 0.125},
)  # fmt: skip

Spikes = set[tuple[int, int]]
Edge = tuple[int, int, int]


@dataclass
class Reference:
    """One projection and one modulator, step by step as DESIGN.md says."""

    edges: list[Edge]
    w: list[float] = field(default_factory=list)
    d: float = 0.125
    e: float = 0.0

    def __post_init__(self) -> None:
        self.w = [1.0] * len(self.edges)
        self.c = [0.0] * len(self.edges)
        self.x = {(pre, delay): 0.0 for pre, _, delay in self.edges}  # what has arrived, so one trace per delay
        self.y = [0.0] * N_POST
        self.received, self.seen = [0.0] * N_POST, [0.0] * N_POST

    def step(self, k: int, pre: Spikes, post: Spikes, reward: float) -> None:
        arriving = [s for s, (i, _, delay) in enumerate(self.edges) if (i, k - delay) in pre]
        fired = [s for s, (_, j, _) in enumerate(self.edges) if (j, k) in post]
        for s in arriving:  # 1. deliver: the weights and traces of before
            i, j, delay = self.edges[s]
            self.received[j] += self.w[s] * (1 + self.x[i, delay])
        for s in arriving:  # plasticity reads the traces of before
            _, j, _ = self.edges[s]
            self.w[s] = min(max(self.w[s] - 0.1 * self.y[j] + 0.01 * self.c[s] + self.d, 0), 5)
            self.c[s] -= self.y[j]
            self.seen[j] += self.w[s]
        for s in fired:
            i, _, delay = self.edges[s]
            self.w[s] = min(max(self.w[s] + 0.2 * self.x[i, delay] + 0.02 * self.c[s], 0), 5)
            self.c[s] += self.x[i, delay]
        for i, delay in self.x:  # then traces jump
            self.x[i, delay] += (i, k - delay) in pre
        for j in range(N_POST):
            self.y[j] += (j, k) in post
        self.e = self.d + reward  # the modulator takes the events of t_k
        self.d += reward + 0.25 * sum((j, k) in post for j in range(N_POST))
        for key in self.x:  # 2. integrate
            self.x[key] *= math.exp(-DT / 20)
        self.y = [y * math.exp(-DT / 15) for y in self.y]
        self.c = [c * math.exp(-DT / 50) for c in self.c]
        self.d *= math.exp(-DT / 30)


def build(edges: list[Edge], dtype: str = "float64") -> ncl.Simulator:
    net = ncl.Network(dt=DT)
    pre, post = net.add(TARGET, N_PRE, name="pre"), net.add(TARGET, N_POST, name="post")
    columns = np.array(edges, dtype=int).reshape(-1, 3)
    rec = net.connect(pre, post, ncl.Edges(columns[:, 0], columns[:, 1]), target="received", synapse=LEARNING,
                      delay=columns[:, 2] * DT, weight=np.ones(len(edges)), name="rec")  # fmt: skip
    pool = net.add(POOL, name="pool", n=post, reward=ncl.Input())
    net.modulate(rec, gain=pool["d"])
    return net.build(dtype=dtype)


def as_spikes(spikes: Spikes) -> tuple[list[float], np.ndarray]:
    fired = sorted(spikes)
    return [k * DT for _, k in fired], np.array([i for i, _ in fired], dtype=int)


def spikes_of(n: int) -> st.SearchStrategy[Spikes]:
    return st.sets(st.tuples(st.integers(0, n - 1), st.integers(1, STEPS)), max_size=20)


edges_of = st.lists(
    st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1), st.integers(0, 3)), min_size=1, max_size=8
)


@settings(max_examples=12)
@given(edges_of, spikes_of(N_PRE), spikes_of(N_POST), st.lists(st.floats(0, 0.1), min_size=STEPS, max_size=STEPS))
def test_every_step_has_the_order_of_the_design(
    edges: list[Edge], pre: Spikes, post: Spikes, reward: list[float]
) -> None:
    sim, reference = build(edges), Reference(edges)
    out = sim.run(
        STEPS * DT, record={"rec": ["w"], "pool": ["d", "e"], "post": ["received"]},
        inputs={"pre": {"spikes": as_spikes(pre)}, "post": {"spikes": as_spikes(post)}, "pool": {"reward": reward}},
    )  # fmt: skip
    order = sorted(range(len(edges)), key=lambda s: (edges[s][2], edges[s][0], edges[s][1]))
    for k in range(STEPS):
        reference.step(k, pre, post, reward[k])
        np.testing.assert_allclose(out["rec"]["w"][k], [reference.w[s] for s in order], atol=1e-12, err_msg=f"step {k}")
        np.testing.assert_allclose(out["post"]["received"][k], reference.received, atol=1e-12)
        np.testing.assert_allclose(
            [out["pool"]["d"][k, 0], out["pool"]["e"][k, 0]], [reference.d, reference.e], atol=1e-12
        )
    np.testing.assert_allclose(sim.state["rec.c"], [reference.c[s] for s in order], atol=1e-12)
    np.testing.assert_allclose(sim.state["rec.y"], reference.y, atol=1e-12)
    np.testing.assert_allclose(sim.state["post.seen"], reference.seen, atol=1e-12)
    delays = sorted({delay for _, _, delay in edges})
    x = sim.state["rec.x"].reshape(len(delays), N_PRE)
    for (i, delay), value in reference.x.items():
        assert x[delays.index(delay), i] == pytest.approx(value, abs=1e-12)


@settings(max_examples=6)
@given(edges_of, spikes_of(N_PRE), spikes_of(N_POST), st.integers(1, STEPS - 1))
def test_a_run_in_two_parts_is_the_run_in_one(edges: list[Edge], pre: Spikes, post: Spikes, cut: int) -> None:
    whole, parts = build(edges), build(edges)
    inputs = {"pre": {"spikes": as_spikes(pre)}, "post": {"spikes": as_spikes(post)}}
    whole.run(STEPS * DT, inputs=inputs)
    for first, last in ((0, cut), (cut, STEPS)):
        part = {
            name: {"spikes": as_spikes({(i, k - first) for i, k in spikes if first < k <= last})}
            for name, spikes in (("pre", pre), ("post", post))
        }
        parts.run((last - first) * DT, inputs=part)
    for name, array in whole.state.items():
        np.testing.assert_array_equal(parts.state[name], array, err_msg=name)


def run_one(pre: Spikes, post: Spikes, delay: int = 0, dtype: str = "float64") -> tuple[ncl.Simulator, ncl.Recording]:
    sim = build([(0, 0, delay)], dtype)
    sim.set("pool", d=0.0)
    inputs = {"pre": {"spikes": as_spikes(pre)}, "post": {"spikes": as_spikes(post)}}
    return sim, sim.run(STEPS * DT, inputs=inputs, record={"rec": ["w", "x", "y"], "post": "received", "pool": "d"})


def test_coincident_spikes_form_no_pair_and_their_traces_jump_afterwards() -> None:
    _, out = run_one({(0, 4)}, {(0, 6)}, delay=2)  # both at 3 ms
    row = 6  # the step that starts at 3 ms
    assert out["rec"]["w"][row, 0] == out["rec"]["w"][row - 1, 0] == 1.0
    assert out["rec"]["x"][row, 0] == pytest.approx(math.exp(-DT / 20))
    assert out["rec"]["y"][row, 0] == pytest.approx(math.exp(-DT / 15))
    assert (out["rec"]["x"][:row] == 0).all()


def test_a_spike_is_delivered_with_the_weight_of_before_its_own_events() -> None:
    _, out = run_one({(0, 4), (0, 8)}, {(0, 6), (0, 8)})
    w, x = out["rec"]["w"][:, 0], out["rec"]["x"][:, 0]
    assert w[8] != w[7]  # both spikes at step 8 change the weight
    arrived = out["post"]["received"][8, 0] - out["post"]["received"][7, 0]
    assert arrived == pytest.approx(w[7] * (1 + x[7]))


def test_a_modulator_counts_the_spikes_of_a_slice_at_the_time_of_their_stamp() -> None:
    net = ncl.Network(dt=DT)
    post = net.add(TARGET, 6, name="post", spikes=([2.0] * 6 + [3.0], [0, 1, 2, 3, 4, 5, 1]))
    for name, part in (("all", post), ("some", post[1:6:2]), ("back", post[4::-2])):
        net.add(POOL.replace(equations="d : 1; e : 1"), name=name, n=part, d=0.0)
    out = net.build(dtype="float64").run(4.0, record={"all": "d", "some": "d", "back": "d"})
    steps = np.arange(8)
    for name, first, second in (("all", 6, 1), ("some", 3, 1), ("back", 3, 0)):
        expected = 0.25 * (first * (steps >= 4) + second * (steps >= 6))
        np.testing.assert_array_equal(out[name]["d"][:, 0], expected, err_msg=name)


def test_float32_learns_the_same_up_to_its_precision() -> None:
    pre, post = {(0, k) for k in (2, 5, 9, 14)}, {(0, k) for k in (3, 9, 12, 20)}
    exact, rounded = (run_one(pre, post, 1, dtype)[1] for dtype in ("float64", "float32"))
    np.testing.assert_allclose(rounded["rec"]["w"], exact["rec"]["w"], rtol=1e-5)
    np.testing.assert_allclose(rounded["post"]["received"], exact["post"]["received"], rtol=1e-5)


def test_a_jump_of_a_held_state_by_a_statement_is_lost_while_refractory() -> None:
    cell = ncl.NeuronModel(
        name="cell", equations="dv/dt = 0 * v : mV (unless refractory); u : 1", threshold="v > 1", reset="v = 0",
        refractory=1.5,
    )  # fmt: skip
    kick = ncl.SynapseModel(name="kick", on_pre="v_post += w; u_post += w")
    net = ncl.Network(dt=DT)
    source = net.add(TARGET, 1, name="source", spikes=([1.0, 2.0, 3.0, 4.0], [0] * 4))
    target = net.add(cell, 1, name="cell")
    net.connect(source, target, ncl.AllToAll(), synapse=kick, weight=2.0)
    out = net.build(dtype="float64").run(6.0, record={"cell": ["spikes", "v", "u"]})["cell"]
    # Fires at 1.5 ms; updates 3, 4, 5 hold, so the spike at 2 ms is lost and that at 3 ms is not.
    np.testing.assert_allclose(out.spikes.times, [1.5, 3.5])
    assert out["u"][-1, 0] == 8.0
