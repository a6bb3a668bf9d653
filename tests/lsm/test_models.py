"""Neuron, STDP and astrocyte of NALSM against their closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neurocl as ncl
from neurocl.lsm import models

M, E = models.TRACE_DECAY, np.exp(-1.0)


def scheduled(model: ncl.NeuronModel) -> ncl.NeuronModel:
    """The neuron with spikes at given times, whatever its voltage."""
    return model.replace(name=f"scheduled_{model.name}", threshold="scheduled", refractory=None)


def drive(events: list[int], steps: int, tau_mem: float = 64.0) -> tuple[Any, Any]:
    """Spikes and voltage of an input neuron with events in these steps."""
    net = ncl.Network(dt=1.0)
    net.add(models.InputNeuron, 1, name="inp", p=ncl.Input(0.0), tau_mem=tau_mem)
    p = np.zeros((steps, 1))
    p[events] = 1.0
    out = net.build(dtype="float64").run(steps, record={"inp": ["spikes", "v"]}, inputs={"inp": {"p": p}})["inp"]
    return out.spikes.times, out["v"][:, 0]


def test_constant_drive_gives_intervals_of_three_steps() -> None:
    times, _ = drive(list(range(30)), 30)
    assert times.tolist() == list(range(1, 31, 3))


def test_an_event_while_refractory_fires_the_neuron_when_that_ends() -> None:
    times, _ = drive([0, 1, 2], 10)  # the second and the third event merge
    assert times.tolist() == [1.0, 4.0]


def test_voltage_leaks_by_a_64th_per_step() -> None:
    net = ncl.Network(dt=1.0)
    net.add(models.LiquidNeuron, 1, name="liquid", v=10.0)
    v = net.build(dtype="float64").run(50, record={"liquid": "v"})["liquid"]["v"][:, 0]
    np.testing.assert_allclose(v, 10 * (1 - 1 / 64) ** np.arange(1, 51), rtol=1e-12)


def test_a_spike_delivers_its_weight_times_a_decaying_kernel_and_only_the_last_one_counts() -> None:
    net, w = ncl.Network(dt=1.0), 2.0
    pre = net.add(scheduled(models.InputNeuron), 1, name="pre", spikes=([2.0, 5.0], [0, 0]))
    post = net.add(models.LiquidNeuron, 1, name="post", tau_mem=1e300)  # no leak
    net.connect(pre, post, ncl.OneToOne(), synapse=models.STATIC_SYNAPSE, weight=w)
    v = net.build(dtype="float64").run(12, record={"post": "v"})["post"]["v"][:, 0]
    age = [None, None, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6]
    steps = [0.0 if a is None else w * E**a for a in age]
    np.testing.assert_allclose(np.diff(v, prepend=0.0), steps, rtol=1e-9, atol=1e-12)


def pair(synapse: ncl.SynapseModel, w: float, gap: int, rates: dict[str, float], low: float, high: float) -> float:
    """Change of a weight when the presynaptic neuron fires at 10 ms, the postsynaptic one `gap` steps later."""
    net = ncl.Network(dt=1.0)
    pre = net.add(scheduled(models.InputNeuron), 1, name="pre", spikes=([10.0], [0]))
    post = net.add(scheduled(models.LiquidNeuron), 1, name="post", spikes=([10.0 + gap], [0]))
    net.connect(pre, post, ncl.OneToOne(), synapse=synapse, weight=w, name="s", low=low, high=high, **rates)
    sim = net.build(dtype="float64")
    sim.run(30.0)
    return float(sim.state["s.w"][0] - w)


@pytest.mark.parametrize("gap", [-7, -1, 0, 1, 4])
@pytest.mark.parametrize("inhibitory", [False, True])
def test_a_pair_of_spikes_changes_the_weight_by_the_trace_of_the_first(gap: int, inhibitory: bool) -> None:
    rates = {"a_plus": 0.15, "a_minus": 0.4}
    if inhibitory:
        change = pair(models.INHIBITORY_STDP, -1.0, gap, rates, -3.0, 0.0)
        before, after = -0.4, 0.15  # pre before post strengthens: the weight falls
    else:
        change = pair(models.EXCITATORY_STDP, 1.0, gap, rates, 0.0, 3.0)
        before, after = 0.15, -0.4
    expected = 0.0 if gap == 0 else (before if gap > 0 else after) * 0.1 * M ** abs(gap)
    assert change == pytest.approx(expected, abs=1e-12)


def test_weights_stay_in_their_bounds_and_an_input_weight_may_cross_zero() -> None:
    rates = {"a_plus": 5.0, "a_minus": 5.0}
    assert pair(models.EXCITATORY_STDP, 2.9, 1, rates, 0.0, 3.0) == pytest.approx(0.1)
    assert pair(models.EXCITATORY_STDP, 0.1, -1, rates, 0.0, 3.0) == pytest.approx(-0.1)
    assert pair(models.INHIBITORY_STDP, -0.1, -1, rates, -3.0, 0.0) == pytest.approx(0.1)
    assert pair(models.EXCITATORY_STDP, 0.1, -1, rates, -3.0, 3.0) == pytest.approx(-0.5 * M)


def test_without_rates_nothing_changes() -> None:
    rates = {"a_plus": 0.0, "a_minus": 0.0}
    assert pair(models.EXCITATORY_STDP, 1.0, 1, rates, 0.0, 3.0) == 0.0
    assert pair(models.INHIBITORY_STDP, -1.0, -1, rates, -3.0, 0.0) == 0.0


def test_both_terms_are_added_before_the_one_clip() -> None:
    net = ncl.Network(dt=1.0)
    pre = net.add(scheduled(models.InputNeuron), 1, name="pre", spikes=([8.0, 10.0], [0, 0]))
    post = net.add(scheduled(models.LiquidNeuron), 1, name="post", spikes=([9.0, 10.0], [0, 0]))
    net.connect(
        pre, post, ncl.OneToOne(), synapse=models.EXCITATORY_STDP, weight=1.5, name="s", a_plus=10.0, a_minus=10.0
    )
    sim = net.build(dtype="float64")
    sim.run(20.0)
    first = 1.5 + 10 * 0.1 * M  # at 9 ms
    rise, fall = 10 * 0.1 * M**2, 10 * 0.1 * M  # at 10 ms; alone, the rise would end at 3
    assert first + rise > 3
    assert sim.state["s.w"][0] == pytest.approx(first + rise - fall, abs=1e-12)


def astrocyte(n_liquid: int, n_input: int, steps: int = 200, **values: float) -> Any:
    """Rate of depression after each step when so many neurons of each kind fire at the end of every step."""
    net = ncl.Network(dt=1.0)
    sizes, populations = {"n_liquid": n_liquid, "n_input": n_input}, {}
    source = ncl.NeuronModel(name="source", equations="a : 1", threshold="a >= 0")
    for name, size in sizes.items():
        populations[name] = net.add(source, max(size, 1), name=name, a=0.0 if size else -1.0)
    net.add(models.ASTROCYTE, name="astrocyte", **populations, **values)
    out = net.build(dtype="float64").run(steps, record={"astrocyte": "a_minus"})
    return out["astrocyte"]["a_minus"][:, 0]


def test_balanced_spikes_keep_the_rate_of_depression() -> None:
    assert (astrocyte(4, 4) == 0.15).all()


@pytest.mark.parametrize(("n_liquid", "n_input"), [(5, 0), (0, 30)])
def test_an_excess_of_spikes_moves_it_with_a_time_constant_of_100_steps(n_liquid: int, n_input: int) -> None:
    found, excess = astrocyte(n_liquid, n_input), 0.015 * (n_liquid - n_input)
    np.testing.assert_allclose(found, 0.15 + excess * (1 - 0.99 ** np.arange(200)), rtol=0, atol=1e-12)
    assert n_liquid > n_input or found[-1] < 0


def test_a_decay_takes_rate_and_resting_value_down_together() -> None:
    np.testing.assert_allclose(astrocyte(3, 3, decay=0.99), 0.15 * 0.99 ** np.arange(1, 201), rtol=1e-9)
