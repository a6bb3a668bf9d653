"""What users hand over as numbers (tensors, arrays, lists), as the tensors that a network takes."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError, shown

__all__ = ["as_features", "as_task_label", "as_tensor", "take_features"]


def as_tensor(name: str, values: Any) -> Tensor:
    """Tensor of `values`; NeuroclError, begun by `name`, unless they are numbers of one shape."""
    if isinstance(values, Tensor):
        return values
    try:
        return torch.from_numpy(np.ascontiguousarray(values))
    except (TypeError, ValueError):
        raise NeuroclError(f"{name} must hold numbers, in a tensor, an array or lists, got {shown(values)}") from None


def as_features(name: str, values: Any) -> Tensor:
    """As `as_tensor`, in torch's default floating-point type (float32), which is that of networks."""
    found = as_tensor(name, values)
    if found.is_complex():
        raise NeuroclError(f"{name} must hold real numbers, got {found.dtype}")
    return found.to(torch.get_default_dtype())


def take_features(model: nn.Module) -> None:
    """Make a model of another precision convert the features that it is given."""
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.get_default_dtype())
    if dtype != torch.get_default_dtype():
        model.register_forward_pre_hook(lambda _, inputs: (inputs[0].to(dtype), *inputs[1:]))


def as_task_label(label: Any, n: int) -> int | Tensor:
    """A whole number, or an int64 tensor with one for each of n samples; NeuroclError if `label` is neither."""
    if not isinstance(label, bool) and isinstance(label, numbers.Integral):
        return int(label)
    got = shown(label)
    if isinstance(label, Tensor | np.ndarray | list | tuple):
        found = as_tensor("task_label", label)
        whole = not (found.is_floating_point() or found.is_complex() or found.dtype == torch.bool)
        if whole and found.ndim == 0:
            return int(found)
        if whole and found.shape == (n,):
            return found.long()
        got = f"{found.dtype} of shape {tuple(found.shape)}"
    raise NeuroclError(f"task_label must be a whole number, or one for each of the {n} samples, got {got}")
