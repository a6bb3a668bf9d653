"""Arrays that begin at a cache line: a vector instruction that straddles two lines takes twice as long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["copied", "zeros"]

CACHE_LINE = 64
"""Bytes."""


def zeros(shape: int | tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """As `numpy.zeros`."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + CACHE_LINE, dtype=np.uint8)
    first = -room.ctypes.data % CACHE_LINE
    return room[first : first + size].view(dtype).reshape(shape)


def copied(array: NDArray[Any]) -> NDArray[Any]:
    """A copy of a contiguous array."""
    copy = zeros(array.shape, array.dtype)
    copy[...] = array
    return copy
