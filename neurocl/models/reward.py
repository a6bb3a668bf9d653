"""Reward-modulated STDP: pairs leave a tag, dopamine turns the tag into weight.

Tag          dc/dt = -c / tau_c, c += a_plus x at a postsynaptic and c -= a_minus y at a presynaptic spike
Dopamine     dd/dt = (d_base - d) / tau_d, d += reward
Weight       dw/dt = c d, clipped to [w_min, w_max] at the synapse's events, and in what a spike transmits
Units        time ms; c and d dimensionless, so w changes by c d per ms
Source       Izhikevich (2007), Cereb. Cortex 17:2443. One tag c and one reward d, T later, change w by
             c d k exp(-T / tau_c) in all, k = tau_c tau_d / (tau_c + tau_d).
"""

from __future__ import annotations

from neurocl.core.model import Modulator, SynapseModel

__all__ = ["Dopamine", "RewardSTDP"]

Dopamine = Modulator(
    name="Dopamine",
    doc="One pool of dopamine (Izhikevich 2007): add it with reward=Input() and drive the reward per step.",
    equations="dd/dt = (d_base - d) / tau_d : 1",
    update="d += reward",
    parameters={"tau_d": 200.0, "d_base": 0.0, "reward": 0.0},
    require="tau_d > 0",
)

RewardSTDP = SynapseModel(
    name="RewardSTDP",
    doc="STDP gated by dopamine (Izhikevich 2007); let a modulator be its d: net.modulate(rec, d=dopamine['d']).",
    pre="dx/dt = -x / tau_plus : 1",
    post="dy/dt = -y / tau_minus : 1",
    equations="""
        dc/dt = -c / tau_c : 1
        dw/dt = c * d      : 1
    """,
    transmit="clip(w, w_min, w_max)",
    on_pre="w = clip(w, w_min, w_max); c -= a_minus * y; x += 1",
    on_post="w = clip(w, w_min, w_max); c += a_plus * x; y += 1",
    parameters={
        "tau_plus": 20.0, "tau_minus": 20.0, "a_plus": 0.1, "a_minus": 0.15, "tau_c": 1000.0, "d": 0.0,
        "w_min": 0.0, "w_max": 4.0,
    },
    require="tau_plus > 0; tau_minus > 0; tau_c > 0; w_min <= w_max",
)  # fmt: skip
