"""Inhibitory plasticity that balances excitation: the postsynaptic rate converges to a target.

Pre spike    w <- w + eta (y - alpha),   alpha = 2 rate tau
Post spike   w <- w + eta x
Traces       x (pre) and y (post) decay with tau and grow by 1 at a spike of their neuron, so every pair of spikes
             adds eta exp(-|t_post - t_pre| / tau), whatever the order, and every presynaptic spike takes eta alpha.
             Coincident spikes form no pair; w is clipped to [w_min, w_max] after each event.
Units        time ms, rate Hz; w and eta in nS if the target is an inhibitory conductance
Source       Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569. rate is the target, 5 Hz, which
             makes alpha 0.2 at tau = 20 ms; eta = 0.01 nS and w_max = 100 nS are our choice for cells of about 10 nS.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["VogelsInhibitory"]

VogelsInhibitory = SynapseModel(
    name="VogelsInhibitory",
    doc="Inhibitory plasticity (Vogels et al. 2011): brings the postsynaptic neurons to `rate` Hz.",
    pre="dx/dt = -x / tau : 1",
    post="dy/dt = -y / tau : 1",
    on_pre="w = clip(w + eta * (y - 2 * rate * tau / 1000), w_min, w_max); x += 1",
    on_post="w = clip(w + eta * x, w_min, w_max); y += 1",
    parameters={"tau": 20.0, "rate": 5.0, "eta": 0.01, "w_min": 0.0, "w_max": 100.0},
    require="tau > 0; rate >= 0; w_min <= w_max",
)
