"""Leaky neuron in discrete time, without dimensions: the neuron of spiking networks that are trained by gradients.

Step         u_t = beta u_{t-1} + i_t - v_th s_{t-1},  s_t = [u_t > v_th],  beta = exp(-dt / tau_mem)
State        v is u after the reset by its own spike, which takes off v_th / beta: v_th in the next step
Units        dimensionless; time ms. i_ext acts in full, whatever dt is
Source       Neftci, Mostafa & Zenke (2019), IEEE Signal Process. Mag. 36:51; Eshraghian et al. (2023), Proc. IEEE
             111:1016, whose package snnTorch has it as Leaky with reset by subtraction.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["Leaky"]

Leaky = NeuronModel(
    name="Leaky",
    doc="Leaky neuron in discrete time, reset by subtraction (Eshraghian et al. 2023); input i_ext, or target v.",
    equations="v : 1",
    update="v = exp(-dt / tau_mem) * v + i_ext",
    threshold="v > v_th", reset="v -= v_th * exp(dt / tau_mem)",
    parameters={"tau_mem": 10.0, "v_th": 1.0, "i_ext": 0.0},
    require="tau_mem > 0",
)  # fmt: skip
