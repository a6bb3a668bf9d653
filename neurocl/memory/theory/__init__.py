"""What theory says of associative memories: overlaps, critical loads, capacities, errors and scaling laws."""

from __future__ import annotations

from neurocl.memory.theory.binary import (
    clique_capacity,
    clique_density,
    clique_efficiency,
    clique_error,
    clique_false_acceptance,
    willshaw_capacity,
    willshaw_false_ones,
    willshaw_information,
    willshaw_load,
)
from neurocl.memory.theory.consolidation import Consolidation, consolidation
from neurocl.memory.theory.dense import dense_capacity, dense_error, exponential_load
from neurocl.memory.theory.mean_field import (
    MeanField,
    critical_load,
    one_step_error,
    retrieval,
    spin_glass_temperature,
)
from neurocl.memory.theory.modern import (
    ExponentialStorage,
    exponential_storage,
    retrieval_bound,
    separation_threshold,
)
from neurocl.memory.theory.multitasking import (
    critical_dilution,
    example_noise,
    hierarchical_overlaps,
    multitask_overlaps,
)
from neurocl.memory.theory.scaling import memory_exponent, recalled, sample_exponent, unseen_mass, zipf

__all__ = [
    "Consolidation",
    "ExponentialStorage",
    "MeanField",
    "clique_capacity",
    "clique_density",
    "clique_efficiency",
    "clique_error",
    "clique_false_acceptance",
    "consolidation",
    "critical_dilution",
    "critical_load",
    "dense_capacity",
    "dense_error",
    "example_noise",
    "exponential_load",
    "exponential_storage",
    "hierarchical_overlaps",
    "memory_exponent",
    "multitask_overlaps",
    "one_step_error",
    "recalled",
    "retrieval",
    "retrieval_bound",
    "sample_exponent",
    "separation_threshold",
    "spin_glass_temperature",
    "unseen_mass",
    "willshaw_capacity",
    "willshaw_false_ones",
    "willshaw_information",
    "willshaw_load",
    "zipf",
]
