"""Graphs without metadata against explicit Euler steps, written here in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neurocl.interop import from_nir, to_nir
from tests.interop.graphs import raster, scheduled, spikes_of

nir = pytest.importorskip("nir")

N_IN, N_HIDDEN, N_OUT, STEPS = 30, 40, 20, 300


def parameters(n: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Parameters of a CubaLIF node; time constants in s."""
    rng = np.random.default_rng(seed)
    return {
        "tau_mem": rng.uniform(5e-3, 20e-3, n), "tau_syn": rng.uniform(2e-3, 5e-3, n), "r": rng.uniform(0.5, 2.0, n),
        "v_leak": rng.uniform(-0.1, 0.1, n), "w_in": rng.uniform(0.5, 2.0, n), "v_threshold": rng.uniform(0.8, 1.0, n),
        "v_reset": rng.uniform(-0.2, 0.0, n),
    }  # fmt: skip


class Euler:
    """One node, stepped by v += dt dv/dt; dt in s."""

    def __init__(self, node: Any, dt: float, subtracts: bool = False) -> None:
        self.node, self.dt, self.subtracts = node, dt, subtracts
        self.v = np.array(getattr(node, "v_leak", np.zeros(node.r.shape)), dtype=float)
        self.i = np.zeros(node.r.shape)

    def step(self, arrived: NDArray[np.float64]) -> NDArray[np.int64]:
        node, kind = self.node, type(self.node).__name__
        if kind == "CubaLIF":
            self.i = self.i + self.dt / node.tau_syn * (-self.i + node.w_in * arrived)
            self.v = self.v + self.dt / node.tau_mem * (node.v_leak - self.v + node.r * self.i)
        elif kind == "LIF":
            self.v = self.v + self.dt / node.tau * (node.v_leak - self.v + node.r * arrived)
        else:
            self.v = self.v + self.dt * node.r * arrived
        spikes = self.v > node.v_threshold
        after = self.v - (node.v_threshold - node.v_reset) if self.subtracts else node.v_reset
        self.v = np.where(spikes, after, self.v)
        return spikes.astype(int)


def node_of(kind: str, n: int, seed: int) -> Any:
    """A node with drawn parameters."""
    p = parameters(n, seed)
    if kind == "CubaLIF":
        return nir.CubaLIF(**p)
    if kind == "IF":
        return nir.IF(r=p["r"] / p["tau_mem"], v_threshold=p["v_threshold"], v_reset=p["v_reset"])
    return nir.LIF(p["tau_mem"], p["r"], p["v_leak"], p["v_threshold"], p["v_reset"])


def graph_of(kind: str, dt: float) -> Any:
    """Two layers, the first recurrent, with a path that skips it, a bias and a delay of two steps."""
    rng = np.random.default_rng(1)
    gain = 0.003 / dt  # the same mean input at every step
    return nir.NIRGraph(
        {
            "input": nir.Input(input_type={"input": np.array([N_IN])}),
            "w1": nir.Affine(gain * rng.normal(0.3, 0.5, (N_HIDDEN, N_IN)), rng.normal(0.1, 0.1, N_HIDDEN)),
            "1.lif": node_of(kind, N_HIDDEN, 1),
            "1.w_rec": nir.Linear(gain * rng.normal(0.0, 0.3, (N_HIDDEN, N_HIDDEN))),
            "late": nir.Delay(np.full(N_HIDDEN, 2 * dt)),
            "w2": nir.Linear(gain * rng.normal(0.3, 0.5, (N_OUT, N_HIDDEN))),
            "skip": nir.Linear(gain * rng.normal(0.0, 0.3, (N_OUT, N_IN))),
            "scale": nir.Scale(rng.uniform(0.5, 1.5, N_OUT)),
            "2": node_of(kind, N_OUT, 2),
            "output": nir.Output(output_type={"output": np.array([N_OUT])}),
        },
        [
            ("input", "w1"), ("w1", "1.lif"), ("1.lif", "1.w_rec"), ("1.w_rec", "1.lif"), ("1.lif", "late"),
            ("late", "w2"), ("w2", "2"), ("input", "skip"), ("skip", "scale"), ("scale", "2"), ("2", "output"),
        ],
    )  # fmt: skip


def reference(graph: Any, pattern: NDArray[np.int64], dt: float, subtracts: bool) -> list[NDArray[np.int64]]:
    """Spikes of both layers, all layers within a step, recurrent spikes one step later."""
    nodes = graph.nodes
    hidden, out = Euler(nodes["1.lif"], dt, subtracts), Euler(nodes["2"], dt, subtracts)
    found = [np.zeros((STEPS, N_HIDDEN), int), np.zeros((STEPS, N_OUT), int)]
    for k, x in enumerate(pattern):
        before = found[0][k - 1] if k else np.zeros(N_HIDDEN)
        late = found[0][k - 2] if k >= 2 else np.zeros(N_HIDDEN)
        found[0][k] = hidden.step(nodes["w1"].weight @ x + nodes["w1"].bias + nodes["1.w_rec"].weight @ before)
        found[1][k] = out.step(nodes["w2"].weight @ late + nodes["scale"].scale * (nodes["skip"].weight @ x))
    return found


@pytest.mark.parametrize("is_written_again", [False, True])
@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize(("kind", "reset"), [("LIF", None), ("CubaLIF", None), ("IF", "subtract")])
def test_spikes_are_those_of_euler_steps(kind: str, reset: str | None, dt: float, is_written_again: bool) -> None:
    graph = graph_of(kind, dt / 1000)
    pattern = (np.random.default_rng(2).random((STEPS, N_IN)) < 0.05).astype(int)
    pattern[0] = 0
    expected = reference(graph, pattern, dt / 1000, subtracts=reset is not None)
    net = from_nir(graph, dt=dt, reset=reset)
    if is_written_again:
        net = from_nir(to_nir(net), dt=dt)
    found = spikes_of(net, (STEPS + 1) * dt, {"input": {"spikes": scheduled(pattern, dt)}})
    assert 50 < expected[0].sum() < 0.5 * expected[0].size and expected[1].sum() > 50
    np.testing.assert_array_equal(raster(found["node_1_lif"], dt, STEPS + 1, N_HIDDEN)[:STEPS], expected[0])
    # The second layer is one connection, and so one step, behind.
    np.testing.assert_array_equal(raster(found["node_2"], dt, STEPS + 1, N_OUT)[1:], expected[1])
