"""Analysis of activity: spike-train statistics, time scales, criticality, stability and mean-field rates.

Spike trains are given as a `Spikes`, as what a run returns, or as plain times in ms: an array is one train, a list of
arrays are several. A function that needs the window of time takes a `Spikes` only; `as_spikes` makes one. One value per
train is an array, or a float for a single plain train; distances are matrices of all pairs.
"""

from __future__ import annotations

from neurocl.analysis._trains import as_spikes
from neurocl.analysis.autocorrelation import autocorrelation
from neurocl.analysis.avalanches import Avalanches, Crackling, borel, crackling, find_avalanches, mean_interval
from neurocl.analysis.branching import MREstimate, branching_process, mr_estimator, subsampling_factor
from neurocl.analysis.branching_factor import branching_factor, neuron_branching_factors
from neurocl.analysis.correlations import count_correlations, cross_correlogram, mean_correlation
from neurocl.analysis.counts import bin_counts, fano_factor
from neurocl.analysis.fixed_points import FixedPoints, find_fixed_points
from neurocl.analysis.kernel_quality import kernel_quality, separation_rank
from neurocl.analysis.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from neurocl.analysis.lyapunov import (
    LyapunovExponent,
    LyapunovSpectrum,
    lyapunov_spectrum,
    lyapunov_tangent,
    lyapunov_twin,
    rk4_step,
)
from neurocl.analysis.mean_field import brunel_rate, self_consistent_rates, siegert_rate
from neurocl.analysis.power_law import PowerLawFit, fit_power_law, goodness_of_fit, sample_power_law
from neurocl.analysis.rates import smoothed_rate
from neurocl.analysis.synchrony import isi_distance, spike_distance, spike_synchronization
from neurocl.analysis.timescales import Timescales, fit_timescales
from neurocl.analysis.twin_simulations import SpikeDivergence, lyapunov_simulation, spike_divergence
from neurocl.analysis.van_rossum import van_rossum_distance
from neurocl.analysis.variability import cv2, lv, lvr
from neurocl.analysis.victor_purpura import victor_purpura_distance

__all__ = [
    "Avalanches",
    "Crackling",
    "FixedPoints",
    "LikelihoodRatio",
    "LyapunovExponent",
    "LyapunovSpectrum",
    "MREstimate",
    "PowerLawFit",
    "SpikeDivergence",
    "Timescales",
    "as_spikes",
    "autocorrelation",
    "bin_counts",
    "borel",
    "branching_factor",
    "branching_process",
    "brunel_rate",
    "count_correlations",
    "crackling",
    "cross_correlogram",
    "cv2",
    "fano_factor",
    "find_avalanches",
    "find_fixed_points",
    "fit_power_law",
    "fit_timescales",
    "goodness_of_fit",
    "isi_distance",
    "kernel_quality",
    "likelihood_ratio",
    "lv",
    "lvr",
    "lyapunov_simulation",
    "lyapunov_spectrum",
    "lyapunov_tangent",
    "lyapunov_twin",
    "mean_correlation",
    "mean_interval",
    "mr_estimator",
    "neuron_branching_factors",
    "rk4_step",
    "sample_power_law",
    "self_consistent_rates",
    "separation_rank",
    "siegert_rate",
    "smoothed_rate",
    "spike_distance",
    "spike_divergence",
    "spike_synchronization",
    "subsampling_factor",
    "van_rossum_distance",
    "victor_purpura_distance",
]
