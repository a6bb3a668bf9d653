"""Mistakes in a network: a row is the mistake and words that the message must hold."""

from __future__ import annotations

from typing import Any

import numpy as np

import neurocl as ncl
from neurocl import models
from tests.bad_input import Mistake, cases, check, neuron, synapse

nan, inf = float("nan"), float("inf")
ALL, NEAR, ROW = ncl.AllToAll(), ncl.DistanceDependent(0.5, 2.0), ncl.Lattice((3,))


class Bench:
    """A network with one of everything, to make mistakes on; `connect` and `add` have good defaults."""

    def __init__(self) -> None:
        self.net = ncl.Network(dt=0.1)
        self.exc = self.net.add(models.LIF, 4, name="exc")
        self.inp = self.net.add(models.SpikeArray, 3, name="inp")
        self.da = self.net.add(models.Dopamine, name="da")
        plastic = {"target": "i_syn", "synapse": models.PairSTDP}
        self.rec = self.net.connect(self.exc, self.exc, ncl.AllToAll(), name="rec", **plastic)

    def add(self, model: Any = models.LIF, n: Any = 4, **values: Any) -> Any:
        return self.net.add(model, n, **{"name": "new", **values})

    def connect(self, rule: Any = ALL, pre: Any = None, post: Any = None, **options: Any) -> Any:
        options = {"target": "i_syn", "name": "new", **options}
        return self.net.connect(self.inp if pre is None else pre, self.exc if post is None else post, rule, **options)

    def build_with(self, model: Any = models.LIF, n: Any = 4, **values: Any) -> Any:
        self.add(model, n, **values)
        return self.net.build()

    def build_connected(self, *rule: Any, **options: Any) -> Any:
        self.connect(*rule, **options)
        return self.net.build()


silent = ncl.NeuronModel(name="silent", equations="dv/dt = -v / 10 : mV")
other = ncl.Network()
stranger = other.add(models.LIF, 4, name="stranger")
foreign = other.add(models.Dopamine, name="foreign")
counter = ncl.Modulator(name="counter", equations="dc/dt = -c / 10", update="c += n_spikes", counts=("n_spikes",))


