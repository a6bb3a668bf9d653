"""Different items drawn uniformly, at a cost that does not grow with the number there are to choose from."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["distinct"]

_SMALL = 32  # times as many items as are drawn: up to here a permutation of all is the fastest way


def distinct(n: int, population: int, generator: torch.Generator) -> Tensor:
    """`n` different numbers below `population` in random order, int64 [n]; all of them where there are fewer."""
    if population <= _SMALL * n:
        return torch.randperm(population, generator=generator)[:n]
    found: dict[int, None] = {}
    while len(found) < n:  # of independent draws, the first n different ones are a uniform choice without replacement
        drawn = torch.randint(population, (n - len(found),), generator=generator)
        found.update(dict.fromkeys(drawn.tolist()))
    return torch.tensor(list(found))
