"""Blocks of one population: numbers of edges, order, distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.core.distributions import normal, uniform
from neurocl.core.ends import Ends
from neurocl.networks._blocks import Blocks, BlockTotalNumber

SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)


@given(SIZES, SIZES, st.integers(0, 2**32), st.data())
def test_each_pair_of_blocks_has_its_number_of_edges(
    pre_sizes: tuple[int, ...], post_sizes: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    row = st.lists(st.integers(0, 20), min_size=len(pre_sizes), max_size=len(pre_sizes)).map(tuple)
    numbers = data.draw(st.lists(row, min_size=len(post_sizes), max_size=len(post_sizes)).map(tuple))
    ends = Ends(np.arange(sum(pre_sizes)), np.arange(sum(post_sizes)))
    drawn = BlockTotalNumber(pre_sizes, post_sizes, numbers).draw(ends, np.random.default_rng(seed))
    assert np.array_equal(np.lexsort((drawn.post, drawn.pre)), np.arange(len(drawn.pre)))
    found = np.zeros((len(post_sizes), len(pre_sizes)), dtype=int)
    post, pre = (
        np.searchsorted(np.cumsum(sizes), x, side="right")
        for sizes, x in ((post_sizes, drawn.post), (pre_sizes, drawn.pre))
    )
    np.add.at(found, (post, pre), 1)
    assert np.array_equal(found, np.array(numbers).reshape(found.shape))


def test_pairs_are_drawn_uniformly() -> None:
    ends = Ends(np.arange(5), np.arange(7))
    drawn = BlockTotalNumber((5,), (3, 4), ((0,), (20_000,))).draw(ends, np.random.default_rng(0))
    counts = np.zeros((7, 5))
    np.add.at(counts, (drawn.post, drawn.pre), 1)
    assert counts[:3].sum() == 0
    assert np.abs(counts[3:] - 1000).max() < 5 * np.sqrt(1000)


def test_blocks_that_do_not_fill_the_ends_are_refused() -> None:
    net = ncl.Network()
    neurons = net.add(ncl.models.LIF, 10, name="neurons")
    net.connect(neurons, neurons, BlockTotalNumber((4, 5), (4, 5), ((1, 1), (1, 1))), target="i_syn")
    with pytest.raises(ncl.NeuroclError, match="blocks hold 9 and 9 neurons, the ends 10 and 10"):
        net.build()


def test_values_come_from_the_distribution_of_their_block() -> None:
    values = Blocks((1000, 3), (normal(-60, 2), uniform(5, 6))).sample(1003, np.random.default_rng(1))
    assert values[:1000].mean() == pytest.approx(-60, abs=0.3) and values[:1000].std() == pytest.approx(2, rel=0.1)
    assert np.all((values[1000:] >= 5) & (values[1000:] <= 6))
    with pytest.raises(ncl.NeuroclError, match="hold 1003 values, asked for 5"):
        Blocks((1000, 3), (normal(-60, 2), uniform(5, 6))).sample(5, np.random.default_rng(1))
