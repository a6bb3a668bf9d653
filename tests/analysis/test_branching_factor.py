"""Branching factor along synapses, and kernel quality beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurocl.analysis import as_spikes, branching_factor, neuron_branching_factors
from neurocl.core.errors import NeuroclError


def by_definition(raster, pre, post, buffer, delta):
    """The definition, spike by spike."""
    steps, n = raster.shape
    kept = [[t for t in range(buffer, steps - buffer) if raster[t, i]] for i in range(n)]
    factors = []
    for i in range(n):
        sources = {j for j, k in zip(pre, post, strict=True) if k == i}
        targets = {k for j, k in zip(pre, post, strict=True) if j == i}
        ratios = []
        for t in kept[i]:
            if buffer + delta <= t < steps - buffer - delta:
                n_pre = sum(t - delta <= s <= t - 1 for j in sources for s in kept[j])
                n_post = sum(t + 1 <= s <= t + delta for k in targets for s in kept[k])
                ratios.append(n_post / max(1, n_pre))
        factors.append(np.mean(ratios) if ratios else np.nan)
    return np.array(factors)


def liquid_edges(side, rng):
    """Recurrent edges of a liquid of side^3 neurons, four fifths excitatory."""
    n = side**3
    sites = rng.permutation(n)
    where = np.stack(np.unravel_index(sites, (side,) * 3), axis=1)
    inhibitory = np.arange(n) >= round(0.8 * n)
    chance = np.array([[0.2, 0.1], [0.3, 0.05]])[inhibitory.astype(int)][:, inhibitory.astype(int)]
    squares = ((where[:, None] - where[None]) ** 2).sum(axis=2)
    return np.nonzero((rng.random((n, n)) < chance * np.exp(-squares / 9.0)) & (squares > 0))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 6), st.integers(1, 5), st.floats(0.0, 0.9))
def test_agrees_with_the_definition_spike_by_spike(seed, buffer, delta, rate):
    rng = np.random.default_rng(seed)
    n, steps = 7, 2 * (buffer + delta) + 20
    raster = rng.random((steps, n)) < rate
    pre, post = rng.integers(0, n, (2, 15))
    expected = by_definition(raster, pre, post, buffer, delta)
    found = neuron_branching_factors(raster, (pre, post), buffer=buffer, delta=delta)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    mean = branching_factor(raster, (pre, post), buffer=buffer, delta=delta)
    assert np.isnan(mean) if np.isnan(expected).all() else mean == pytest.approx(np.nanmean(expected), rel=1e-6)


@pytest.mark.parametrize(("rate", "expected"), [(30.0, 0.85), (4.0, 0.15)])
def test_an_uncorrelated_poisson_raster_reads_as_published(rate, expected):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(5):
        rasters = rng.random((10, 250, 125)) < rate / 1000
        found.append(branching_factor(rasters, liquid_edges(5, rng)))
    assert np.mean(found) == pytest.approx(expected, abs=0.05)


def test_every_spike_that_brings_forth_m_spikes_reads_m():
    # Generations two steps apart, each neuron of one projecting to m of the next, wired as a tree of its own.
    raster, pre, post, first = np.zeros((80, 15)), [], [], 0
    for generation, size in enumerate((1, 2, 4, 8)):
        raster[34 + 4 * generation, first : first + size] = 1
        for k in range(size if size < 8 else 0):
            pre += [first + k] * 2
            post += [first + size + 2 * k, first + size + 2 * k + 1]
        first += size
    factors = neuron_branching_factors(raster, (pre, post))
    np.testing.assert_array_equal(factors, [2.0] * 7 + [0.0] * 8)


def test_spikes_and_rasters_give_the_same():
    rng = np.random.default_rng(1)
    edges = rng.integers(0, 20, (2, 60))
    rasters = rng.random((3, 100, 20)) < 0.1
    spikes = [as_spikes([np.flatnonzero(r[:, i]) + 1.0 for i in range(20)], t_stop=100.0) for r in rasters]
    assert branching_factor(spikes, edges) == branching_factor(rasters, edges) == branching_factor(list(rasters), edges)
    assert branching_factor(spikes[0], edges) == branching_factor(rasters[0].astype(float), edges)


def test_neurons_without_a_spike_inside_the_window_are_left_out():
    raster = np.zeros((60, 3))
    raster[[30, 28, 31], [0, 1, 2]] = 1  # the windows of 28 and 31 reach into the buffer
    np.testing.assert_array_equal(neuron_branching_factors(raster, ([0, 1], [2, 0])), [1.0, np.nan, np.nan])
    assert np.isnan(branching_factor(np.zeros((60, 3)), ([0], [1])))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"activity": np.zeros((50, 3))}, "50 steps are too few, expected 59"),
        ({"activity": np.full((60, 3), 2)}, "0 and 1"),
        ({"activity": np.zeros(60)}, r"\[time, neuron\]"),
        ({"edges": ([0, 1], [1])}, "one length"),
        ({"edges": ([0], [3])}, "post must hold numbers of neurons, 0 to 2"),
        ({"edges": ([0.5], [1])}, "pre must hold"),
        ({"edges": 3}, r"edges must be \(pre, post\)"),
        ({"delta": 0}, "delta"),
        ({"buffer": -1}, "buffer"),
    ],
)
def test_wrong_input_is_an_error(changed, complaint):
    with pytest.raises(NeuroclError, match=complaint):
        branching_factor(**({"activity": np.zeros((60, 3)), "edges": ([0], [1])} | changed))
