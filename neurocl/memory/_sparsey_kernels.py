"""Code selection of a Sparsey macrocolumn: one winner in each of Q modules of K cells.

Weights are 0 or 1, uint8 [feature, Q K]. A code is int64 [Q]: the cell that won in each module.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = [
    "add_evidence",
    "add_support",
    "associate",
    "best_code",
    "code_images",
    "count_classes",
    "draw_code",
    "familiarity",
]


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


@njit(cache=True, nogil=True, boundscheck=False)
def code_images(
    images: Any, patches: Any, weights: Any, n_set: Any, table: Any, lots: Any, limits: Any, learn: bool, codes: Any
) -> None:
    """Codes [row, column, Q] of images [row, pixel], uint8, by columns that each see a patch [column, n].

    Feature i < n of a patch is active where pixel i is bright, feature n + i where it is dark, so that n are active.
    `table` is V by the number of supporting features, `limits` are (band, freeze, G_min, chi, gamma).
    """
    band, freeze, g_min, chi, gamma = limits
    n, modules = patches.shape[1], codes.shape[2]
    cells = weights.shape[2]
    active, counts = np.empty(n, dtype=np.int64), np.empty(cells, dtype=np.int16)
    share = np.empty(cells, dtype=np.float32)
    for row in range(images.shape[0]):
        for c in range(patches.shape[0]):
            bright = 0
            for i in range(n):
                on = images[row, patches[c, i]]
                bright += on
                active[i] = i if on else n + i
            counts[:] = 0
            for i in active:
                for cell in range(cells):
                    counts[cell] += weights[c, i, cell]
            for cell in range(cells):
                share[cell] = table[counts[cell]]
            lot = lots[row, c * modules : (c + 1) * modules]
            fits = band * n < bright < (1.0 - band) * n
            if learn and fits and n_set[c] < freeze * weights[c].size:
                draw_code(share, lot, familiarity(share, modules), g_min, chi, gamma, codes[row, c])
                n_set[c] += associate(weights[c], active, codes[row, c])
            else:
                best_code(share, lot, codes[row, c])


@njit(cache=True, nogil=True)
def count_classes(codes: Any, labels: Any, counts: Any) -> None:
    """counts[j, cell, class] += 1 for the winner of each module j of all columns, codes [row, j]."""
    for row in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            counts[j, codes[row, j], labels[row]] += 1


@njit(cache=True, nogil=True)
def add_evidence(codes: Any, evidence: Any, scores: Any) -> None:
    """scores[row, class] += evidence[j, winner, class], summed over the modules j."""
    for row in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            scores[row] += evidence[j, codes[row, j]]
