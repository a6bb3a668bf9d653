"""What a run is made of, as numbers, texts, lists and dicts: two runs are the same if these are equal."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from torch import Tensor, nn

from neurocl.continual.plugin import Plugin
from neurocl.core.errors import shown

__all__ = ["described", "difference"]


def described(value: Any) -> Any:
    """`value` as JSON would hold it.

    Settings, dataclasses and plug-ins are told by their content, arrays by a digest of it, networks by their printout,
    functions and all else by name.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((described(item) for item in value), key=str)
    if isinstance(value, list | tuple | range):
        return [described(item) for item in value]
    if isinstance(value, Tensor | np.ndarray):
        array = np.ascontiguousarray(value.detach().cpu() if isinstance(value, Tensor) else value)
        return f"{array.dtype}{list(array.shape)} {blake2b(array.tobytes(), digest_size=8).hexdigest()}"
    if isinstance(value, functools.partial):
        return [described(part) for part in (value.func, value.args, value.keywords)]
    if isinstance(value, nn.Module):
        return str(value)
    kind = type(value).__name__
    if is_dataclass(value) and not isinstance(value, type):
        return {"kind": kind, **{f.name: described(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, Plugin):
        return {"kind": kind, **described(vars(value))}
    return getattr(value, "__qualname__", kind)


def difference(there: Any, here: Any, name: str = "") -> str | None:
    """Where two descriptions differ first, for a message; None if they are equal."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**there, **here}:
            inside = difference(there.get(key), here.get(key), f"{name}.{key}" if name else key)
            if inside:
                return inside
        return None
    return None if there == here else f"{name}: {shown(there, 40)} there, {shown(here, 40)} here"
