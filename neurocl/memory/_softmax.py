"""softmax(beta Q K^T) V in one pass over the patterns, with memory that does not grow with their number.

Blocks of patterns are taken one after the other. Of what has been read are kept, per query, the largest score m, the
sum of exp(score - m) and the sum of exp(score - m) V; a larger m rescales both (Milakov & Gimelshein 2018, "Online
normalizer calculation for softmax"). One query takes a compiled loop that reads each pattern once from memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from neurocl.memory._arrays import Array

__all__ = ["associate", "associate_torch", "log_sum_exp", "score_blocks"]

BLOCK = 2048
ROWS = 1024
"""Patterns and queries of one block: 8 MB of scores in float32."""
PART = 32
"""Patterns that one query reads twice, the second time from the cache; a multiple of 4."""


def associate(queries: Array, keys: Array, values: Array, beta: float) -> Array:
    """softmax(beta queries keys^T) values, [query, value unit]; all of one float type."""
    if len(queries) == 1:
        result = np.zeros((1, values.shape[1]), dtype=values.dtype)
        _associate_one(queries[0] * queries.dtype.type(beta), keys, values, result[0])
        return result
    parts = [_associate_block(queries[k : k + ROWS], keys, values, beta) for k in range(0, len(queries), ROWS)]
    return np.concatenate(parts) if parts else np.zeros((0, values.shape[1]), dtype=values.dtype)


def _associate_block(queries: Array, keys: Array, values: Array, beta: float) -> Array:
    scaled = queries * queries.dtype.type(beta)
    top = np.full((len(queries), 1), -np.inf, dtype=queries.dtype)
    total = np.zeros((len(queries), 1), dtype=queries.dtype)
    result = np.zeros((len(queries), values.shape[1]), dtype=values.dtype)
    scores = np.empty((len(queries), min(BLOCK, len(keys))), dtype=queries.dtype)
    for k in range(0, len(keys), BLOCK):
        part = keys[k : k + BLOCK]
        block = (
            scores[:, : len(part)] if len(part) == scores.shape[1] else np.empty((len(queries), len(part)), part.dtype)
        )
        np.matmul(scaled, part.T, out=block)
        new = np.maximum(top, block.max(axis=1, keepdims=True))
        shrink = np.exp(top - new)
        block -= new
        np.exp(block, out=block)
        total = total * shrink + block.sum(axis=1, keepdims=True)
        result *= shrink
        result += block @ values[k : k + BLOCK]
        top = new
    return np.asarray(result / total)


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _associate_one(query: Any, keys: Any, values: Any, result: Any) -> None:
    """`result` += the association of a query that already holds beta; PART patterns stay in the cache for both uses.

    Patterns come in fours, so that the query and the result are read less often. Places beyond the last pattern
    repeat it, with weight 0.
    """
    scores = np.empty(PART, dtype=keys.dtype)
    last = keys.shape[0] - 1
    top, total = -np.inf, 0.0
    for first in range(0, keys.shape[0], PART):
        count = min(PART, keys.shape[0] - first)
        new = top
        for k in range(first, first + count, 4):
            a, b, c, d = keys[k], keys[min(k + 1, last)], keys[min(k + 2, last)], keys[min(k + 3, last)]
            w = x = y = z = keys.dtype.type(0)
            for i in range(query.size):
                w += a[i] * query[i]
                x += b[i] * query[i]
                y += c[i] * query[i]
                z += d[i] * query[i]
            scores[k - first], scores[k - first + 1], scores[k - first + 2], scores[k - first + 3] = w, x, y, z
            new = max(new, w, x, y, z)
        if new > top:
            shrink = np.exp(top - new)
            total *= shrink
            for i in range(result.size):
                result[i] *= shrink
            top = new
        for k in range(PART):
            scores[k] = np.exp(scores[k] - top) if k < count else 0
            total += scores[k]
        for k in range(first, first + count, 4):
            a, b, c, d = values[k], values[min(k + 1, last)], values[min(k + 2, last)], values[min(k + 3, last)]
            w, x, y, z = scores[k - first], scores[k - first + 1], scores[k - first + 2], scores[k - first + 3]
            for i in range(result.size):
                result[i] += w * a[i] + x * b[i] + y * c[i] + z * d[i]
    for i in range(result.size):
        result[i] /= total


def score_blocks(queries: Array, keys: Array, beta: float) -> Any:
    """Yield slices of queries and their scores beta q K^T against all patterns, float64, a few million at a time."""
    rows = max(1, 2**21 // max(len(keys), 1))
    for k in range(0, len(queries), rows):
        some = slice(k, k + rows)
        yield some, beta * (queries[some].astype(np.float64) @ keys.T.astype(np.float64))


def log_sum_exp(queries: Array, keys: Array, beta: float) -> Array:
    """ln sum_mu exp(beta q x_mu) of each query, float64, over blocks of patterns."""
    top = np.full(len(queries), -np.inf)
    total = np.zeros(len(queries))
    for k in range(0, len(keys), BLOCK):
        scores = beta * (queries @ keys[k : k + BLOCK].T).astype(np.float64)
        new = np.maximum(top, scores.max(axis=1))
        total = total * np.exp(top - new) + np.exp(scores - new[:, None]).sum(axis=1)
        top = new
    return np.asarray(top + np.log(total))


def associate_torch(queries: Any, keys: Any, values: Any, beta: float) -> Any:
    """The same for tensors of one device: torch's fused attention, which never forms the scores."""
    from torch.nn.functional import scaled_dot_product_attention

    q, k, v = (x.unsqueeze(0).unsqueeze(0) for x in (queries, keys, values))
    return scaled_dot_product_attention(q, k, v, scale=beta)[0, 0]
