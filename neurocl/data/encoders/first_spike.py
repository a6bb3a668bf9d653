"""One spike per neuron: from real-valued times to an array of spikes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def place_first_spikes(times: NDArray[Any], n_steps: int) -> NDArray[np.bool_]:
    """Put each neuron's only spike into the row nearest to its time.

    Parameters
    ----------
    times : array of float, shape [..., neuron]
        Time of the spike in steps, >= 0; infinity for a neuron that is silent.
    n_steps : int
        Number of rows T. A finite time after the last row goes into the last row, so that a neuron which
        responds at all is never lost.

    Returns
    -------
    array of bool, shape [time, ..., neuron]
    """
    rows = np.where(np.isfinite(times), np.minimum(np.rint(times), n_steps - 1), -1).astype(np.int64)
    steps = np.arange(n_steps).reshape((-1,) + (1,) * times.ndim)
    return np.asarray(steps == rows)
