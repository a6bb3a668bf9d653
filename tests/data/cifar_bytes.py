"""A small archive in the layout of CIFAR-100, written byte by byte."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RECORD = 2 + 3072


def records(labels: NDArray[np.uint8], seed: int, separable: bool = False) -> bytes:
    """One record per label: coarse label, fine label, random pixels; `separable`: a block whose place is the label."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (len(labels), 3, 32, 32)).astype(np.uint8)
    if separable:
        pixels //= 4
        for image, label in zip(pixels, labels, strict=True):
            row, column = divmod(int(label) % 25, 5)
            image[int(label) // 25 % 3, 6 * row : 6 * row + 6, 6 * column : 6 * column + 6] = 255
    head = np.stack([labels // 5, labels], axis=1).astype(np.uint8)
    return np.concatenate([head, pixels.reshape(len(labels), -1)], axis=1).tobytes()


def write_archive(path: Path, members: dict[str, bytes]) -> str:
    """Write a .tar.gz with these files, and return its MD5 sum."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-100-binary/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return hashlib.md5(path.read_bytes()).hexdigest()
