"""Pair-based spike-timing dependent plasticity and its nearest-neighbour variants.

Window       dw = a_plus exp(-dt / tau_plus) for dt = t_post - t_pre > 0, -a_minus exp(dt / tau_minus) for dt < 0;
             coincident spikes form no pair; w is clipped to [w_min, w_max] after each event
Pairs        PairSTDP: all with all. NearestSTDP (symmetric): each spike with the last of the other side.
             PresynapticNearestSTDP: each presynaptic spike with the last and the next postsynaptic one.
             ReducedNearestSTDP: immediate neighbours only, each spike used once per side.
Units        time ms; a_plus, a_minus in units of w
Source       Song, Miller & Abbott (2000), Nat. Neurosci. 3:919 (defaults); schemes: Morrison, Diesmann & Gerstner
             (2008), Biol. Cybern. 98:459.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["NearestSTDP", "PairSTDP", "PresynapticNearestSTDP", "ReducedNearestSTDP"]

_PARAMETERS = {
    "tau_plus": 20.0,
    "tau_minus": 20.0,
    "a_plus": 0.01,
    "a_minus": 0.0105,
    "w_min": 0.0,
    "w_max": 1.0,
}
_REQUIRE = "tau_plus > 0; tau_minus > 0; w_min <= w_max"
_PRE, _POST = "dx/dt = -x / tau_plus : 1", "dy/dt = -y / tau_minus : 1"

PairSTDP = SynapseModel(
    name="PairSTDP",
    doc="Pair STDP, all-to-all (Song, Miller & Abbott 2000).",
    pre=_PRE,
    post=_POST,
    on_pre="w = clip(w - a_minus * y, w_min, w_max); x += 1",
    on_post="w = clip(w + a_plus * x, w_min, w_max); y += 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)

NearestSTDP = SynapseModel(
    name="NearestSTDP",
    doc="Pair STDP, symmetric nearest neighbour: each spike pairs with the last spike of the other side.",
    pre=_PRE,
    post=_POST,
    on_pre="w = clip(w - a_minus * y, w_min, w_max); x = 1",
    on_post="w = clip(w + a_plus * x, w_min, w_max); y = 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)

# `used` is what of the trace x the last postsynaptic spike has seen already; it decays like x, so x - used counts the
# presynaptic spikes since then, and no flag is needed that coincident spikes could upset.
PresynapticNearestSTDP = SynapseModel(
    name="PresynapticNearestSTDP",
    doc="Pair STDP, presynaptic-centred: each presynaptic spike pairs with its last and its next postsynaptic spike.",
    pre=_PRE,
    post=_POST,
    equations="dused/dt = -used / tau_plus : 1",
    on_pre="w = clip(w - a_minus * y, w_min, w_max); x += 1",
    on_post="w = clip(w + a_plus * (x - used), w_min, w_max); used = x; y = 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)

ReducedNearestSTDP = SynapseModel(
    name="ReducedNearestSTDP",
    doc="Pair STDP, reduced symmetric: only immediate neighbours pair, each spike once per side.",
    pre=_PRE,
    post=_POST,
    equations="""
        dused_x/dt = -used_x / tau_plus  : 1
        dused_y/dt = -used_y / tau_minus : 1
    """,
    on_pre="w = clip(w - a_minus * y * int(y > used_y), w_min, w_max); used_y = y; x = 1",
    on_post="w = clip(w + a_plus * x * int(x > used_x), w_min, w_max); used_x = x; y = 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)
