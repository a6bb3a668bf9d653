"""Intrinsic plasticity: a neuron that adjusts its own excitability to keep its activity sparse.

Rate         y = 1 / (1 + exp(-(a x + b))), x the input of the step. In every step (Triesch's gradient towards an
             exponential distribution of y with mean mu):
             a += eta (1/a + x - (2 + 1/mu) x y + x y^2 / mu),   b += eta (1 - (2 + 1/mu) y + y^2 / mu)
Spiking      the threshold theta rises by eta at each spike and sinks by eta rate per unit of time, in discrete time
             theta += eta (z - rate dt): it rests where the neuron fires at the target rate
Units        rate form dimensionless, one update per step; spiking: time ms, voltage mV, current pA, rate Hz
Source       Triesch (2005), ICANN, LNCS 3696:65; Lazar, Pipa & Triesch (2009), Front. Comput. Neurosci. 3:23 (spiking).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["IntrinsicLIF", "IntrinsicRateUnit"]

IntrinsicRateUnit = NeuronModel(
    name="IntrinsicRateUnit",
    doc="Rate unit with intrinsic plasticity of gain a and bias b (Triesch 2005); summed input i_syn.",
    equations="""
        x = i_syn + i_ext : 1
        y : 1
        a : 1
        b : 1
    """,
    update="""
        y = 1 / (1 + exp(-(a * x + b)))
        a += eta * (1 / a + x - (2 + 1 / mu) * x * y + x * y**2 / mu)
        b += eta * (1 - (2 + 1 / mu) * y + y**2 / mu)
    """,
    parameters={"eta": 0.001, "mu": 0.1, "i_syn": 0.0, "i_ext": 0.0},
    require="mu > 0",
    initial={"a": 1.0},
)

IntrinsicLIF = NeuronModel(
    name="IntrinsicLIF",
    doc="Leaky integrate-and-fire neuron whose threshold seeks a target rate (Lazar et al. 2009); target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        dtheta/dt = -eta * rate / 1000                               : mV
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    threshold="v >= theta", reset="v = v_reset; theta += eta", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0,
        "eta": 0.1, "rate": 5.0, "tau_syn": 2.0, "i_ext": 0.0,
    },
    require="tau_mem > 0; c_mem > 0; tau_syn > 0; rate >= 0",
    initial={"v": "v_leak", "theta": "v_th"},
)  # fmt: skip
