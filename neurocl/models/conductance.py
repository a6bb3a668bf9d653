"""Leaky integrate-and-fire neuron with exponential conductances.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + g_e (e_e - v) + g_i (e_i - v) + i_ext,   held while refractory
Synapse      dg/dt = -g / tau, g += w (nS); targets g_e and g_i
Step         exponential Euler in v with the conductances at mid-step, second order
Units        time ms, voltage mV, conductance nS, current pA, capacitance pF
Source       Vogels & Abbott (2005), J. Neurosci. 25:10786; Brette et al. (2007), J. Comput. Neurosci. 23:349.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["ConductanceLIF"]

ConductanceLIF = NeuronModel(
    name="ConductanceLIF",
    doc="Leaky integrate-and-fire neuron with exponential conductances g_e, g_i in nS (Vogels & Abbott 2005).",
    equations="""
        dv/dt   = (g_leak * (v_leak - v) + g_e * (e_e - v) + g_i * (e_i - v) + i_ext) / c_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e : nS
        dg_i/dt = -g_i / tau_i : nS
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "c_mem": 200.0, "g_leak": 10.0, "v_leak": -60.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0,
        "e_e": 0.0, "e_i": -80.0, "tau_e": 5.0, "tau_i": 10.0, "i_ext": 0.0,
    },
    initial={"v": "v_leak"},
)  # fmt: skip