@cases(
    [
        (lambda b: ncl.Network(dt=0), "Network", "dt", "0"),
        (lambda b: ncl.Network(dt=-0.1), "Network", "dt", "-0.1"),
        (lambda b: ncl.Network(dt="0.1"), "Network", "dt", "'0.1'"),
        (lambda b: ncl.Network(dt=nan), "Network", "dt", "nan"),
        (lambda b: ncl.Network(dt=inf), "Network", "dt", "inf"),
        (lambda b: b.add("LIF"), "net.add", "NeuronModel", "str"),
        (lambda b: b.add(models.PairSTDP), "net.add", "NeuronModel", "SynapseModel"),
        (lambda b: b.add(n=0), "'new'", "number of neurons", "0"),
        (lambda b: b.add(n=2.5), "'new'", "number of neurons", "2.5"),
        (lambda b: b.add(n=None), "'new'", "number of neurons", "None"),
        (lambda b: b.add(n="4"), "'new'", "number of neurons", "'4'"),
        (lambda b: b.add(n=True), "'new'", "number of neurons", "True"),
        (lambda b: b.add(name="exc"), "'exc'", "name="),
        (lambda b: b.add(name="my population"), "'my population'", "letters"),
        (lambda b: b.add(name=7), "7", "letters"),
        (lambda b: b.add(tau_men=20.0), "'new'", "LIF", "'tau_men'", "did you mean 'tau_mem'?"),
        (lambda b: b.add(Tau=20.0), "'new'", "LIF", "'Tau'"),
        (lambda b: b.add(v=nan), "'new'", "'v'", "NaN"),
        (lambda b: b.add(tau_mem=[10.0, nan, 10.0, 10.0]), "'new'", "'tau_mem'", "NaN"),
        (lambda b: b.add(v="v_leak"), "'new'", "'v'", "'v_leak'"),
        (lambda b: b.add(v="5.0"), "'new'", "'v'", "'5.0'"),
        (lambda b: b.add(v=None), "'new'", "'v'", "None"),
        (lambda b: b.add(v=3j), "'new'", "'v'", "3j"),
        (lambda b: b.add(v=np.full(4, 3j)), "'new'", "'v'", "3.j"),
        (lambda b: b.add(v=[[1.0], [1.0, 2.0]]), "'new'", "'v'", "[1.0, 2.0]"),
        (lambda b: b.add(v=np.array(["a"] * 2000)), "'new'", "'v'"),
        (lambda b: b.add(v=ncl.Input()), "'new'", "'v' is a state", "Input"),
        (lambda b: b.add(i_ext=ncl.Input(nan)), "Input", "value", "nan"),
        (lambda b: b.add(i_ext=ncl.Input("high")), "Input", "value", "'high'"),
        (lambda b: b.add(positions=[(0, 0)]), "'new'", "positions", "Lattice"),
        (lambda b: b.add(spikes=([1.0], [0])), "'new'", "LIF", "SpikeArray"),
        (lambda b: b.add(models.SpikeArray, spikes=5.0), "'new'", "spikes", "(times, indices)"),
        (lambda b: b.add(models.SpikeArray, spikes=([1.0],)), "'new'", "spikes", "(times, indices)"),
        (lambda b: b.add(models.SpikeArray, spikes=([1.0], [4])), "'new'", "indices", "0 to 3"),
        (lambda b: b.add(models.SpikeArray, spikes=([1.0], [-1])), "'new'", "indices", "0 to 3"),
        (lambda b: b.add(models.SpikeArray, spikes=([1.0], [0.5])), "'new'", "indices", "whole numbers"),
        (lambda b: b.add(models.SpikeArray, spikes=([1.0, 2.0], [0])), "'new'", "equal length"),
        (lambda b: b.add(models.SpikeArray, spikes=([nan], [0])), "'new'", "times", "finite"),
        (lambda b: b.add(models.SpikeArray, spikes=(["soon"], [0])), "'new'", "times"),
        (lambda b: b.add(models.Dopamine, 3), "'new'", "one pooled state", "n=3"),
        (lambda b: b.add(models.Dopamine, None, tau=3.0), "'new'", "Dopamine", "'tau'"),
        (lambda b: b.add(models.Dopamine, None, tau_d=[1.0, 2.0]), "'new'", "'tau_d'", "one number"),
        (lambda b: b.add(models.Dopamine, None, tau_d=ncl.uniform(1, 2)), "'new'", "'tau_d'", "one number"),
        (lambda b: b.add(counter, None), "'new'", "n_spikes=population"),
        (lambda b: b.add(counter, None, n_spikes="exc"), "'new'", "n_spikes", "'exc'"),
        (lambda b: b.add(counter, None, n_spikes=stranger), "'new'", "n_spikes", "stranger"),
        (lambda b: b.add(counter, None, n_spikes=b.net.add(silent, 2)), "'silent'", "threshold"),
        (lambda b: b.exc[2:2], "'exc'", "empty"),
        (lambda b: b.exc[::0], "'exc'", "slice(None, None, 0)"),
        (lambda b: b.exc["a":"b"], "'exc'", "slice('a', 'b', None)"),
        (lambda b: b.exc[4], "'exc'", "4", "0 to 3"),
        (lambda b: b.exc[1.5], "'exc'", "1.5"),
        (lambda b: b.exc[[0, 4]], "'exc'", "0 to 3"),
        (lambda b: b.exc["first"], "'exc'", "'first'"),
        (lambda b: b.da["e"], "'da'", "'e'", "known: d"),
    ]
)
def test_a_mistake_in_a_population(mistake: Mistake, words: tuple[str, ...]) -> None:
    bench = Bench()
    check(lambda: mistake(bench), *words)


