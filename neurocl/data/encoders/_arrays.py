"""Checks of the arrays that users hand to the encoders."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError


def as_array(owner: str, name: str, values: ArrayLike) -> NDArray[Any]:
    """The values as an array of any type; NeuroclError if rows differ in length."""
    try:
        return np.asarray(values)
    except ValueError:
        raise NeuroclError(f"{owner}: {name} must be an array, got rows of unequal length.") from None


def real_array(owner: str, name: str, values: ArrayLike) -> NDArray[Any]:
    """The values as a float array (float32 stays float32); NeuroclError if any is not a finite number."""
    array = as_array(owner, name, values)
    if array.dtype.kind not in "fiub":
        raise NeuroclError(f"{owner}: {name} must be an array of real numbers, got type {array.dtype}.")
    array = array.astype(np.result_type(array.dtype, np.float32), copy=False)
    if not np.isfinite(array).all():
        raise NeuroclError(f"{owner}: {name} must hold finite numbers, got NaN or infinity.")
    return array


def array_within(owner: str, name: str, values: ArrayLike, low: float, high: float) -> NDArray[Any]:
    """The values as a float array; NeuroclError unless all lie in [low, high].

    `low` and `high` must be Python floats: numpy then compares in the array's precision, and the float32
    nearest to 0.1 lies in [0, 0.1].
    """
    array = real_array(owner, name, values)
    if array.size and not (array.min() >= low and array.max() <= high):
        raise NeuroclError(
            f"{owner}: {name} must lie in [{low:g}, {high:g}], got values from {array.min():g} to "
            f"{array.max():g}; rescale it first."
        )
    return array
