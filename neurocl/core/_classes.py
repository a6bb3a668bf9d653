"""Labels of samples as users give them, and the classes they name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError, shown


def class_numbers(owner: str, y: ArrayLike, n: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the classes in rising order, and the class of each sample as a number.

    Parameters
    ----------
    owner : the caller, for errors.
    y : array [sample], labels: all numbers or all texts.
    n : number of samples.

    Raises
    ------
    NeuroclError
        Unless `y` holds one label for each sample.
    """
    try:
        labels = np.asarray(y)
        classes, numbers = np.unique(labels, return_inverse=True)
    except (TypeError, ValueError):  # None, or rows of unequal length
        raise NeuroclError(f"{owner}: the labels must be all numbers or all texts, got {shown(y)}.") from None
    if labels.shape != (n,):
        raise NeuroclError(f"{owner}: expected one label for each of {n} samples, got shape {list(labels.shape)}.")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise NeuroclError(f"{owner}: the labels contain NaN or infinity.")
    return classes, numbers.astype(np.int64)
