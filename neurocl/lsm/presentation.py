"""What a presentation of samples to a liquid returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.recording import Spikes

__all__ = ["Presentation", "RecordedSample", "Weights"]


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a liquid.

    Attributes
    ----------
    recurrent : float32 [recurrent synapse], in the order of `Liquid.recurrent_synapses`.
    input : float32 [input synapse], in the order of `Liquid.input_synapses`.
    """

    recurrent: NDArray[np.float32]
    input: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RecordedSample:
    """All that happened during one sample.

    Attributes
    ----------
    liquid, input : Spikes of the liquid's and of the input neurons; the time of a spike in step t (from 0) is t ms, so
        the window begins at -1 ms, one step before the first.
    a_minus : float32 [step], rate of depression after each step; none if synapses did not change.
    """

    liquid: Spikes
    input: Spikes
    a_minus: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Presentation:
    """Spike counts of a liquid.

    Attributes
    ----------
    counts : uint8 or uint16 [sample, neuron], spikes of each liquid neuron during each sample.
    input_counts : int32 [sample], spikes of all input neurons.
    recorded : number of a sample -> `RecordedSample`, for those asked for.
    steps : number of steps of a sample.
    """

    counts: NDArray[Any]
    input_counts: NDArray[np.int32]
    steps: int
    recorded: dict[int, RecordedSample] = field(default_factory=dict)
