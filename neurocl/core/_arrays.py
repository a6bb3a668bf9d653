"""Arrays in requests and results: lists of neuron numbers, and arrays that no one changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from neurocl.core.errors import NeuroclError, shown


def read_only(values: ArrayLike, dtype: DTypeLike = None) -> NDArray[Any]:
    """Return the values as a read-only array, copied unless the array given is read-only already."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def neuron_numbers(neurons: ArrayLike, owner: str) -> NDArray[np.int64]:
    """Return neuron numbers as int64 [k]; NeuroclError, begun by `owner`, unless whole and distinct."""
    array = np.asarray(neurons)
    if array.ndim == 1 and array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        hint = "for a mask, numpy.flatnonzero(mask)" if array.dtype.kind == "b" else "such as [0, 5]"
        raise NeuroclError(f"{owner}: expected a slice or a list of neurons ({hint}), got {shown(neurons)}.")
    values, repeats = np.unique(array, return_counts=True)
    if values.size < array.size:
        raise NeuroclError(f"{owner}: neuron {values[repeats > 1][0]} is named twice; name each neuron once.")
    return array.astype(np.int64)


def positions_of(neurons: slice | ArrayLike, labels: NDArray[np.int64], owner: str) -> NDArray[np.int64]:
    """Return where neurons, named by number or by a slice of the labels, stand among the labels.

    NeuroclError, begun by `owner`, for a number that is not among the labels and for an empty selection.
    """
    if isinstance(neurons, slice):
        positions = np.arange(labels.size)[neurons]
    else:
        wanted = neuron_numbers(neurons, owner)
        order = np.argsort(labels, kind="stable")
        positions = order[np.searchsorted(labels, wanted, sorter=order).clip(max=labels.size - 1)]
        missing = wanted[labels[positions] != wanted]
        if missing.size:
            raise NeuroclError(f"{owner}: there is no number {missing[0]}; choose from {_described(labels)}.")
    if not positions.size:
        raise NeuroclError(f"{owner}: {neurons!r} selects none of {labels.size}; name at least one.")
    return positions


def _described(labels: NDArray[np.int64]) -> str:
    """Describe labels in a few words: ``0 to 3199``, or the first ones of a list."""
    if labels[-1] - labels[0] == labels.size - 1 and bool(np.all(np.diff(labels) == 1)):
        return f"{labels[0]} to {labels[-1]}"
    return ", ".join(map(str, labels[:10])) + (", ..." if labels.size > 10 else "")
