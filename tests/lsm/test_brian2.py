"""A static liquid written by hand in Brian2 fires the same spikes."""

from __future__ import annotations

import numpy as np
import pytest

from neurocl import lsm

brian2 = pytest.importorskip("brian2")
N, N_INPUTS, STEPS = 125, 100, 120


def brian2_spikes(liquid: lsm.Liquid, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps and neurons (liquid, then input) of all spikes; ages of presynaptic spikes are kept, not currents."""
    brian2.prefs.codegen.target = "numpy"
    net, ms = brian2.Network(), brian2.ms
    clock = brian2.Clock(dt=1 * ms)
    table = brian2.TimedArray(np.hstack([np.zeros((STEPS, N)), 100.0 * events]), dt=1 * ms)
    neurons = brian2.NeuronGroup(
        N + N_INPUTS, "v : 1\nu : 1\nage : 1\nleft : 1", threshold="v >= 20 and left <= 0",
        reset="v = 0; age = 0; left = 3", clock=clock, namespace={"table": table}, name="neurons",
    )  # fmt: skip
    neurons.age = 20
    (pre, post), (inp, to) = liquid.recurrent_synapses, liquid.input_synapses
    synapses = brian2.Synapses(
        neurons, neurons, "w : 1\nu_post = w * exp(-age_pre) : 1 (summed)", clock=clock, name="synapses"
    )
    synapses.connect(i=np.concatenate([pre, N + inp]), j=np.concatenate([post, to]))
    synapses.w = np.concatenate([liquid.weights.recurrent, liquid.weights.input])
    integrate = neurons.run_regularly(
        "v = v - v / 64 + u + table(t, i); age = age + 1; left = left - 1", when="synapses", clock=clock
    )
    monitor = brian2.SpikeMonitor(neurons)
    net.add(neurons, synapses, monitor, integrate)
    net.schedule = ["start", "thresholds", "resets", "groups", "synapses", "end"]
    net.run(STEPS * ms, namespace={})
    return np.round(monitor.t / ms).astype(int), np.asarray(monitor.i)


def test_a_static_liquid_has_the_spikes_of_brian2() -> None:
    liquid = lsm.Liquid(N, N_INPUTS, plasticity=lsm.Static(), magnitude=2.5, seed=5)
    events = np.random.default_rng(1).random((STEPS, N_INPUTS)) < 0.3
    found = liquid.present(events[None], STEPS, record=[0]).recorded[0]
    steps, neurons = brian2_spikes(liquid, events)
    expected = sorted(zip(steps.tolist(), neurons.tolist(), strict=True))
    spikes = [(found.liquid, 0), (found.input, N)]
    assert sorted((int(t), int(i) + first) for s, first in spikes for t, i in zip(s.times, s.indices, strict=True)) == (
        expected
    )
    assert len(found.liquid) > 500
