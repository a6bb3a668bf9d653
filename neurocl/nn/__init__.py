"""Torch layers: any neuron model as a differentiable layer, and what is needed to train networks of them."""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.nn needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.nn.sequences import detach, unroll
from neurocl.nn.spiking import Spiking
from neurocl.nn.surrogates import Surrogate

__all__ = ["Spiking", "Surrogate", "detach", "unroll"]
