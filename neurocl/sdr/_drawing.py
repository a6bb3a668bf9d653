"""Drawing without replacement from whatever generator the user gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr.mersenne import MersenneTwister

Drawing = int | np.random.Generator | MersenneTwister
"""A seed, a generator of NumPy, or one that draws as the reference library does."""


def generator_of(rng: Drawing) -> np.random.Generator | MersenneTwister:
    """Return the generator, or a new one if a seed is given."""
    if isinstance(rng, np.random.Generator | MersenneTwister):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise NeuroclError(
            f"rng must be a seed >= 0, a numpy.random.Generator or a MersenneTwister, got {shown(rng)}."
        )
    return np.random.default_rng(rng)


def draw(rng: Drawing, population: NDArray[Any], k: int) -> NDArray[Any]:
    """Return `k` of the population, each at most once."""
    source = generator_of(rng)
    if isinstance(source, MersenneTwister):
        return source.sample(population, k)
    return source.choice(population, k, replace=False)
