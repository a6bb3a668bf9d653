"""Dense random wiring as one bit per pair of neurons, and the counting of bits.

Where a pair is joined by several synapses, the first is a bit and the others are kept as rows of targets.

The spikes that reach target j in a step are the ones in column j of the rows of all presynaptic neurons that fired.
They are counted for 64 targets at a time: plane k of the counters holds bit k of 64 counts, and eight rows are added
to the planes by a tree of carry-save adders (two bitwise operations for a sum, three for a carry). Six planes count to
63, so at most 56 rows are added before the counts are read out.

Source   carry-save adder trees: Harley and Seal; Warren (2012), Hacker's Delight, 2nd ed., section 5-1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.core.edges import EdgeTable
from neurocl.engines.numba import aligned
from neurocl.engines.numba.edge_scans import count_multapses, extent, multapses

__all__ = ["BLOCK", "bit_fields", "count_bits"]

BLOCK = 512
"""Neurons in a cache line of bits; parts of threads begin at multiples of it."""
_N_PLANES = 6
_ROWS_AT_ONCE = 8
_MOST_ROWS = 56

_U64 = np.uint64
_INNER: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy"}


def bit_fields(edges: EdgeTable) -> dict[str, NDArray[Any]]:
    """The arrays that `count_bits` works on, for a projection with one delay, and the synapses that repeat a pair."""
    first_pre, last_pre, first_post, last_post = extent(edges.start, edges.post)
    first_post -= first_post % BLOCK
    n_words = -(-(last_post - first_post) // 64)
    again_start, again = multapses(edges.start, edges.post, count_multapses(edges.start, edges.post))
    return {
        "_again_start": again_start,
        "_again": again,
        "_bits": _pack_rows(edges.start, edges.post, first_pre, last_pre, first_post, n_words),
        "_bit_range": np.array([first_pre, last_pre, first_post, last_post], dtype=np.int64),
        "_planes": aligned.zeros((_N_PLANES, n_words), np.uint64),
        "_counts": aligned.zeros(64 * n_words, np.uint8),
    }


@njit(cache=True, nogil=True)
def _pack_rows(
    start: NDArray[np.int64], post: NDArray[np.int32], first: int, last: int, first_post: int, n_words: int
) -> NDArray[np.uint64]:
    """Bits of rows `first` to `last` - 1, [row, word], then a row of zeros.

    Target `first_post` + j is bit j % 64 of word j // 64.
    """
    bits = np.zeros((last - first + 1, n_words), dtype=np.uint64)
    for row in range(first, last):
        for edge in range(start[row], start[row + 1]):
            column = post[edge] - first_post
            bits[row - first, column >> 6] |= _U64(1) << _U64(column & 63)
    return bits


@njit(inline="always")
def _sum_and_carry(a: Any, b: Any, c: Any) -> Any:
    both = a ^ b
    return both ^ c, (a & b) | (both & c)


@njit(**_INNER)
def _add_rows(bits: Any, rows: Any, planes: Any, first: int, last: int) -> None:
    """Add eight rows of bits to the counters of the words from `first` to `last`."""
    r0, r1, r2, r3 = (bits[rows[0]][first:last], bits[rows[1]][first:last], bits[rows[2]][first:last],
                      bits[rows[3]][first:last])  # fmt: skip
    r4, r5, r6, r7 = (bits[rows[4]][first:last], bits[rows[5]][first:last], bits[rows[6]][first:last],
                      bits[rows[7]][first:last])  # fmt: skip
    p0, p1, p2 = planes[0][first:last], planes[1][first:last], planes[2][first:last]
    p3, p4, p5 = planes[3][first:last], planes[4][first:last], planes[5][first:last]
    for k in range(r0.size):
        a, two0 = _sum_and_carry(r0[k], r1[k], r2[k])
        b, two1 = _sum_and_carry(r3[k], r4[k], r5[k])
        a, two2 = _sum_and_carry(a, b, r6[k])
        p0[k], two3 = _sum_and_carry(a, r7[k], p0[k])
        a, four0 = _sum_and_carry(two0, two1, two2)
        p1[k], four1 = _sum_and_carry(a, two3, p1[k])
        p2[k], carry = _sum_and_carry(four0, four1, p2[k])
        eight, p3[k] = p3[k] & carry, p3[k] ^ carry
        sixteen, p4[k] = p4[k] & eight, p4[k] ^ eight
        p5[k] ^= sixteen


@njit(inline="always")
def _spread(bits: Any) -> Any:
    """Eight bits as the eight bytes, 0 or 1, of a word."""
    alone = (bits * _U64(0x0101010101010101)) & _U64(0x8040201008040201)
    return ((alone + _U64(0x7F7F7F7F7F7F7F7F)) >> _U64(7)) & _U64(0x0101010101010101)


@njit(**_INNER)
def _read_out(planes: Any, counts: Any) -> None:
    """Counts as bytes, eight to a word of `counts`; `planes` are seen as bytes."""
    p0, p1, p2, p3, p4, p5 = planes[0], planes[1], planes[2], planes[3], planes[4], planes[5]
    for k in range(counts.size):
        count = _spread(_U64(p0[k]))
        count += _spread(_U64(p1[k])) << _U64(1)
        count += _spread(_U64(p2[k])) << _U64(2)
        count += _spread(_U64(p3[k])) << _U64(3)
        count += _spread(_U64(p4[k])) << _U64(4)
        count += _spread(_U64(p5[k])) << _U64(5)
        counts[k] = count


@njit(**_INNER)
def count_bits(
    bits: Any, bit_range: Any, spikes: Any, done: int, count: int, planes: Any, counts: Any, first: int, last: int
) -> int:
    """Count for targets `first` to `last` the spikes from number `done` on, as many as the counters hold.

    Parameters
    ----------
    bits : what `_pack_rows` gives.
    bit_range : first and last + 1 presynaptic neuron, first and last + 1 target of the bitmap.
    spikes, count : the neurons that fired.
    planes : uint64 [plane, word], for use.
    counts : uint8 [targets of the bitmap, rounded up to 64]; receives the counts.
    first, last : targets to count for, within those of the bitmap; `first` at a multiple of 64 or at its beginning.

    Returns
    -------
    int
        Number of the first spike that is not counted yet.
    """
    begin, end = (first - bit_range[2]) >> 6, (last - bit_range[2] + 63) >> 6
    for plane in range(_N_PLANES):
        planes[plane][begin:end] = _U64(0)
    rows = np.empty(_ROWS_AT_ONCE, dtype=np.int64)
    collected, total = 0, 0
    while done < count and total < _MOST_ROWS:
        neuron = spikes[done]
        done += 1
        if bit_range[0] <= neuron < bit_range[1]:
            rows[collected] = neuron - bit_range[0]
            collected += 1
            total += 1
            if collected == _ROWS_AT_ONCE:
                _add_rows(bits, rows, planes, begin, end)
                collected = 0
    if collected > 0:
        rows[collected:] = bits.shape[0] - 1
        _add_rows(bits, rows, planes, begin, end)
    begin, end = 8 * begin, 8 * end
    _read_out(planes.view(np.uint8)[:, begin:end], counts.view(np.uint64)[begin:end])
    return done
