"""Correlations between spike trains.

Correlogram  C(k) = number of pairs with t_b - t_a in ((k - 1/2) w, (k + 1/2) w]
Counts       r_ij = cov(n_i, n_j) / sqrt(var(n_i) var(n_j)), n the spike counts in bins
Mean         of r_ij over all pairs i < j
Units        times, lags and w in ms
Source       Perkel et al. (1967), Biophys. J. 7:419; Cohen & Kohn (2011), Nat. Neurosci. 14:811
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from neurocl.analysis._bins import whole_bins
from neurocl.analysis._trains import Trains, one_train
from neurocl.core._checks import non_negative_number, positive_number
from neurocl.core._events import TIME_TOLERANCE
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError

__all__ = ["count_correlations", "cross_correlogram", "mean_correlation"]


def cross_correlogram(
    a: Trains, b: Trains, max_lag: float = 50.0, bin_width: float = 1.0
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the pairs of spikes of two trains at each lag.

    Parameters
    ----------
    a, b : float array [spikes], or Spikes of one neuron
        Spike times in ms, in any order. ``spikes.times`` pools a population. With `b` the same as `a`, each spike makes
        a pair with itself at lag 0.
    max_lag : float
        Centre of the last bin in ms, rounded down to a whole number of bins. Default 50.
    bin_width : float
        Width of a bin in ms. Default 1.

    Returns
    -------
    counts : int64 array [2 K + 1]
        Pairs in each bin; a bin holds its right edge. K = floor(max_lag / bin_width).
    lags : float64 array [2 K + 1]
        Centres of the bins in ms. A positive lag means that `b` fires after `a`.
    """
    width = positive_number("cross_correlogram", "bin_width", bin_width)
    last = int(non_negative_number("cross_correlogram", "max_lag", max_lag) / width * (1.0 + 1e-12))
    lags = np.arange(-last, last + 1, dtype=np.float64) * width
    edges = np.append(lags - width / 2.0, lags[-1] + width / 2.0) + TIME_TOLERANCE
    first, second = one_train(a, "cross_correlogram", "a"), one_train(b, "cross_correlogram", "b")
    counts: NDArray[np.int64] = np.diff(_pairs_up_to(first, second, edges))
    return counts, lags


@njit(cache=True)
def _pairs_up_to(a: NDArray[np.float64], b: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of pairs with b - a <= edge for each edge: one pass per edge, however dense the spikes are."""
    pairs = np.zeros(edges.size, np.int64)
    for k in range(edges.size):
        reached = 0
        for time in a:
            while reached < b.size and b[reached] - time <= edges[k]:
                reached += 1
            pairs[k] += reached
    return pairs


def count_correlations(spikes: Spikes, bin_width: float) -> NDArray[np.float64]:
    """Return the correlation coefficient of the spike counts of all pairs of neurons.

    Parameters
    ----------
    spikes : Spikes
        The spikes; `as_spikes` makes one of plain trains.
    bin_width : float
        Width of the counting bins in ms. A rest of the window shorter than a bin is left out.

    Returns
    -------
    float64 array [n, n]
        Symmetric, 1 on the diagonal. NaN in row and column of a neuron whose count is the same in all bins.

    Raises
    ------
    NeuroclError
        If the window is shorter than two bins.
    """
    bins, counts = _sparse_counts(spikes, bin_width, "count_correlations")
    sums = counts.sum(axis=0)
    products = (counts.T @ counts).toarray()
    covariance = products - np.outer(sums, sums) / bins
    variance, varies = _variance(np.diagonal(products), sums, bins)
    with np.errstate(invalid="ignore", divide="ignore"):  # neurons that do not vary
        correlations = covariance / np.sqrt(np.outer(variance, variance))
    correlations[~varies, :] = correlations[:, ~varies] = np.nan
    correlations[varies, varies] = 1.0
    return np.clip(correlations, -1.0, 1.0)


def mean_correlation(spikes: Spikes, bin_width: float) -> float:
    """Return the mean count correlation over all pairs of neurons whose counts vary.

    Equal to the mean of `count_correlations` off the diagonal, in a time that goes with the number of spikes.

    Parameters
    ----------
    spikes, bin_width
        As in `count_correlations`.

    Returns
    -------
    float
        NaN if fewer than two neurons vary.
    """
    bins, counts = _sparse_counts(spikes, bin_width, "mean_correlation")
    sums = counts.sum(axis=0)
    variance, varies = _variance((counts * counts).sum(axis=0), sums, bins)
    n = int(np.count_nonzero(varies))
    if n < 2:
        return float("nan")
    scale = np.where(varies, 1.0 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
    # The variance of the sum of n standardised counts is n + n (n - 1) times their mean correlation.
    total = counts @ scale - sums @ scale / bins
    return float((total @ total - n) / (n * (n - 1)))


def _sparse_counts(spikes: Spikes, bin_width: float, owner: str) -> tuple[int, sparse.csr_array]:
    """Return the number of whole bins, and the counts [bin, neuron] in them."""
    bins, number = whole_bins(spikes, bin_width, owner)
    if bins < 2:
        raise NeuroclError(f"{owner}: a correlation needs two bins or more; the window holds {bins} of {bin_width} ms.")
    inside = number < bins
    where = (number[inside], spikes.indices[inside])
    ones = np.ones(where[0].size)
    return bins, sparse.coo_array((ones, where), shape=(bins, spikes.n)).tocsr()


def _variance(
    squares: NDArray[np.float64], sums: NDArray[np.float64], bins: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return `bins` times the variance of each count, and whether it is above 0: exact, for counts are whole."""
    scaled = squares * bins - sums * sums
    return scaled / bins, scaled > 0.0
