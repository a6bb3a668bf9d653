"""NEST's program: edges and repeats without NEST; with it ($NEUROCL_NEST_PYTHON), neurocl's spikes one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import nest_edges
from benchmarks.simulators import ROOT
from benchmarks.wiring import write_wiring
from neurocl import FixedProbability, Network, uniform
from neurocl.networks import cuba

NEST_PYTHON = os.environ.get("NEUROCL_NEST_PYTHON", "")
needs_nest = pytest.mark.skipif(not NEST_PYTHON, reason="needs $NEUROCL_NEST_PYTHON")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module as a peer's program imports it: from its own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks" / "peers"))
    import forked

    yield forked


class Recorder:
    """Stands for NEST: keeps the edges and synapses it is told to connect."""

    def __init__(self) -> None:
        self.edges: dict[str, list[tuple[int, int]]] = {}
        self.calls: list[dict[str, Any]] = []

    def Connect(self, pre: Any, post: Any, rule: str, synapse: dict[str, Any]) -> None:  # noqa: N802
        assert rule == "one_to_one"
        self.edges.setdefault(synapse["synapse_model"], []).extend(zip(pre.tolist(), post.tolist(), strict=True))
        self.calls.append(synapse)


def test_each_pair_is_drawn_once_and_with_its_probability() -> None:
    n, p = 300, 0.1
    count = np.zeros((n, n))
    for seed in range(100):
        edges = nest_edges.bernoulli_edges(n, p, seed)
        drawn = np.zeros((n, n))
        np.add.at(drawn, (edges["pre"], edges["post"]), 1)
        assert drawn.max() == 1
        count += drawn
    assert count.mean() / 100 == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / n**2 / 100))
    # Binomial over the seeds for every pair, the first and the last ones included.
    assert count.var() == pytest.approx(100 * p * (1 - p), rel=0.03)
    assert count[0, :].sum() > 2000 and count[-1, :].sum() > 2000


@pytest.mark.parametrize("named", [True, False])
def test_every_edge_is_connected_once(monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    monkeypatch.setattr(nest_edges, "PART", 3)
    pre, post = np.array([0, 1, 7, 2, 9, 3, 5, 8]), np.array([9, 1, 0, 2, 2, 4, 4, 8])
    inh = pre >= 8
    edges = {"pre": pre, "post": post}
    if named:
        edges = {"exc.pre": pre[~inh], "exc.post": post[~inh], "inh.pre": pre[inh], "inh.post": post[inh]}
    nest = Recorder()
    for name in ("exc", "inh"):
        nest_edges.connect_edges(nest, name, edges, 8, 10, 0.1)
    expected = {
        name: [(i + 1, j + 1) for i, j in zip(pre[here].tolist(), post[here].tolist(), strict=True)]
        for name, here in (("exc", ~inh), ("inh", inh))
    }
    assert nest.edges == expected


def test_weights_and_delays_stay_with_their_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nest_edges, "PART", 2)
    pre, post, weight = np.array([0, 1, 2]), np.array([2, 1, 0]), np.array([0.5, 1.5, 2.5])
    nest = Recorder()
    nest_edges.connect_edges(nest, "exc", {"exc.pre": pre, "exc.post": post, "exc.weight": weight}, 3, 3, 0.3)
    assert np.concatenate([call["weight"] for call in nest.calls]).tolist() == weight.tolist()
    assert np.concatenate([call["delay"] for call in nest.calls]).tolist() == [0.3] * 3


def test_an_edge_outside_of_the_network_is_an_error() -> None:
    edges = {"pre": np.array([0, 10]), "post": np.array([0, 0])}
    with pytest.raises(SystemExit, match="outside of 0 to 9"):
        nest_edges.connect_edges(Recorder(), "inh", edges, 8, 10, 0.1)


def test_every_run_starts_from_the_same_state(forked: Any) -> None:
    state = [0.0]

    def advance(seconds: float) -> int:
        state[0] += seconds
        return round(10 * state[0])

    simulator = forked.ForkedSimulator("none", 0.0, 2, 4.0, advance)
    rates = [simulator.run()[1] for _ in range(3)]
    assert rates == [40 / 2 / 4] * 3 and simulator.peak_memory_mb() > 1


def test_a_run_that_fails_is_an_error(forked: Any) -> None:
    def advance(seconds: float) -> int:
        raise ValueError

    with pytest.raises(SystemExit, match="without a result"):
        forked.ForkedSimulator("none", 0.0, 2, 4.0, advance)


def test_without_nest_the_program_says_so() -> None:
    peers = ROOT / "benchmarks" / "peers"
    code = f"import runpy, sys; sys.modules['nest'] = None; sys.argv = ['', 'cuba']; sys.path.insert(0, {str(peers)!r})"
    code += f"; runpy.run_path({str(peers / 'nest_networks.py')!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3 and done.stderr.count("\n") == 1 and "NEST cannot be imported" in done.stderr


NETWORKS = ("cuba", "coba", "brunel", "brunel-stdp", "song-abbott", "izhikevich", "microcircuit")

SPIKES = """
import argparse, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import nest_networks
nest = nest_networks._import_nest()
nest.set(resolution=0.1)
edges = nest_networks.read_edges(Path(sys.argv[2]))
n, _ = nest_networks.cuba(nest, argparse.Namespace(n=int(sys.argv[3]), network="cuba", seed=1), edges)
neurons, recorder = nest.NodeCollection(list(range(1, n + 1))), nest.Create("spike_recorder")
nest.Connect(neurons, recorder)
nest.Simulate(100.0)
events = recorder.events
print(json.dumps(sorted([round(t * 10), int(i) - 1] for t, i in zip(events["times"], events["senders"]))))
"""


@needs_nest
def test_cuba_fires_the_same_spikes_in_nest(tmp_path: Path) -> None:
    """With a delay of one step, which is NEST's least."""
    n, model = 1000, cuba().populations["neurons"].model
    network = Network(dt=0.1)
    neurons = network.add(model, n, name="neurons", v=uniform(-60, -50))
    network.connect(neurons[:800], neurons, FixedProbability(0.08), target="g_e", weight=1.62, delay=0.1, name="exc")
    network.connect(neurons[800:], neurons, FixedProbability(0.08), target="g_i", weight=-9.0, delay=0.1, name="inh")
    simulation = network.build(seed=1, dtype="float64")
    write_wiring(simulation, tmp_path / "wiring.npz")
    spikes = simulation.run(100.0, record={"neurons": "spikes"})["neurons"].spikes
    ours = sorted(zip(np.rint(spikes.times * 10).astype(int).tolist(), spikes.indices.tolist(), strict=True))
    command = [NEST_PYTHON, "-c", SPIKES, str(ROOT / "benchmarks" / "peers"), str(tmp_path / "wiring.npz"), str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = [tuple(spike) for spike in json.loads(done.stdout.splitlines()[-1])]
    assert len(ours) > 300 and theirs == ours


@needs_nest
@pytest.mark.parametrize("network", NETWORKS)
def test_nest_runs_every_network(network: str) -> None:
    size = ["--scale", "0.02"] if network == "microcircuit" else ["--n", "1250"]
    command = [NEST_PYTHON, "benchmarks/peers/nest_networks.py", network, *size, "--seconds", "0.02", "--repeats", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["name"].startswith("NEST 3.") and len(answer["real_time_factor"]) == 2
    assert answer["rate_hz"] >= 0 and answer["peak_memory_mb"] > 10
