"""Metrics of continual learning, as pure functions of arrays."""

from __future__ import annotations

from neurocl.continual.metrics.lifelong import Block, lifelong_metrics
from neurocl.continual.metrics.matrix import accuracy_matrix_metrics, intransigence
from neurocl.continual.metrics.operations import (
    activation_sparsity,
    connection_sparsity,
    footprint,
    membrane_updates,
    state_bytes,
    synaptic_operations,
)
from neurocl.continual.metrics.plasticity import (
    approximate_rank,
    dead_units,
    dormancy,
    effective_rank,
    gradient_norm,
    numerical_rank,
    online_slope,
    parameter_distance,
    sample_plasticity,
    weight_magnitude,
)
from neurocl.continual.metrics.stability import stability_metrics, windowed_forgetting, windowed_plasticity
from neurocl.continual.metrics.statistics import Interval, holm, interval, paired

__all__ = [
    "Block",
    "Interval",
    "accuracy_matrix_metrics",
    "activation_sparsity",
    "approximate_rank",
    "connection_sparsity",
    "dead_units",
    "dormancy",
    "effective_rank",
    "footprint",
    "gradient_norm",
    "holm",
    "interval",
    "intransigence",
    "lifelong_metrics",
    "membrane_updates",
    "numerical_rank",
    "online_slope",
    "paired",
    "parameter_distance",
    "sample_plasticity",
    "stability_metrics",
    "state_bytes",
    "synaptic_operations",
    "weight_magnitude",
    "windowed_forgetting",
    "windowed_plasticity",
]
