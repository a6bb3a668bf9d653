"""Structural plasticity with a fixed budget, and SORN's growth and pruning."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.core.errors import NeuroclError
from neurocl.models.structural import grow_and_prune, replace_negative, replace_weakest
from tests.helpers import RECEIVER

N, DT = 12, 0.5


def recurrent(density, weight, delay=1.0, **plastic):
    """A simulation of synapses with weights of their own, from ten neurons to ten of the same population."""
    net = ncl.Network(dt=DT)
    neurons = net.add(RECEIVER, N, name="neurons")
    rule = ncl.FixedProbability(density, autapses=False)
    net.connect(
        neurons[2:], neurons[:10], rule, target="received", weight=weight, delay=delay, name="rec", **plastic
    )  # fmt: skip
    return net.build(seed=0, dtype="float64")


@cache
def shared():
    return recurrent(0.3, ncl.uniform(-0.2, 1.0), ncl.uniform(0.5, 3.0))


def synapses(sim):
    """(pre, post) -> weight, after a check that no pair is there twice, nor outside the connected neurons."""
    pre, post = sim.edges("rec")
    found = dict(zip(zip(pre.tolist(), post.tolist(), strict=True), sim.state["rec.w"], strict=True))
    assert len(found) == pre.size == len(sim.state["rec.w"])
    assert all(a >= 2 and b < 10 and a != b for a, b in found)
    return found


@settings(max_examples=25, deadline=None)
@given(fraction=st.floats(0, 1), seed=st.integers(0, 1000), weight=st.sampled_from([0.0, 0.5]))
def test_replacing_the_weakest_keeps_the_number_and_the_strongest(fraction, seed, weight):
    sim = shared()
    before = synapses(sim)
    delays = np.sort(sim.delays("rec"))
    replaced = replace_weakest(sim, "rec", fraction, np.random.default_rng(seed), weight)
    after = synapses(sim)
    assert replaced == int(fraction * len(before))
    assert len(after) == len(before)
    np.testing.assert_array_equal(np.sort(sim.delays("rec")), delays)
    strongest = sorted(before, key=lambda pair: abs(before[pair]))[replaced:]
    threshold = min((abs(before[pair]) for pair in strongest), default=np.inf)
    assert all(after[pair] == before[pair] for pair in strongest if abs(before[pair]) > threshold)
    assert sum(w == weight for w in after.values()) >= replaced


def test_repeated_replacement_visits_every_free_place():
    sim, rng = recurrent(0.3, ncl.uniform(0.1, 1.0)), np.random.default_rng(0)
    seen, n = set(), len(synapses(sim))
    for _ in range(100):
        replace_weakest(sim, "rec", 0.5, rng)
        seen |= set(synapses(sim))
        assert len(synapses(sim)) == n
    assert len(seen) == 10 * 10 - 8  # all pairs but the autapses of neurons 2 to 9


def test_new_places_are_drawn_uniformly():
    sim, rng = recurrent(0.3, ncl.uniform(0.1, 1.0)), np.random.default_rng(1)
    counts = np.zeros((N, N))
    for _ in range(300):
        replace_weakest(sim, "rec", 1.0, rng)
        np.add.at(counts, sim.edges("rec"), 1)
    drawn = counts[counts > 0]
    expected = 300 * len(synapses(sim)) / 92
    assert drawn.size == 92
    # Binomial counts: none of 92 is further than 4.5 standard deviations away.
    assert np.abs(drawn - expected).max() < 4.5 * np.sqrt(expected * (1 - expected / 300))


def test_replacing_negative_weights_leaves_none():
    sim = recurrent(0.4, ncl.uniform(-0.5, 1.0))
    before = synapses(sim)
    n_negative = sum(w < 0 for w in before.values())
    assert replace_negative(sim, "rec", np.random.default_rng(0)) == n_negative > 0
    after = synapses(sim)
    assert len(after) == len(before)
    assert min(after.values()) == 0.0
    assert all(after[pair] == w for pair, w in before.items() if w > 0)
    # The same weights as inhibitory synapses: now the positive ones go.
    n_positive = sum(w > 0 for w in after.values())
    assert replace_negative(sim, "rec", np.random.default_rng(0), sign=-1) == n_positive


def test_sorn_prunes_at_zero_and_adds_with_the_given_probability():
    sim, rng = recurrent(0.1, ncl.uniform(0.1, 1.0)), np.random.default_rng(0)
    sim.state["rec.w"][:3] = [0.0, -0.1, 0.0]
    n = len(synapses(sim))
    assert grow_and_prune(sim, "rec", rng, p=0.0) == -3
    added = sum(grow_and_prune(sim, "rec", rng) for _ in range(200))
    assert len(synapses(sim)) == n - 3 + added
    assert added == pytest.approx(20, abs=4 * np.sqrt(200 * 0.1 * 0.9))
    assert sum(w == 0.001 for w in synapses(sim).values()) == added


def test_simulation_goes_on_with_the_new_synapses():
    sim = recurrent(0.3, 0.5, synapse=ncl.models.PairSTDP)
    replace_weakest(sim, "rec", 1.0, np.random.default_rng(0), weight=0.25)
    sim.run(4.0, inputs={"neurons": {"spikes": ([1.0], [5])}})
    expected = np.zeros(N)
    for (pre, post), w in synapses(sim).items():
        expected[post] += w * (pre == 5)
    np.testing.assert_allclose(sim.state["neurons.received"], expected)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda sim, rng: replace_weakest(sim, "rec", 1.5, rng), "fraction"),
        (lambda sim, rng: replace_weakest(sim, "reck", 0.5, rng), "no projection 'reck'; did you mean 'rec'"),
        (lambda sim, rng: replace_weakest(sim, "rec", 0.5, 3), r"replace_weakest: rng must be .*default_rng.*, got 3"),
        (lambda sim, rng: replace_negative(sim.network, "rec", rng), "sim must be a simulation, .* got Network"),
        (lambda sim, rng: replace_negative(sim, "rec", rng, sign=0), "sign must be 1 or -1, got 0"),
        (lambda sim, rng: grow_and_prune(sim, "rec", None), "grow_and_prune: rng must be"),
        (lambda sim, rng: grow_and_prune(sim, "rec", rng, p=1.0), "1 new synapses need as many free places"),
    ],
)
def test_mistakes_are_told(act, message):
    with pytest.raises(NeuroclError, match=message):
        act(recurrent(1.0, ncl.uniform(0.1, 1.0)), np.random.default_rng(0))


def test_a_shared_weight_is_told():
    net = ncl.Network(dt=DT)
    neurons = net.add(RECEIVER, N, name="neurons")
    net.connect(neurons, neurons, ncl.AllToAll(), target="received", weight=0.5, name="rec")
    with pytest.raises(NeuroclError, match="'rec': its synapses share one weight"):
        replace_weakest(net.build(), "rec", 0.5, np.random.default_rng(0))
