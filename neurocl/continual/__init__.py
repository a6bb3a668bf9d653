"""Continual learning: benchmarks, strategies, metrics, and the loop that runs them side by side.

A **benchmark** is a sequence of **experiences** (plain tensors); a **strategy** has ``train(experience)`` and
``predict(x, task_label=None)``; a method is a small **plug-in** of it.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.continual needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.continual.experience import Batch, Experience, Problem
from neurocl.continual.learner import Learner
from neurocl.continual.models import CNN, MLP, FeedForward, SpikingMLP
from neurocl.continual.plugin import Plugin
from neurocl.continual.strategy import Strategy

__all__ = [
    "CNN",
    "MLP",
    "Batch",
    "Experience",
    "FeedForward",
    "Learner",
    "Plugin",
    "Problem",
    "SpikingMLP",
    "Strategy",
]
