"""Drawing without replacement from whatever generator the user gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr.mersenne import MersenneTwister

Drawing = int | np.random.Generator | MersenneTwister
"""A seed, a generator of NumPy, or one that draws as the reference library does."""


def draw(rng: Drawing, population: NDArray[Any], k: int) -> NDArray[Any]:
    """Return `k` of the population, each at most once."""
    if isinstance(rng, bool) or not isinstance(rng, Drawing | np.integer):
        raise NeuroclError(f"rng must be a seed, a numpy.random.Generator or a MersenneTwister, got {shown(rng)}.")
    if isinstance(rng, MersenneTwister):
        return rng.sample(population, k)
    generator = np.random.default_rng(rng) if isinstance(rng, int | np.integer) else rng
    return generator.choice(population, k, replace=False)
