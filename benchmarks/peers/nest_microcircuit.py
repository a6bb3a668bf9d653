"""The cortical microcircuit (Potjans & Diesmann 2014) in NEST, with constant background current.

Neuron       iaf_psc_exp: C_m 250 pF, tau_m 10, tau_syn 0.5, t_ref 2 ms, V_th -50, V_reset and E_L -65 mV
Wiring       K = ln(1 - p) / ln(1 - 1 / (N_pre N_post)) synapses, rounded down, drawn with replacement
Weights      87.8 pA for a PSP of 0.15 mV; -4 w from I, 2 w from L4E to L23E; normal, 10 % spread, sign kept
Delays       normal, 1.5 +- 0.75 ms from E, 0.75 +- 0.375 ms from I, rounded to dt, at least dt (redrawn below dt / 2)
Background   K_ext spikes of 8 Hz as their mean current
Start        V normal with the mean and spread that each population has later
Scaling      neurons by `scale`, synapses per neuron by `k_scale`, weights by 1 / sqrt(k_scale); the mean current that
             this takes away is given back as a constant
Source       Potjans & Diesmann (2014), Cereb. Cortex 24:785; van Albada, Helias & Diesmann (2015), PLoS Comput. Biol.
             11:e1004490.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = ["microcircuit"]

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
RATES = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)  # Hz, at full size
K_EXT = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
START = (  # mean and standard deviation of V, mV
    (-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94), (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46),
    (-61.43, 4.48),
)  # fmt: skip
PROBABILITIES = (  # one row for each target, one column for each source
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
C_M, TAU_M, TAU_SYN, PSP = 250.0, 10.0, 0.5, 0.15
RATE_EXT, SPREAD, DT = 8.0, 0.1, 0.1
DELAYS = {"E": (1.5, 0.75), "I": (0.75, 0.375)}


def microcircuit(nest: Any, scale: float, k_scale: float) -> int:
    """Create and connect it; the number of neurons."""
    numbers = [round(size * scale) for size in SIZES]
    populations = [_create(nest, post, number, k_scale) for post, number in enumerate(numbers)]
    for post in range(len(NAMES)):
        for pre in range(len(NAMES)):
            synapses = int(full_number(pre, post) * scale * k_scale)
            if synapses:
                rule = {"rule": "fixed_total_number", "N": synapses}
                nest.Connect(populations[pre], populations[post], rule, _synapse(nest, pre, post, k_scale))
    return sum(numbers)


def unit_weight() -> float:
    """Current amplitude in pA whose postsynaptic potential has a peak of 0.15 mV."""
    ratio, difference = TAU_M / TAU_SYN, TAU_M - TAU_SYN
    peak = ratio ** (-TAU_M / difference) - ratio ** (-TAU_SYN / difference)
    return PSP / (TAU_M * TAU_SYN / (C_M * (TAU_SYN - TAU_M)) * peak)


def mean_weight(pre: int, post: int) -> float:
    """Mean weight of a projection at full size, pA."""
    if NAMES[pre].endswith("I"):
        return -4.0 * unit_weight()
    return (2.0 if (NAMES[pre], NAMES[post]) == ("L4E", "L23E") else 1.0) * unit_weight()


def full_number(pre: int, post: int) -> int:
    """Synapses of a projection at full size."""
    return int(math.log1p(-PROBABILITIES[post][pre]) / math.log1p(-1.0 / (SIZES[pre] * SIZES[post])))


def _create(nest: Any, post: int, number: int, k_scale: float) -> Any:
    recurrent = sum(
        mean_weight(pre, post) * full_number(pre, post) / SIZES[post] * rate for pre, rate in enumerate(RATES)
    )
    background = unit_weight() * K_EXT[post] * RATE_EXT
    current = 0.001 * TAU_SYN * ((1.0 - math.sqrt(k_scale)) * recurrent + background)
    return nest.Create("iaf_psc_exp", number, {
        "C_m": C_M, "tau_m": TAU_M, "tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN, "E_L": -65.0, "V_th": -50.0,
        "V_reset": -65.0, "t_ref": 2.0, "I_e": current, "V_m": nest.random.normal(*START[post]),
    })  # fmt: skip


def _synapse(nest: Any, pre: int, post: int, k_scale: float) -> dict[str, Any]:
    weight = mean_weight(pre, post) / math.sqrt(k_scale)
    sign = {"min": 0.0, "max": math.inf} if weight > 0 else {"min": -math.inf, "max": 0.0}
    mean, spread = DELAYS[NAMES[pre][-1]]
    return {
        "synapse_model": "static_synapse",
        "weight": nest.math.redraw(nest.random.normal(weight, SPREAD * abs(weight)), **sign),
        "delay": nest.math.redraw(nest.random.normal(mean, spread), min=DT / 2, max=math.inf),
    }
