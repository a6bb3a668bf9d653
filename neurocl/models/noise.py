"""Leaky integrate-and-fire neuron under a noisy current with a memory (Ornstein-Uhlenbeck process, coloured noise).

Noise        di_noise = -i_noise dt / tau_noise + sigma sqrt(2 / tau_noise) dW: mean 0, standard deviation sigma,
             autocorrelation exp(-lag / tau_noise); advanced exactly at every dt
Membrane     dv/dt = (v_leak - v) / tau_mem + (i_noise + i_syn + i_ext) / c_mem,   held while refractory
Start        i_noise begins at 0; begin in the steady state with net.add(..., i_noise=normal(0, sigma))
Units        time ms, voltage mV, current pA, capacitance pF
Source       Uhlenbeck & Ornstein (1930), Phys. Rev. 36:823; Gillespie (1996), Phys. Rev. E 54:2084 (exact step);
             Destexhe, Rudolph, Fellous & Sejnowski (2001), Neuroscience 107:13 (as synaptic background).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["ColoredNoiseLIF"]

ColoredNoiseLIF = NeuronModel(
    name="ColoredNoiseLIF",
    doc="Leaky integrate-and-fire neuron with Ornstein-Uhlenbeck noise current (Destexhe et al. 2001); target i_syn.",
    equations="""
        dv/dt       = (v_leak - v) / tau_mem + (i_noise + i_syn + i_ext) / c_mem : mV (unless refractory)
        di_noise/dt = -i_noise / tau_noise + sigma * sqrt(2 / tau_noise) * xi    : pA
        di_syn/dt   = -i_syn / tau_syn                                           : pA
    """,
    threshold="v >= v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0,
        "tau_noise": 5.0, "sigma": 100.0, "tau_syn": 2.0, "i_ext": 0.0,
    },
    require="tau_mem > 0; c_mem > 0; tau_noise > 0; tau_syn > 0",
    initial={"v": "v_leak"},
)  # fmt: skip
