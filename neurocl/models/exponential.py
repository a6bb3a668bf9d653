"""Exponential integrate-and-fire neuron: a leak and an exponential upstroke.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + g_leak delta_t exp((v - v_t) / delta_t) + i_syn + i_ext,
             held while refractory; rheobase g_leak (v_t - v_leak - delta_t)
Spike        v >= v_peak, then v <- v_reset for t_ref
Step         RK4, use dt <= 0.05 ms; v is bounded by v_peak inside the stages and the exponent by 60
Units        time ms, voltage mV, current pA, conductance nS, capacitance pF
Source       Fourcaud-Trocme, Hansel, van Vreeswijk & Brunel (2003), J. Neurosci. 23:11628 (defaults, for a membrane
             of 1e-4 cm2).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["EIF"]

EIF = NeuronModel(
    name="EIF",
    doc="Exponential integrate-and-fire neuron (Fourcaud-Trocme et al. 2003); target i_syn, pA. dt <= 0.05 ms.",
    equations="""
        v_in      = min(v, v_peak) : mV
        upstroke  = g_leak * delta_t * exp(min((v_in - v_t) / delta_t, 60)) : pA
        dv/dt     = (g_leak * (v_leak - v_in) + upstroke + i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn : pA
    """,
    threshold="v >= v_peak", reset="v = v_reset", refractory="t_ref",
    parameters={
        "c_mem": 100.0, "g_leak": 10.0, "v_leak": -65.0, "v_t": -59.9, "delta_t": 3.48, "v_peak": -30.0,
        "v_reset": -68.0, "t_ref": 1.7, "tau_syn": 5.0, "i_ext": 0.0,
    },
    require="c_mem > 0; delta_t > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)  # fmt: skip
