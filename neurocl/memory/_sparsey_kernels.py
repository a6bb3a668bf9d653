"""Code selection of a Sparsey macrocolumn: one winner in each of Q modules of K cells.

Weights are 0 or 1, uint8 [feature, Q K]. A code is int64 [Q]: the cell that won in each module.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["add_support", "associate", "best_code", "draw_code", "familiarity"]


@njit(cache=True, nogil=True, boundscheck=False)
def add_support(weights: Any, active: Any, share: Any) -> None:
    """share <- share * (number of active features with a set weight / number of active features), for each cell.

    Without active features nothing is known, and `share` stays as it is.
    """
    if active.size == 0:
        return
    counts = np.zeros(weights.shape[1], dtype=np.int16)
    for i in active:
        row = weights[i]
        for cell in range(counts.size):
            counts[cell] += row[cell]
    scale = np.float32(1.0) / np.float32(active.size)
    for cell in range(counts.size):
        share[cell] *= counts[cell] * scale


@njit(cache=True, nogil=True)
def familiarity(share: Any, n_modules: int) -> float:
    """G: mean over the modules of the largest support in each."""
    cells = share.size // n_modules
    total = 0.0
    for q in range(n_modules):
        total += share[q * cells : (q + 1) * cells].max()
    return total / n_modules


@njit(cache=True, nogil=True)
def draw_code(share: Any, uniforms: Any, g: float, g_min: float, chi: float, gamma: float, code: Any) -> None:
    """A code for learning: winners by lot, the more certain the more familiar the input is."""
    cells = share.size // code.size
    range_ = max(0.0, (g - g_min) / (1.0 - g_min)) ** chi * gamma * cells
    mu = np.empty(cells)
    for q in range(code.size):
        for k in range(cells):
            mu[k] = range_ / (1.0 + (0.1 * np.exp(-4.0 * (share[q * cells + k] - 1.0))) ** 8) + 1.0
        left = uniforms[q] * mu.sum()
        chosen = 0
        while chosen < cells - 1 and left >= mu[chosen]:
            left -= mu[chosen]
            chosen += 1
        code[q] = chosen


@njit(cache=True, nogil=True)
def best_code(share: Any, uniforms: Any, code: Any) -> None:
    """A code for recognition: the cell with the largest support in each module, equals by lot."""
    cells = share.size // code.size
    for q in range(code.size):
        module = share[q * cells : (q + 1) * cells]
        best = module.max()
        left = int(uniforms[q] * (module == best).sum())
        for k in range(cells):
            if module[k] == best:
                if left == 0:
                    code[q] = k
                    break
                left -= 1


@njit(cache=True, nogil=True)
def associate(weights: Any, active: Any, code: Any) -> int:
    """Set the weights from active features to the winners; how many were 0 before."""
    cells = weights.shape[1] // code.size
    added = 0
    for i in active:
        for q in range(code.size):
            added += 1 - weights[i, q * cells + code[q]]
            weights[i, q * cells + code[q]] = 1
    return added
