"""Every mistake is answered by one readable sentence: a `NeuroclError` of one line that names what the user typed.

Each case is the mistake and words that the message must hold.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl import models

nan, inf = float("nan"), float("inf")
Mistake = Callable[[], Any]


def check(mistake: Mistake, *words: str) -> None:
    """The mistake raises a NeuroclError (no subclass, no warning before it), short, in one line, with all `words`."""
    with warnings.catch_warnings(), pytest.raises(ncl.NeuroclError) as caught:
        warnings.simplefilter("error")
        mistake()
    message = str(caught.value)
    assert caught.type is ncl.NeuroclError
    assert "\n" not in message and 20 < len(message) < 300, message
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in: {message}"


def cases(table: list[tuple[Any, ...]]) -> Any:
    """Parametrise by rows (mistake, word, ...); a row's id is its place and its first words."""
    return pytest.mark.parametrize(
        ("mistake", "words"), [pytest.param(row[0], row[1:], id=f"{k}-{'-'.join(row[1:])[:40]}") for k, row in enumerate(table)]
    )


# ---- models ----------------------------------------------------------------------------------------------------------

LEAK = "dv/dt = -v / tau : mV"


def neuron(equations: Any = LEAK, **fields: Any) -> ncl.NeuronModel:
    return ncl.NeuronModel(**{"name": "cell", "equations": equations, "parameters": {"tau": 10.0}, **fields})


def synapse(**fields: Any) -> ncl.SynapseModel:
    return ncl.SynapseModel(**{"name": "syn", "parameters": {"a": 1.0}, **fields})


