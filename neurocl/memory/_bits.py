"""Compiled kernels on packed bits: 64 units per word, overlaps by exclusive or and a count of the ones.

Overlap of two bipolar rows of N units   N - 2 popcount(a XOR b)
Common ones of two binary rows           popcount(a AND b)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = ["common_ones", "distances", "ones", "pack", "unpack", "weighted_sum"]

Words = NDArray[np.uint64]
# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic


@_intrinsic
def ones(context: Any, word: Any) -> Any:
    """Number of ones in a 64-bit word."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        count = builder.module.declare_intrinsic("llvm.ctpop", [ir.IntType(64)])
        return builder.call(count, arguments)

    return types.int64(types.uint64), make


def pack(bits: NDArray[np.bool_]) -> Words:
    """Bits [row, unit] as words [row, ceil(unit / 64)]; the places left over are 0."""
    rows, units = bits.shape
    packed = np.zeros((rows, -(-units // 64) * 8), dtype=np.uint8)
    packed[:, : -(-units // 8)] = np.packbits(bits, axis=1, bitorder="little")
    return packed.view(np.uint64)


def unpack(words: Words, units: int) -> NDArray[np.bool_]:
    """The bits [row, unit] of packed words."""
    return np.unpackbits(words.view(np.uint8), axis=1, count=units, bitorder="little").astype(np.bool_)


@njit(cache=True, nogil=True)
def distances(patterns: Words, cue: Words, result: NDArray[np.int32]) -> None:
    """Number of units in which each row of `patterns` differs from `cue`."""
    words = cue.size
    for row in range(patterns.shape[0]):
        total = 0
        for k in range(words):
            total += ones(patterns[row, k] ^ cue[k])
        result[row] = total


@njit(cache=True, nogil=True)
def common_ones(patterns: Words, cue: Words, result: NDArray[np.int32]) -> None:
    """Number of ones that each row of `patterns` has in common with `cue`."""
    words = cue.size
    for row in range(patterns.shape[0]):
        total = 0
        for k in range(words):
            total += ones(patterns[row, k] & cue[k])
        result[row] = total


@njit(cache=True, nogil=True)
def weighted_sum(weights: NDArray[np.int32], patterns: NDArray[np.int8], result: NDArray[np.int32]) -> None:
    """result[i] = sum over rows of weights[row] patterns[row, i]; four rows at a time, so that result is read less."""
    rows, units = patterns.shape
    result[:] = 0
    whole = rows - rows % 4
    for row in range(0, whole, 4):
        w0, w1, w2, w3 = weights[row], weights[row + 1], weights[row + 2], weights[row + 3]
        p0, p1, p2, p3 = patterns[row], patterns[row + 1], patterns[row + 2], patterns[row + 3]
        for i in range(units):
            result[i] += w0 * np.int32(p0[i]) + w1 * np.int32(p1[i]) + w2 * np.int32(p2[i]) + w3 * np.int32(p3[i])
    for row in range(whole, rows):
        for i in range(units):
            result[i] += weights[row] * np.int32(patterns[row, i])
