"""Operations on SDRs: overlap, union, intersection, concatenation, noise, subsampling.

Overlap     |A and B|, the number of bits that are active in both
Noise       m = round(fraction * |A|) active bits are switched off, m formerly silent ones on: |A| stays
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.sdr._checks import half_away
from neurocl.sdr._drawing import Drawing, draw
from neurocl.sdr.sdr import SDR

__all__ = ["add_noise", "concatenate", "intersection", "kill_cells", "overlap", "subsample", "union"]


def overlap(a: SDR, b: SDR) -> int:
    """Number of bits active in both."""
    _same_dimensions("overlap", (a, b))
    return int(np.intersect1d(a.indices, b.indices, assume_unique=True).size)


def union(*sdrs: SDR) -> SDR:
    """The bits active in any of the SDRs."""
    _same_dimensions("union", sdrs)
    return SDR(sdrs[0].dimensions, np.unique(np.concatenate([sdr.indices for sdr in sdrs])))


def intersection(*sdrs: SDR) -> SDR:
    """The bits active in all of the SDRs."""
    _same_dimensions("intersection", sdrs)
    common: NDArray[np.uint32] = reduce(lambda a, b: np.intersect1d(a, b, True), [sdr.indices for sdr in sdrs])
    return SDR(sdrs[0].dimensions, common)


def concatenate(*sdrs: SDR, axis: int = 0) -> SDR:
    """The SDRs one behind the other along `axis`; their other dimensions must be equal."""
    _check_sdrs("concatenate", *sdrs)
    n_dimensions = len(sdrs[0].dimensions)
    if isinstance(axis, bool) or not isinstance(axis, int) or not 0 <= axis < n_dimensions:
        raise NeuroclError(f"concatenate: axis must be 0 to {n_dimensions - 1}, got {axis!r}.")
    others = {sdr.dimensions[:axis] + sdr.dimensions[axis + 1 :] for sdr in sdrs}
    if len(others) != 1 or any(len(sdr.dimensions) != n_dimensions for sdr in sdrs):
        listed = ", ".join(str(sdr.dimensions) for sdr in sdrs)
        raise NeuroclError(f"concatenate: the SDRs may differ along axis {axis} only, got dimensions {listed}.")
    shape = list(sdrs[0].dimensions)
    shape[axis] = sum(sdr.dimensions[axis] for sdr in sdrs)
    # A row is all that has one index in the dimensions before `axis`.
    lengths = np.array([int(np.prod(sdr.dimensions[axis:])) for sdr in sdrs])
    starts = np.cumsum(lengths) - lengths
    parts = [
        sdr.indices.astype(np.int64) // length * lengths.sum() + start + sdr.indices % length
        for sdr, length, start in zip(sdrs, lengths, starts, strict=True)
    ]
    return SDR(shape, np.concatenate(parts))


def add_noise(sdr: SDR, fraction: float, rng: Drawing) -> SDR:
    """Move a fraction of the active bits to places that were silent.

    Parameters
    ----------
    sdr : SDR
    fraction : of the active bits that move, 0 to 1.
    rng : seed, `numpy.random.Generator` or `MersenneTwister`.

    Raises
    ------
    NeuroclError
        If there are too few silent bits to move to.
    """
    _check_sdrs("add_noise", sdr)
    moved = half_away(probability("add_noise", "fraction", fraction) * sdr.n_active)
    if moved > sdr.size - sdr.n_active:
        raise NeuroclError(f"add_noise: {moved} bits cannot move, only {sdr.size - sdr.n_active} are silent.")
    off = draw(rng, sdr.indices, moved)
    on = draw(rng, np.setdiff1d(np.arange(sdr.size), sdr.indices, assume_unique=True), moved)
    return SDR(sdr.dimensions, np.concatenate([np.setdiff1d(sdr.indices, off, True), on]).astype(np.int64))


def kill_cells(sdr: SDR, fraction: float, seed: int) -> SDR:
    """Silence round(size * fraction) bits, the same ones for the same seed."""
    _check_sdrs("kill_cells", sdr)
    n_dead = half_away(probability("kill_cells", "fraction", fraction) * sdr.size)
    dead = draw(whole_number("kill_cells", "seed", seed), np.arange(sdr.size), n_dead)
    return SDR(sdr.dimensions, np.setdiff1d(sdr.indices, dead, assume_unique=True))


def subsample(sdr: SDR, n: int, rng: Drawing) -> SDR:
    """Keep `n` of the active bits, as a dendritic segment does."""
    _check_sdrs("subsample", sdr)
    if whole_number("subsample", "n", n) > sdr.n_active:
        raise NeuroclError(f"subsample: n must be at most the {sdr.n_active} active bits, got {n}.")
    return SDR(sdr.dimensions, draw(rng, sdr.indices, n))


def _check_sdrs(function: str, *sdrs: SDR) -> None:
    if not sdrs:
        raise NeuroclError(f"{function}: give at least one SDR.")
    for sdr in sdrs:
        if not isinstance(sdr, SDR):
            raise NeuroclError(f"{function}: expected an SDR, got {shown(sdr)}; those of a batch are given as *batch.")


def _same_dimensions(function: str, sdrs: tuple[SDR, ...]) -> None:
    _check_sdrs(function, *sdrs)
    for sdr in sdrs:
        if sdr.dimensions != sdrs[0].dimensions:
            raise NeuroclError(f"{function}: the SDRs have dimensions {sdrs[0].dimensions} and {sdr.dimensions}.")
