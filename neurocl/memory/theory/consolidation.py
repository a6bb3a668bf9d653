"""How surely consolidated Hebbian learning finds the edges of a pattern that it sees only through noise.

A presentation erases an active unit with probability e and inserts an inactive one with probability i. After r
presentations without decay, an edge is permanent when it was seen at least theta_c times:

True edge            P(Bin(r, (1 - e)^2) >= theta_c)
One end inactive     P(Bin(r, (1 - e) i) >= theta_c)
Both ends inactive   P(Bin(r, i^2) >= theta_c)
"""

from __future__ import annotations

from typing import NamedTuple

from scipy.stats import binom

from neurocl.core._checks import probability, whole_number

__all__ = ["Consolidation", "consolidation"]


class Consolidation(NamedTuple):
    """Probabilities that an edge becomes permanent, by its ends in the pattern: both, one or none active."""

    true_edge: float
    one_inactive: float
    both_inactive: float


def consolidation(presentations: int, threshold: int, erasure: float = 0.0, insertion: float = 0.0) -> Consolidation:
    """Probabilities of consolidation after `presentations`, without decay and without an energy limit.

    Parameters
    ----------
    presentations, threshold : r and theta_c.
    erasure, insertion : e and i.

    Examples
    --------
    >>> consolidation(10, 3, erasure=0.1, insertion=0.01).true_edge > 0.999
    True
    """
    r = whole_number("consolidation", "presentations", presentations)
    least = whole_number("consolidation", "threshold", threshold, at_least=1)
    stays = 1.0 - probability("consolidation", "erasure", erasure)
    comes = probability("consolidation", "insertion", insertion)
    return Consolidation(*(float(binom.sf(least - 1, r, p)) for p in (stays**2, stays * comes, comes**2)))
