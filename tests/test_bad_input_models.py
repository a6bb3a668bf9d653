"""Mistakes in models are told when the model is made: a row is the mistake and words that the message must hold."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl import models
from tests.bad_input import Mistake, cases, check, neuron, synapse

nan = float("nan")
LEAK = "dv/dt = -v / tau : mV"


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
        (lambda: neuron("spikes : 1"), "cell", "'spikes'"),
        (lambda: neuron("drefractory/dt = 1"), "cell", "'refractory'"),
        (lambda: neuron(parameters={"tau": 1.0, "positions": 1.0}), "cell", "'positions'"),
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


@pytest.mark.parametrize(
    "text",
    [
        *("__import__('os').system('x')", "v.real", "(lambda: v)()", "v[0]", "[v for v in (1, 2)]", "f'{v}'", "{v}"),
        *("(v := 3)", "exp(*[v])", "exp(x=v)", "v, 1", "v @ v", "v // 2", "v << 2", "~v", "v & 1", "v is v"),
        *("v in (1, 2)", "exp(v).real", "await v"),
    ],
)
def test_code_in_an_equation_is_refused(text: str) -> None:
    check(lambda: neuron(f"dv/dt = {text}"), "cell")
    check(lambda: neuron(threshold="v > 3", reset=f"v = {text}"), "cell", "not part of the equation language")


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
        (lambda: synapse(parameters={"delay": 1.0}), "syn", "'delay'"),
        (lambda: synapse(pre="dtarget/dt = 1"), "syn", "'target'"),
        (
            lambda: ncl.Modulator(name="da", update="d += spikes", equations="d : 1", counts=["spikes"]),
            "da",
            "'spikes'",
        ),
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
