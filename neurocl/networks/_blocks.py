"""One population that consists of blocks: a connection rule and a distribution that differ from block to block.

Neurons that differ only in numbers belong to one population, even if the literature gives names to parts of it: the
engines then have one loop to compile and to run, not one for each pair of parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurocl.core._edge_drawing import in_canonical_order
from neurocl.core.connectivity import FixedTotalNumber
from neurocl.core.distributions import Distribution
from neurocl.core.ends import Drawn, Ends, Rule
from neurocl.core.errors import NeuroclError

__all__ = ["BlockTotalNumber", "Blocks"]


@dataclass(frozen=True)
class BlockTotalNumber(Rule):
    """Between each pair of blocks its own number of edges, drawn uniformly over all ordered pairs with replacement.

    Parameters
    ----------
    pre_sizes, post_sizes : tuple of int
        Neurons of the consecutive blocks at both ends; their sums are the sizes of the ends.
    numbers : tuple of tuples of int
        Edges, numbers[post block][pre block].
    """

    pre_sizes: tuple[int, ...]
    post_sizes: tuple[int, ...]
    numbers: tuple[tuple[int, ...], ...]

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        sizes = sum(self.pre_sizes), sum(self.post_sizes)
        if sizes != (ends.n_pre, ends.n_post):
            raise NeuroclError(
                f"{ends.where}: the blocks hold {sizes[0]} and {sizes[1]} neurons, the ends {ends.n_pre} and"
                f" {ends.n_post}; give the sizes of all blocks."
            )
        first = [np.cumsum((0, *part)) for part in (self.pre_sizes, self.post_sizes)]
        pre, post = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        for j, row in enumerate(self.numbers):
            for i, n in enumerate(row):
                spans = [slice(edges[k], edges[k + 1]) for edges, k in zip(first, (i, j), strict=True)]
                block = Ends(ends.pre_ids[spans[0]], ends.post_ids[spans[1]], ends.same, where=ends.where)
                drawn = FixedTotalNumber(n).draw(block, rng)
                pre.append(drawn.pre + np.int32(first[0][i]))
                post.append(drawn.post + np.int32(first[1][j]))
        return in_canonical_order(ends, np.concatenate(pre), np.concatenate(post))


@dataclass(frozen=True)
class Blocks(Distribution):
    """Each consecutive block of values from its own distribution.

    Parameters
    ----------
    sizes : tuple of int
        Values in each block; their sum is the number of values that can be drawn.
    parts : tuple of Distribution
        One per block.
    """

    sizes: tuple[int, ...]
    parts: tuple[Distribution, ...]

    def _draw(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        if n != sum(self.sizes):
            raise NeuroclError(f"the blocks hold {sum(self.sizes)} values, asked for {n}; give the sizes of all.")
        return np.concatenate([part.sample(size, rng) for size, part in zip(self.sizes, self.parts, strict=True)])
