"""Recording requests: what a user asks a run to keep, checked against what the network has.

A request names one quantity of one object (``"spikes"``, ``"counts"``, a state such as ``"v"``, the weights
``"w"`` of a projection), optionally only some neurons of it and only every n-th step. Steps are counted from
the build of the network, and a step holds the state at its end: a quantity kept every n steps is known at
n dt, 2 n dt, ..., also when a run is split in two.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._arrays import neuron_numbers, positions_of, read_only
from neurocl.core._checks import whole_number
from neurocl.core.errors import NeuroclError

__all__ = ["Record", "ResolvedRecord", "parse_requests"]

_EVENT_QUANTITIES = ("spikes", "counts")


@dataclass(frozen=True)
class Record:
    """Request to record one quantity of a population, projection or modulator.

    Parameters
    ----------
    name : str
        ``"spikes"`` (times and neurons), ``"counts"`` (how often each neuron fired: no memory per spike),
        a state such as ``"v"``, or ``"w"``, the weights of a projection.
    neurons : None, slice or sequence of int
        Which neurons (synapses for ``"w"``), in this order. None, the default, records all of them.
    every : int
        Keep every n-th step, default 1: the states at n dt, 2 n dt, ...; spikes and counts are never thinned.

    Raises
    ------
    NeuroclError
        If ``every`` is not a whole number >= 1, or ``neurons`` is not None, a slice or a list of numbers.

    Examples
    --------
    >>> Record("i_syn", neurons=[0, 5], every=10)
    Record(name='i_syn', neurons=(0, 5), every=10)
    """

    name: str
    neurons: slice | Sequence[int] | None = None
    every: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise NeuroclError(f'Record: name must be a quantity such as "v" or "spikes", got {self.name!r}.')
        where = f'Record("{self.name}")'
        object.__setattr__(self, "every", whole_number(where, "every", self.every, at_least=1))
        if self.every != 1 and self.name in _EVENT_QUANTITIES:
            raise NeuroclError(f"{where}: every={self.every} would lose spikes; leave every out.")
        if self.neurons is not None and not isinstance(self.neurons, slice):
            object.__setattr__(self, "neurons", tuple(neuron_numbers(self.neurons, where).tolist()))


@dataclass(frozen=True, eq=False)
class ResolvedRecord:
    """A `Record` with its neurons written out, as an engine needs it.

    Attributes
    ----------
    name : str
        The quantity.
    neurons : int64 array [recorded]
        The neurons (or synapses) to record, in the order asked for; all of them if the request named none.
    every : int
        Keep every n-th step.
    """

    name: str
    neurons: NDArray[np.int64]
    every: int = 1

    def steps(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the steps k in [start, stop) whose end state is kept: ``every`` divides k + 1.

        Parameters
        ----------
        start, stop : int
            Steps counted from the build of the network. Step k ends, and its state is known, at (k + 1) dt.
        """
        first = -(-(start + 1) // self.every) * self.every
        return np.arange(first, stop + 1, self.every, dtype=np.int64) - 1


def parse_requests(
    record: Mapping[str, str | Record | Sequence[str | Record]] | None,
    available: Mapping[str, Mapping[str, int]],
) -> dict[str, list[ResolvedRecord]]:
    """Check what a user asked to record and write out the neurons of each request.

    Parameters
    ----------
    record : mapping of str to str, Record or sequence of these, or None
        What to record of each named object, e.g. ``{"exc": ["spikes", Record("v", neurons=[0, 5])]}``.
        A string means ``Record(string)``; None records nothing.
    available : mapping of str to mapping of str to int
        For each object of the network, its quantities and their sizes: neurons, synapses for
        the ``"w"`` of a projection, 1 for a modulator.

    Returns
    -------
    dict of str to list of ResolvedRecord
        One entry per object named in `record`, in its order.

    Raises
    ------
    NeuroclError
        For an unknown object or quantity, a neuron out of range or named twice, an empty selection, or a
        quantity asked for twice. The message says what can be recorded.
    """
    if record is None:
        return {}
    if not isinstance(record, Mapping):
        raise NeuroclError(
            f'record must map names to quantities, such as {{"exc": ["spikes", "v"]}}, got {record!r}; '
            f"what can be recorded: {_listing(available)}."
        )
    parsed: dict[str, list[ResolvedRecord]] = {}
    for owner, requests in record.items():
        if owner not in available:
            raise NeuroclError(
                f'record: the network has no "{owner}"{did_you_mean(owner, available)}; '
                f"what can be recorded: {_listing(available)}."
            )
        items = [requests] if isinstance(requests, str | Record) else requests
        if not isinstance(items, Iterable):
            raise NeuroclError(f'record["{owner}"]: expected names or Record(...), got {items!r}.')
        parsed[owner] = [_resolve(owner, item, available[owner]) for item in items]
        _check_unique(owner, [request.name for request in parsed[owner]])
    return parsed


def did_you_mean(name: object, choices: Iterable[str]) -> str:
    """Return ``' (did you mean "exc"?)'`` if one of the choices resembles the name, else an empty string."""
    choice_of = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(str(name).lower(), choice_of, n=1)
    return f' (did you mean "{choice_of[close[0]]}"?)' if close else ""


def _resolve(owner: str, item: Any, sizes: Mapping[str, int]) -> ResolvedRecord:
    """Check one request against the quantities of its owner."""
    request = Record(item) if isinstance(item, str) else item
    if not isinstance(request, Record):
        raise NeuroclError(f'record["{owner}"]: expected a name or Record(...), got {item!r}.')
    if request.name not in sizes:
        raise NeuroclError(
            f'record["{owner}"]: {owner} has no "{request.name}"{did_you_mean(request.name, sizes)}; '
            f"what can be recorded of it: {', '.join(sizes)}."
        )
    elements = np.arange(sizes[request.name], dtype=np.int64)
    neurons = elements
    if request.neurons is not None:
        neurons = positions_of(request.neurons, elements, f'record["{owner}"], "{request.name}"')
    return ResolvedRecord(request.name, read_only(neurons), request.every)


def _check_unique(owner: str, names: list[str]) -> None:
    """Refuse two requests for one quantity: their results would have the same name."""
    for name in names:
        if names.count(name) > 1:
            raise NeuroclError(f'record["{owner}"]: "{name}" is asked for twice; keep one request for it.')


def _listing(available: Mapping[str, Mapping[str, int]]) -> str:
    """Write what can be recorded: ``exc (spikes, counts, v), drive (spikes, counts)``."""
    return ", ".join(f"{owner} ({', '.join(sizes)})" for owner, sizes in available.items())
