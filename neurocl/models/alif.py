"""Adaptive thresholds: the discrete neuron of recurrent spiking networks (LSNN), and its continuous relative.

ALIF         per step, alpha = exp(-dt / tau_mem), rho = exp(-dt / tau_adapt), z the spike of the step before:
             b <- rho b + (1 - rho) z,  B = b0 + beta b,  v <- alpha v + (1 - alpha) R I - z B,  z <- [v > B].
             The reset subtracts the threshold of the present step. Input acts for the step in which it arrives.
Continuous   AdaptiveThresholdLIF: tau_th dtheta/dt = v_th - theta, theta += delta_th at each spike
Units        time ms. ALIF is dimensionless; AdaptiveThresholdLIF: voltage mV, current pA, capacitance pF
Source       Bellec, Salaj, Subramoney, Legenstein & Maass (2018), NeurIPS 31 (ALIF); Brette & Gerstner (2005),
             J. Neurophysiol. 94:3637, Liu & Wang (2001), J. Comput. Neurosci. 10:25 (moving threshold).
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["ALIF", "AdaptiveThresholdLIF"]

ALIF = NeuronModel(
    name="ALIF",
    doc="Adaptive leaky integrate-and-fire neuron in discrete time (LSNN, Bellec et al. 2018); target i_syn, one step.",
    equations="""
        threshold = b0 + beta * b : 1
        v : 1
        b : 1
        z : 1
        i_syn : 1
    """,
    update="""
        b = exp(-dt / tau_adapt) * b + (1 - exp(-dt / tau_adapt)) * z
        v = exp(-dt / tau_mem) * v + (1 - exp(-dt / tau_mem)) * r_mem * (i_syn + i_ext) - z * threshold
        z = int(v > threshold)
        i_syn = 0
    """,
    threshold="z > 0",
    parameters={"tau_mem": 20.0, "tau_adapt": 200.0, "b0": 1.0, "beta": 1.8, "r_mem": 1.0, "i_ext": 0.0},
    require="tau_mem > 0; tau_adapt > 0",
)

AdaptiveThresholdLIF = NeuronModel(
    name="AdaptiveThresholdLIF",
    doc="Leaky integrate-and-fire neuron whose threshold theta jumps at each spike and decays; target i_syn, pA.",
    equations="""
        dv/dt     = (v_leak - v) / tau_mem + (i_syn + i_ext) / c_mem : mV (unless refractory)
        dtheta/dt = (v_th - theta) / tau_th                          : mV
        di_syn/dt = -i_syn / tau_syn                                 : pA
    """,
    threshold="v >= theta", reset="v = v_reset; theta += delta_th", refractory="t_ref",
    parameters={
        "tau_mem": 10.0, "c_mem": 250.0, "v_leak": -70.0, "v_th": -55.0, "v_reset": -70.0, "t_ref": 2.0,
        "tau_th": 100.0, "delta_th": 2.0, "tau_syn": 2.0, "i_ext": 0.0,
    },
    require="tau_mem > 0; c_mem > 0; tau_th > 0; tau_syn > 0",
    initial={"v": "v_leak", "theta": "v_th"},
)  # fmt: skip
