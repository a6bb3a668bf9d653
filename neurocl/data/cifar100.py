"""CIFAR-100 from its original archive, the "binary version".

Nothing is downloaded, nothing is unpacked on disk, and no pickle is read. The archive counts as found only if its MD5
sum is the published one.

Record    coarse label (1 byte, 0 to 19), fine label (1 byte, 0 to 99), 3072 pixels: red, green, blue, each 32 x 32 in
          row order
Source    Krizhevsky (2009), Learning multiple layers of features from tiny images.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset
from neurocl.data.places import search_path

__all__ = ["cifar100"]

ARCHIVE = "cifar-100-binary.tar.gz"
MEMBERS = ("cifar-100-binary/train.bin", "cifar-100-binary/test.bin")
SHAPE = (3, 32, 32)
RECORD = 2 + 3 * 32 * 32
_MD5 = "03b5dce01913d631647c71ecec9e9cb8"


def cifar100(root: str | os.PathLike[str] | None = None) -> Dataset:
    """Colour images of 100 classes, 32 x 32 pixels, in the official split of 50 000 and 10 000.

    Parameters
    ----------
    root : path, optional
        Folder that holds cifar-100-binary.tar.gz, itself or in a subfolder ``cifar100``; only this folder is searched
        then. Default: as for `mnist`.

    Returns
    -------
    Dataset
        x of shape [sample, 3, 32, 32] (red, green, blue), intensity = level / 255; y are the 100 fine labels. It takes
        0.75 GB.

    Raises
    ------
    NeuroclError
        If the archive is missing (the message says where it was looked for), damaged, or not the original.
    """
    raw = _read(_find(root))
    parts = [_records(raw, member) for member in MEMBERS]
    return Dataset("cifar100", *parts[0], *parts[1])


def _find(root: str | os.PathLike[str] | None) -> Path:
    looked = search_path(root)
    for path in (folder / ARCHIVE for base in looked for folder in (base / "cifar100", base)):
        if path.is_file():
            return path
    raise NeuroclError(
        f"cifar100: no folder holds {ARCHIVE} (the binary version, as it is downloaded), looked in"
        f" {', '.join(map(str, looked))} and a subfolder 'cifar100' there: put the archive there, pass root=, or set"
        " NEUROCL_DATA."
    )


def _read(path: Path) -> dict[str, bytes]:
    """The two files of the archive, once its sum is known to be right."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise NeuroclError(f"{path} cannot be read: {error.strerror}.") from None
    found = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    if found != _MD5:
        raise NeuroclError(
            f"{path} is not the original archive of CIFAR-100, binary version: it has MD5 {found}, expected {_MD5}; get"
            " a fresh copy."
        )
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            files = {member: archive.extractfile(member) for member in MEMBERS}
            return {member: file.read() for member, file in files.items() if file is not None}
    except (KeyError, EOFError, OSError, tarfile.TarError, zlib.error) as error:
        raise NeuroclError(f"{path} cannot be unpacked ({error}); get a fresh copy.") from None


def _records(raw: dict[str, bytes], member: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    content = raw.get(member, b"")
    if not content or len(content) % RECORD:
        raise NeuroclError(
            f"cifar100: {member} must hold records of {RECORD} bytes, got {len(content)} bytes; get a fresh copy of the"
            " archive."
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    x = np.divide(records[:, 2:].reshape(-1, *SHAPE), 255, dtype=np.float32)
    return x, records[:, 1].astype(np.int64)
