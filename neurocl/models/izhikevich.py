"""Izhikevich's simple model, as published and as the differential equation it approximates.

Equation     dv/dt = 0.04 v^2 + 5 v + 140 - u + I,   du/dt = a (b v - u)
Spike        v >= 30, then v <- c, u <- u + d
Published    dt = 1 ms: v advances by two half steps with the same u, then u by one step with the new v. The
             script is a model of its own: its rates differ from the equation's by up to a factor of four.
Units        time ms, voltage mV, u and I in mV/ms
Source       Izhikevich (2003), IEEE Trans. Neural Netw. 14:1569.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["IZHIKEVICH_TYPES", "Izhikevich", "IzhikevichODE"]

_PARAMETERS = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "v_peak": 30.0, "i_ext": 0.0}

Izhikevich = NeuronModel(
    name="Izhikevich",
    doc="Izhikevich's neuron, the published 1 ms script (2003); target i_syn, which acts for one step.",
    equations="""
        v : mV
        u : mV/ms
        i_syn : mV/ms
    """,
    update="""
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn + i_ext)
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn + i_ext)
        u += a * (b * v - u)
        i_syn = 0
    """,
    threshold="v >= v_peak", reset="v = c; u += d",
    parameters=_PARAMETERS, initial={"v": -65.0, "u": "b * -65"}, dt=1.0,
)  # fmt: skip

IzhikevichODE = NeuronModel(
    name="IzhikevichODE",
    doc="Izhikevich's neuron as a differential equation, RK4; target i_syn, which decays with tau_syn.",
    equations="""
        v_in      = min(v, v_peak) : mV
        dv/dt     = 0.04 * v_in**2 + 5 * v_in + 140 - u + i_syn + i_ext : mV
        du/dt     = a * (b * v_in - u) : mV/ms
        di_syn/dt = -i_syn / tau_syn : mV/ms
    """,
    threshold="v >= v_peak", reset="v = c; u += d",
    parameters={**_PARAMETERS, "tau_syn": 1.0}, require="tau_syn > 0", initial={"v": -65.0, "u": "b * -65"},
)  # fmt: skip

IZHIKEVICH_TYPES: dict[str, dict[str, float]] = {
    "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
    "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
    "CH": {"a": 0.02, "b": 0.2, "c": -50.0, "d": 2.0},
    "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
    "LTS": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 2.0},
    "RZ": {"a": 0.1, "b": 0.26, "c": -65.0, "d": 2.0},
    "TC": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 0.05},
}
"""Parameters of the cell types: regular spiking, intrinsically bursting, chattering, fast spiking, low-threshold
spiking, resonator, thalamo-cortical."""