@cases(
    [
        (lambda: neuron("dv/dt = (v_leak - v / tau : mV"), "cell", "v_leak - v / tau"),
        (lambda: neuron("dv/dt = -v * / tau"), "cell", "-v * / tau", "not a valid expression"),
        (lambda: neuron("v' = -v / tau"), "cell", "v' = -v / tau", "dx/dt = ... : unit"),
        (lambda: neuron("dv/dt == -v / tau"), "cell", "dv/dt == -v / tau"),
        (lambda: neuron("dv/dt = -v / tua"), "cell", "'tua'", "did you mean 'tau'?"),
        (lambda: neuron("dv/dt = -sen(v) / tau"), "cell", "'sen'", "did you mean 'sin'?"),
        (lambda: neuron("dv/dt = -clip(v, 0) / tau"), "cell", "clip()", "3 argument"),
        (lambda: neuron("dv/dt = -exp / tau"), "cell", "'exp' is a function"),
        (lambda: neuron("dv/dt = v > 3"), "cell", "dv/dt = v > 3", "true or false"),
        (lambda: neuron("dv/dt = -(v > 3) / tau"), "cell", "'v > 3'", "int(v > 3)"),
        (lambda: neuron("dv/dt = -v / 0"), "cell", "division by zero"),
        (lambda: neuron("dv/dt = -v / (1 - 1)"), "cell", "division by zero"),
        (lambda: neuron("dv/dt = -v * 0**-1"), "cell", "0**-1"),
        (lambda: neuron("dv/dt = -v * log(0)"), "cell", "log(0)"),
        (lambda: neuron("dv/dt = -v * sqrt(-1)"), "cell", "sqrt(-1)"),
        (lambda: neuron("dv/dt = -v * 9**9**9"), "cell", "9**9**9"),
        (lambda: neuron("dv/dt = -v + nan"), "cell", "'nan'"),
        (lambda: neuron("dv/dt = -v + 'text'"), "cell", "'text'"),
        (lambda: neuron("dv/dt = -v + 3j"), "cell", "3j"),
        (lambda: neuron(f"dv/dt = {'-' * 20_000}v"), "cell", "too long or too deeply nested"),
        (lambda: neuron(f"dv/dt = {'+'.join(['v'] * 20_000)}"), "cell", "too long or too deeply nested"),
        (lambda: neuron(f"{LEAK}\ndv/dt = 3"), "cell", "'v' is defined twice"),
        (lambda: neuron("dtau/dt = -tau"), "cell", "'tau' is defined twice"),
        (lambda: neuron("dv/dt = a\na = b\nb = a"), "cell", "a, b", "circle"),
        (lambda: neuron("dv/dt = -v (unless refractory)"), "cell", "(unless refractory)"),
        (lambda: neuron("dv/dt = -v : mV (unless refractry)"), "cell", "'(unless refractry)'", "(unless refractory)"),
        (lambda: neuron("dv/dt = -v : mV (unless refractory)", threshold="v > 1"), "cell", "'v'", "refractory='t_ref'"),
        (lambda: neuron("dxi/dt = 1"), "cell", "'xi' has a meaning of its own"),
        (lambda: neuron("dt/dt = 1"), "cell", "'t' has a meaning of its own"),
        (lambda: neuron("dexp/dt = 1"), "cell", "'exp' has a meaning of its own"),
        (lambda: neuron("dlambda/dt = 1"), "cell", "'lambda'"),
        (lambda: neuron("dwhile/dt = 1"), "cell", "'while'"),
        (lambda: neuron("d_v/dt = 1"), "cell", "'_v' is no valid name"),
        (lambda: neuron("dv_post/dt = 1"), "cell", "'v_post'", "_post"),
        (lambda: neuron(update="v = _rand_0"), "cell", "'_rand_0'"),
        (lambda: neuron(method="rk45"), "cell", "'rk45'", "rk4"),
        (lambda: neuron(method=4), "cell", "method", "4"),
        (lambda: neuron(3.0), "cell", "equations", "3.0", "text"),
        (lambda: neuron(threshold=-50.0), "cell", "threshold", "-50.0", "v > v_th"),
        (lambda: neuron(threshold="v"), "cell", "threshold", "'v'", "v > v_th"),
        (lambda: neuron(threshold="-50"), "cell", "threshold", "'-50'", "v > v_th"),
        (lambda: neuron(threshold="v > v_th"), "cell", "threshold", "'v_th'"),
        (lambda: neuron(threshold="v > xi"), "cell", "threshold", "'xi'"),
        (lambda: neuron(threshold="v > 3", reset="v = v_rest"), "cell", "reset", "'v_rest'"),
        (lambda: neuron(threshold="v > 3", reset="v"), "cell", "reset", "'v'", "v = v_reset"),
        (lambda: neuron(threshold="v > 3", reset="tau = 3"), "cell", "reset", "'tau'", "parameter"),
        (lambda: neuron(threshold="v > 3", reset="v = v > 2"), "cell", "reset", "'v > 2'"),
        (lambda: neuron(threshold="v > 3", reset="u = 0"), "cell", "reset", "'u' is no state"),
        (lambda: neuron(reset="v = 0"), "cell", "reset", "threshold='v > v_th'"),
        (lambda: neuron(refractory=2.0), "cell", "refractory", "threshold='v > v_th'"),
        (lambda: neuron(threshold="v > 3", refractory="t_ref"), "cell", "refractory", "'t_ref'"),
        (lambda: neuron(threshold="v > 3", refractory="v"), "cell", "refractory", "'v'"),
        (lambda: neuron(threshold="v > 3", refractory="i"), "cell", "refractory", "'i'"),
        (lambda: neuron(threshold="v > 3", refractory=[2.0]), "cell", "refractory", "[2.0]"),
        (lambda: neuron(parameters={"tau": nan}), "cell", "'tau'", "nan"),
        (lambda: neuron(parameters={"tau": "10"}), "cell", "'tau'", "'10'"),
        (lambda: neuron(parameters={"tau": np.ones(3)}), "cell", "'tau'", "must be a number"),
        (lambda: neuron(parameters={"tau": 10, "rand": 1}), "cell", "'rand' has a meaning of its own"),
        (lambda: neuron(parameters={"tau": 10, "a b": 1}), "cell", "'a b' is no valid name"),
        (lambda: neuron(parameters={"tau": 10, 5: 1}), "cell", "5"),
        (lambda: neuron(parameters=10.0), "cell", "parameters", "10.0"),
        (lambda: neuron(initial=10.0), "cell", "initial", "10.0"),
        (lambda: neuron(initial={"u": 0.0}), "cell", "'u'", "no state"),
        (lambda: neuron(initial={"v": nan}), "cell", "'v'", "nan"),
        (lambda: neuron(initial={"v": "v_leak"}), "cell", "'v'", "'v_leak'"),
        (lambda: neuron(initial={"v": "rand()"}), "cell", "'v'", "rand()"),
        (lambda: neuron(initial={"v": "t"}), "cell", "'v'", "'t'"),
        (lambda: neuron(name="my cell"), "'my cell'", "letters"),
        (lambda: neuron(name=7), "7", "letters"),
        (lambda: neuron(dt="1"), "cell", "dt", "'1'"),
        (lambda: neuron(dt=-1.0), "cell", "dt", "-1.0"),
        (lambda: neuron().replace(treshold="v > 3"), "cell", "'treshold'", "did you mean 'threshold'?"),
        (lambda: models.LIF.replace(parameters={"tau_men": nan}), "LIF", "'tau_men'"),
    ]
)
def test_a_mistake_in_a_neuron_model(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)


