"""Finished samples of a long presentation, kept in a folder so that an interrupted one can go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.files import write_file

__all__ = ["Finished", "fingerprint"]

HASH = 16
"""Bytes."""
SAMPLES = "samples"
"""Name of the array of the hashes of the samples."""


def fingerprint(*parts: Any) -> str:
    """A hash of arrays and of the text of everything else."""
    digest = blake2b(digest_size=HASH)
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()


def _hashes(samples: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A hash of each sample, [sample, byte]."""
    plain = samples.astype(bool) if samples.ndim == 3 else samples  # events are 0 or 1; an eighth of the bytes
    digests = b"".join(blake2b(sample.tobytes(), digest_size=HASH).digest() for sample in plain)
    return np.frombuffer(digests, dtype=np.uint8).reshape(-1, HASH)


class Finished:
    """Arrays that are filled sample by sample, in order, in memory or in files.

    Parameters
    ----------
    folder : where the arrays are; it is made if need be. None: in memory.
    key : what tells this presentation from others.
    arrays : name -> shape and type; the first axis of the first one is samples.

    Attributes
    ----------
    arrays : the arrays, zero where nothing was written yet.
    done : number of finished samples.

    Raises
    ------
    NeuroclError
        If the folder has another presentation, or cannot be made.
    """

    def __init__(
        self, folder: str | Path | None, key: str, arrays: Mapping[str, tuple[tuple[int, ...], DTypeLike]]
    ) -> None:
        if not isinstance(folder, str | Path | None):
            raise NeuroclError(f"present: folder must be a path, got {shown(folder)}")
        self.done, self._key, self._state = 0, key, None if folder is None else Path(folder) / "presentation.json"
        self.arrays: dict[str, NDArray[Any]] = {}
        if self._state is None:
            self.arrays = {name: np.zeros(shape, dtype) for name, (shape, dtype) in arrays.items()}
            return
        if self._state.exists():
            found = json.loads(self._state.read_text())
            self._need(found["key"] == key)
            self.done = found["done"]
        try:
            self._state.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NeuroclError(f"present: {folder} cannot be made ({error.strerror}); give another folder") from None
        size = next(iter(arrays.values()))[0][0]
        for name, (shape, dtype) in {**arrays, SAMPLES: ((size, HASH), np.uint8)}.items():
            file = self._state.parent / f"{name}.npy"
            options: Any = {"mode": "r+"} if self.done else {"mode": "w+", "shape": shape, "dtype": np.dtype(dtype)}
            self.arrays[name] = np.lib.format.open_memmap(file, **options)

    def note(self, first: int, samples: NDArray[np.float64]) -> None:
        """Remember what the samples from number `first` on are."""
        if self._state is not None:
            self.arrays[SAMPLES][first : first + len(samples)] = _hashes(samples)

    def compare(self, first: int, samples: NDArray[np.float64]) -> None:
        """NeuroclError unless these are the finished samples from number `first` on."""
        self._need(np.array_equal(self.arrays[SAMPLES][first : first + len(samples)], _hashes(samples)))

    def _need(self, is_the_same: bool) -> None:
        if not is_the_same and self._state is not None:
            raise NeuroclError(
                f"present: the folder {self._state.parent} holds a presentation of other samples, weights or settings;"
                " give another folder"
            )

    def keep(self, done: int) -> None:
        """Tell that the first `done` samples are in the arrays."""
        self.done = done
        if self._state is not None:
            for array in self.arrays.values():
                if isinstance(array, np.memmap):
                    array.flush()
            write_file(self._state, json.dumps({"key": self._key, "done": done}))
