"""Check of arrays that users give: numbers, all finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown


def finite_array(owner: str, name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return the values as float64; NeuroclError, begun by `owner` and `name`, unless they are finite numbers."""
    if not is_numeric(values):
        raise NeuroclError(f"{owner}: {name} must be numbers in an array without gaps, got {shown(values)}.")
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise NeuroclError(f"{owner}: {name} must be finite, got {array[~np.isfinite(array)][0]}.")
    return array
