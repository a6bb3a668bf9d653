"""A memory as one safetensors file: arrays, and a JSON text under the key "neurocl memory". Reading runs no code."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from neurocl.core.errors import NeuroclError
from neurocl.memory._arrays import Array

__all__ = ["read_file", "write_file"]

_KEY = "neurocl memory"
VERSION = 1


def write_file(path: Path, head: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Write under a temporary name in the same folder, then rename: there is never half a file."""
    text = json.dumps({"version": VERSION, **head}, allow_nan=False)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            temporary = Path(folder) / path.name
            save_file(arrays, temporary, metadata={_KEY: text})
            os.replace(temporary, path)
    except FileNotFoundError:
        raise NeuroclError(f"save: the folder of {path} does not exist; make it first.") from None
    except (OSError, SafetensorError) as error:
        raise NeuroclError(f"save: {path} cannot be written ({getattr(error, 'strerror', None) or error}).") from None


def read_file(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The JSON text of a file, parsed, and its arrays."""
    if not path.is_file():
        raise NeuroclError(f"{path}: there is no such file; give the path that a memory was saved to.")
    try:
        with safe_open(path, framework="numpy") as file:
            head = json.loads((file.metadata() or {})[_KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise NeuroclError(f"{path}: not a saved memory, or cut short ({error}); save the memory again.") from None
    if not isinstance(head, dict) or head.get("version") != VERSION:
        raise NeuroclError(f"{path}: not a memory of version {VERSION}; save it with this neurocl.")
    return head, arrays
