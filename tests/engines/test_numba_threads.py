"""Any number of threads gives the same run, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import neurocl as ncl
from neurocl.core.errors import NeuroclError
from neurocl.core.simulator import Simulator
from neurocl.networks import cuba
from tests.helpers import RECEIVER

N = 1700  # four blocks of 512 neurons, the last one not full


def sparse() -> ncl.Network:
    return cuba(N)


def late() -> ncl.Network:
    """Weights and delays of their own, noise, Poisson numbers, and spikes from a schedule."""
    noisy = ncl.NeuronModel(
        name="noisy",
        equations="dv/dt = (x - v) / 10 + 0.3 * xi * sqrt(1 / 10) : mV (unless refractory)\ndx/dt = -x / 5 : mV",
        update="x += 0.4 * poisson(0.1) + 0.1 * int(i > 800)", threshold="v > 1", reset="v = 0", refractory="2",
    )  # fmt: skip
    net = ncl.Network(dt=0.1)
    a = net.add(noisy, N, name="a")
    b = net.add(RECEIVER, 600, name="b", spikes=([0.3, 0.3, 4.0], [1, 599, 20]))
    weight, delay = ncl.normal(0, 0.2), ncl.uniform(0, 3)
    net.connect(a, a, ncl.FixedProbability(0.02), target="x", weight=weight, delay=delay, name="r")
    net.connect(a, b, ncl.FixedProbability(0.1), target="received", weight=0.1, delay=1.0, name="f")
    net.connect(b, a, ncl.AllToAll(), target="v", weight=ncl.uniform(-0.1, 0.2), delay=0.1, name="g")
    return net


def everything(sim: Simulator) -> dict[str, np.ndarray]:
    return {name: np.array(array) for name, array in sim.state.items()}


@pytest.mark.parametrize("make", [sparse, late])
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_change_a_bit(make: Callable[[], ncl.Network], threads: int) -> None:
    one, many = (make().build(seed=3, threads=t) for t in (1, threads))
    name = next(iter(one.plan.populations))
    record = {name: ["spikes", "counts", ncl.Record("v", neurons=[0, 700, N - 1], every=3)]}
    for duration in (20.0, 7.3):
        a, b = (sim.run(duration, record=record)[name] for sim in (one, many))
        np.testing.assert_array_equal(a.spikes.times, b.spikes.times)
        np.testing.assert_array_equal(a.spikes.indices, b.spikes.indices)
        np.testing.assert_array_equal(a.counts(), b.counts())
        np.testing.assert_array_equal(a["v"], b["v"])
    assert len(a.spikes.times) > 50
    for key, array in everything(one).items():
        np.testing.assert_array_equal(array, many.state[key], err_msg=key)


def test_a_run_on_threads_is_saved_and_goes_on_on_one(tmp_path: Path) -> None:
    one, two = (late().build(seed=3, threads=t) for t in (1, 2))
    for sim in (one, two):
        sim.run(15.0)
    two.save(tmp_path / "run.safetensors")
    again = Simulator.load(tmp_path / "run.safetensors")
    for sim in (one, two, again):
        sim.run(15.0)
    for key, array in everything(one).items():
        np.testing.assert_array_equal(array, two.state[key], err_msg=key)
        np.testing.assert_array_equal(array, again.state[key], err_msg=key)


def test_inputs_reach_every_part() -> None:
    net = ncl.Network(dt=0.1)
    net.add(ncl.models.LIF, N, name="p", i_ext=ncl.Input(0.0))
    drive = np.random.default_rng(1).uniform(0, 900, (300, N))
    options = {"record": {"p": "spikes"}, "inputs": {"p": {"i_ext": drive}}}
    one, two = (net.build(seed=1, threads=t).run(30.0, **options)["p"].spikes for t in (1, 2))
    np.testing.assert_array_equal(one.indices, two.indices)
    assert len(one.indices) > N


def test_many_spikes_fill_the_tables_of_all_threads() -> None:
    net = ncl.Network(dt=0.1)
    net.add(ncl.models.Poisson, N, name="p", rate=5000.0)
    one, two = (net.build(seed=2, threads=t).run(100.0, record={"p": "spikes"})["p"].spikes for t in (1, 2))
    np.testing.assert_array_equal(one.times, two.times)
    np.testing.assert_array_equal(one.indices, two.indices)
    assert len(one.times) > 500_000


def test_a_network_that_learns_runs_on_one_thread() -> None:
    net = ncl.Network(dt=0.1)
    p = net.add(ncl.models.LIF, 20, name="p")
    net.connect(p, p, ncl.AllToAll(), target="i_syn", synapse=ncl.models.PairSTDP, name="r")
    assert "threads 1" in str(net.build(threads=4))


@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_a_number_of_threads_is_a_whole_number_above_zero(threads: object) -> None:
    with pytest.raises(NeuroclError, match="threads"):
        cuba(100).build(threads=threads)
