"""Recorders: numbers taken from a learner after each experience, for ``run(recorders=[...])``."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from neurocl.continual.evaluation import thinned
from neurocl.continual.evaluation_mode import evaluation_mode
from neurocl.continual.experience import Experience
from neurocl.continual.metrics import operations, plasticity
from neurocl.continual.models import FeedForward
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["Memory", "Operations", "Representation", "activations"]


def activations(model: FeedForward, x: Tensor) -> list[Tensor]:
    """Activity of every hidden layer for input `x`, in evaluation mode."""
    if not isinstance(model, FeedForward):
        raise NeuroclError(f"recorders see the hidden layers of a FeedForward network, not of {type(model).__name__}")
    found: list[Tensor] = []
    handles = [
        layer.register_forward_hook(lambda layer, inputs, output: found.append(output.detach()))
        for layer in model.activations
    ]
    try:
        with evaluation_mode(model), torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found


@dataclass(frozen=True)
class Representation:
    """Plasticity of the hidden layers: dormant and dead units, ranks of the last layer, size of weights.

    Parameters
    ----------
    samples : of the experience that is over, evenly spaced.
    """

    samples: int = 2000

    def __post_init__(self) -> None:
        whole_number("Representation", "samples", self.samples, at_least=2)

    def __call__(self, learner: Any, experience: Experience) -> Mapping[str, float]:
        """The numbers."""
        layers = activations(learner.model, thinned(experience, self.samples).x.to(learner.device))
        if learner.model.has_time:
            layers = [layer.mean(0) for layer in layers]  # a spiking neuron's activity is its rate
        arrays = [layer.cpu().numpy() for layer in layers]
        last = arrays[-1].reshape(len(arrays[-1]), -1)
        weights = [p.detach().cpu().numpy() for p in learner.model.parameters() if p.ndim > 1]
        return {
            "dormant": plasticity.dormancy(arrays),
            "dead": plasticity.dead_units(arrays),
            "effective_rank": plasticity.effective_rank(last),
            "approximate_rank": plasticity.approximate_rank(last),
            **{f"weight_magnitude_{k}": size for k, size in enumerate(plasticity.weight_magnitude(weights))},
        }


@dataclass(frozen=True)
class Operations:
    """Sparsity and synaptic operations per sample.

    Parameters
    ----------
    samples : of the experience that is over, evenly spaced.
    """

    samples: int = 200

    def __post_init__(self) -> None:
        whole_number("Operations", "samples", self.samples, at_least=1)

    def __call__(self, learner: Any, experience: Experience) -> Mapping[str, float]:
        """The numbers."""
        chosen = thinned(experience, self.samples)
        x = chosen.x.to(learner.device)
        return {
            "activation_sparsity": operations.activation_sparsity(activations(learner.model, x)),
            "connection_sparsity": operations.connection_sparsity(learner.model),
            **operations.synaptic_operations(learner.model, x, len(chosen)),
        }


@dataclass(frozen=True)
class Memory:
    """Bytes of the network, of what the method keeps beside it (buffers, copies, importances), and at most so far.

    The peak is what torch took on a GPU; on the CPU it is the process's, with all that ran in it before, and NaN where
    the system does not tell.
    """

    def __call__(self, learner: Any, experience: Experience) -> Mapping[str, float]:
        """The numbers."""
        kept = [plugin.state_dict() for plugin in learner.plugins]
        return {
            "network_bytes": float(operations.footprint(learner.model)),
            "method_bytes": float(operations.state_bytes(kept)),
            "peak_bytes": _peak_bytes(torch.device(learner.device)),
        }


def _peak_bytes(device: torch.device) -> float:
    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return math.nan
    from resource import RUSAGE_SELF, getrusage

    peak = getrusage(RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else 1024 * peak)
