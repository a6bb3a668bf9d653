"""Metrics of continual learning, as pure functions of arrays."""

from __future__ import annotations

from neurocl.continual.metrics.lifelong import lifelong_metrics
from neurocl.continual.metrics.matrix import accuracy_matrix_metrics
from neurocl.continual.metrics.operations import (
    activation_sparsity,
    connection_sparsity,
    footprint,
    synaptic_operations,
)
from neurocl.continual.metrics.plasticity import (
    approximate_rank,
    dead_units,
    dormancy,
    effective_rank,
    numerical_rank,
    online_slope,
    weight_magnitude,
)
from neurocl.continual.metrics.stability import stability_metrics, windowed_forgetting, windowed_plasticity
from neurocl.continual.metrics.statistics import Interval, holm, interval, paired

__all__ = [
    "Interval",
    "accuracy_matrix_metrics",
    "activation_sparsity",
    "approximate_rank",
    "connection_sparsity",
    "dead_units",
    "dormancy",
    "effective_rank",
    "footprint",
    "holm",
    "interval",
    "lifelong_metrics",
    "numerical_rank",
    "online_slope",
    "paired",
    "stability_metrics",
    "synaptic_operations",
    "weight_magnitude",
    "windowed_forgetting",
    "windowed_plasticity",
]
