"""Gap junctions: an electrical synapse lets a current flow along the difference of two potentials.

Current      i_gap of a neuron = sum over its junctions of w (v_pre - v_post). A connection acts on its postsynaptic
             neuron; connect both ways for a junction that conducts both ways.
Neuron       GapJunctionLIF: the leaky integrate-and-fire neuron with i_gap added to its current. Any neuron with a
             state v and a parameter i_gap will do.
Step         i_gap is computed from the potentials at the beginning of a step and constant in it: first order in dt,
             stable for dt sum(w) / c_mem < 1
Units        time ms, voltage mV, current pA, w in nS, capacitance pF
Source       Lewis & Rinzel (2003), J. Comput. Neurosci. 14:283; Ostojic, Brunel & Hakim (2009), J. Comput. Neurosci.
             26:369.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel, SynapseModel

__all__ = ["GapJunction", "GapJunctionLIF"]

GapJunction = SynapseModel(
    name="GapJunction",
    doc="Electrical synapse of conductance w, nS (Lewis & Rinzel 2003); sums into i_gap of the postsynaptic neuron.",
    equations="i_gap_post = w * (v_pre - v_post) : pA (summed)",
)

GapJunctionLIF = NeuronModel(
    name="GapJunctionLIF",
    doc="Leaky integrate-and-fire neuron with gap junctions (Lewis & Rinzel 2003); summed i_gap, target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_gap + i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                         : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0, "tau_syn": 2.0,
        "i_gap": 0.0, "i_ext": 0.0,
    },
    require="tau_mem > 0; c_mem > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)  # fmt: skip
