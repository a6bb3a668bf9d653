"""Izhikevich's network: step for step the published program, and its rates."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.networks import izhikevich


class Program:
    """The published program in plain NumPy, for neurons of given types r; the first `n_exc` are excitatory."""

    def __init__(self, r: NDArray[np.float64], weights: NDArray[np.float64], n_exc: int) -> None:
        exc = np.arange(r.size) < n_exc
        self.a = np.where(exc, 0.02, 0.02 + 0.08 * r)
        self.b = np.where(exc, 0.2, 0.25 - 0.05 * r)
        self.c = np.where(exc, -65 + 15 * r**2, -65.0)
        self.d = np.where(exc, 8 - 6 * r**2, 2.0)
        self.strength = np.where(exc, 5.0, 2.0)
        self.weights = weights
        self.v = np.full(r.size, -65.0)
        self.u = self.b * self.v

    def run(self, steps: int, noise: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which neurons [step, neuron] are found above 30 mV; `noise` [step, neuron] has unit variance."""
        fired = np.zeros((steps, self.v.size), dtype=bool)
        for k in range(steps):
            fired[k] = self.v >= 30
            self.v[fired[k]] = self.c[fired[k]]
            self.u[fired[k]] += self.d[fired[k]]
            i = self.strength * noise[k] + self.weights[:, fired[k]].sum(axis=1)
            for _ in range(2):
                self.v += 0.5 * (0.04 * self.v**2 + 5 * self.v + 140 - self.u + i)
            self.u += self.a * (self.b * self.v - self.u)
        return fired


def published(seed: int) -> NDArray[np.bool_]:
    """One second of the published network."""
    rng = np.random.default_rng(seed)
    weights = np.hstack([0.5 * rng.random((1000, 800)), -rng.random((1000, 200))])
    return Program(rng.random(1000), weights, 800).run(1000, rng.standard_normal((1000, 1000)))


def test_the_network_is_the_program_step_for_step() -> None:
    # Without noise, started where some neurons fire: all of 50 ms must be equal.
    n, n_exc = 100, 80
    rng = np.random.default_rng(0)
    r, start = rng.random(n), rng.uniform(-80, 29, n)
    network = izhikevich(n)
    for population, types in zip(network.populations.values(), (r[:n_exc], r[n_exc:]), strict=True):
        population.values.update(noise=0.0, r=types)
    sim = network.build(seed=3, dtype="float64")
    sim.set("exc", v=start[:n_exc])
    sim.set("inh", v=start[n_exc:])
    weights = np.zeros((n, n))
    first = {"e": 0, "i": n_exc}
    for name in ("ee", "ei", "ie", "ii"):
        pre, post = sim.edges(name)
        weights[post + first[name[1]], pre + first[name[0]]] = sim.state[f"{name}.w"]
    program = Program(r, weights, n_exc)
    program.v[:] = start
    expected = program.run(51, np.zeros((51, n)))[1:]  # found in the next step, fired at the end of this one
    out = sim.run(50.0, record={"exc": "spikes", "inh": "spikes"})
    fired = np.zeros((50, n), dtype=bool)
    for name, offset in (("exc", 0), ("inh", n_exc)):
        spikes = out[name].spikes
        fired[np.rint(spikes.times).astype(int) - 1, spikes.indices + offset] = True
    assert expected.sum() > n and np.array_equal(fired, expected)


def test_rates_over_the_first_second_are_those_of_the_program() -> None:
    theirs = np.array([[part.mean() * 1000 for part in np.split(published(seed), [800], axis=1)] for seed in range(3)])
    ours = []
    for seed in range(6):
        out = izhikevich().build(seed=seed).run(1000.0, record={"exc": "counts", "inh": "counts"})
        ours.append([out["exc"].counts().mean(), out["inh"].counts().mean()])
    # Single networks have rates with a standard deviation of 0.2 Hz.
    assert np.mean(ours, axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.6)
    assert 7.1 < np.mean(ours, axis=0) @ [0.8, 0.2] < 8.1


def test_neurons_are_of_the_published_types() -> None:
    network = izhikevich()
    exc, inh = (network.populations[name] for name in ("exc", "inh"))
    assert (len(exc), len(inh)) == (800, 200)
    for population, at_0, at_1 in (
        (exc, (0.02, 0.2, -65.0, 8.0), (0.02, 0.2, -50.0, 2.0)),  # regular spiking, chattering
        (inh, (0.02, 0.25, -65.0, 2.0), (0.1, 0.2, -65.0, 2.0)),  # low-threshold spiking, fast spiking
    ):
        values = {**population.model.parameters, **population.values}
        assert tuple(values[f"{x}_0"] for x in "abcd") == at_0
        assert tuple(values[f"{x}_0"] + values[f"{x}_r"] for x in "abcd") == pytest.approx(at_1)


def test_weights_of_other_sizes_keep_the_mean_input() -> None:
    sim = izhikevich(200).build(seed=1)
    means = [float(sim.state[f"{name}.w"].mean()) for name in ("ee", "ei", "ie", "ii")]
    assert means == pytest.approx([1.25, 1.25, -2.5, -2.5], rel=0.03)


def test_sparse_wiring_keeps_the_mean_input_and_has_the_known_rate() -> None:
    sim = izhikevich(10_000, p=0.01).build(seed=1)
    assert len(sim.state["ee.w"]) == pytest.approx(0.01 * 8000**2, rel=0.01)
    assert sim.state["ee.w"].mean() == pytest.approx(2.5, rel=0.01)
    out = sim.run(1000.0, record={"exc": "counts", "inh": "counts"})
    assert 20 < np.concatenate([out["exc"].counts(), out["inh"].counts()]).mean() < 22


@pytest.mark.parametrize("p", [0.0, 1.5])
def test_probabilities_that_are_none_are_refused(p: float) -> None:
    with pytest.raises(ncl.NeuroclError, match="izhikevich: p "):
        izhikevich(100, p=p)


@pytest.mark.parametrize("n", [4, 1000.0])
def test_too_few_neurons_are_refused(n: object) -> None:
    with pytest.raises(ncl.NeuroclError, match="n must be a whole number >= 5"):
        izhikevich(n)  # type: ignore[arg-type]
