"""Pair-based spike-timing dependent plasticity with soft bounds: steps grow small as the weight nears a bound.

Pre spike    w <- w - a_minus y (w - w_min)^mu
Post spike   w <- w + a_plus x (w_max - w)^mu
Traces       as in PairSTDP: x (tau_plus) and y (tau_minus) grow by 1 at a spike; coincident spikes form no pair
Exponent     mu = 1: multiplicative, weights settle between the bounds; mu = 0: hard bounds, as PairSTDP; between: the
             rule of Guetig et al.
Units        time ms; a_plus and a_minus in units of w^(1 - mu)
Source       van Rossum, Bi & Turrigiano (2000), J. Neurosci. 20:8812; Guetig, Aharonov, Rotter & Sompolinsky (2003),
             J. Neurosci. 23:3697.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["SoftSTDP"]

# The distance to a bound is kept from falling below 0 by rounding, where a broken power has no value.
SoftSTDP = SynapseModel(
    name="SoftSTDP",
    doc="Pair STDP with soft bounds (Guetig et al. 2003); mu = 1 multiplicative, mu = 0 hard bounds.",
    pre="dx/dt = -x / tau_plus : 1",
    post="dy/dt = -y / tau_minus : 1",
    on_pre="w = clip(w - a_minus * y * max(w - w_min, 0)**mu, w_min, w_max); x += 1",
    on_post="w = clip(w + a_plus * x * max(w_max - w, 0)**mu, w_min, w_max); y += 1",
    parameters={
        "tau_plus": 20.0, "tau_minus": 20.0, "a_plus": 0.01, "a_minus": 0.0105, "mu": 1.0, "w_min": 0.0, "w_max": 1.0,
    },
    require="tau_plus > 0; tau_minus > 0; mu >= 0; w_min <= w_max",
)  # fmt: skip
