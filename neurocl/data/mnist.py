"""MNIST and Fashion-MNIST from their original IDX files.

Nothing is downloaded. A file counts as found only if the MD5 sum of its uncompressed bytes is the published
one, so that a result never rests on a re-packed or damaged copy.

Sources   MNIST: LeCun, Cortes and Burges. Fashion-MNIST: Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.data.dataset import Dataset
from neurocl.data.idx import parse_idx, read_uncompressed
from neurocl.data.places import search_path

_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# MD5 of the uncompressed bytes, in the order of _FILES
_MD5 = {
    "mnist": (
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    "fashion_mnist": (
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
}


def mnist(root: str | os.PathLike[str] | None = None) -> Dataset:
    """Handwritten digits, 28 x 28 pixels, in the official split of 60 000 and 10 000.

    Parameters
    ----------
    root : path, optional
        Folder that holds the four IDX files (gzipped or not), or that holds them in a subfolder ``mnist``;
        only this folder is searched then. Default: ``$NEUROCL_DATA``, then ``shared/data`` beside the
        current folder, beside one of its parents, or beside the repository.

    Returns
    -------
    Dataset
        x of shape [sample, 28, 28], intensity = grey level / 255.

    Raises
    ------
    NeuroclError
        If a file is missing (the message says where it was looked for), damaged, or not the original.
    """
    return _load("mnist", root)


def fashion_mnist(root: str | os.PathLike[str] | None = None) -> Dataset:
    """Articles of clothing, 28 x 28 pixels, in the official split of 60 000 and 10 000.

    Parameters
    ----------
    root : path, optional
        As for :func:`mnist`, with a subfolder ``fashion_mnist``.

    Returns
    -------
    Dataset
        x of shape [sample, 28, 28], intensity = grey level / 255.

    Raises
    ------
    NeuroclError
        If a file is missing (the message says where it was looked for), damaged, or not the original.
    """
    return _load("fashion_mnist", root)


def _load(name: str, root: str | os.PathLike[str] | None) -> Dataset:
    folder = _find_folder(name, search_path(root))
    images_train, labels_train, images_test, labels_test = (
        _read_original(name, _locate(folder, file), md5) for file, md5 in zip(_FILES, _MD5[name], strict=True)
    )
    return Dataset(
        name,
        _intensities(images_train),
        labels_train.astype(np.int64),
        _intensities(images_test),
        labels_test.astype(np.int64),
    )


def _intensities(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.divide(images, 255, dtype=np.float32)


def _find_folder(name: str, search_path: Iterable[Path]) -> Path:
    looked = list(search_path)
    incomplete = ""
    for folder in (candidate for base in looked for candidate in (base / name, base)):
        missing = [file for file in _FILES if not _locate(folder, file).is_file()]
        if not missing:
            return folder
        if len(missing) < len(_FILES) and not incomplete:
            incomplete = f"; {folder} lacks {', '.join(missing)}"
    raise NeuroclError(
        f"{name}: no folder holds its four IDX files ({', '.join(_FILES)}, each with or without .gz), "
        f"looked in {', '.join(map(str, looked))} and a subfolder {name!r} there{incomplete}: "
        f"put the files there, pass root=, or set NEUROCL_DATA."
    )


def _locate(folder: Path, file: str) -> Path:
    """Path of a file, or of its gzipped form where the plain one is not there."""
    plain = folder / file
    return plain if plain.is_file() else folder / f"{file}.gz"


def _read_original(name: str, path: Path, md5: str) -> NDArray[Any]:
    raw = read_uncompressed(path)
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != md5:
        raise NeuroclError(
            f"{path} is not the original file of {name}: its uncompressed bytes have MD5 {found}, "
            f"expected {md5}; get a fresh copy."
        )
    return parse_idx(raw, str(path))
