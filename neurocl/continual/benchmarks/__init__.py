"""Benchmarks: made from data (`split`, `permuted`, ...), or from another benchmark (`online`, `fuzzy`, ...)."""

from __future__ import annotations

from neurocl.continual.benchmarks._constructor import CONSTRUCTORS, MODIFIERS, make, rebuild
from neurocl.continual.benchmarks.from_stream import from_stream
from neurocl.continual.benchmarks.fuzzy import blurry, fuzzy
from neurocl.continual.benchmarks.online import online
from neurocl.continual.benchmarks.permuted import permuted
from neurocl.continual.benchmarks.plasticity import input_permuted, label_permuted, loss_of_plasticity
from neurocl.continual.benchmarks.rehearsal import power_law
from neurocl.continual.benchmarks.rotated import rotated
from neurocl.continual.benchmarks.shift import concept_shift
from neurocl.continual.benchmarks.split import split

__all__ = [
    "CONSTRUCTORS",
    "MODIFIERS",
    "blurry",
    "concept_shift",
    "from_stream",
    "fuzzy",
    "input_permuted",
    "label_permuted",
    "loss_of_plasticity",
    "make",
    "online",
    "permuted",
    "power_law",
    "rebuild",
    "rotated",
    "split",
]
