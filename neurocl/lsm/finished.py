"""Finished samples of a long presentation, kept in a folder so that an interrupted one can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.files import write_file

__all__ = ["Finished", "fingerprint"]


def fingerprint(*parts: Any) -> str:
    """A hash of arrays and of the text of everything else."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()


class Finished:
    """Arrays that are filled sample by sample, in order, in memory or in files.

    Parameters
    ----------
    folder : where the arrays are; it is made if need be. None: in memory.
    key : what tells this presentation from others.
    arrays : name -> shape and type.

    Attributes
    ----------
    arrays : the arrays, zero where nothing was written yet.
    done : number of finished samples.

    Raises
    ------
    NeuroclError
        If the folder has another presentation.
    """

    def __init__(
        self, folder: str | Path | None, key: str, arrays: Mapping[str, tuple[tuple[int, ...], DTypeLike]]
    ) -> None:
        self.done, self._key, self._state = 0, key, None if folder is None else Path(folder) / "presentation.json"
        self.arrays: dict[str, NDArray[Any]] = {}
        if self._state is None:
            self.arrays = {name: np.zeros(shape, dtype) for name, (shape, dtype) in arrays.items()}
            return
        if self._state.exists():
            found = json.loads(self._state.read_text())
            if found["key"] != key:
                raise NeuroclError(
                    f"present: the folder {folder} holds a presentation of other samples, weights or settings; give"
                    " another folder"
                )
            self.done = found["done"]
        self._state.parent.mkdir(parents=True, exist_ok=True)
        for name, (shape, dtype) in arrays.items():
            file = self._state.parent / f"{name}.npy"
            options: Any = {"mode": "r+"} if self.done else {"mode": "w+", "shape": shape, "dtype": np.dtype(dtype)}
            self.arrays[name] = np.lib.format.open_memmap(file, **options)

    def keep(self, done: int) -> None:
        """Tell that the first `done` samples are in the arrays."""
        self.done = done
        if self._state is not None:
            for array in self.arrays.values():
                if isinstance(array, np.memmap):
                    array.flush()
            write_file(self._state, json.dumps({"key": self._key, "done": done}))
