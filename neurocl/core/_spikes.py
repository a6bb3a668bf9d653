"""Spike trains of a population and their first statistics.

Rate of a neuron     r_i = spikes in the window / (t_stop - t_start)
Population rate      r(bin) = spikes in the bin / (n * width of the bin)
Inter-spike interval I_k = t_{k+1} - t_k, within one neuron
CV of a neuron       std(I, ddof=0) / mean(I), from at least two intervals (three spikes)
Windows and bins     (a, b], as a run is: the step from t_k to t_{k+1} stamps its spikes t_{k+1}, so the runs
                     from 0 to 100 ms and from 100 to 200 ms share no spike
Units                times ms, rates Hz
Source               Gerstner et al. (2014), Neuronal Dynamics, ch. 7
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._arrays import neuron_numbers, positions_of, read_only
from neurocl.core._checks import finite_number, positive_number, whole_number
from neurocl.core._events import TIME_TOLERANCE, check_events, sorted_events
from neurocl.core.errors import NeuroclError

if TYPE_CHECKING:
    import neo

__all__ = ["Spikes"]


@dataclass(frozen=True, eq=False)
class Spikes:
    """All spikes of n neurons in a window of time: frozen, sorted by time, then by neuron.

    Parameters
    ----------
    times : float array [spikes]
        Spike times in ms, within the window. Any order is accepted and sorted.
    indices : int array [spikes]
        Which of the n trains each spike belongs to, 0 to n - 1. int32 and int64 are kept as they are.
    n : int
        Number of neurons, silent ones included.
    t_start, t_stop : float
        The window in ms. A run stamps no spike at its `t_start`: that one belongs to the run before.
    neurons : int array [n], optional
        The number in its population of the neuron behind each train. Default 0 to n - 1, that is, all neurons
        were recorded; ``spikes.neurons[spikes.indices]`` are always the population's own numbers.

    Raises
    ------
    NeuroclError
        If the arrays disagree in length, a time lies outside the window or an index outside 0 to n - 1.

    Notes
    -----
    The arrays are read-only. A writable array is copied, one that is read-only already is not.

    Examples
    --------
    >>> spikes = Spikes([10.0, 20.0, 40.0], [0, 1, 0], n=2, t_start=0.0, t_stop=100.0)
    >>> spikes.rate()
    array([20., 10.])
    """

    times: NDArray[np.float64]
    indices: NDArray[np.integer[Any]]
    n: int
    t_start: float
    t_stop: float
    neurons: NDArray[np.int64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        n = whole_number("Spikes", "n", self.n, at_least=1)
        labels = np.arange(n) if self.neurons is None else neuron_numbers(self.neurons, "Spikes")
        if labels.size != n:
            raise NeuroclError(f"Spikes: expected one number for each of n = {n} neurons, got {labels.size}.")
        t_start, t_stop = (finite_number("Spikes", key, getattr(self, key)) for key in ("t_start", "t_stop"))
        if t_stop < t_start:
            raise NeuroclError(f"Spikes: t_stop ({t_stop} ms) must not precede t_start ({t_start} ms).")
        times, indices = sorted_events(self.times, self.indices)
        check_events(times, indices, n, t_start, t_stop)
        values = {"times": times, "indices": indices, "neurons": read_only(labels, np.int64)}
        for name, value in (values | {"n": n, "t_start": t_start, "t_stop": t_stop}).items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return int(self.times.size)

    def __repr__(self) -> str:
        rate = f", {self.mean_rate():.4g} Hz" if self.t_stop > self.t_start else ""
        return f"Spikes({len(self)} of n={self.n}, {self.t_start:g} to {self.t_stop:g} ms{rate})"

    def __eq__(self, other: object) -> bool:
        return self.equals(other, tolerance=0.0) if isinstance(other, Spikes) else NotImplemented

    def equals(self, other: Spikes, tolerance: float = TIME_TOLERANCE) -> bool:
        """Tell whether both hold the same spikes of the same neurons in the same window.

        Parameters
        ----------
        other : Spikes
            What to compare with.
        tolerance : float
            Largest difference in ms between two equal times. Default 1e-6, the rounding of k dt.
        """
        window = np.subtract((self.t_start, self.t_stop), (other.t_start, other.t_stop))
        return (
            np.array_equal(self.neurons, other.neurons)
            and np.array_equal(self.indices, other.indices)
            and bool(np.all(np.abs(window) <= tolerance))
            and bool(np.all(np.abs(self.times - other.times) <= tolerance))
        )

    def counts(self) -> NDArray[np.int64]:
        """Return the number of spikes of each neuron, int64 [n]."""
        return np.bincount(self.indices, minlength=self.n).astype(np.int64, copy=False)

    def rate(self) -> NDArray[np.float64]:
        """Return the mean rate of each neuron over the window in Hz, float64 [n]."""
        return self.counts() / self._duration() * 1000.0

    def mean_rate(self) -> float:
        """Return the mean rate over all neurons, silent ones included, in Hz."""
        return len(self) / self.n / self._duration() * 1000.0

    def population_rate(self, bin_width: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the rate per neuron in bins of time.

        Parameters
        ----------
        bin_width : float
            Width of a bin in ms. The last bin ends with the window and may be narrower.

        Returns
        -------
        rate : float64 array [bins]
            Spikes per neuron and second in each bin, Hz.
        edges : float64 array [bins + 1]
            Borders of the bins, ms. A bin holds its right edge.
        """
        duration = self._duration()
        bin_width = positive_number("population_rate", "bin_width", bin_width)
        bins = max(1, int(np.ceil((duration - TIME_TOLERANCE) / bin_width)))
        edges = self.t_start + bin_width * np.arange(bins + 1, dtype=np.float64)
        edges[-1] = self.t_stop
        rate: NDArray[np.float64] = np.diff([0, *self._cut(edges[1:-1]), len(self)]) / np.diff(edges)
        return rate / self.n * 1000.0, edges

    def trains(self) -> list[NDArray[np.float64]]:
        """Return the spike times of each neuron in ms, a list of n sorted arrays."""
        by_neuron = self._by_neuron()
        return np.split(self.times[by_neuron], np.cumsum(self.counts())[:-1])

    @overload
    def isi(self) -> list[NDArray[np.float64]]: ...

    @overload
    def isi(self, neuron: int) -> NDArray[np.float64]: ...

    def isi(self, neuron: int | None = None) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        """Return the inter-spike intervals in ms, in order of time.

        Parameters
        ----------
        neuron : int, optional
            Number of a neuron in its population. Default: all neurons.

        Returns
        -------
        float64 array, or list of n of them
            The intervals of the neuron, or of each neuron. Fewer than two spikes have none.
        """
        if neuron is None:
            return [np.diff(train) for train in self.trains()]
        return np.diff(self.times[self.indices == positions_of([neuron], self.neurons, "isi")])

    def cv_per_neuron(self) -> NDArray[np.float64]:
        """Return the coefficient of variation of each neuron's intervals, float64 [n].

        It is std(ISI, ddof=0) / mean(ISI): 0 for a regular train, about 1 for a Poisson train.
        NaN marks a neuron with fewer than three spikes, whose CV is not defined.
        """
        by_neuron = self._by_neuron()
        owner = self.indices[by_neuron]
        within = owner[1:] == owner[:-1]
        intervals, owner = np.diff(self.times[by_neuron])[within], owner[1:][within]
        number = np.bincount(owner, minlength=self.n)
        with np.errstate(invalid="ignore", divide="ignore"):  # neurons without intervals: 0 / 0
            mean = np.bincount(owner, weights=intervals, minlength=self.n) / number
            variance = np.bincount(owner, weights=(intervals - mean[owner]) ** 2, minlength=self.n) / number
            return np.where(number >= 2, np.sqrt(variance) / mean, np.nan)

    def cv(self) -> float:
        """Return the CV of inter-spike intervals averaged over the neurons with three spikes or more.

        NaN if no neuron fired three times. See `cv_per_neuron` for the definition.
        """
        values = self.cv_per_neuron()
        defined = values[~np.isnan(values)]
        return float(defined.mean()) if defined.size else float("nan")

    def select(self, neurons: slice | Sequence[int] | NDArray[Any]) -> Spikes:
        """Return the spikes of some neurons only.

        Parameters
        ----------
        neurons : slice or sequence of int
            Numbers of neurons in their population, or a slice of the n trains.

        Returns
        -------
        Spikes
            Train j is that of the j-th neuron selected; its number in the population stays in `neurons`.
        """
        positions = positions_of(neurons, self.neurons, "select")
        train = np.full(self.n, -1, dtype=self.indices.dtype)
        train[positions] = np.arange(positions.size)
        chosen = train[self.indices]
        kept = chosen >= 0
        labels = self.neurons[positions]
        return Spikes(self.times[kept], chosen[kept], positions.size, self.t_start, self.t_stop, labels)

    def between(self, t0: float, t1: float) -> Spikes:
        """Return the spikes with t0 < time <= t1, as a window of its own.

        Parameters
        ----------
        t0, t1 : float
            Borders in ms, within the window. From `t_start` on, a spike at exactly `t_start` is kept too.
        """
        if not self.t_start - TIME_TOLERANCE <= t0 <= t1 <= self.t_stop + TIME_TOLERANCE:
            raise NeuroclError(
                f"between: expected t0 <= t1 within {self.t_start} to {self.t_stop} ms, got {t0} and {t1}."
            )
        first = 0 if t0 <= self.t_start + TIME_TOLERANCE else self._cut(t0)
        kept = slice(first, self._cut(t1))
        return Spikes(self.times[kept], self.indices[kept], self.n, t0, t1, self.neurons)

    @staticmethod
    def join(first: Spikes, second: Spikes) -> Spikes:
        """Return the spikes of two consecutive windows of the same neurons as one."""
        if abs(first.t_stop - second.t_start) > TIME_TOLERANCE:
            raise NeuroclError(
                f"join: a window to {first.t_stop} ms does not touch one from {second.t_start} ms."
            )
        if not np.array_equal(first.neurons, second.neurons):
            raise NeuroclError("join: the spikes must be of the same neurons in both runs.")
        times = np.concatenate([first.times, second.times])
        indices = np.concatenate([first.indices, second.indices])
        return Spikes(times, indices, first.n, first.t_start, second.t_stop, first.neurons)

    def to_neo(self) -> list[neo.SpikeTrain]:
        """Return one `neo.SpikeTrain` per neuron, in ms, annotated with ``neuron``, its number.

        Raises
        ------
        NeuroclError
            If neo or quantities is not installed.
        """
        try:
            import neo
            import quantities
        except ImportError as error:
            raise NeuroclError(f'to_neo needs {error.name}: pip install "neurocl[neo]".') from error
        ms = quantities.ms
        return [
            neo.SpikeTrain(
                # Neo refuses a time that rounding puts past the end.
                np.clip(train, self.t_start, self.t_stop) * ms,
                t_start=self.t_start * ms,
                t_stop=self.t_stop * ms,
                neuron=int(number),
            )
            for train, number in zip(self.trains(), self.neurons, strict=True)
        ]

    def _by_neuron(self) -> NDArray[np.intp]:
        """Return the order that sorts the spikes by neuron and keeps the order of time within each."""
        # A stable sort of 16-bit numbers is a radix sort, many times faster than that of wider ones.
        narrow = self.indices.astype(np.uint16) if self.n <= 2**16 else self.indices
        return np.argsort(narrow, kind="stable")

    def _cut(self, times: ArrayLike) -> Any:
        """Return how many spikes are not later than each time, up to rounding."""
        return np.searchsorted(self.times, np.asarray(times) + TIME_TOLERANCE, side="right")

    def _duration(self) -> float:
        if self.t_stop <= self.t_start:
            raise NeuroclError(f"a rate needs a window of time, got {self.t_start} to {self.t_stop} ms.")
        return self.t_stop - self.t_start