@cases(
    [
        (lambda b: b.connect(pre="inp"), "'new'", "pre", "'inp'"),
        (lambda b: b.connect(pre=stranger), "'new'", "pre", "stranger"),
        (lambda b: b.connect(post=stranger[:2]), "'new'", "post", "stranger"),
        (lambda b: b.connect(post=b.da), "'new'", "post", "'da'"),
        (lambda b: b.connect(pre=b.net.add(silent, 2)), "'new'", "'silent'", "threshold"),
        (lambda b: b.connect("all"), "'new'", "rule", "'all'"),
        (lambda b: b.connect(0.1), "'new'", "rule", "0.1"),
        (lambda b: b.connect(ncl.AllToAll), "'new'", "rule", "AllToAll"),
        (lambda b: b.connect(synapse="stdp"), "'new'", "SynapseModel", "str"),
        (lambda b: b.connect(name="exc"), "'exc'", "name="),
        (lambda b: b.connect(target=None), "'new'", "target=", "'exc'", "i_syn"),
        (lambda b: b.connect(target="i_sym"), "'new'", "'i_sym'", "'exc'", "did you mean 'i_syn'?"),
        (lambda b: b.connect(target="tau_mem"), "'new'", "'tau_mem'", "'exc'"),
        (lambda b: b.connect(target=5), "'new'", "'5'", "'exc'"),
        (lambda b: b.connect(post=b.inp), "'new'", "'i_syn'", "'inp'"),
        (lambda b: b.connect(a_plus=1.0), "'new'", "static", "'a_plus'"),
        (lambda b: b.connect(synapse=models.PairSTDP, a_pluss=1.0), "'new'", "PairSTDP", "did you mean 'a_plus'?"),
        (lambda b: b.connect(synapse=models.PairSTDP, a_plus=nan), "'new'", "'a_plus'", "NaN"),
        (lambda b: b.connect(synapse=models.PairSTDP, a_plus=ncl.Input()), "'new'", "'a_plus'", "net.modulate"),
        (lambda b: b.connect(synapse=models.PairSTDP, x=ncl.Input()), "'new'", "'x'", "Input"),
        (lambda b: b.connect(synapse=synapse(on_pre="u_post += w")), "'new'", "'u_post'", "'exc'", "'u'"),
        (lambda b: b.connect(synapse=synapse(on_pre="w = v_pre")), "'new'", "'v_pre'", "'inp'"),
        (lambda b: b.connect(synapse=synapse(on_pre="tau_mem_post = 3")), "'new'", "'tau_mem_post'", "'tau_mem'"),
        (lambda b: b.connect(weight=nan), "'new'", "weight", "NaN"),
        (lambda b: b.connect(weight="0.5"), "'new'", "weight", "'0.5'"),
        (lambda b: b.connect(weight=None), "'new'", "weight", "None"),
        (lambda b: b.connect(weight=ncl.Input()), "'new'", "weight", "Input"),
        (lambda b: b.connect(delay=nan), "'new'", "delay", "NaN"),
        (lambda b: b.connect(delay="1 ms"), "'new'", "delay", "'1 ms'"),
        (lambda b: b.connect(delay=ncl.Input()), "'new'", "delay", "Input"),
        (lambda b: b.net.modulate("rec", a_plus=b.da["d"]), "net.modulate", "'rec'"),
        (lambda b: b.net.modulate(b.rec, a_pluss=b.da["d"]), "'rec'", "did you mean 'a_plus'?"),
        (lambda b: b.net.modulate(b.rec, a_plus=1.0), "'rec'", "'a_plus'", "1.0"),
        (lambda b: b.net.modulate(b.rec, a_plus=b.da), "'rec'", "'a_plus'", "'da'"),
        (lambda b: b.net.modulate(b.rec, a_plus=foreign["d"]), "'rec'", "'a_plus'", "foreign"),
        (lambda b: b.net.modulate(b.rec, x=b.da["d"]), "'rec'", "'x'"),
        (
            lambda b: b.net.modulate(b.connect(synapse=models.PairSTDP, a_plus=np.ones(12)), a_plus=b.da["d"]),
            "'new'",
            "'a_plus'",
        ),
    ]
)
def test_a_mistake_in_a_projection(mistake: Mistake, words: tuple[str, ...]) -> None:
    bench = Bench()
    check(lambda: mistake(bench), *words)


