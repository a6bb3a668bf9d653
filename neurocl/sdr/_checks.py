"""Checks of what users give to the classes of this package; each returns the plain value or says what is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.errors import NeuroclError, shown

if TYPE_CHECKING:
    from neurocl.sdr.sdr import SDR

P = TypeVar("P")

LARGEST_SIZE = 2**32 - 1
"""Bits of an SDR at most: indices are 32-bit numbers."""


def dimensions_of(owner: str, name: str, dimensions: int | Sequence[int]) -> tuple[int, ...]:
    """Return dimensions as a tuple of whole numbers >= 1 whose product fits 32 bits."""
    listed = (dimensions,) if isinstance(dimensions, int | np.integer) else dimensions
    is_list = isinstance(listed, list | tuple | np.ndarray)
    if not is_list or not len(listed):
        raise NeuroclError(f"{owner}: {name} must be a whole number or a list of them, got {shown(dimensions)}.")
    found = tuple(whole_number(owner, f"each number of {name}", value, at_least=1) for value in listed)
    if math.prod(found) > LARGEST_SIZE:
        raise NeuroclError(f"{owner}: {name} = {shown(found)} are more than {LARGEST_SIZE} bits; use fewer.")
    return found


def plain_array(owner: str, name: str, values: ArrayLike) -> NDArray[Any]:
    """Return values as an array; NeuroclError for rows of different lengths."""
    try:
        return np.asarray(values)
    except ValueError:
        raise NeuroclError(f"{owner}: {name} must have rows of one length, got {shown(values)}.") from None


def number_array(owner: str, name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return values as a float64 array; NeuroclError unless all are numbers and none is NaN."""
    array = plain_array(owner, name, values)
    if array.dtype.kind not in "iufb":
        raise NeuroclError(f"{owner}: {name} must be numbers, got {shown(values)}.")
    if np.isnan(array).any():
        raise NeuroclError(f"{owner}: {name} must be numbers, but there is NaN among them.")
    return array.astype(np.float64, copy=False)


def whole_array(owner: str, name: str, values: ArrayLike) -> NDArray[Any]:
    """Return values as an array [number] of whole numbers; NeuroclError unless they are."""
    array = plain_array(owner, name, values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        hint = "; for a mask use SDR.from_dense" if array.dtype.kind == "b" else ""
        raise NeuroclError(f"{owner}: {name} must be a list of whole numbers, got {shown(values)}{hint}.")
    return array if array.size else np.zeros(0, dtype=np.uint32)


def bit_indices(owner: str, indices: ArrayLike, size: int) -> NDArray[np.uint32]:
    """Return flat indices sorted, as a new uint32 array; NeuroclError unless whole, distinct and below `size`."""
    found = np.sort(whole_array(owner, "indices", indices))
    if found.size and (found[0] < 0 or found[-1] >= size):
        wrong = found[0] if found[0] < 0 else found[-1]
        raise NeuroclError(f"{owner}: index {wrong} is out of range; the {size} bits are numbered 0 to {size - 1}.")
    same = np.flatnonzero(found[1:] == found[:-1])
    if same.size:
        raise NeuroclError(f"{owner}: bit {found[same[0]]} is given twice; name each active bit once.")
    return found.astype(np.uint32)


def sparsity_of(owner: str, value: Any) -> float:
    """Return a fraction of active bits; NeuroclError unless 0 < value <= 1."""
    number = finite_number(owner, "sparsity", value)
    if not 0.0 < number <= 1.0:
        raise NeuroclError(f"{owner}: sparsity must be above 0 and at most 1, got {shown(value)}.")
    return number


def sdr_of_size(owner: str, name: str, value: Any, size: int) -> SDR:
    """Return `value`; NeuroclError unless it is an SDR of `size` bits."""
    from neurocl.sdr.sdr import SDR

    if not isinstance(value, SDR):
        raise NeuroclError(f"{owner}: {name} must be an SDR, got {shown(value)}; make one with SDR(size, indices).")
    if value.size != size:
        raise NeuroclError(f"{owner}: {name} must have {size} bits, got {value.size}.")
    return value


def batch_of_size(owner: str, name: str, value: Any, size: int) -> Any:
    """Return `value`; NeuroclError unless it is an SDRBatch of `size` bits."""
    from neurocl.sdr.batch import SDRBatch

    if not isinstance(value, SDRBatch):
        raise NeuroclError(f"{owner}: {name} must be an SDRBatch, got {shown(value)}; make one with SDRBatch.of(sdrs).")
    if value.size != size:
        raise NeuroclError(f"{owner}: {name} must hold SDRs of {size} bits, got {value.size}.")
    return value


def parameters_of(owner: str, value: Any, kind: type[P]) -> P:
    """Return `value`, or the defaults for None; NeuroclError unless it is of this kind."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise NeuroclError(f"{owner}: parameters must be a {kind.__name__}, got {shown(value)}.")
    return value


def half_away(value: float) -> int:
    """Round to the nearest whole number, halves away from zero."""
    return math.floor(value + 0.5) if value >= 0.0 else math.ceil(value - 0.5)
