"""Adaptive exponential integrate-and-fire neuron (AdEx).

Membrane     c_mem dv/dt = -g_leak (v - v_leak) + g_leak delta_t exp((v - v_t) / delta_t) - w + i_syn + i_ext
Adaptation   tau_w dw/dt = a (v - v_leak) - w
Spike        v >= v_peak, then v <- v_reset, w <- w + b
Step         RK4, use dt <= 0.05 ms; v is bounded by v_peak inside the stages and the exponent by 60, so that no stage
             overflows
Units        time ms, voltage mV, current pA, conductance nS, capacitance pF
Source       Brette & Gerstner (2005), J. Neurophysiol. 94:3637 (defaults); firing patterns Naud et al. (2008),
             Biol. Cybern. 99:335.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["ADEX_PATTERNS", "AdEx"]

AdEx = NeuronModel(
    name="AdEx",
    doc="Adaptive exponential integrate-and-fire neuron (Brette & Gerstner 2005); target i_syn, pA. dt <= 0.05 ms.",
    equations="""
        v_in      = min(v, v_peak) : mV
        upstroke  = g_leak * delta_t * exp(min((v_in - v_t) / delta_t, 60)) : pA
        dv/dt     = (-g_leak * (v_in - v_leak) + upstroke - w_ad + i_syn + i_ext) / c_mem : mV
        dw_ad/dt  = (a * (v_in - v_leak) - w_ad) / tau_w : pA
        di_syn/dt = -i_syn / tau_syn : pA
    """,
    threshold="v >= v_peak", reset="v = v_reset; w_ad += b",
    parameters={
        "c_mem": 281.0, "g_leak": 30.0, "v_leak": -70.6, "v_t": -50.4, "delta_t": 2.0, "tau_w": 144.0, "a": 4.0,
        "b": 80.5, "v_reset": -70.6, "v_peak": 20.0, "tau_syn": 5.0, "i_ext": 0.0,
    },
    require="c_mem > 0; delta_t > 0; tau_w > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)  # fmt: skip


def _pattern(
    c_mem: float, g_leak: float, v_leak: float, a: float, tau_w: float, b: float, v_reset: float, i_ext: float
) -> dict[str, float]:
    return {
        "c_mem": c_mem, "g_leak": g_leak, "v_leak": v_leak, "v_t": -50.0, "delta_t": 2.0, "a": a, "tau_w": tau_w,
        "b": b, "v_reset": v_reset, "v_peak": 0.0, "i_ext": i_ext,
    }  # fmt: skip


ADEX_PATTERNS: dict[str, dict[str, float]] = {
    "tonic": _pattern(200, 10, -70, 2, 30, 0, -58, 500),
    "adaptation": _pattern(200, 12, -70, 2, 300, 60, -58, 500),
    "initial burst": _pattern(130, 18, -58, 4, 150, 120, -50, 400),
    "regular bursting": _pattern(200, 10, -58, 2, 120, 100, -46, 210),
    "delayed accelerating": _pattern(200, 12, -70, -10, 300, 0, -58, 300),
    "delayed regular bursting": _pattern(100, 10, -65, -10, 90, 30, -47, 110),
    "transient": _pattern(100, 10, -65, 10, 90, 100, -47, 180),
    "irregular": _pattern(100, 12, -60, -11, 130, 30, -48, 160),
}
"""Parameters of the eight firing patterns of Naud et al. (2008), with the step current that shows them."""
