"""Checks of the kind of an argument: a function, a result, a simulation, or spikes instead of their recording."""

from __future__ import annotations

from typing import Any

from neurocl.core._spikes import Spikes
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.recording import GroupRecording, Recording
from neurocl.core.simulator import Simulator


def need_function(owner: str, name: str, value: Any) -> None:
    """Raise NeuroclError unless `value` can be called."""
    if not callable(value):
        raise NeuroclError(f"{owner}: {name} must be a function, such as numpy.tanh, got {shown(value)}.")


def need_result(owner: str, name: str, value: Any, kind: type, maker: str) -> None:
    """Raise NeuroclError unless `value` is a `kind`, which the function `maker` returns."""
    if not isinstance(value, kind):
        raise NeuroclError(f"{owner}: {name} must be the {kind.__name__} that {maker}() returns, got {shown(value)}.")


def need_simulation(owner: str, sim: Any) -> None:
    """Raise NeuroclError unless `sim` is a built network."""
    if not isinstance(sim, Simulator):
        raise NeuroclError(
            f"{owner}: sim must be a simulation, got a {type(sim).__name__}; build it first:"
            " sim = net.build(dtype='float64')."
        )


def refuse_recording(owner: str, value: Any) -> None:
    """Raise NeuroclError if `value` is what a run returns, where the spikes in it are expected."""
    if isinstance(value, GroupRecording):
        raise NeuroclError(
            f'{owner}: expected spikes, got the whole recording of "{value.name}"; give out["{value.name}"].spikes.'
        )
    if isinstance(value, Recording):
        name = next(iter(value), "name")
        raise NeuroclError(
            f'{owner}: expected the spikes of one population, got the recording of a run; give out["{name}"].spikes.'
        )


def refuse_spikes(owner: str, expected: str, value: Any) -> None:
    """Raise NeuroclError if `value` are spikes, where counts of them are expected."""
    if isinstance(value, Spikes | GroupRecording):
        raise NeuroclError(f"{owner}: expected {expected}, got spikes; use bin_counts(spikes, bin_width) first.")
