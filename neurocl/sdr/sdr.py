"""A sparse distributed representation: n bits of which few are active.

Indices     sorted, distinct flat indices of the active bits (C order), uint32
Words       bit i is bit i mod 64 of the 64-bit word i // 64
Source      Ahmad & Hawkins (2016), arXiv:1601.00720
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import bit_indices, dimensions_of, half_away, plain_array, sparsity_of, whole_array
from neurocl.sdr._drawing import Drawing, draw
from neurocl.sdr._saving import Saved

__all__ = ["SDR"]


class SDR(Saved):
    """An immutable set of active bits.

    Parameters
    ----------
    dimensions : number of bits, or one number per dimension.
    indices : flat indices of the active bits, in any order, each once. Default: none is active.

    Attributes
    ----------
    dimensions : tuple of int.
    indices : sorted uint32 array, read-only.

    Raises
    ------
    NeuroclError
        For an index that is out of range or given twice.

    Examples
    --------
    >>> SDR((4, 4), [5, 1])
    SDR( 4, 4 ) 1, 5
    """

    def __init__(self, dimensions: int | Sequence[int], indices: ArrayLike = ()) -> None:
        self.dimensions = dimensions_of("SDR", "dimensions", dimensions)
        self.indices = bit_indices("SDR", indices, self.size)
        self.indices.flags.writeable = False

    @classmethod
    def from_dense(cls, dense: ArrayLike) -> SDR:
        """The SDR whose active bits are the nonzero ones of an array of 0 and 1 (or False and True)."""
        array = plain_array("SDR", "dense", dense)
        if array.ndim == 0 or array.size == 0 or not np.isin(array, (0, 1)).all():
            raise NeuroclError(f"SDR: dense must be an array of 0 and 1, got {shown(dense)}.")
        return cls(array.shape, np.flatnonzero(array))

    @classmethod
    def from_coordinates(cls, dimensions: int | Sequence[int], coordinates: Sequence[ArrayLike]) -> SDR:
        """The SDR with these active bits: one list of indices per dimension."""
        shape = dimensions_of("SDR", "dimensions", dimensions)
        lists = [whole_array("SDR", "coordinates of one dimension", values) for values in coordinates]
        if len(lists) != len(shape) or len({values.size for values in lists}) != 1:
            raise NeuroclError(f"SDR: coordinates must be {len(shape)} equally long lists, one for each dimension.")
        for values, length in zip(lists, shape, strict=True):
            outside = values[(values < 0) | (values >= length)]
            if outside.size:
                raise NeuroclError(f"SDR: coordinate {outside[0]} is out of range 0 to {length - 1}.")
        return cls(shape, np.ravel_multi_index(tuple(values.astype(np.int64) for values in lists), shape))

    @classmethod
    def random(cls, dimensions: int | Sequence[int], sparsity: float, rng: Drawing) -> SDR:
        """A random SDR with the nearest whole number to size * sparsity active bits (halves are rounded up).

        Parameters
        ----------
        dimensions : as of the class.
        sparsity : fraction of active bits, above 0 and at most 1.
        rng : seed, `numpy.random.Generator` or `MersenneTwister`.
        """
        shape = dimensions_of("SDR.random", "dimensions", dimensions)
        size = math.prod(shape)
        return cls(shape, draw(rng, np.arange(size), half_away(size * sparsity_of("SDR.random", sparsity))))

    @property
    def size(self) -> int:
        """Number of bits."""
        return math.prod(self.dimensions)

    @property
    def n_active(self) -> int:
        """Number of active bits."""
        return self.indices.size

    @property
    def sparsity(self) -> float:
        """Fraction of active bits."""
        return self.indices.size / self.size

    @cached_property
    def words(self) -> NDArray[np.uint64]:
        """The bits packed into 64-bit words, read-only."""
        words = np.zeros(-(-self.size // 64), dtype=np.uint64)
        np.bitwise_or.at(words, self.indices >> 6, np.uint64(1) << (self.indices & 63).astype(np.uint64))
        words.flags.writeable = False
        return words

    def dense(self) -> NDArray[np.bool_]:
        """The bits as a new array of this shape."""
        bits = np.zeros(self.size, dtype=np.bool_)
        bits[self.indices] = True
        return bits.reshape(self.dimensions)

    def coordinates(self) -> tuple[NDArray[np.int64], ...]:
        """The active bits as one array of indices per dimension."""
        return tuple(np.unravel_index(self.indices.astype(np.int64), self.dimensions))

    def at(self, coordinates: Sequence[int]) -> bool:
        """Whether the bit at these coordinates, one per dimension, is active."""
        place = whole_array("SDR.at", "coordinates", coordinates)
        flat = SDR.from_coordinates(self.dimensions, list(place[:, None])).indices[0]
        return bool((self.indices == flat).any())

    def reshape(self, dimensions: int | Sequence[int]) -> SDR:
        """The same bits in other dimensions of the same size."""
        shape = dimensions_of("SDR.reshape", "dimensions", dimensions)
        if math.prod(shape) != self.size:
            raise NeuroclError(f"SDR.reshape: {shape} has {math.prod(shape)} bits, the SDR has {self.size}.")
        return SDR(shape, self.indices)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SDR):
            return NotImplemented
        return self.dimensions == other.dimensions and np.array_equal(self.indices, other.indices)

    def __hash__(self) -> int:
        return hash((self.dimensions, self.indices.tobytes()))

    def __repr__(self) -> str:
        bits = ", ".join(map(str, self.indices.tolist()))
        return f"SDR( {', '.join(map(str, self.dimensions))} ) {bits}".rstrip()

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"dimensions": list(self.dimensions)}, {"indices": self.indices}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> SDR:
        return cls(text["dimensions"], arrays["indices"])
