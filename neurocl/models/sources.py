"""Spike sources: Poisson processes and scheduled spikes.

Poisson      spike in a step with p = 1 - exp(-rate dt), so at most one per step: of the process's spikes, the second in
             one step is lost (5 % at rate dt = 0.1)
Dead time    rate' = rate / (1 - rate t_ref), which keeps the mean rate up to a fraction rate dt / 2
Units        rate Hz, time ms
Source       Gerstner et al. (2014), Neuronal Dynamics, ch. 7.
"""

from __future__ import annotations

from neurocl.core.model import NeuronModel

__all__ = ["Poisson", "PoissonDeadTime", "SpikeArray"]

Poisson = NeuronModel(
    name="Poisson",
    doc="Poisson source: spikes with probability 1 - exp(-rate dt) in each step; rate in Hz.",
    threshold="rand() < -expm1(-rate * dt / 1000)",
    parameters={"rate": 10.0},
    require="rate >= 0",
)

PoissonDeadTime = NeuronModel(
    name="PoissonDeadTime",
    doc="Poisson source that is silent for t_ref after a spike and still has the given mean rate in Hz (dt << t_ref).",
    threshold="rand() < -expm1(-rate / (1 - rate * t_ref / 1000) * dt / 1000)",
    refractory="t_ref",
    parameters={"rate": 10.0, "t_ref": 2.0},
    require="rate >= 0; rate * t_ref < 1000",
)

SpikeArray = NeuronModel(
    name="SpikeArray",
    doc="Spikes at given times: net.add(SpikeArray, n, spikes=(times, indices)), or per run by inputs.",
    threshold="scheduled",
)
