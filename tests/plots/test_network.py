"""The picture of a network shows every population and projection, of the right kind, and nothing covers anything."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch

import neurocl as ncl
from neurocl import models
from neurocl.core.errors import NeuroclError
from neurocl.plots import network
from neurocl.plots._effect import effect_of
from neurocl.plots._network import KINDS, describe, synapses_per_neuron
from neurocl.plots._network_layout import BOX_HEIGHT, place_boxes


def balanced(modulated=False):
    net = ncl.Network()
    exc, inh = net.add(models.LIF, 80, name="exc"), net.add(models.LIF, 20, name="inh")
    noise = net.add(models.Poisson, 10, name="noise", rate=5.0)
    for post in (exc, inh):
        net.connect(noise, post, ncl.FixedProbability(0.1), target="i_syn", weight=2.0)
        net.connect(inh, post, ncl.FixedIndegree(4), target="i_syn", weight=-2.0)
    learned = net.connect(exc, exc, ncl.AllToAll(), target="i_syn", weight=2.0, synapse=models.RewardSTDP, name="rec")
    if modulated:
        dopamine = net.add(models.Dopamine, name="dopamine", reward=ncl.Input())
        net.modulate(learned, d=dopamine["d"])
    return net


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_populations_and_projections_are_shown_with_their_kinds():
    ax = network(balanced())
    assert {"exc", "80 × LIF", "inh", "20 × LIF", "noise", "10 × Poisson"} <= set(texts(ax))
    colors = [arrow.get_edgecolor() for arrow in arrows(ax)]
    kinds = ["excitatory", "inhibitory", "excitatory", "inhibitory", "plastic"]
    assert colors == [to_rgba(KINDS[kind]) for kind in kinds]
    assert [text for text in texts(ax) if text.isdigit()] == ["1", "2", "3", "4", "5"]
    rows = [text.get_text() for text in ax.get_legend().get_texts()]
    assert rows[1] == "2  inh → exc: FixedIndegree(4)" and rows[4] == "5  exc → exc: AllToAll, RewardSTDP"


def test_a_modulator_is_dashed_and_joined_to_what_it_acts_on():
    plain, modulated = network(balanced()), network(balanced(modulated=True))
    dashed = [arrow for arrow in arrows(modulated) if arrow.get_linestyle() == "--"]
    assert len(dashed) == 1 and len(arrows(modulated)) == len(arrows(plain)) + 1
    assert "dopamine" in texts(modulated)


def test_the_population_whose_spikes_a_modulator_counts_is_joined_to_it():
    net = balanced()
    counter = ncl.Modulator(name="astrocyte", equations="a : 1", update="a += n", counts=["n"])
    net.add(counter, n=net.populations["exc"])
    assert sum(arrow.get_linestyle() == "--" for arrow in arrows(network(net))) == 1


def test_many_projections_are_counted_and_as_wide_as_their_synapses_are_many():
    net = ncl.Network()
    parts = [net.add(models.LIF, 100, name=f"part_{k}") for k in range(8)]
    for (i, pre), (j, post) in itertools.product(enumerate(parts), repeat=2):
        weight = -4.0 if i % 2 else 1.0
        net.connect(pre, post, ncl.FixedProbability((8 * i + j + 1) / 64), target="i_syn", weight=weight)
    ax = network(net)
    widths = [arrow.get_linewidth() for arrow in arrows(ax)]
    assert len(widths) == 64 and np.all(np.diff(widths) > 0)
    assert not any(text.isdigit() for text in texts(ax))
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["excitatory (32)", "inhibitory (32)"]


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 10), data=st.data())
def test_boxes_never_overlap(n, data):
    net = ncl.Network()
    name = st.text("abcdefgh", min_size=1, max_size=14)
    names = data.draw(st.lists(name, min_size=n, max_size=n, unique=True))
    parts = [net.add(models.LIF, 10**k, name=f"{name}x") for k, name in enumerate(names)]
    for pre, post in data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=12)):
        net.connect(parts[pre], parts[post], ncl.AllToAll(), target="i_syn")
    for k in range(data.draw(st.integers(0, 2))):
        net.add(models.Dopamine, name=f"dopamine{k}")
    for first, second in itertools.combinations(place_boxes(net).values(), 2):
        apart = np.abs(first.centre - second.centre) >= ((first.width + second.width) / 2, BOX_HEIGHT)
        assert apart.any(), (first, second)


def test_texts_fit_into_their_boxes_also_in_small_axes():
    for ax in (None, plt.subplots(2, 3, figsize=(9, 5), layout="constrained")[1][0, 0]):
        drawn = network(balanced(modulated=True), ax)
        boxes = [patch.get_window_extent() for patch in drawn.patches if not isinstance(patch, FancyArrowPatch)]
        for text in drawn.texts:
            if text.get_bbox_patch() is None:  # a name or a model, not a number
                extent = text.get_window_extent()
                assert any(box.x0 <= extent.x0 and extent.x1 <= box.x1 for box in boxes), text


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ncl.AllToAll(), 40),
        (ncl.OneToOne(), 1),
        (ncl.FixedProbability(0.25), 10),
        (ncl.FixedIndegree(7), 7),
        (ncl.FixedOutdegree(6), 12),
        (ncl.Edges([0], [0]), None),
    ],
)
def test_synapses_per_neuron_are_those_of_the_rule(rule, expected):
    net = ncl.Network()
    pre, post = net.add(models.LIF, 40, name="pre"), net.add(models.LIF, 20, name="post")
    assert synapses_per_neuron(net.connect(pre, post, rule, target="i_syn")) == expected


def projection(model, target, weight, **values):
    net = ncl.Network()
    pre, post = net.add(models.Poisson, 4, name="pre"), net.add(model, 2, name="post", **values)
    return net.connect(pre, post, ncl.AllToAll(), target=target, weight=weight)


@pytest.mark.parametrize(
    ("model", "target", "weight", "effect"),
    [
        (models.LIF, "i_syn", 3.0, 1),
        (models.LIF, "i_syn", ncl.normal(-3.0, 0.3), -1),
        (models.LIFDelta, "v", -0.1, -1),
        (models.LIFAlpha, "i_rise", 1.0, 1),  # acts through i_syn
        (models.ConductanceLIF, "g_e", 1.0, 1),
        (models.ConductanceLIF, "g_i", 1.0, -1),  # a positive conductance
        (models.ConductanceLIF, "g_i", np.full((2, 4), 2.0), -1),
        (models.Izhikevich, "i_syn", -1.0, -1),
        (models.AdEx, "w_ad", 5.0, -1),  # adaptation hyperpolarises
        (models.LIF, "i_syn", 0.0, 0),
    ],
)
def test_the_effect_is_read_off_the_equations(model, target, weight, effect):
    dt = {"v": -65.0} if model is models.Izhikevich else {}
    assert effect_of(projection(model, target, weight, **dt)) == effect


def test_a_learned_weight_of_zero_acts_as_its_growth_will():
    net = ncl.Network()
    pre, post = net.add(models.LIF, 4, name="pre"), net.add(models.ConductanceLIF, 2, name="post")
    learned = net.connect(pre, post, ncl.AllToAll(), target="g_i", weight=0.0, synapse=models.PairSTDP)
    assert effect_of(learned) == -1


def test_slices_are_named_in_the_list():
    net = ncl.Network()
    cells = net.add(models.LIF, 10, name="cells")
    wiring = net.connect(cells[:8], cells, ncl.FixedProbability(0.5, autapses=False), target="i_syn")
    assert describe(wiring) == "cells[0:8] → cells: FixedProbability(0.5)"


def test_only_networks_with_populations_are_drawn():
    with pytest.raises(NeuroclError, match="the network is empty"):
        network(ncl.Network())
    with pytest.raises(NeuroclError, match="expected a Network, got int"):
        network(3)


def test_a_lone_population_is_a_box():
    net = ncl.Network()
    net.add(models.LIF, 3)
    ax = network(net)
    assert texts(ax) == ["LIF", "3 × LIF"] and not arrows(ax)
