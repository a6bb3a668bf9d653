"""Leaky integrate-and-fire neurons with conductance-based synapses.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + g_e (e_e - v) + g_i (e_i - v) + i_ext,   held while refractory
Exponential  dg/dt = -g / tau, g += w (nS); targets g_e and g_i
Alpha        g(t) = w e t / tau exp(-t / tau), peak w at t = tau; targets rise_e and rise_i
Double exp.  g(t) = w (exp(-t / tau_decay) - exp(-t / tau_rise)) / norm, peak w; targets rise_e and rise_i
Step         exponential Euler in v with the conductances at mid-step, second order
Units        time ms, voltage mV, conductance nS, current pA, capacitance pF
Source       Vogels & Abbott (2005), J. Neurosci. 25:10786; Brette et al. (2007), J. Comput. Neurosci. 23:349.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["ConductanceLIF", "ConductanceLIFAlpha", "ConductanceLIFDoubleExponential"]

_MEMBRANE = {
    "c_mem": 200.0, "g_leak": 10.0, "v_leak": -60.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0, "e_e": 0.0,
    "e_i": -80.0, "i_ext": 0.0,
}  # fmt: skip
_REQUIRE = "c_mem > 0; tau_e > 0; tau_i > 0"

ConductanceLIF = NeuronModel(
    name="ConductanceLIF",
    doc="Leaky integrate-and-fire neuron with exponential conductances g_e, g_i in nS (Vogels & Abbott 2005).",
    equations="""
        dv/dt   = (g_leak * (v_leak - v) + g_e * (e_e - v) + g_i * (e_i - v) + i_ext) / c_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e : nS
        dg_i/dt = -g_i / tau_i : nS
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_e": 5.0, "tau_i": 10.0}, require=_REQUIRE,
    initial={"v": "v_leak"},
)  # fmt: skip

ConductanceLIFAlpha = NeuronModel(
    name="ConductanceLIFAlpha",
    doc="Leaky integrate-and-fire neuron with alpha-shaped conductances; targets rise_e, rise_i, nS (the peak of g).",
    equations="""
        dv/dt   = (g_leak * (v_leak - v) + g_e * (e_e - v) + g_i * (e_i - v) + i_ext) / c_mem : mV (unless refractory)
        dg_e/dt = (exp(1) * rise_e - g_e) / tau_e : nS
        dg_i/dt = (exp(1) * rise_i - g_i) / tau_i : nS
        drise_e/dt = -rise_e / tau_e              : nS
        drise_i/dt = -rise_i / tau_i              : nS
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_e": 2.0, "tau_i": 5.0}, require=_REQUIRE,
    initial={"v": "v_leak"},
)  # fmt: skip

# The factor exp(1 / exprel(log q)) makes the peak w: see LIFDoubleExponential.
ConductanceLIFDoubleExponential = NeuronModel(
    name="ConductanceLIFDoubleExponential",
    doc="Leaky integrate-and-fire neuron with conductances of given rise and decay; targets rise_e, rise_i, nS (peak).",
    equations="""
        drive_e = exp(1 / exprel(log(tau_decay_e / tau_rise_e))) * rise_e / tau_rise_e : nS/ms
        drive_i = exp(1 / exprel(log(tau_decay_i / tau_rise_i))) * rise_i / tau_rise_i : nS/ms
        dv/dt   = (g_leak * (v_leak - v) + g_e * (e_e - v) + g_i * (e_i - v) + i_ext) / c_mem : mV (unless refractory)
        dg_e/dt = drive_e - g_e / tau_decay_e  : nS
        dg_i/dt = drive_i - g_i / tau_decay_i  : nS
        drise_e/dt = -rise_e / tau_rise_e      : nS
        drise_i/dt = -rise_i / tau_rise_i      : nS
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_rise_e": 0.5, "tau_decay_e": 5.0, "tau_rise_i": 1.0, "tau_decay_i": 10.0},
    require="c_mem > 0; tau_rise_e > 0; tau_decay_e > 0; tau_rise_i > 0; tau_decay_i > 0",
    initial={"v": "v_leak"},
)  # fmt: skip
