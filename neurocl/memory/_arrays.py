"""Patterns and cues as users give them: arrays, lists or tensors, one or a batch; answers come in the same form."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Form", "is_tensor", "read", "read_binary", "read_bipolar", "read_whole"]

Array = NDArray[Any]


class Form(NamedTuple):
    """How something was given: as one row or as a batch, and as which tensor (None: NumPy)."""

    single: bool
    tensor: Any
    dtype: Any

    def state(self, batch: Array) -> Any:
        """`batch` [row, unit] in this form, of the dtype that was given."""
        return self.of(batch.astype(self.dtype, copy=False))

    def of(self, batch: Array) -> Any:
        """`batch`, whose first axis is the row, in this form."""
        values = batch[0] if self.single else batch
        if self.tensor is None:
            return values.item() if values.ndim == 0 else values
        import torch

        return torch.as_tensor(np.ascontiguousarray(values), device=self.tensor.device)


def is_tensor(values: object) -> bool:
    """Whether `values` is a torch tensor; torch is not loaded to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(values, torch.Tensor)


def read(owner: str, name: str, values: Any, width: int | None = None) -> tuple[Array, Form]:
    """`values` as a NumPy array [row, unit], and the form they came in.

    Raises
    ------
    NeuroclError
        Begun by `owner` and `name`: not numbers, not finite, not one row or a batch of rows, not `width` units wide.
    """
    tensor = values if is_tensor(values) else None
    given = values if tensor is None else tensor.detach().cpu().numpy()
    boolean = isinstance(given, np.ndarray) and given.dtype == np.bool_
    if not boolean and not is_numeric(given):
        raise NeuroclError(f"{owner}: {name} must be numbers in an array without gaps, got {shown(values)}.")
    array = np.asarray(given)
    if array.ndim not in (1, 2) or array.shape[-1] == 0:
        raise NeuroclError(
            f"{owner}: {name} must be one row [unit] or a batch [row, unit], got an array of shape {array.shape}."
        )
    if width is not None and array.shape[-1] != width:
        raise NeuroclError(f"{owner}: {name} must have {width} units, as the memory has, got {array.shape[-1]}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise NeuroclError(f"{owner}: {name} must be finite, got {array[~np.isfinite(array)][0]}.")
    return np.atleast_2d(array), Form(array.ndim == 1, tensor, array.dtype)


def read_bipolar(
    owner: str, name: str, values: Any, width: int | None = None, zero: bool = False
) -> tuple[NDArray[np.int8], Form]:
    """`values` as int8 [row, unit] of -1 and +1, with `zero` also 0; NeuroclError for anything else."""
    array, form = read(owner, name, values, width)
    allowed = np.abs(array) == 1 if array.dtype.kind in "if" else np.zeros(array.shape, dtype=bool)
    if zero:
        allowed |= array == 0
    if not allowed.all():
        kinds = "-1, 0 and +1" if zero else "-1 and +1 (for 0 and 1 write 2 * x - 1 with a signed type)"
        raise NeuroclError(f"{owner}: {name} must consist of {kinds}, got {array[~allowed][0]}.")
    return array.astype(np.int8), form


def read_binary(owner: str, name: str, values: Any, width: int | None = None) -> tuple[NDArray[np.bool_], Form]:
    """`values` as bool [row, unit], given as 0 and 1 or as bool; NeuroclError for anything else."""
    array, form = read(owner, name, values, width)
    if not np.isin(array, (0, 1)).all():
        wrong = array[~np.isin(array, (0, 1))][0]
        raise NeuroclError(f"{owner}: {name} must consist of 0 and 1 (True and False), got {wrong}.")
    return array.astype(np.bool_), form


def read_whole(
    owner: str, name: str, values: Any, width: int | None, low: int, high: int
) -> tuple[NDArray[np.int64], Form]:
    """`values` as int64 [row, unit], whole numbers from `low` to `high`; NeuroclError for anything else."""
    array, form = read(owner, name, values, width)
    wrong = (array < low) | (array > high) | (array != np.round(array))
    if array.dtype.kind == "b" or wrong.any():
        found = array.flat[0] if array.dtype.kind == "b" else array[wrong][0]
        raise NeuroclError(f"{owner}: {name} must be whole numbers from {low} to {high}, got {found}.")
    return array.astype(np.int64), form