@cases(
    [
        (lambda: neuron(f"dv/dt = {text}"), "cell", "not part of the equation language")
        for text in (
            "__import__('os').system('x')", "v.real", "(lambda: v)()", "v[0]", "[v for v in (1, 2)]", "f'{v}'", "{v}",
            "(v := 3)", "exp(*[v])", "exp(x=v)", "v if v else v, 1", "v @ v", "v // 2", "v << 2", "~v", "v & 1",
            "v is v", "v in (1, 2)", "await_(v).x",
        )
    ]  # fmt: skip
)
def test_code_in_an_equation_is_refused(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)


@pytest.mark.parametrize("name", ["eval", "exec", "open", "print", "getattr", "globals", "input", "Symbol", "np"])
def test_no_function_of_python_can_be_called(name: str) -> None:
    check(lambda: neuron(f"dv/dt = {name}(1)"), "cell", f"unknown function '{name}'")


@cases(
    [
        (lambda: synapse(on_pre="w += b"), "syn", "'b'"),
        (lambda: synapse(on_pre="a = 3"), "syn", "on_pre", "'a' is no state"),
        (lambda: synapse(on_pre="w + 1"), "syn", "on_pre", "w + 1"),
        (lambda: synapse(on_pre="y += 1", post="dy/dt = -y"), "syn", "on_pre", "'y'", "on_post"),
        (lambda: synapse(on_post="x += 1", pre="dx/dt = -x"), "syn", "on_post", "'x'", "on_pre"),
        (lambda: synapse(on_pre="x += y", pre="dx/dt = -x", post="dy/dt = -y"), "syn", "'x'", "'y'"),
        (lambda: synapse(pre="dx/dt = -x", post="dx/dt = -x"), "syn", "post", "'x' is defined twice"),
        (lambda: synapse(pre="dw/dt = -w"), "syn", "pre", "'w'"),
        (lambda: synapse(parameters={"w": 1.0}), "syn", "'w'"),
        (lambda: synapse(pre="dx/dt = -x : 1 (unless refractory)"), "syn", "refractory"),
        (lambda: synapse(pre="dx/dt = -x + y", post="dy/dt = -y"), "syn", "'y'"),
        (lambda: synapse(pre="dx/dt = -x + xi"), "syn", "'xi'"),
        (lambda: synapse(equations="dc/dt = -c + b"), "syn", "'b'"),
        (lambda: synapse(transmit="w * b"), "syn", "transmit", "'b'"),
        (lambda: synapse(transmit="w > 1"), "syn", "transmit", "true or false"),
        (lambda: synapse(transmit=2.0), "syn", "transmit", "2.0"),
        (lambda: synapse(initial={"y": 1.0}), "syn", "'y'", "no state"),
        (lambda: ncl.Modulator(name="da", equations="dd/dt = -d", update="d += reward"), "da", "'reward'"),
        (lambda: ncl.Modulator(name="da", equations="dd/dt = -d", update="e += 1"), "da", "'e' is no state"),
        (lambda: ncl.Modulator(name="da", equations="dd/dt = -d", counts=("d",)), "da", "'d' is defined twice"),
        (lambda: ncl.Modulator(name="da", equations="dd/dt = -d", counts="n_spikes"), "da", "counts", "'n_spikes'"),
        (lambda: ncl.Modulator(name="da", equations="dd/dt = -d : 1 (unless refractory)"), "da", "refractory"),
    ]
)
def test_a_mistake_in_a_synapse_or_modulator(mistake: Mistake, words: tuple[str, ...]) -> None:
    check(mistake, *words)


