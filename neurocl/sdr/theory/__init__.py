"""Closed forms of sparse distributed representations: false matches, misses, unions, thresholds, and their figures."""

from __future__ import annotations

from neurocl.sdr.theory.matching import (
    any_match,
    false_match,
    log10_any_match,
    log10_capacity,
    log10_false_match,
    log10_overlap_probability,
    match_probability,
    overlap_mean,
    overlap_probability,
    overlap_variance,
)
from neurocl.sdr.theory.noise import (
    false_negative,
    false_negative_dropped,
    log10_false_negative,
    log10_false_negative_dropped,
)
from neurocl.sdr.theory.plots import plot_false_match, plot_false_negative, plot_thresholds, plot_union
from neurocl.sdr.theory.threshold import Threshold, optimal_threshold
from neurocl.sdr.theory.unions import (
    log10_union_false_match,
    log10_union_membership,
    union_false_match,
    union_false_match_exact,
    union_membership,
    union_size,
)

__all__ = [
    "Threshold",
    "any_match",
    "false_match",
    "false_negative",
    "false_negative_dropped",
    "log10_any_match",
    "log10_capacity",
    "log10_false_match",
    "log10_false_negative",
    "log10_false_negative_dropped",
    "log10_overlap_probability",
    "log10_union_false_match",
    "log10_union_membership",
    "match_probability",
    "optimal_threshold",
    "overlap_mean",
    "overlap_probability",
    "overlap_variance",
    "plot_false_match",
    "plot_false_negative",
    "plot_thresholds",
    "plot_union",
    "union_false_match",
    "union_false_match_exact",
    "union_membership",
    "union_size",
]
