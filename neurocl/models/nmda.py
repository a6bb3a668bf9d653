"""NMDA receptors: a current with a voltage-dependent magnesium block, and gates that saturate with every spike.

Current      i = g_nmda s (e_nmda - v) B(v),   B(v) = 1 / (1 + mg / 3.57 exp(-0.062 v)), mg in mM
Gate         one per presynaptic neuron and delay: dx/dt = -x / tau_rise, x += 1 at a spike;
             ds/dt = -s / tau_decay + alpha x (1 - s). A neuron's s is the sum of w s over its NMDASynapse projections.
Neuron       NMDALIF: leaky integrate-and-fire, with exponential conductances g_e and g_i beside the NMDA current
Step         x exact, s by exponential Euler with x at mid-step; v by RK4 with the conductances exact in its stages
             and s constant in the step
Units        time ms, voltage mV, conductance nS, current pA, capacitance pF; gates and w dimensionless
Source       Jahr & Stevens (1990), J. Neurosci. 10:3178 (block); Wang (1999), J. Neurosci. 19:9587 (gate).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["NMDALIF", "NMDASynapse"]

NMDALIF = NeuronModel(
    name="NMDALIF",
    doc="Leaky integrate-and-fire neuron with NMDA current (Wang 1999); summed gate s_nmda, targets g_e, g_i in nS.",
    equations="""
        block   = 1 / (1 + mg / 3.57 * exp(-0.062 * v)) : 1
        i_nmda  = g_nmda * s_nmda * block * (e_nmda - v) : pA
        i_fast  = g_e * (e_e - v) + g_i * (e_i - v) : pA
        dv/dt   = (g_leak * (v_leak - v) + i_fast + i_nmda + i_ext) / c_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e : nS
        dg_i/dt = -g_i / tau_i : nS
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "c_mem": 500.0, "g_leak": 25.0, "v_leak": -70.0, "v_th": -50.0, "v_reset": -55.0, "t_ref": 2.0,
        "e_e": 0.0, "e_i": -70.0, "tau_e": 2.0, "tau_i": 5.0, "g_nmda": 10.0, "e_nmda": 0.0, "mg": 1.0, "s_nmda": 0.0,
        "i_ext": 0.0,
    },
    require="c_mem > 0; tau_e > 0; tau_i > 0; mg >= 0",
    initial={"v": "v_leak"},
)  # fmt: skip

NMDASynapse = SynapseModel(
    name="NMDASynapse",
    doc="NMDA gate that saturates (Wang 1999); sums w s into the s_nmda of the postsynaptic neurons, w is a factor.",
    pre="""
        dx/dt = -x / tau_rise : 1
        ds/dt = -s / tau_decay + alpha * x * (1 - s) : 1
    """,
    equations="s_nmda_post = w * s : 1 (summed)",
    on_pre="x += 1",
    parameters={"tau_rise": 2.0, "tau_decay": 100.0, "alpha": 0.5},
    require="tau_rise > 0; tau_decay > 0; alpha >= 0",
)
