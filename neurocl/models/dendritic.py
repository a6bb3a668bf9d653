"""A neuron with active dendrites: NMDA spikes of its segments gate how strongly its soma answers.

Segment      counts coincident spikes: du/dt = -u / tau_dend, u += w at a spike. At u >= theta an NMDA spike begins:
             u <- 0, plateau <- 1, and no other begins for t_ref; dplateau/dt = -plateau / tau_plateau
Soma         dv/dt = (v_leak - v) / tau_mem + gate (i_syn + i_ext) / c_mem
             gate = g_rest + (1 - g_rest) clip(plateau, 0, 1), plateau summed over the segments of the neuron
             (`DendriticGate`, w = 1): any segment opens the gate
Matching     with w = 1, spikes in one step and theta half a spike below a whole number T, a segment answers if at
             least T of its synapses are active, and only then; `neurocl.sdr.theory` has the probabilities
Units        time ms, voltage mV, current pA, capacitance pF; u, theta, plateau and w dimensionless
Source       Hawkins & Ahmad (2016), Front. Neural Circuits 10:23; the form of the equations is this library's own
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["DendriticGate", "DendriticLIF", "NMDASegment"]

NMDASegment = NeuronModel(
    name="NMDASegment",
    doc="Dendritic segment that answers coincident spikes with an NMDA spike (Hawkins & Ahmad 2016); target u.",
    equations="""
        du/dt       = -u / tau_dend          : 1 (unless refractory)
        dplateau/dt = -plateau / tau_plateau : 1
    """,
    threshold="u >= theta", reset="u = 0; plateau = 1", refractory="t_ref",
    parameters={"tau_dend": 5.0, "theta": 11.5, "tau_plateau": 50.0, "t_ref": 20.0},
    require="tau_dend > 0; tau_plateau > 0; theta > 0",
)  # fmt: skip

DendriticLIF = NeuronModel(
    name="DendriticLIF",
    doc="Leaky integrate-and-fire soma whose input is gated by its dendritic segments; target i_syn, pA.",
    equations="""
        gate      = g_rest + (1 - g_rest) * clip(plateau, 0, 1)              : 1
        dv/dt     = (v_leak - v) / tau_mem + gate * (i_syn + i_ext) / c_mem  : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                         : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0, "tau_syn": 2.0,
        "g_rest": 0.5, "plateau": 0.0, "i_ext": 0.0,
    },
    require="tau_mem > 0; c_mem > 0; tau_syn > 0; g_rest >= 0; g_rest <= 1", initial={"v": "v_leak"},
)  # fmt: skip

DendriticGate = SynapseModel(
    name="DendriticGate",
    doc="From a segment to its soma: sums w times the segment's plateau into the soma's plateau.",
    equations="plateau_post = w * plateau_pre : 1 (summed)",
)