# ---- networks --------------------------------------------------------------------------------------------------------


class Bench:
    """A network with one of everything, to make mistakes on; `connect` and `add` have good defaults."""

    def __init__(self) -> None:
        self.net = ncl.Network(dt=0.1)
        self.exc = self.net.add(models.LIF, 4, name="exc")
        self.inp = self.net.add(models.SpikeArray, 3, name="inp")
        self.da = self.net.add(models.Dopamine, name="da")
        self.rec = self.net.connect(self.exc, self.exc, ncl.AllToAll(), target="i_syn", synapse=models.PairSTDP, name="rec")

    def add(self, model: Any = models.LIF, n: Any = 4, **values: Any) -> Any:
        return self.net.add(model, n, **{"name": "new", **values})

    def connect(self, rule: Any = ncl.AllToAll(), pre: Any = None, post: Any = None, **options: Any) -> Any:  # noqa: B008
        options = {"target": "i_syn", "name": "new", **options}
        return self.net.connect(self.inp if pre is None else pre, self.exc if post is None else post, rule, **options)

    def build_with(self, model: Any = models.LIF, **values: Any) -> Any:
        self.add(model, **values)
        return self.net.build()

    def build_connected(self, *rule: Any, **options: Any) -> Any:
        self.connect(*rule, **options)
        return self.net.build()


MistakeOn = Callable[[Bench], Any]
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
        (lambda b: b.exc[[0, 2]], "'exc'", "[0, 2]", "slice"),
        (lambda b: b.exc["first"], "'exc'", "'first'"),
        (lambda b: b.da["e"], "'da'", "'e'", "known: d"),
    ]
)
def test_a_mistake_in_a_population(mistake: MistakeOn, words: tuple[str, ...]) -> None:
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
    ]
)
def test_a_mistake_in_a_projection(mistake: MistakeOn, words: tuple[str, ...]) -> None:
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
        (lambda b: b.net.build(threads=2), "numba", "'threads'"),
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
        (lambda b: b.build_with(models.SpikeArray, spikes=([0.25], [0])), "'new'", "scheduled spike", "0.25", "dt = 0.1"),
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
        (lambda b: b.build_connected(ncl.DistanceDependent(0.5, 2.0)), "'new'", "positions=Lattice"),
        (
            lambda b: b.build_connected(ncl.DistanceDependent(0.5, 2.0), pre=b.add(name="row", positions=ncl.Lattice((3,)))),
            "'row'", "3 sites", "4 neurons",
        ),
        (lambda b: b.build_connected(delay=0.15), "'new'", "delay", "dt = 0.1", "0.15"),
        (lambda b: b.build_connected(delay=-0.1), "'new'", "delay", "-0.1"),
        (lambda b: b.build_connected(delay=inf), "'new'", "delay", "inf"),
        (lambda b: b.build_connected(delay=1e300), "'new'", "delay", "1e+300"),
        (lambda b: b.build_connected(delay=1e9), "'new'", "delay", "1e+09"),
        (lambda b: b.build_connected(delay=np.full((4, 3), 0.25)), "'new'", "delay", "0.25"),
        (lambda b: b.build_connected(delay=np.ones(2)), "'new'", "delay", "[4, 3] (post, pre)", "[2]"),
        (lambda b: b.build_connected(delay=ncl.uniform(-2, -1)), "'new'", "delay", "negative"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, tau_plus=np.ones(12)), "'new'", "'tau_plus'", "one number"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, tau_plus=0.0), "'new'", "tau_plus"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, a_plus=np.ones(5)), "'new'", "'a_plus'", "12", "(5,)"),
        (lambda b: b.build_connected(synapse=models.PairSTDP, x=np.ones(7)), "'new'", "'x'", "3", "(7,)"),
    ]
)
def test_a_mistake_that_shows_when_the_network_is_built(mistake: MistakeOn, words: tuple[str, ...]) -> None:
    bench = Bench()
    check(lambda: mistake(bench), *words)