@cases(
    [
        (lambda b: b.net.build(engine="numpy"), "engine", "'numpy'", "numba"),
        (lambda b: b.net.build(engine=5), "engine", "5"),
        (lambda b: b.net.build(dtype="float16"), "dtype", "'float16'", "'float32'"),
        (lambda b: b.net.build(dtype=np.float32), "dtype", "float32"),
        (lambda b: b.net.build(seed=1.5), "seed", "1.5"),
        (lambda b: b.net.build(seed=None), "seed", "None"),
        (lambda b: b.net.build(seed=np.random.default_rng(0)), "seed", "Generator"),
        (lambda b: b.net.build(workers=2), "numba", "'workers'"),
        (lambda b: b.net.build(threads=0), "threads", "0"),
        (lambda b: b.build_with(n=10**13), "net.build", "memory"),
        (lambda b: ncl.Network().build(), "empty", "net.add"),
        (lambda b: b.build_with(v=np.zeros(3)), "'new'", "'v'", "4", "(3,)"),
        (lambda b: b.build_with(tau_mem=np.zeros((4, 1))), "'new'", "'tau_mem'", "(4, 1)"),
        (lambda b: b.build_with(v=inf), "'new'", "'v'", "not finite"),
        (lambda b: b.build_with(neuron(initial={"v": "1 / tau"}), tau=0.0), "'new'", "'v'", "not finite"),
        (lambda b: b.build_with(tau_mem=0.0), "'new'", "tau_mem"),
        (lambda b: b.build_with(tau_mem=[10.0, 0.0, 10.0, 10.0]), "'new'", "tau_mem"),
        (lambda b: b.build_with(t_ref=-1.0), "'new'", "refractory", "-1"),
        (lambda b: b.build_with(t_ref=inf), "'new'", "refractory", "inf"),
        (lambda b: b.build_with(t_ref=1e12), "'new'", "refractory", "1e+12"),
        (lambda b: b.build_with(models.Izhikevich), "'new'", "Izhikevich", "dt = 1 ms"),
        (lambda b: b.build_with(neuron("dv/dt = xi * xi")), "cell", "'xi'", "linearly"),
        (lambda b: b.build_with(neuron("dv/dt = where(xi > 0, 1, 0)")), "cell", "'xi'", "linearly"),
        (lambda b: b.build_with(neuron("dv/dt = sqrt(xi)")), "cell", "'xi'", "linearly"),
        (lambda b: b.build_with(neuron("dv/dt = -v**2", method="exact")), "cell", "'exact'", "dv/dt"),
        (lambda b: b.build_with(neuron("dv/dt = -v**2", method="exponential_euler")), "cell", "dv/dt", "linear in 'v'"),
        (lambda b: b.build_with(neuron("dv/dt = -v**2 + xi", method="rk4")), "cell", "'rk4'", "white noise"),
        (lambda b: b.build_with(models.SpikeArray, spikes=([0.25], [0])), "'new'", "scheduled spike", "0.25"),
        (lambda b: b.build_with(models.SpikeArray, spikes=([-1.0], [0])), "'new'", "scheduled spike", "-1"),
        (lambda b: b.build_with(models.SpikeArray, spikes=([0.0], [0])), "'new'", "scheduled spike", "0 ms"),
        (lambda b: b.build_with(models.SpikeArray, spikes=([1.0, 1.0], [2, 2])), "'new'", "two scheduled spikes"),
        (lambda b: b.build_connected(weight=np.ones((3, 4))), "'new'", "weight", "[4, 3] (post, pre)", "[3, 4]"),
        (lambda b: b.build_connected(weight=np.ones(12)), "'new'", "weight", "[4, 3]", "[12]"),
        (lambda b: b.build_connected(weight=inf), "'new'", "weight", "inf"),
        (lambda b: b.build_connected(ncl.Edges([0, 1], [1, 2]), weight=[1.0, 2.0, 3.0]), "'new'", "[2] (one per edge)"),
        (lambda b: b.build_connected(ncl.Edges([0], [9])), "'new'", "post", "9", "4 neurons"),
        (lambda b: b.build_connected(ncl.OneToOne()), "'new'", "3 and 4"),
        (lambda b: b.build_connected(ncl.FixedIndegree(7, multapses=False)), "'new'", "3 neurons"),
        (lambda b: b.build_connected(NEAR), "'new'", "positions=Lattice"),
        (lambda b: b.build_connected(NEAR, pre=b.add(name="row", positions=ROW)), "'row'", "3 sites", "4 neurons"),
        (lambda b: b.build_connected(delay=0.15), "'new'", "delay", "dt = 0.1", "0.15"),
        (lambda b: b.build_connected(delay=-0.1), "'new'", "delay", "-0.1"),
        (lambda b: b.build_connected(delay=inf), "'new'", "delay", "inf"),
        (lambda b: b.build_connected(delay=1e300), "'new'", "delay", "1e+300"),
        (lambda b: b.build_connected(delay=1e9), "'new'", "delay", "1e+09"),
        (lambda b: b.build_connected(delay=np.full((4, 3), 0.25)), "'new'", "delay", "0.25"),
        (lambda b: b.build_connected(delay=np.ones(2)), "'new'", "delay", "[4, 3] (post, pre)", "[2]"),
        (lambda b: b.build_connected(delay=ncl.uniform(-2, -1)), "'new'", "delay", "negative"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, tau_plus=np.ones(9)), "'tau_plus'", "one number"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, tau_plus=0.0), "'new'", "tau_plus"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, a_plus=np.ones(5)), "'new'", "'a_plus'", "12", "(5,)"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, x=np.ones(7)), "'new'", "'x'", "3", "(7,)"),
    ]
)
def test_a_mistake_that_shows_when_the_network_is_built(mistake: Mistake, words: tuple[str, ...]) -> None:
    bench = Bench()
    check(lambda: mistake(bench), *words)
