"""Questions to all edges of a projection, answered by one pass over them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["count_multapses", "extent", "incoming", "is_side_by_side", "multapses", "split_rows"]


@njit(cache=True, nogil=True)
def count_multapses(start: NDArray[np.int64], post: NDArray[np.int32]) -> int:
    """How many edges repeat the target of the edge before them in their row; the targets of a row are sorted."""
    total = 0
    for row in range(start.size - 1):
        for edge in range(start[row] + 1, start[row + 1]):
            total += post[edge] == post[edge - 1]
    return total


@njit(cache=True, nogil=True)
def multapses(
    start: NDArray[np.int64], post: NDArray[np.int32], total: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The `total` edges that `count_multapses` counts, as rows: where each row begins, and their targets."""
    again_start, again = np.zeros(start.size, dtype=np.int64), np.empty(total, dtype=np.int32)
    found = 0
    for row in range(start.size - 1):
        for edge in range(start[row] + 1, start[row + 1]):
            if post[edge] == post[edge - 1]:
                again[found] = post[edge]
                found += 1
        again_start[row + 1] = found
    return again_start, again


@njit(cache=True, nogil=True)
def incoming(
    start: NDArray[np.int64], post: NDArray[np.int32], n_post: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint32]]:
    """The same edges seen from their targets: where those of each neuron begin, their numbers, and their rows."""
    place = np.zeros(n_post + 1, dtype=np.int64)
    for target in post:
        place[target + 1] += 1
    place = np.cumsum(place)
    first = place.copy()
    edges, rows = np.empty(post.size, dtype=np.uint32), np.empty(post.size, dtype=np.uint32)
    for row in range(start.size - 1):
        for edge in range(start[row], start[row + 1]):
            at = place[post[edge]]
            edges[at], rows[at] = edge, row
            place[post[edge]] += 1
    return first, edges, rows


@njit(cache=True, nogil=True)
def is_side_by_side(start: NDArray[np.int64], post: NDArray[np.int32]) -> bool:
    """Whether every row's targets are neighbours, without gap or repetition."""
    for row in range(start.size - 1):
        for edge in range(start[row] + 1, start[row + 1]):
            if post[edge] != post[edge - 1] + 1:
                return False
    return True


@njit(cache=True, nogil=True)
def split_rows(start: NDArray[np.int64], post: NDArray[np.int32], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in each row the targets from each bound on begin: int64 [bound, row]; the targets of a row are sorted."""
    found = np.empty((bounds.size, start.size - 1), dtype=np.int64)
    for row in range(start.size - 1):
        for k in range(bounds.size):
            low, high = start[row], start[row + 1]
            while low < high:
                middle = (low + high) // 2
                if post[middle] < bounds[k]:
                    low = middle + 1
                else:
                    high = middle
            found[k, row] = low
    return found


def extent(start: NDArray[np.int64], post: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """First row that has edges and the last + 1, first target and the last + 1; zeros if there are no edges."""
    if not len(post):
        return 0, 0, 0, 0
    rows = np.flatnonzero(np.diff(start))
    return int(rows[0]), int(rows[-1]) + 1, int(post.min()), int(post.max()) + 1
