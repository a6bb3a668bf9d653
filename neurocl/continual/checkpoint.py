"""Nested state as one file: tensors as safetensors, everything else as JSON in its metadata. Loading runs no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.files import replacing

__all__ = ["load_state", "save_state"]

FORMAT = "neurocl continual 2"


def save_state(path: Path, state: Any) -> None:
    """Write a state: tensors, numbers, text, None, and lists, tuples and dicts of them.

    Raises
    ------
    NeuroclError
        If it holds something else, or the file cannot be written; what was there before is then still there.
    """
    tensors: dict[str, Tensor] = {}
    metadata = {"format": FORMAT, "state": json.dumps(_encode(state, tensors))}
    with replacing(path) as temporary:
        save_file(tensors or {"none": torch.zeros(0)}, temporary, metadata)


def load_state(path: Path) -> Any:
    """The state in a file; NeuroclError if it is missing, damaged or of another format."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise NeuroclError(f"{path} is no checkpoint of this version; delete it and start again")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        return _decode(json.loads(metadata["state"]), tensors)
    except NeuroclError:
        raise
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise NeuroclError(f"{path} is missing or damaged ({error}); delete it and start again") from None


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """JSON for `value`; tensors are put aside, what JSON lacks is a dict with one key."""
    if isinstance(value, Tensor):
        name = f"t{len(tensors)}"
        # A copy of its own: safetensors takes no tensors that share memory.
        tensors[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": [[_encode(key, tensors), _encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_encode(item, tensors) for item in value]
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise NeuroclError(f"a state holds {shown(value)}, which cannot be saved; use tensors, numbers, text, containers")


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if isinstance(value, dict):
        (kind, content), *_ = value.items()
        if kind == "tensor":
            return tensors[content]
        if kind == "tuple":
            return tuple(_decode(item, tensors) for item in content)
        return {_decode(key, tensors): _decode(item, tensors) for key, item in content}
    return value
