"""Leaky integrator: a membrane without spikes, for example the readout of a spiking network.

Membrane     dv/dt = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem
Synapse      di_syn/dt = -i_syn / tau_syn, i_syn += w
Step         exact (matrix exponential)
Units        time ms, voltage mV, current pA, capacitance pF
Source       Gerstner et al. (2014), Neuronal Dynamics, ch. 1; as a readout Bellec et al. (2018), NeurIPS 31.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["LeakyIntegrator"]

LeakyIntegrator = NeuronModel(
    name="LeakyIntegrator",
    doc="Leaky integrator that never spikes, such as a readout (Gerstner et al. 2014, ch. 1); target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    parameters={"tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "tau_syn": 2.0, "i_ext": 0.0},
    require="tau_mem > 0; c_mem > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)
