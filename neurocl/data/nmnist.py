"""N-MNIST: digits as a retina saw them, in events of a sensor that was moved in front of MNIST.

Record       5 bytes: x; y; then a big-endian 24-bit number, whose top bit is the polarity and whose other 23 bits are
             the time in microseconds
Channel      polarity 34^2 + y 34 + x, 2312 of them
Time         t ms = microseconds / 1000, rounded half to even; events outside 0 <= t < n_steps or 34 x 34 are dropped;
             several events of a channel in one ms are one
Files        Train/<digit>/<number>.bin and Test/<digit>/<number>.bin; samples in the order of their numbers
Split        training images 1 to 50 000, validation 50 001 to 60 000, test 10 000
Source       Orchard, Jayawant, Cohen & Thakor (2015), Front. Neurosci. 9:437; rounding and split: published code of
             Ivanov & Michmizos (2021), combra-lab/NALSM
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown

__all__ = ["NMNIST_CHANNELS", "NMNIST_SIDE", "Events", "NMNISTSplit", "nmnist", "read_events"]

NMNIST_SIDE = 34
NMNIST_CHANNELS = 2 * NMNIST_SIDE**2
RECORD = 5
DURATION = 300
"""Steps of a raster by default, ms."""
VALIDATION_FROM = 50_001
"""Number of the first training recording that belongs to the validation part."""


@dataclass(frozen=True, eq=False)
class Events:
    """Events of one recording in the order of the file.

    Attributes
    ----------
    x, y : int64 [event], pixel.
    polarity : int64 [event], 0 or 1.
    time : int64 [event], microseconds.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    polarity: NDArray[np.int64]
    time: NDArray[np.int64]

    def __len__(self) -> int:
        return self.x.size

    def raster(self, n_steps: int = DURATION, first: int = 0) -> NDArray[np.bool_]:
        """Return the events as a raster of 1 ms steps, bool [time, channel].

        Parameters
        ----------
        n_steps : number of steps.
        first : ms at which the raster begins.
        """
        steps = whole_number("Events", "n_steps", n_steps, at_least=1)
        begin = whole_number("Events", "first", first)
        # numpy rounds halves to even, as the published reader does.
        step = np.rint(self.time / 1000.0).astype(np.int64) - begin
        kept = (step >= 0) & (step < steps) & (self.x < NMNIST_SIDE) & (self.y < NMNIST_SIDE)
        channel = self.polarity * NMNIST_SIDE**2 + self.y * NMNIST_SIDE + self.x
        raster = np.zeros((steps, NMNIST_CHANNELS), dtype=bool)
        raster[step[kept], channel[kept]] = True
        return raster


@dataclass(frozen=True, eq=False)
class NMNISTSplit:
    """One part of N-MNIST: its files are read when they are asked for.

    ``part[3]`` is one recording, as `Events`; ``part[10:20]`` or ``part[array of numbers]`` are rasters of 300 ms, bool
    [sample, time, channel]. So a part is what a liquid with encoding="events" takes.

    Attributes
    ----------
    paths : the files, in the order of their numbers.
    labels : int64 [sample], digits.
    """

    paths: tuple[Path, ...]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Events: ...

    @overload
    def __getitem__(self, index: slice | Sequence[int] | NDArray[np.int64]) -> NDArray[np.bool_]: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice) or np.ndim(index) == 1:
            return self._rasters(np.arange(len(self))[index], DURATION)
        return read_events(self.paths[index])

    def rasters(self, n_steps: int = DURATION) -> NDArray[np.bool_]:
        """Return all recordings as rasters, bool [sample, time, channel]: 0.7 MB per sample of 300 steps."""
        return self._rasters(np.arange(len(self)), n_steps)

    def _rasters(self, numbers: NDArray[np.int64], n_steps: int) -> NDArray[np.bool_]:
        steps = whole_number("NMNISTSplit", "n_steps", n_steps, at_least=1)
        found = np.zeros((len(numbers), steps, NMNIST_CHANNELS), dtype=bool)
        for raster, number in zip(found, numbers, strict=True):
            raster[:] = read_events(self.paths[number]).raster(steps)
        return found


def read_events(path: str | os.PathLike[str]) -> Events:
    """Read one recording.

    Raises
    ------
    NeuroclError
        If the file cannot be read, or its length is no multiple of 5 bytes.
    """
    try:
        raw = np.frombuffer(Path(path).read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise NeuroclError(f"{path} cannot be read: {error.strerror}.") from None
    if raw.size % RECORD:
        raise NeuroclError(
            f"{path} is no file of N-MNIST events: expected records of {RECORD} bytes, got {raw.size} bytes; get a"
            " fresh copy."
        )
    record = raw.reshape(-1, RECORD).astype(np.int64)
    number = (record[:, 2] << 16) | (record[:, 3] << 8) | record[:, 4]
    return Events(record[:, 0], record[:, 1], number >> 23, number & 0x7FFFFF)


def nmnist(root: str | os.PathLike[str]) -> dict[str, NMNISTSplit]:
    """Return the parts "train", "valid" and "test" of N-MNIST.

    Parameters
    ----------
    root : folder with the subfolders Train and Test, each with a folder per digit.

    Raises
    ------
    NeuroclError
        If a folder is missing or empty, or a file's name is no number.
    """
    folder = Path(root).expanduser()
    numbers, paths, labels = _recordings(folder / "Train")
    later = int(np.searchsorted(numbers, VALIDATION_FROM))
    _, test_paths, test_labels = _recordings(folder / "Test")
    return {
        "train": NMNISTSplit(paths[:later], labels[:later]),
        "valid": NMNISTSplit(paths[later:], labels[later:]),
        "test": NMNISTSplit(test_paths, test_labels),
    }


def _recordings(folder: Path) -> tuple[NDArray[np.int64], tuple[Path, ...], NDArray[np.int64]]:
    """Numbers, files and digits of all recordings below a folder, in the order of the numbers."""
    found = []
    for digit in range(10):
        for path in (folder / str(digit)).glob("*.bin"):
            if not path.stem.isdecimal():
                raise NeuroclError(f"{path}: expected a name such as 00001.bin, got {shown(path.name)}.")
            found.append((int(path.stem), digit, path))
    if not found:
        raise NeuroclError(
            f"nmnist: {folder} holds no recordings; expected {folder / '0'}, ..., {folder / '9'} with files such as"
            " 00001.bin: unpack N-MNIST there or pass another root."
        )
    found.sort()
    numbers, labels, paths = zip(*found, strict=True)
    return np.array(numbers), tuple(paths), np.array(labels, dtype=np.int64)
