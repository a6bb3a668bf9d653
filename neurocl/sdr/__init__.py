"""Sparse distributed representations: SDRs and their algebra, and the closed forms of how they match (`theory`)."""

from __future__ import annotations

from neurocl.sdr import theory
from neurocl.sdr.algebra import add_noise, concatenate, intersection, kill_cells, overlap, subsample, union
from neurocl.sdr.batch import SDRBatch
from neurocl.sdr.mersenne import MersenneTwister
from neurocl.sdr.sdr import SDR

__all__ = [
    "SDR",
    "MersenneTwister",
    "SDRBatch",
    "add_noise",
    "concatenate",
    "intersection",
    "kill_cells",
    "overlap",
    "subsample",
    "theory",
    "union",
]
