"""Adjacency, degrees and weight matrices agree with the edges of the built network."""

from __future__ import annotations

import numpy as np
import pytest

import neurocl as ncl
from neurocl.core.errors import NeuroclError
from neurocl.plots import adjacency, degrees, weight_matrix
from neurocl.plots._matrix import chosen_projections, synapse_matrix

EDGES = ncl.Edges([0, 0, 1, 2], [0, 1, 1, 0])  # onto two cells, one pair of which is not joined
RECEIVER = ncl.NeuronModel(name="receiver", equations="v : mV; g : nS", threshold="scheduled")


def build(n_pre=3, n_post=2, rule=EDGES, weight=(1.0, 2.0, 3.0, -4.0), back=None):
    net = ncl.Network(dt=1.0)
    pre, post = net.add(RECEIVER, n_pre, name="pre"), net.add(RECEIVER, n_post, name="post")
    net.connect(pre, post, rule, target="v", weight=weight, name="forward")
    if back is not None:
        net.connect(post, pre, ncl.AllToAll(), target=back, weight=0.5, name="back")
    return net.build(dtype="float64")


@pytest.fixture(scope="module")
def small():
    return build()


@pytest.fixture(scope="module")
def both():
    return build(back="v")


def values(ax):
    return np.ma.filled(np.ma.masked_invalid(ax.images[0].get_array()), np.nan)


def test_adjacency_of_a_projection_is_post_by_pre(small):
    ax = adjacency(small, projection="forward")
    np.testing.assert_array_equal(values(ax), [[1, 0, 1], [1, 1, 0]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("presynaptic neuron (pre)", "postsynaptic neuron (post)")
    assert ax.yaxis_inverted() and len(ax.figure.axes) == 1  # nought and one need no colour bar


def test_adjacency_of_a_network_places_the_populations_one_after_the_other(both):
    ax = adjacency(both)
    expected = np.zeros((5, 5))
    expected[:3, 3:] = 1
    expected[3:, :3] = [[1, 0, 1], [1, 1, 0]]
    np.testing.assert_array_equal(values(ax), expected)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["pre", "post"]
    np.testing.assert_allclose(ax.get_xticks(), [1, 3.5])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("from", "to")


def test_several_synapses_of_a_pair_are_counted_and_their_weights_added():
    sim = build(rule=ncl.Edges([0, 0, 1], [0, 0, 1]), weight=[1.0, 2.0, 4.0])
    ax = adjacency(sim, projection="forward")
    assert values(ax)[0, 0] == 2 and ax.figure.axes[1].get_ylabel() == "synapses per pair"
    np.testing.assert_array_equal(
        values(weight_matrix(sim, projection="forward")), [[3, np.nan, np.nan], [np.nan, 4, np.nan]]
    )


def test_large_networks_are_binned_without_losing_a_synapse():
    sim = build(1001, 450, ncl.FixedProbability(0.1), 2.0)
    found = synapse_matrix(sim, chosen_projections("", sim, None), None, lambda name: 2.0)
    assert found.counts.sum() == found.sums.sum() / 2 == sim.edges("forward")[0].size
    assert found.is_binned and found.pairs.sum() == 1451**2
    part = adjacency(sim, projection="forward")
    assert values(part).mean() == pytest.approx(0.1, abs=0.005)
    assert part.figure.axes[1].get_ylabel() == "synapses per pair (mean)"
    weights = values(weight_matrix(sim, projection="forward"))
    np.testing.assert_allclose(weights[~np.isnan(weights)], 2.0)


@pytest.mark.parametrize("side", ["in", "out"])
def test_degrees_count_the_synapses_of_each_neuron(both, side):
    ax = degrees(both, side=side)
    expected = {"in": [[2, 2, 2], [2, 2]], "out": [[2, 1, 1], [3, 3]]}[side]
    outlines = [patch.get_data() for patch in ax.patches if not patch.get_fill()]
    for (heights, edges, _), degree in zip(outlines, expected, strict=True):
        np.testing.assert_allclose(heights, 100 * np.histogram(degree, edges)[0] / len(degree))
        assert heights.sum() == pytest.approx(100)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == [f"{name}: {np.mean(degree):.4g}" for name, degree in zip(("pre", "post"), expected, strict=True)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == (f"{side}-degree (synapses per neuron)", "neurons (%)")


def test_weights_have_their_sign_unit_and_gaps(small):
    ax = weight_matrix(small, projection="forward")
    np.testing.assert_array_equal(values(ax), [[1, np.nan, -4], [2, 3, np.nan]])
    assert ax.figure.axes[1].get_ylabel() == "weight (mV)"
    assert ax.images[0].get_clim() == (-4, 4)


def test_weights_are_those_of_now():
    sim = build()
    sim.state["forward.w"][:] = 7.0
    assert np.nanmin(values(weight_matrix(sim))) == 7.0


def test_a_network_of_one_unit_is_one_matrix_and_of_two_is_refused(both):
    assert np.nansum(values(weight_matrix(both))) == 2.0 + 6 * 0.5
    with pytest.raises(NeuroclError, match=r"differ in unit: forward \(mV\), back \(nS\); choose one"):
        weight_matrix(build(back="g"))


@pytest.mark.parametrize(
    ("dense", "limits"), [([[1.0, 2.0]], (0, 2)), ([[-1.0, -3.0]], (-3, 0)), ([[-1.0, 3.0]], (-3, 3))]
)
def test_dense_matrices_are_coloured_by_the_signs_that_occur(dense, limits):
    ax = weight_matrix(dense, unit="mV")
    np.testing.assert_array_equal(values(ax), dense)
    assert ax.images[0].get_clim() == limits and ax.figure.axes[1].get_ylabel() == "weight (mV)"


@pytest.mark.parametrize("dense", [[1.0, 2.0], [[np.inf, 1.0]], [[np.nan]], np.zeros((0, 3))])
def test_what_is_no_matrix_is_refused(dense):
    with pytest.raises(NeuroclError, match="a matrix"):
        weight_matrix(dense)


def test_unknown_projections_and_unbuilt_networks_are_told(small):
    for plot in (adjacency, degrees, weight_matrix):
        with pytest.raises(NeuroclError, match="no projection 'forwards'; did you mean 'forward'"):
            plot(small, projection="forwards")
    for plot in (adjacency, degrees):
        with pytest.raises(NeuroclError, match="expected a built network, got Network"):
            plot(small.network)
    with pytest.raises(NeuroclError, match="side must be 'in' or 'out'"):
        degrees(small, side="both")
