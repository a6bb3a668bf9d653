"""Triplet spike-timing dependent plasticity: pairs and triplets of spikes change the weight.

Traces       pre r1 (tau_plus), r2 (tau_x); post o1 (tau_minus), o2 (tau_y); all decay exponentially
Pre spike    w <- w - o1 (a2_minus + a3_minus r2)
Post spike   w <- w + r1 (a2_plus + a3_plus o2); r2 and o2 as they were before the spike
Then         TripletSTDP: the traces of the neuron that fired grow by 1 (all spikes interact).
             NearestTripletSTDP: they become 1 (each spike interacts with the last ones only).
             Coincident spikes form no pair; w is clipped to [w_min, w_max] after each event.
Units        time ms; a2 and a3 in units of w
Source       Pfister & Gerstner (2006), J. Neurosci. 26:9673; defaults: visual cortex, all-to-all, full model.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["TRIPLET_SETS", "NearestTripletSTDP", "TripletSTDP"]


def _set(
    a2_plus: float, a3_plus: float, a2_minus: float, a3_minus: float, tau_x: float, tau_y: float
) -> dict[str, float]:
    return {
        "a2_plus": a2_plus, "a3_plus": a3_plus, "a2_minus": a2_minus, "a3_minus": a3_minus,
        "tau_plus": 16.8, "tau_minus": 33.7, "tau_x": tau_x, "tau_y": tau_y,
    }  # fmt: skip


TRIPLET_SETS: dict[str, dict[str, float]] = {
    "visual cortex": _set(5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0),
    "visual cortex, minimal": _set(0.0, 6.5e-3, 7.1e-3, 0.0, 101.0, 114.0),
    "visual cortex, nearest": _set(8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714.0, 40.0),
    "hippocampus": _set(6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0),
    "hippocampus, minimal": _set(5.3e-3, 8e-3, 3.5e-3, 0.0, 946.0, 40.0),
}
"""Fits of Pfister & Gerstner (2006), for TripletSTDP but where named nearest. A minimal set has no a3_minus, so its
tau_x is without effect."""

_PARAMETERS = {**TRIPLET_SETS["visual cortex"], "w_min": 0.0, "w_max": 1.0}
_REQUIRE = "tau_plus > 0; tau_minus > 0; tau_x > 0; tau_y > 0; w_min <= w_max"
_PRE = "dr1/dt = -r1 / tau_plus : 1; dr2/dt = -r2 / tau_x : 1"
_POST = "do1/dt = -o1 / tau_minus : 1; do2/dt = -o2 / tau_y : 1"
_DEPRESS = "w = clip(w - o1 * (a2_minus + a3_minus * r2), w_min, w_max)"
_POTENTIATE = "w = clip(w + r1 * (a2_plus + a3_plus * o2), w_min, w_max)"

TripletSTDP = SynapseModel(
    name="TripletSTDP",
    doc="Triplet STDP, all-to-all (Pfister & Gerstner 2006); other fits in TRIPLET_SETS.",
    pre=_PRE,
    post=_POST,
    on_pre=f"{_DEPRESS}; r1 += 1; r2 += 1",
    on_post=f"{_POTENTIATE}; o1 += 1; o2 += 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)

NearestTripletSTDP = SynapseModel(
    name="NearestTripletSTDP",
    doc="Triplet STDP, nearest spikes (Pfister & Gerstner 2006); fit: TRIPLET_SETS['visual cortex, nearest'].",
    pre=_PRE,
    post=_POST,
    on_pre=f"{_DEPRESS}; r1 = 1; r2 = 1",
    on_post=f"{_POTENTIATE}; o1 = 1; o2 = 1",
    parameters=_PARAMETERS,
    require=_REQUIRE,
)
