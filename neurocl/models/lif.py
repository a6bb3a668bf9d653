"""Leaky integrate-and-fire neurons with current-based synapses, advanced exactly.

Membrane     dv/dt = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem,   held while refractory
Spike        v >= v_th, then v <- v_reset for t_ref
Synapse      delta: v += w (lost while refractory); exponential: i_syn' = -i_syn / tau_syn, i_syn += w;
             alpha: i(t) = w e t / tau_syn exp(-t / tau_syn), peak w at t = tau_syn
Units        time ms, voltage mV, current pA, capacitance pF
Source       Lapicque (1907); Rotter & Diesmann (1999), Biol. Cybern. 81:381; Gerstner et al. (2014), ch. 1.
             Defaults: NEST's iaf_psc family.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["LIF", "LIFAlpha", "LIFDelta"]

_MEMBRANE = {
    "tau_mem": 10.0,
    "c_mem": 250.0,
    "v_leak": -70.0,
    "v_th": -55.0,
    "v_reset": -70.0,
    "t_ref": 2.0,
    "i_ext": 0.0,
}

LIF = NeuronModel(
    name="LIF",
    doc="Leaky integrate-and-fire neuron with exponential synaptic current (Rotter & Diesmann 1999); target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_syn": 2.0}, initial={"v": "v_leak"},
)  # fmt: skip

LIFDelta = NeuronModel(
    name="LIFDelta",
    doc="Leaky integrate-and-fire neuron whose synapses let v jump by w; target v, mV. Input while refractory is lost.",
    equations="dv/dt = (v_leak - v) / tau_mem + i_ext / c_mem : mV (unless refractory)",
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters=_MEMBRANE, initial={"v": "v_leak"},
)  # fmt: skip

LIFAlpha = NeuronModel(
    name="LIFAlpha",
    doc="Leaky integrate-and-fire neuron with alpha-shaped synaptic current; target i_rise, pA (the peak of i_syn).",
    equations="""
        dv/dt      = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        di_syn/dt  = (exp(1) * i_rise - i_syn) / tau_syn              : pA
        di_rise/dt = -i_rise / tau_syn                                : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={**_MEMBRANE, "tau_syn": 2.0}, initial={"v": "v_leak"},
)  # fmt: skip
