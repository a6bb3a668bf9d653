"""What every memory returns and states: a recall, and a capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Capacity", "Recall"]


@dataclass(frozen=True, eq=False)
class Recall:
    """What a memory found.

    For one cue the fields are single values, for a batch of cues arrays (tensors for a cue that was a tensor).

    Parameters
    ----------
    state : what was recalled, in the form and dtype of the cue.
    steps : updates, or sweeps over all units, that were made, with the last one that changed nothing.
    converged : whether the state has come to rest.
    energy : of the state; see the memory's `energy`.
    cycle : period of the cycle that the state has ended in: 1 at rest, 2 for a state that alternates, 0 if it was still
        changing when the recall ended.
    """

    state: Any
    steps: Any
    converged: Any
    energy: Any
    cycle: Any


@dataclass(frozen=True)
class Capacity:
    """How many patterns a memory holds.

    Parameters
    ----------
    patterns : number of patterns.
    statement : what is true of that many patterns, and of which patterns.
    source : of the statement.
    """

    patterns: float
    statement: str
    source: str

    def __str__(self) -> str:
        return f"{self.patterns:.4g} patterns: {self.statement} ({self.source})"
