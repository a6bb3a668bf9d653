"""A constant input that comes in pulses, one at the beginning of each step, as the current that does the same.

Layers add the bias of a Linear in every step to what spikes add. With exact integration a network would have to do so,
too; the constant current below, with a shifted v_leak where there is a synapse, gives the same states at every step.

LIF, LI          e (v + J) = e v + (1 - e) r b,  J = r bias dt / tau_mem,  e = exp(-dt / tau_mem)
CubaLIF, CubaLI  e_s (i + J) = e_s i + (1 - e_s) w_in b,  J = w_in bias dt / tau_syn; v_leak takes what v lacks
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import exprel

from neurocl.interop._nir_neurons import Neurons

__all__ = ["comes_in_pulses", "constant_of_pulses"]


def comes_in_pulses(graph: Any, neurons: Neurons) -> bool:
    """Whether the biases of a graph are added step by step: where layers wrote it, and under Euler steps always."""
    return neurons.integration == "euler" or (graph.metadata or {}).get("connection") == "same step"


def constant_of_pulses(
    neurons: Neurons, bias: NDArray[np.float64], dt: float
) -> tuple[Neurons, NDArray[np.float64]]:
    """Neurons and constant current that do what pulses of `bias`, each dt long, do under exact integration."""
    if neurons.integration == "euler" or not neurons.has_leak or not bias.any():
        return neurons, bias
    values = neurons.values
    x = dt / values["tau_mem"]
    if not neurons.has_synapse:
        return neurons, bias / exprel(x)
    y = dt / values["tau_syn"]
    constant = bias / exprel(y)
    # What reaches v within a step from a synapse that starts at 1 and decays.
    share = x * np.exp(-x) * exprel(x - y)
    full = -np.expm1(-x)
    pulse, rest = values["w_in"] * bias * y, values["w_in"] * constant
    shift = values["r"] * (share * pulse - rest * (full - share)) / full
    initial = {"v": np.array(np.broadcast_to(values["v_leak"], neurons.n)), **neurons.initial}
    return replace(neurons, values={**values, "v_leak": values["v_leak"] + shift}, initial=initial), constant
