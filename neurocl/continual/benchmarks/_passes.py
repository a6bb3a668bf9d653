"""Endless passes over the same samples, each in a new random order."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from neurocl.continual.seeding import generator

__all__ = ["indices_at"]


def indices_at(seed: int, n: int, start: int, count: int) -> Tensor:
    """Which of n samples are presented at the places start ... start + count - 1 of the stream, int64 [count].

    Pass p is the permutation drawn from child p of the seed's stream "order".
    """
    first, last = start // n, (start + count - 1) // n
    passes = np.concatenate([generator(seed, "order", p).permutation(n) for p in range(first, last + 1)])
    return torch.from_numpy(passes[start - first * n : start - first * n + count])
