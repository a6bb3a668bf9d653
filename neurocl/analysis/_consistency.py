"""Checks of multistep regression: whether the slopes r_k mean anything, and whether an exponential describes them.

Correlated   Q = sum over k of n_k r_k^2, n_k pairs, is chi-squared with k_max degrees of freedom for independent
             activity (Ljung & Box 1978, Biometrika 65:297)
Exponential  residual sum of squares against that of the slopes, and against the variances that a bootstrap finds
Width        an interval that spans half of all m tells nothing, as where an offset alone fits
Decay        without an offset, a drift of the rate looks like an exponential that never falls
Source       the questions are those of Wilting & Priesemann (2018), Nature Communications 9:2325, who leave out such
             recordings; the tests are simpler
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

Floats = NDArray[np.float64]

LARGEST_P = 0.01
LARGEST_SHARE = 0.25
"""Of the slopes' sum of squares that a good fit leaves."""
LARGEST_RATIO = 2.0
"""Of the residual sum of squares to the sum of the bootstrap variances."""
LARGEST_WIDTH = 0.5
"""Of the interval of m, which reaches from 0 to 1 at most."""


def inconsistencies(
    slopes: Floats, fitted: Floats, pairs: Floats, variances: Floats, decay: float, width: float
) -> tuple[str, ...]:
    """Return what speaks against the fit, one clause each.

    Parameters
    ----------
    slopes, fitted, pairs, variances : [k], the slopes, the fit, the pairs and the bootstrap variance behind each slope.
    decay : tau in steps; 0 for a fit with offset, which may fall as slowly as it likes.
    width : of the interval of m.
    """
    if chdtrc(len(slopes), float(pairs @ slopes**2)) > LARGEST_P:
        return ("the autocorrelation is not distinguishable from zero; record longer or more neurons",)
    total = float(np.sum(slopes**2))
    left = float(np.sum((slopes - fitted) ** 2))
    found = []
    if left > LARGEST_SHARE * total and left > LARGEST_RATIO * float(variances.sum()):
        share = max(1.0 - left / total, 0.0)
        negative = "; some are negative, as of a rhythm" if np.any(slopes < -3.0 * np.sqrt(variances)) else ""
        found.append(f"the exponential does not fit, it explains {share:.0%} of the slopes r_k{negative}")
    if decay > len(slopes):
        found.append(
            f"the slopes hardly fall until k_max = {len(slopes)}, as of a drift; raise k_max or use"
            " fit='exponential+offset'"
        )
    if width > LARGEST_WIDTH:
        found.append("its interval is too wide to tell anything; record longer or more neurons")
    return tuple(found)
