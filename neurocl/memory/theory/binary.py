"""Binary sparse memories: the load of Willshaw's matrix and of clique networks, and the errors that follow.

Willshaw     k ones of n, M patterns: load p1 = 1 - (1 - (k/n)^2)^M; false ones of a recall (n - k) p1^theta;
             best at p1 = 1/2: k = log2 n, M = ln 2 (n/k)^2; then ln 2 = 0.69 bit per synapse as n -> infinity
Cliques      c clusters of l units, M messages: density d = 1 - (1 - 1/l^2)^M; c_e erased clusters are restored in one
             round but for P_e = 1 - (1 - d^(c - c_e))^((l - 1) c_e); a random message is taken for a stored one with
             d^(c (c - 1) / 2); efficiency = 2 M log2(l) / ((c - 1) l^2) bits stored per bit of memory
Source       Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960; Palm (1980), Biol. Cybern. 36:19;
             Gripon & Berrou (2011), IEEE Trans. Neural Netw. 22:1087
"""

from __future__ import annotations

import math

from scipy.special import gammaln

from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = [
    "clique_capacity",
    "clique_density",
    "clique_efficiency",
    "clique_error",
    "clique_false_acceptance",
    "willshaw_capacity",
    "willshaw_false_ones",
    "willshaw_information",
    "willshaw_load",
]


def willshaw_load(n_units: int, n_active: int, n_patterns: int) -> float:
    """Share of ones in the matrix after `n_patterns` pairs of random patterns with `n_active` ones each.

    Slightly less for patterns that are associated with themselves, which set k (k - 1) connections beside the diagonal.
    """
    n, k = _sizes("willshaw_load", n_units, n_active)
    return -math.expm1(whole_number("willshaw_load", "n_patterns", n_patterns) * _log1m((k / n) ** 2))


def willshaw_false_ones(n_units: int, n_active: int, n_patterns: int, threshold: int | None = None) -> float:
    """Expected number of wrong ones in one recall; `threshold` is by default the number of ones.

    Slightly too low, for entries in a row of the matrix are correlated.
    """
    n, k = _sizes("willshaw_false_ones", n_units, n_active)
    theta = k if threshold is None else whole_number("willshaw_false_ones", "threshold", threshold)
    return (n - k) * willshaw_load(n, k, n_patterns) ** theta


def willshaw_capacity(n_units: int, n_active: int) -> float:
    """Patterns that fill half of the matrix, ln 2 (n/k)^2 for k << n; recall then has few false ones if k >= log2 n."""
    n, k = _sizes("willshaw_capacity", n_units, n_active)
    return -math.log(2.0) / _log1m((k / n) ** 2) if k < n else 1.0


def willshaw_information(n_units: int, n_active: int, n_patterns: int) -> float:
    """Bits stored per synapse when recall is right, M log2(binomial(n, k)) / n^2."""
    n, k = _sizes("willshaw_information", n_units, n_active)
    choices = (gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)) / math.log(2.0)
    return whole_number("willshaw_information", "n_patterns", n_patterns) * float(choices) / n**2


def clique_density(n_units: int, n_messages: int) -> float:
    """Share of the possible edges that exist after `n_messages` random messages; `n_units` per cluster."""
    l = whole_number("clique_density", "n_units", n_units, at_least=2)
    return -math.expm1(whole_number("clique_density", "n_messages", n_messages) * math.log1p(-1.0 / l**2))


def clique_error(n_clusters: int, n_units: int, n_messages: int, erased: int) -> float:
    """Probability that one round of decoding does not restore a message with `erased` clusters unknown."""
    c = whole_number("clique_error", "n_clusters", n_clusters, at_least=2)
    erased = whole_number("clique_error", "erased", erased)
    if erased > c:
        raise NeuroclError(f"clique_error: erased must be at most n_clusters = {c}, got {erased}.")
    density = clique_density(n_units, n_messages)
    return -math.expm1((n_units - 1) * erased * _log1m(density ** (c - erased)))


def clique_false_acceptance(n_clusters: int, n_units: int, n_messages: int) -> float:
    """Probability that a random message that was never stored looks like a stored one."""
    c = whole_number("clique_false_acceptance", "n_clusters", n_clusters, at_least=2)
    return clique_density(n_units, n_messages) ** (c * (c - 1) // 2)


def clique_efficiency(n_clusters: int, n_units: int, n_messages: int) -> float:
    """Bits of the messages over bits of the memory, which are c (c - 1) l^2 / 2."""
    return whole_number("clique_efficiency", "n_messages", n_messages) / clique_capacity(n_clusters, n_units)


def clique_capacity(n_clusters: int, n_units: int) -> float:
    """Messages at efficiency 1, (c - 1) l^2 / (2 log2 l): no memory of these bits can hold more."""
    c = whole_number("clique_capacity", "n_clusters", n_clusters, at_least=2)
    l = whole_number("clique_capacity", "n_units", n_units, at_least=2)
    return (c - 1) * l**2 / (2 * math.log2(l))


def _sizes(owner: str, n_units: int, n_active: int) -> tuple[int, int]:
    n = whole_number(owner, "n_units", n_units, at_least=1)
    k = whole_number(owner, "n_active", n_active, at_least=1)
    if k > n:
        raise NeuroclError(f"{owner}: n_active must be at most n_units = {n}, got {k}.")
    return n, k


def _log1m(x: float) -> float:
    """ln(1 - x), minus infinity at 1."""
    return math.log1p(-x) if x < 1.0 else -math.inf
