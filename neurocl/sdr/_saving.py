"""One object as one safetensors file: arrays, and a JSON text in the metadata. Loading runs no code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from neurocl.core.errors import NeuroclError

_KEY = "neurocl.sdr"
VERSION = 1


class Saved:
    """Gives `save` and `load` to a class that has `_to_file` and `_from_file`."""

    def save(self, path: str | Path) -> None:
        """Write the object to one file; NeuroclError if the file cannot be written."""
        text, arrays = self._to_file()
        head = json.dumps({"class": type(self).__name__, "version": VERSION, **text}, allow_nan=False)
        target = Path(path)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
            save_file(whole, temporary, metadata={_KEY: head})
            os.replace(temporary, target)
        except (OSError, SafetensorError) as error:
            temporary.unlink(missing_ok=True)
            raise NeuroclError(f"save: {path} cannot be written ({error}); choose another place.") from None

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The object in a file that `save` wrote; NeuroclError for any other file."""
        if not Path(path).is_file():
            raise NeuroclError(f"load: there is no file {path}; give the path that was saved to.")
        try:
            with safe_open(path, framework="numpy") as file:
                text = json.loads((file.metadata() or {})[_KEY])
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            if text.pop("class") != cls.__name__ or text.pop("version") != VERSION:
                raise KeyError
            return cls._from_file(text, arrays)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            detail = f" ({error})" if isinstance(error, NeuroclError) else ""
            raise NeuroclError(f"load: {path} holds no {cls.__name__} to read{detail}; save it again.") from None

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON values and arrays from which the object can be made again."""
        raise NotImplementedError

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The object made of what `_to_file` returned."""
        raise NotImplementedError
