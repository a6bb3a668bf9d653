"""ISI-distance, SPIKE-distance and SPIKE-synchronization: measures without a time scale to choose. Needs pyspike.

ISI-distance    mean over time of |I_a - I_b| / max(I_a, I_b), I the interval around each moment; 0 to 1
SPIKE-distance  mean over time of the distances to the nearest spikes of the other train, by the local interval; 0 to 1
SPIKE-sync      fraction of spikes that coincide with one of the other train, within half the local interval; 0 to 1
Source          Kreuz et al. (2007), J. Neurosci. Methods 165:151; Kreuz et al. (2013), J. Neurophysiol. 109:1457;
                Kreuz et al. (2015), J. Neurophysiol. 113:3432; Mulansky & Kreuz (2016), SoftwareX 5:183 (pyspike)
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis._trains import need_spikes
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError

__all__ = ["isi_distance", "spike_distance", "spike_synchronization"]


def isi_distance(spikes: Spikes) -> NDArray[np.float64]:
    """Return the ISI-distance of all pairs of trains.

    Parameters
    ----------
    spikes : Spikes
        The trains and their window; `as_spikes` makes one of plain trains.

    Returns
    -------
    float64 array [n, n]
        Symmetric, 0 on the diagonal, 0 to 1. A train without spikes counts as one interval, the window.

    Raises
    ------
    NeuroclError
        If pyspike is not installed, or two spikes of a train are at one time.
    """
    return _matrix(spikes, "isi_distance", "isi_distance_matrix")


def spike_distance(spikes: Spikes) -> NDArray[np.float64]:
    """Return the SPIKE-distance of all pairs of trains; input, output and errors as in `isi_distance`."""
    return _matrix(spikes, "spike_distance", "spike_distance_matrix")


def spike_synchronization(spikes: Spikes) -> NDArray[np.float64]:
    """Return the SPIKE-synchronization of all pairs of trains: input, output and errors as in `isi_distance`.

    It is a similarity: 1 on the diagonal and for two trains without spikes, 0 if no spike coincides.
    """
    return _matrix(spikes, "spike_synchronization", "spike_sync_matrix")


def _matrix(spikes: Spikes, owner: str, function: str) -> NDArray[np.float64]:
    need_spikes(spikes, owner)
    pyspike = _pyspike(owner)
    trains = spikes.trains()
    repeated = [i for i, train in enumerate(trains) if np.any(np.diff(train) <= 0.0)]
    if repeated:
        neuron = spikes.neurons[repeated[0]]
        raise NeuroclError(f"{owner}: neuron {neuron} has two spikes at one time; keep one of them.")
    window = (spikes.t_start, spikes.t_stop)
    # A time may lie past the border by rounding, which pyspike refuses.
    inputs = [pyspike.SpikeTrain(np.clip(train, *window), window) for train in trains]
    matrix: NDArray[np.float64] = getattr(pyspike, function)(inputs) if spikes.n > 1 else np.zeros((1, 1))
    if function == "spike_sync_matrix":
        np.fill_diagonal(matrix, 1.0)
    return matrix


def _pyspike(owner: str) -> ModuleType | Any:
    try:
        import pyspike
    except ImportError as error:
        raise NeuroclError(f'{owner} needs pyspike: pip install "neurocl[distances]".') from error
    return pyspike
