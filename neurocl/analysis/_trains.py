"""Spike trains as users hold them: a `Spikes`, one train of times, or a list of trains.

Every function of the package that needs times only takes all three. One that needs the window as well (a count, a
rate) takes a `Spikes`, which `as_spikes` makes of plain trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.analysis._finite import finite_array
from neurocl.analysis._kinds import refuse_recording
from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown

__all__ = ["Trains", "as_spikes", "flat_trains", "need_spikes", "one_train"]

Trains: TypeAlias = Spikes | ArrayLike | Sequence[ArrayLike]


@dataclass(frozen=True)
class FlatTrains:
    """Sorted times of n trains, one train after the other: train i is ``times[bounds[i]:bounds[i + 1]]``."""

    times: NDArray[np.float64]
    bounds: NDArray[np.int64]
    single: bool  # the user gave one train, not a list of one

    @property
    def n(self) -> int:
        return self.bounds.size - 1

    @property
    def owners(self) -> NDArray[np.int64]:
        """The number of the train that each time belongs to."""
        return np.repeat(np.arange(self.n), np.diff(self.bounds))

    def shaped(self, values: NDArray[np.float64]) -> Any:
        """One value per train, as the user gave the trains: an array, or a float for a single train."""
        return float(values[0]) if self.single else values


def as_spikes(trains: ArrayLike | Sequence[ArrayLike], t_stop: float, t_start: float = 0.0) -> Spikes:
    """Return plain spike trains as a `Spikes`, which knows its window.

    Parameters
    ----------
    trains : float array [spikes], or list of n such arrays
        Spike times in ms, in any order. An array of numbers is one train. `neo.SpikeTrain` and quantities are
        converted to ms.
    t_stop : float
        End of the window in ms.
    t_start : float
        Begin of the window in ms. Default 0.

    Returns
    -------
    Spikes
        Train i is neuron i.

    Raises
    ------
    NeuroclError
        If a time is not a finite number or lies outside the window.

    Examples
    --------
    >>> as_spikes([[10.0, 20.0, 50.0], []], t_stop=100.0).rate()
    array([30.,  0.])
    """
    flat = flat_trains(trains, "as_spikes")
    return Spikes(flat.times, flat.owners, flat.n, t_start, t_stop)


def flat_trains(trains: Trains, owner: str) -> FlatTrains:
    """Return trains of any of the three kinds, sorted and one after the other; NeuroclError if they are none."""
    if isinstance(trains, Spikes):
        # The sort of 16-bit numbers is a radix sort, ten times faster than that of wider ones.
        indices = trains.indices.astype(np.uint16) if trains.n <= 2**16 else trains.indices
        times = trains.times[np.argsort(indices, kind="stable")]
        return FlatTrains(times, np.concatenate([[0], np.cumsum(trains.counts())]), single=False)
    refuse_recording(owner, trains)
    single = _is_single(trains, owner)
    parts = [_sorted_train(train, owner) for train in ([trains] if single else trains)]  # type: ignore[union-attr]
    if not parts:
        raise NeuroclError(f"{owner}: there is no train; give one or more, such as [[10.0, 20.0], []].")
    bounds = np.cumsum([0, *(part.size for part in parts)])
    return FlatTrains(np.concatenate(parts), bounds, single)


def one_train(train: Trains, owner: str, name: str) -> NDArray[np.float64]:
    """Return one sorted train; NeuroclError, begun by `owner` and `name`, for several."""
    flat = flat_trains(train, owner)
    if flat.n != 1:
        raise NeuroclError(f"{owner}: {name} must be one train, got {flat.n}; pool them with spikes.times.")
    return flat.times


def need_spikes(spikes: Spikes, owner: str) -> Spikes:
    """Return `spikes`; NeuroclError, begun by `owner`, unless it is a Spikes with a window longer than 0 ms."""
    refuse_recording(owner, spikes)
    if not isinstance(spikes, Spikes):
        raise NeuroclError(
            f"{owner}: expected a Spikes, which knows its window of time, got {shown(spikes)};"
            " use as_spikes(trains, t_stop=...)."
        )
    if spikes.t_stop <= spikes.t_start:
        raise NeuroclError(f"{owner}: expected a window of time, got {spikes.t_start} to {spikes.t_stop} ms.")
    return spikes


def _is_single(trains: Any, owner: str) -> bool:
    """Tell one train from a list of trains. An empty list is one train without spikes."""
    if isinstance(trains, np.ndarray) and trains.dtype != object:
        if trains.ndim not in (1, 2):
            raise NeuroclError(f"{owner}: expected times [spikes] or [trains, spikes], got shape {trains.shape}.")
        return trains.ndim == 1
    if isinstance(trains, (str, bytes)) or not isinstance(trains, (Sequence, np.ndarray)):
        raise NeuroclError(f"{owner}: expected a Spikes, a list of times or a list of trains, got {shown(trains)}.")
    depths = {np.ndim(train) if isinstance(train, np.ndarray) else int(isinstance(train, Sequence)) for train in trains}
    if depths not in (set(), {0}, {1}):
        raise NeuroclError(f"{owner}: expected a list of times or a list of trains, not a mixture.")
    return depths != {1}


def _sorted_train(train: Any, owner: str) -> NDArray[np.float64]:
    if hasattr(train, "rescale"):  # a quantity, which np.asarray would strip of its unit
        train = train.rescale("ms").magnitude
    times = finite_array(owner, "spike times", train)
    if np.asarray(train).dtype == bool:
        raise NeuroclError(f"{owner}: expected spike times in ms, got a mask; use dt * (numpy.flatnonzero(mask) + 1).")
    if times.ndim != 1:
        raise NeuroclError(f"{owner}: a train is a list of times, got an array of shape {times.shape}.")
    return np.sort(times)
