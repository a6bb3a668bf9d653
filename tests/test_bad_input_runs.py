"""Mistakes in a run: a row is the mistake and words that the message must hold."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl import models
from tests.bad_input import Mistake, cases, check, neuron

nan, inf = float("nan"), float("inf")


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
        (lambda s: s.run(1.0, inputs={"exc": {"tau_mem": [1.0]}}), "inputs['exc']", "'tau_mem' is not an Input"),
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
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": ([0.5, 0.6], [1])}}), "['inp']['spikes']", "equally long"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": (["a"], [1])}}), "['inp']['spikes']", "numbers"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": [[1], [1, 2]]}}), "['inp']['spikes']", "[step, 3]"),
        (lambda s: s.run(1.0, inputs={"inp": {"spikes": np.full((5, 3), 2)}}), "['inp']['spikes']", "0 and 1"),
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
        (lambda s: s.set("rec", a_plus=1.0), "set('rec', a_plus=...)", "modulator"),
        (lambda s: s.set("ffw", w=1.0), "set('ffw', w=...)", "one constant number", "array"),
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
        (lambda s: s.run_batch(1.0, 2, inputs={"exc": {"i_ext": np.ones(3)}}), "['exc']['i_ext']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, inputs={"exc": {"i_ext": 3.0}}), "inputs['exc']['i_ext']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, inputs={"inp": {"spikes": [([0.1], [0])]}}), "inputs['inp']", "2 presentations"),
        (lambda s: s.run_batch(1.0, 2, record={"exc": "u"}), "record", "exc", '"u"'),
        (lambda s: s.save("/no/such/folder/x.safetensors"), "/no/such/folder", "does not exist"),
        (lambda s: ncl.Simulator.load("/no/such/file"), "/no/such/file", "no such file"),
        (lambda s: ncl.Simulator.load(__file__), "test_bad_input_runs.py", "not a safetensors file"),
        (lambda s: ncl.Simulator.load("/"), "/"),
        (lambda s: s.save(5), "5", "path"),
        (lambda s: ncl.Simulator.load(5), "5", "path"),
    ]
)
def test_a_mistake_in_a_run_leaves_the_simulation_as_it_was(
    sim: ncl.Simulator, mistake: Mistake, words: tuple[str, ...]
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
