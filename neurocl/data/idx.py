"""Reader for IDX files, the format of MNIST.

Layout       two zero bytes, type code, number of dimensions D, D sizes (big-endian uint32), then the values
             in C order, big-endian
Type codes   0x08 uint8, 0x09 int8, 0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64
Source       Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits"
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an IDX file, gzipped or not.

    Parameters
    ----------
    path : path
        The file. Compression is recognised by content, not by name.

    Returns
    -------
    array
        Shape and type as the header says, in the machine's byte order.

    Raises
    ------
    NeuroclError
        If the file cannot be read, is not IDX, or is shorter or longer than its header says.
    """
    return parse_idx(read_uncompressed(path), str(path))


def read_uncompressed(path: str | os.PathLike[str]) -> bytes:
    """Content of a file, unpacked if it is gzipped.

    Raises
    ------
    NeuroclError
        If the file cannot be read or its gzip stream is damaged.
    """
    try:
        raw = Path(path).read_bytes()
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NeuroclError(f"{path} is a damaged gzip file ({error}); get a fresh copy.") from None
    except OSError as error:
        raise NeuroclError(f"{path} cannot be read: {error.strerror}.") from None


def parse_idx(raw: bytes, name: str) -> NDArray[Any]:
    """Array held by the uncompressed bytes of an IDX file.

    Parameters
    ----------
    raw : bytes
        The whole file.
    name : str
        What error messages call it.

    Raises
    ------
    NeuroclError
        If `raw` is not IDX, or is shorter or longer than its header says.
    """
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in _TYPES or raw[3] == 0:
        raise NeuroclError(
            f"{name} is not an IDX file: expected two zero bytes, a type code and a number of dimensions, "
            f"got bytes {raw[:4].hex(' ') or 'none'}."
        )
    dtype, n_dims = np.dtype(_TYPES[raw[2]]), raw[3]
    header = 4 + 4 * n_dims
    if len(raw) < header:
        raise NeuroclError(f"{name} is truncated: its header takes {header} bytes, got {len(raw)}.")
    shape = tuple(int.from_bytes(raw[i : i + 4], "big") for i in range(4, header, 4))
    # math.prod: sizes in a wrong header overflow a numpy product
    expected = header + math.prod(shape) * dtype.itemsize
    if len(raw) != expected:
        state = "truncated" if len(raw) < expected else "longer than its header says"
        raise NeuroclError(
            f"{name} is {state}: expected {expected} bytes for shape {shape}, got {len(raw)}; "
            f"get a fresh copy."
        )
    # astype copies, so that the result is writable and does not keep `raw` alive
    return np.frombuffer(raw, dtype, offset=header).reshape(shape).astype(dtype.newbyteorder("="))
