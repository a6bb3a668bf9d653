"""Parameters of the temporal memory, with the reference library's defaults."""

from __future__ import annotations

from dataclasses import dataclass

from neurocl.core._checks import probability, whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["MemoryParameters"]


@dataclass(frozen=True)
class MemoryParameters:
    """What a `TemporalMemory` is told.

    Parameters
    ----------
    cells_per_column : contexts that a column can tell apart.
    activation_threshold : connected active synapses that make a segment active.
    min_threshold : active synapses, connected or not, that make it matching; at most `activation_threshold`.
    max_new_synapses : active synapses that a learning segment is filled up to.
    initial_permanence, connected_permanence : of a new synapse; from where on a synapse counts.
    permanence_increment, permanence_decrement : of synapses from active and from silent cells.
    predicted_segment_decrement : punishment of segments that predicted in vain; a little above the share of active
        columns times `permanence_increment` is a good choice. Default 0: none.
    max_segments_per_cell, max_synapses_per_segment : the weakest give way to new ones.
    context_size : bits of the second input that predicts cells (feedback, an apical context). Default 0: none.
    """

    cells_per_column: int = 32
    activation_threshold: int = 13
    min_threshold: int = 10
    max_new_synapses: int = 20
    initial_permanence: float = 0.21
    connected_permanence: float = 0.5
    permanence_increment: float = 0.1
    permanence_decrement: float = 0.1
    predicted_segment_decrement: float = 0.0
    max_segments_per_cell: int = 255
    max_synapses_per_segment: int = 255
    context_size: int = 0

    def __post_init__(self) -> None:
        owner = "MemoryParameters"
        for name in ("cells_per_column", "activation_threshold", "min_threshold", "max_new_synapses",
                     "max_segments_per_cell", "max_synapses_per_segment"):  # fmt: skip
            object.__setattr__(self, name, whole_number(owner, name, getattr(self, name), at_least=1))
        object.__setattr__(self, "context_size", whole_number(owner, "context_size", self.context_size))
        for name in ("initial_permanence", "connected_permanence", "permanence_increment", "permanence_decrement",
                     "predicted_segment_decrement"):  # fmt: skip
            object.__setattr__(self, name, probability(owner, name, getattr(self, name)))
        if self.min_threshold > self.activation_threshold:
            raise NeuroclError(
                f"{owner}: min_threshold must be at most activation_threshold = {self.activation_threshold}, got"
                f" {self.min_threshold}."
            )
        if self.max_new_synapses > self.max_synapses_per_segment:
            raise NeuroclError(
                f"{owner}: max_new_synapses must be at most max_synapses_per_segment = {self.max_synapses_per_segment},"
                f" got {self.max_new_synapses}."
            )
