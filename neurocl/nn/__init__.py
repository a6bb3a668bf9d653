"""Torch layers: any neuron model as a differentiable layer, and what is needed to train networks of them.

Tensors are time-major, [time, batch, ...]; state goes in and comes out: ``spikes, state = layer(input, state)``.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.nn needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.nn.encoders import encode_rate
from neurocl.nn.losses import (
    first_spike_time,
    latency_cross_entropy,
    rate_cross_entropy,
    rate_mse,
    rate_penalty,
)
from neurocl.nn.recurrent import SpikingRecurrent
from neurocl.nn.sequences import detach, unroll
from neurocl.nn.sequential import SpikingSequential
from neurocl.nn.spiking import Spiking
from neurocl.nn.surrogates import Surrogate

__all__ = [
    "Spiking",
    "SpikingRecurrent",
    "SpikingSequential",
    "Surrogate",
    "detach",
    "encode_rate",
    "first_spike_time",
    "latency_cross_entropy",
    "rate_cross_entropy",
    "rate_mse",
    "rate_penalty",
    "unroll",
]
