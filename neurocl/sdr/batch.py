"""Many SDRs of one shape, stored as compressed rows (CSR), with fast overlaps of one SDR with all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import dimensions_of, sdr_of_size, whole_array
from neurocl.sdr._drawing import Drawing, draw, generator_of
from neurocl.sdr._overlap_kernels import count_inverted, invert, overlap_packed
from neurocl.sdr._saving import Saved
from neurocl.sdr.sdr import SDR

__all__ = ["SDRBatch"]


class SDRBatch(Saved):
    """An immutable list of SDRs.

    Parameters
    ----------
    dimensions : of each SDR.
    start : row k holds ``indices[start[k]:start[k + 1]]``; int array [row + 1].
    indices : flat indices of active bits, ascending within each row, uint32.

    Raises
    ------
    NeuroclError
        If the rows are not ascending, an index is out of range, or the arrays do not fit each other.
    """

    def __init__(self, dimensions: int | Sequence[int], start: ArrayLike, indices: ArrayLike) -> None:
        self.dimensions = dimensions_of("SDRBatch", "dimensions", dimensions)
        starts, bits = whole_array("SDRBatch", "start", start), whole_array("SDRBatch", "indices", indices)
        _check_rows(starts, bits, self.size)
        self.start, self.indices = starts.astype(np.int64), bits.astype(np.uint32)
        self.start.flags.writeable = self.indices.flags.writeable = False

    @classmethod
    def of(cls, sdrs: Iterable[SDR]) -> SDRBatch:
        """The batch of these SDRs; they must have equal dimensions."""
        listed = list(sdrs)
        if not listed or any(not isinstance(sdr, SDR) for sdr in listed):
            raise NeuroclError(f"SDRBatch.of: expected one SDR or more, got {shown(listed)}.")
        dimensions = listed[0].dimensions
        for sdr in listed:
            if sdr.dimensions != dimensions:
                raise NeuroclError(f"SDRBatch.of: the SDRs have dimensions {dimensions} and {sdr.dimensions}.")
        start = np.cumsum([0, *(sdr.n_active for sdr in listed)])
        return cls(dimensions, start, np.concatenate([sdr.indices for sdr in listed]))

    @classmethod
    def random(cls, n: int, dimensions: int | Sequence[int], n_active: int, rng: Drawing) -> SDRBatch:
        """`n` independent random SDRs with `n_active` bits each; `rng` is a seed or a generator."""
        shape = dimensions_of("SDRBatch.random", "dimensions", dimensions)
        n = whole_number("SDRBatch.random", "n", n, at_least=1)
        if whole_number("SDRBatch.random", "n_active", n_active) > math.prod(shape):
            raise NeuroclError(f"SDRBatch.random: n_active must be at most {math.prod(shape)} bits, got {n_active}.")
        source = generator_of(rng)
        everything = np.arange(math.prod(shape))
        return cls.of(SDR(shape, draw(source, everything, n_active)) for _ in range(n))

    @property
    def size(self) -> int:
        """Number of bits of each SDR."""
        return math.prod(self.dimensions)

    @cached_property
    def words(self) -> NDArray[np.uint64]:
        """The bits packed, [row, word]; size / 8 bytes per row, made at the first use."""
        words = np.zeros((len(self), -(-self.size // 64)), dtype=np.uint64)
        row = np.repeat(np.arange(len(self)), np.diff(self.start))
        np.bitwise_or.at(words, (row, self.indices >> 6), np.uint64(1) << (self.indices & 63).astype(np.uint64))
        return words

    @cached_property
    def _inverted(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        return invert(self.start, self.indices, self.size)

    def __len__(self) -> int:
        return self.start.size - 1

    def __getitem__(self, row: int) -> SDR:
        if isinstance(row, bool) or not isinstance(row, int | np.integer):
            raise NeuroclError(f"SDRBatch: a row is chosen by a whole number, got {shown(row)}.")
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of a batch of {len(self)}")
        row %= len(self)
        return SDR(self.dimensions, self.indices[self.start[row] : self.start[row + 1]])

    def __iter__(self) -> Iterator[SDR]:
        return (self[row] for row in range(len(self)))

    def overlaps(self, query: SDR, form: Literal["inverted", "packed"] = "inverted") -> NDArray[np.int32]:
        """Overlap of `query` with each SDR, [row].

        Parameters
        ----------
        query : SDR of the same size.
        form : "inverted" counts through an index from bits to SDRs; "packed" counts bits of words, which is faster
            for dense SDRs only. The index or the words are made at the first use and kept.
        """
        sdr = sdr_of_size("SDRBatch.overlaps", "query", query, self.size)
        if form == "packed":
            return overlap_packed(self.words, sdr.words)
        if form != "inverted":
            raise NeuroclError(f"SDRBatch.overlaps: form must be 'inverted' or 'packed', got {shown(form)}.")
        return count_inverted(*self._inverted, sdr.indices, len(self))

    def top(self, query: SDR, k: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The `k` SDRs with the largest overlaps, and these; of equals the first ones."""
        if whole_number("SDRBatch.top", "k", k, at_least=1) > len(self):
            raise NeuroclError(f"SDRBatch.top: k must be at most the {len(self)} stored SDRs, got {k}.")
        found = self.overlaps(query)
        # Distinct keys, largest overlap first and then first row, so that a partition is enough.
        keys = found.astype(np.int64) * len(self) + np.arange(len(self) - 1, -1, -1)
        rows = np.argpartition(keys, len(self) - k)[len(self) - k :]
        rows = rows[np.argsort(-keys[rows])]
        return rows, found[rows]

    def union(self) -> SDR:
        """The bits active in any row."""
        return SDR(self.dimensions, np.unique(self.indices))

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"dimensions": list(self.dimensions)}, {"start": self.start, "indices": self.indices}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> SDRBatch:
        return cls(text["dimensions"], arrays["start"], arrays["indices"])


def _check_rows(start: NDArray[Any], indices: NDArray[Any], size: int) -> None:
    fits = start.size and start[0] == 0 and start[-1] == indices.size
    if not fits or (start[1:] < start[:-1]).any():
        raise NeuroclError("SDRBatch: start must rise from 0 to the number of indices, one number more than rows.")
    if not indices.size:
        return
    if indices.min() < 0 or indices.max() >= size:
        raise NeuroclError(f"SDRBatch: indices must be whole numbers from 0 to {size - 1}.")
    falls = np.flatnonzero(np.diff(indices.astype(np.int64)) <= 0) + 1
    if not np.isin(falls, start).all():
        raise NeuroclError("SDRBatch: the indices of each row must rise; no bit may be named twice.")
