"""Sparse distributed representations: the type and its algebra, encoders, the spatial pooler, the temporal memory,
and the closed forms of how SDRs match (`theory`).
"""

from __future__ import annotations

from neurocl.sdr import theory
from neurocl.sdr.algebra import add_noise, concatenate, intersection, kill_cells, overlap, subsample, union
from neurocl.sdr.anomaly_likelihood import AnomalyLikelihood, log_likelihood
from neurocl.sdr.batch import SDRBatch
from neurocl.sdr.classifier import SDRClassifier
from neurocl.sdr.encoders import (
    CategoryEncoder,
    CoordinateEncoder,
    DateEncoder,
    RandomDistributedScalarEncoder,
    ScalarEncoder,
)
from neurocl.sdr.k_winners import KWinners, duty_cycle_entropy, k_winners
from neurocl.sdr.memory_parameters import MemoryParameters
from neurocl.sdr.mersenne import MersenneTwister
from neurocl.sdr.metrics import ActivationFrequency, Metrics, OverlapStatistics, SparsityStatistics
from neurocl.sdr.pooler_parameters import PoolerParameters
from neurocl.sdr.predictor import Predictor
from neurocl.sdr.sdr import SDR
from neurocl.sdr.spatial_pooler import SpatialPooler
from neurocl.sdr.temporal_memory import TemporalMemory
from neurocl.sdr.theory import match_probability

__all__ = [
    "SDR",
    "ActivationFrequency",
    "AnomalyLikelihood",
    "CategoryEncoder",
    "CoordinateEncoder",
    "DateEncoder",
    "KWinners",
    "MemoryParameters",
    "MersenneTwister",
    "Metrics",
    "OverlapStatistics",
    "PoolerParameters",
    "Predictor",
    "RandomDistributedScalarEncoder",
    "SDRBatch",
    "SDRClassifier",
    "ScalarEncoder",
    "SparsityStatistics",
    "SpatialPooler",
    "TemporalMemory",
    "add_noise",
    "concatenate",
    "duty_cycle_entropy",
    "intersection",
    "k_winners",
    "kill_cells",
    "log_likelihood",
    "match_probability",
    "overlap",
    "subsample",
    "theory",
    "union",
]
