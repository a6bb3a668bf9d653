"""Rows of real numbers on one device: NumPy arrays, or torch tensors when a device is named."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurocl.core.errors import NeuroclError, shown
from neurocl.memory._arrays import Array, Form, is_tensor, read
from neurocl.memory._softmax import associate, associate_torch

__all__ = ["DTYPES", "Rows"]

DTYPES = ("float32", "float64")


class Rows:
    """Reads, keeps and associates rows of one dtype.

    Parameters
    ----------
    owner : begins the messages of errors.
    dtype : "float32" or "float64".
    device : None for NumPy, else a torch device such as "cpu" or "cuda".
    """

    def __init__(self, owner: str, dtype: str, device: str | None) -> None:
        if dtype not in DTYPES:
            raise NeuroclError(f"{owner}: dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}.")
        self.owner, self.dtype, self.device = owner, dtype, device
        if device is not None:
            self._check_device(device)

    def _check_device(self, device: str) -> None:
        try:
            import torch
        except ImportError:
            raise NeuroclError(f'{self.owner}: device={device!r} needs torch: pip install "neurocl[torch]".') from None
        try:
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError, TypeError) as error:
            reason = str(error).split("\n")[0]
            raise NeuroclError(f"{self.owner}: device {shown(device)} cannot be used ({reason}).") from None

    def read(self, name: str, values: Any, width: int | None) -> tuple[Any, Form]:
        """`values` as [row, unit] on the device, and the form they came in; see `_arrays.read` for the errors."""
        if self.device is not None and is_tensor(values) and values.is_floating_point():
            import torch

            tensor = values.detach()
            if tensor.ndim in (1, 2) and tensor.shape[-1] == width and bool(torch.isfinite(tensor).all()):
                return self.place(torch.atleast_2d(tensor)), Form(tensor.ndim == 1, values, None)
        array, form = read(self.owner, name, values, width)
        return self.place(array), form

    def place(self, values: Any) -> Any:
        """NumPy rows or a tensor, on the device and of the dtype."""
        if self.device is None:
            return np.ascontiguousarray(values, dtype=self.dtype)
        import torch

        return torch.as_tensor(values, dtype=getattr(torch, self.dtype), device=self.device)

    def give(self, rows: Any, form: Form) -> Any:
        """`rows` in the form of a cue; its dtype, unless the cue was of whole numbers."""
        values = rows[0] if form.single else rows
        if form.tensor is not None:
            import torch

            wanted = form.tensor.dtype if form.tensor.is_floating_point() else getattr(torch, self.dtype)
            return torch.as_tensor(values, dtype=wanted, device=form.tensor.device)
        array = self.numpy(values)
        return array.astype(form.dtype, copy=False) if form.dtype.kind == "f" else array

    @staticmethod
    def numpy(rows: Any) -> Array:
        """`rows` as a NumPy array."""
        return np.asarray(rows.cpu().numpy() if is_tensor(rows) else rows)

    def associate(self, queries: Any, keys: Any, values: Any, beta: float) -> Any:
        """softmax(beta queries keys^T) values."""
        return (associate if self.device is None else associate_torch)(queries, keys, values, beta)

    @staticmethod
    def join(first: Any, second: Any) -> Any:
        """Both, one after the other."""
        if is_tensor(first):
            import torch

            return torch.cat([first, second])
        return np.concatenate([first, second])

    @classmethod
    def distances(cls, first: Any, second: Any) -> Array:
        """Euclidean distance of each row of one to the same row of the other, float64."""
        return np.asarray(cls.numpy(((first - second) ** 2).sum(-1)).astype(np.float64) ** 0.5)
