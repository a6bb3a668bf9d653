"""Synaptic scaling: the weights onto a neuron grow or shrink together until it fires at its target rate.

Scaling      dw/dt = w (beta (rate - rate_mean) + gamma error)
Traces       rate_mean: low-pass of the postsynaptic spike train with tau_rate, Hz; derror/dt = rate - rate_mean, Hz s.
             All weights onto one neuron are multiplied by one factor, so their ratios stay.
Norm         SumNormalisation: w <- w / sum of w onto the same neuron, in every step (nothing if the sum is 0). A rule
             of your own is normalised by the same two lines, rule.replace(equations=..., update=...).
Units        time ms, rate Hz; beta 1/(Hz s), gamma 1/(Hz s^2)
Source       Turrigiano et al. (1998), Nature 391:892; van Rossum, Bi & Turrigiano (2000), J. Neurosci. 20:8812
             (integral term); Lazar, Pipa & Triesch (2009), Front. Comput. Neurosci. 3:23 (norm). beta is our choice, it
             settles the rate within minutes; gamma = 0 leaves the integral term out.
"""

from __future__ import annotations

from neurocl.core.model import SynapseModel

__all__ = ["SumNormalisation", "SynapticScaling"]

SynapticScaling = SynapseModel(
    name="SynapticScaling",
    doc="Multiplicative synaptic scaling towards a postsynaptic rate, with integral term (van Rossum et al. 2000).",
    post="drate_mean/dt = -rate_mean / tau_rate : Hz; derror/dt = (rate - rate_mean) / 1000 : Hz s",
    equations="dw/dt = w * (beta * (rate - rate_mean) + gamma * error) / 1000 : 1",
    on_post="rate_mean += 1000 / tau_rate",
    parameters={"rate": 5.0, "tau_rate": 10_000.0, "beta": 2e-3, "gamma": 0.0},
    require="rate >= 0; tau_rate > 0",
)

SumNormalisation = SynapseModel(
    name="SumNormalisation",
    doc="Keeps the sum of the weights onto each neuron at 1 (Lazar, Pipa & Triesch 2009).",
    equations="total = w : 1 (summed post)",
    update="w = where(total == 0, w, w / total)",
)
