"""Continual learning: benchmarks, strategies, metrics, and the loop that runs them side by side.

A **benchmark** is a sequence of **experiences** (plain tensors); a **strategy** has ``train(experience)`` and
``predict(x, task_label=None)``; a method is a small **plug-in** of it.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError:
    raise ImportError('neurocl.continual needs PyTorch: pip install "neurocl[torch]"') from None

from neurocl.continual import metrics, recorders
from neurocl.continual.benchmark import Benchmark, Stream
from neurocl.continual.benchmarks import (
    blurry,
    concept_shift,
    from_stream,
    fuzzy,
    input_permuted,
    label_permuted,
    loss_of_plasticity,
    make,
    online,
    permuted,
    power_law,
    rebuild,
    rotated,
    split,
)
from neurocl.continual.experience import Batch, Experience, Problem
from neurocl.continual.learner import Learner
from neurocl.continual.models import CNN, MLP, FeedForward, SpikingMLP
from neurocl.continual.plugin import Plugin
from neurocl.continual.results import Results
from neurocl.continual.run import run
from neurocl.continual.samples import Samples
from neurocl.continual.strategy import Strategy

__all__ = [
    "CNN",
    "MLP",
    "Batch",
    "Benchmark",
    "Experience",
    "FeedForward",
    "Learner",
    "Plugin",
    "Problem",
    "Results",
    "Samples",
    "SpikingMLP",
    "Strategy",
    "Stream",
    "blurry",
    "concept_shift",
    "from_stream",
    "fuzzy",
    "input_permuted",
    "label_permuted",
    "loss_of_plasticity",
    "make",
    "metrics",
    "online",
    "permuted",
    "power_law",
    "rebuild",
    "recorders",
    "rotated",
    "run",
    "split",
]