# ---- running ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sim() -> ncl.Simulator:
    """A small network with one of everything; v of "boom" explodes unless it is 0."""
    net = ncl.Network(dt=0.1)
    exc = net.add(models.LIF, 4, name="exc", i_ext=ncl.Input(), tau_mem=np.full(4, 10.0))
    inp = net.add(models.SpikeArray, 3, name="inp")
    net.add(neuron("dv/dt = v**2 : mV"), 2, name="boom")
    da = net.add(models.Dopamine, name="da", reward=ncl.Input())
    net.connect(inp, exc, ncl.AllToAll(), target="i_syn", weight=1.0, delay=0.5, name="ffw")
    rec = net.connect(exc, exc, ncl.AllToAll(), target="i_syn", synapse=models.PairSTDP, weight=0.5, name="rec")
    net.modulate(rec, a_plus=da["d"])
    return net.build(dtype="float64")


MistakeIn = Callable[[ncl.Simulator], Any]


@cases(
    [
        (lambda s: s.run(0.25), "duration", "dt = 0.1", "0.25"),
        (lambda s: s.run(-1.0), "duration", "-1"),
        (lambda s: s.run(nan), "duration", "nan"),
        (lambda s: s.run(inf), "duration", "inf"),
        (lambda s: s.run(1e300), "duration", "1e+300"),
        (lambda s: s.run("100 ms"), "duration", "'100 ms'"),
        (lambda s: s.run(1.0, record=["exc"]), "record", "['exc']", "exc (spikes, counts, v, i_syn)"),
        (lambda s: s.run(1.0, record={"exd": "v"}), "record", '"exd"', 'did you mean "exc"?'),
        (lambda s: s.run(1.0, record={"exc": "V_m"}), "record", '"V_m"', "exc"),
        (lambda s: s.run(1.0, record={"exc": ["v", "v"]}), "record", "exc", '"v" is asked for twice'),
        (lambda s: s.run(1.0, record={"exc": 5}), "record", "exc", "5"),
        (lambda s: s.run(1.0, record={"exc": [5]}), "record", "exc", "5"),
        (lambda s: s.run(1.0, record={"exc": "tau_mem"}), "record", "exc", '"tau_mem"'),
        (lambda s: s.run(1.0, record={"boom": "spikes"}), "record", "boom", '"spikes"'),
        (lambda s: s.run(1.0, record={"ffw": "w"}), "record", "ffw", '"w"'),
        (lambda s: s.run(1.0, record={"exc": ncl.Record("v", neurons=[4])}), "record", "exc", "4", "0 to 3"),
        (lambda s: s.run(1.0, record={"exc": ncl.Record("v", neurons=slice(4, 9))}), "record", "exc", "none of 4"),
        (lambda s: s.run(1.0, inputs=["exc"]), "inputs", "['exc']"),
        (lambda s: s.run(1.0, inputs={"exd": {}}), "inputs", "'exd'", "did you mean 'exc'?"),
        (lambda s: s.run(1.0, inputs={"rec": {"a_plus": 1.0}}), "inputs", "'rec'"),
        (lambda s: s.run(1.0, inputs={"exc": 3.0}), "inputs['exc']", "i_ext", "3.0"),
        (lambda s: s.run(1.0, inputs={"exc": None}), "inputs['exc']", "None"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": np.full(3, 1j)}}), "['exc']['i_ext']", "numbers"),
        (lambda s: s.run(1.0, inputs={"exc": {"tau_mem": [1.0]}}), "inputs['exc']", "'tau_mem' is not an Input", "Input()"),
        (lambda s: s.run(1.0, inputs={"exc": {"v": [1.0]}}), "inputs['exc']", "'v'", "i_ext"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_exd": [1.0]}}), "inputs['exc']", "'i_exd'", "did you mean 'i_ext'?"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": 1.0}}), "['exc']['i_ext']", "[step, 4]", "[]"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": np.ones((4, 10))}}), "['exc']['i_ext']", "[step, 4]", "[4, 10]"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": np.ones((2, 4, 1))}}), "['exc']['i_ext']", "[2, 4, 1]"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": np.ones(11)}}), "['exc']['i_ext']", "11 steps", "10 steps"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": [0.0, nan]}}), "['exc']['i_ext']", "NaN"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": [[1.0], [1.0, 2.0]]}}), "['exc']['i_ext']", "numbers"),
        (lambda s: s.run(1.0, inputs={"exc": {"i_ext": "strong"}}), "['exc']['i_ext']", "numbers"),
        (lambda s: s.run(1.0, inputs={"da": {"reward": np.ones((5, 2))}}), "['da']['reward']", "[5, 2]"),
        (lambda s: s.run(1.0, inputs={"exc": {"spikes": ([0.5], [0])}}), "['exc']['spikes']", "SpikeArray"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([1.1], [0])}}), "['inp']['spikes']", "1.1 ms", "1 ms"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.0], [0])}}), "inp", "0 ms"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.25], [0])}}), "inp", "0.25"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([nan], [0])}}), "inp", "nan"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.5, 0.5], [1, 1])}}), "inp", "two scheduled spikes"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.5], [3])}}), "['inp']['spikes']", "0 to 2"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.5], [1.0])}}), "['inp']['spikes']", "whole numbers"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.5, 0.6], [1])}}), "['inp']['spikes']", "equal length"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": (["a"], [1])}}), "['inp']['spikes']", "numbers"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": [[1], [1, 2]]}}), "['inp']['spikes']", "[step, 3]"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": np.full((5, 3), 2)}}), "['inp']['spikes']", "[step, 3]", "0 and 1"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": np.ones((11, 3), bool)}}), "['inp']['spikes']", "1.1 ms"),
        (lambda s: s.set("exd", v=0.0), "set", "'exd'", "did you mean 'exc'?"),
        (lambda s: s.set(5, v=0.0), "set", "'5'"),
        (lambda s: s.set("exc", vv=0.0), "set('exc', vv=...)", "did you mean 'v'?"),
        (lambda s: s.set("exc", v=nan), "set('exc', v=...)", "NaN"),
        (lambda s: s.set("exc", v=inf), "set('exc', v=...)", "finite"),
        (lambda s: s.set("exc", v=[1.0, 2.0]), "set('exc', v=...)", "4", "[2]"),
        (lambda s: s.set("exc", v=None), "set('exc', v=...)", "None"),
        (lambda s: s.set("exc", v=1j), "set('exc', v=...)", "1j"),
        (lambda s: s.set("exc", v="rest"), "set('exc', v=...)", "'rest'"),
        (lambda s: s.set("exc", v=-60.0, tau_men=3.0), "set('exc', tau_men=...)", "did you mean 'tau_mem'?"),
        (lambda s: s.set("exc", v=-60.0, tau_mem=[3.0]), "set('exc', tau_mem=...)", "4", "[1]"),
        (lambda s: s.set("exc", v=-60.0, c_mem=np.ones(4)), "set('exc', c_mem=...)", "one number for all"),
        (lambda s: s.set("exc", v=-60.0, t_ref=-1.0), "exc", "refractory", "-1"),
        (lambda s: s.set("exc", v=-60.0, tau_mem=0.0), "exc", "tau_mem"),
        (lambda s: s.set("exc", refractory=-1), "set('exc', refractory=...)", "whole numbers"),
        (lambda s: s.set("exc", refractory=2.5), "set('exc', refractory=...)", "whole numbers"),
        (lambda s: s.set("rec", x=np.ones(5)), "set('rec', x=...)", "4", "[5]"),
        (lambda s: s.set("rec", w=np.ones((4, 4))), "set('rec', w=...)", "16", "[4, 4]"),
        (lambda s: s.set("da", tau_d=[1.0, 2.0]), "set('da', tau_d=...)", "[2]"),
        (lambda s: s.reset(keep=("rec.x", "rec.wight")), "reset", "'rec.wight'", "did you mean"),
        (lambda s: s.reset(keep="rec.w"), "reset", "keep", "'rec.w'"),
        (lambda s: s.reset(trial=-1), "reset", "trial", "-1"),
        (lambda s: s.reset(trial=1.5), "reset", "trial", "1.5"),
        (lambda s: s.edges("recc"), "'recc'", "did you mean 'rec'?"),
        (lambda s: s.delays("exc"), "'exc'", "projection"),
        (lambda s: s.run_batch(0.25, 2), "run_batch", "duration", "0.25"),
        (lambda s: s.run_batch(1.0, 0), "run_batch", "n", "0"),
        (lambda s: s.run_batch(1.0, 2.0), "run_batch", "n", "2.0"),
        (lambda s: s.run_batch(1.0, 2, threads=0), "run_batch", "threads", "0"),
        (lambda s: s.run_batch(1.0, 2, first_trial=-1), "run_batch", "first_trial", "-1"),
        (lambda s: s.run_batch(1.0, 2, values=3.0), "values", "3.0"),
        (lambda s: s.run_batch(1.0, 2, values={"exc": 3.0}), "values['exc']", "3.0"),
        (lambda s: s.run_batch(1.0, 2, values={"exd": {"i_ext": [1, 2]}}), "values", "'exd'", "did you mean 'exc'?"),
        (lambda s: s.run_batch(1.0, 2, values={"exc": {"v": [1, 2]}}), "values['exc']['v']", "Input"),
        (lambda s: s.run_batch(1.0, 2, values={"exc": {"i_ext": [1, 2, 3]}}), "values['exc']['i_ext']", "[2]", "[3]"),
        (lambda s: s.run_batch(1.0, 2, values={"exc": {"i_ext": np.ones((2, 3))}}), "values['exc']['i_ext']", "[2, 4]"),
        (lambda s: s.run_batch(1.0, 2, values={"exc": {"i_ext": [1, nan]}}), "values['exc']['i_ext']", "NaN"),
        (lambda s: s.run_batch(1.0, 2, inputs=3.0), "inputs", "3.0"),
        (lambda s: s.run_batch(1.0, 2, inputs={"exc": 3.0}), "inputs['exc']", "i_ext"),
        (lambda s: s.run_batch(1.0, 2, inputs={"exc": {"i_ext": np.ones(3)}}), "inputs['exc']['i_ext']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, inputs={"exc": {"i_ext": 3.0}}), "inputs['exc']['i_ext']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, inputs={"inp": {"spikes": [([0.1], [0])]}}), "inputs['inp']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, record={"exc": "u"}), "record", "exc", '"u"'),
        (lambda s: s.save("/no/such/folder/x.safetensors"), "/no/such/folder", "does not exist"),
        (lambda s: ncl.Simulator.load("/no/such/file"), "/no/such/file", "no such file"),
        (lambda s: ncl.Simulator.load(__file__), "test_bad_input.py", "not a safetensors file"),
        (lambda s: ncl.Simulator.load("/"), "/"),
        (lambda s: s.save(5), "5", "path"),
        (lambda s: ncl.Simulator.load(5), "5", "path"),
    ]
)
def test_a_mistake_in_a_run_leaves_the_simulation_as_it_was(
    sim: ncl.Simulator, mistake: MistakeIn, words: tuple[str, ...]
) -> None:
    before = {name: array.copy() for name, array in sim.state.items()}
    check(lambda: mistake(sim), *words)
    assert sim.step == 0
    assert all(np.array_equal(array, before[name]) for name, array in sim.state.items())
    assert not sim.run(0.0).names


def test_a_state_that_explodes_is_named_and_a_reset_repairs_it(sim: ncl.Simulator) -> None:
    sim.set("boom", v=[0.0, 1.0])
    check(lambda: sim.run(50.0), "'boom'", "'v'", "element 1", "smaller dt")
    check(lambda: sim.run_batch(1.0, 2), "'boom'", "'v'", "element 1")
    sim.reset()
    sim.run(1.0)
    sim.reset()
