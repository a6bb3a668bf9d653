"""Steps of the spatial pooler, compiled: no Python runs between the SDRs of a batch."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from neurocl.sdr._overlap_kernels import popcount
from neurocl.sdr._pooler_build import Synapses, bump, connect_column, raise_to_threshold
from neurocl.sdr._pooler_inhibition import connected_span, inhibit_globally, inhibit_locally, local_extremes

__all__ = ["Constants", "Duty", "inhibition_radius", "run"]

UPDATE_PERIOD = 50


class Duty(NamedTuple):
    """State of each column, and (``iteration``, ``inhibition_radius``) in an array of two."""

    overlap: NDArray[np.float32]
    active: NDArray[np.float32]
    least: NDArray[np.float32]
    boost: NDArray[np.float32]
    counters: NDArray[np.int64]


class Constants(NamedTuple):
    """Numbers that stay."""

    column_dimensions: NDArray[np.int64]
    input_dimensions: NDArray[np.int64]
    is_global: bool
    wrap: bool
    density: np.float32
    active_per_area: int
    stimulus_threshold: int
    decrement: np.float32
    increment: np.float32
    connected: np.float32
    limit: np.float32
    least_duty_cycle: np.float32
    period: int
    boost_strength: np.float32


@njit(cache=True)
def run(
    synapses: Synapses, duty: Duty, constants: Constants, start: NDArray[np.int64], indices: NDArray[np.uint32],
    learn: bool, winners: NDArray[np.int64],
) -> NDArray[np.int64]:  # fmt: skip
    """Present the rows of a batch; write the winners one row after the other, return where each row begins."""
    found = np.zeros(start.size, dtype=np.int64)
    is_on = np.zeros(np.prod(constants.input_dimensions), dtype=np.bool_)
    words = np.zeros((is_on.size + 63) // 64, dtype=np.uint64)
    overlap = np.empty(duty.boost.size, dtype=np.float32)
    for row in range(start.size - 1):
        is_on[:] = False
        words[:] = np.uint64(0)
        for k in range(start[row], start[row + 1]):
            place = np.int64(indices[k])
            is_on[place] = True
            words[place >> 6] |= np.uint64(1) << np.uint64(place & 63)
        duty.counters[0] += 1
        _overlaps(synapses, words, overlap)
        boosted = overlap * duty.boost if constants.boost_strength >= 1e-6 else overlap.copy()
        active = _inhibit(boosted, constants, duty.counters[1])
        if learn:
            _learn(synapses, duty, constants, is_on, overlap, active)
        found[row + 1] = found[row] + active.size
        winners[found[row] : found[row + 1]] = active
    return found


@njit(cache=True)
def _overlaps(synapses: Synapses, words: NDArray[np.uint64], overlap: NDArray[np.float32]) -> None:
    for c in range(overlap.size):
        low, first = synapses.word_start[c], synapses.first_word[c]
        total = 0
        for k in range(synapses.word_start[c + 1] - low):
            total += popcount(synapses.words[low + k] & words[first + k])  # type: ignore[call-arg]
        overlap[c] = total


@njit(cache=True)
def _density(constants: Constants, radius: int) -> np.float32:
    """Share of columns that may win in a neighbourhood."""
    if constants.active_per_area == 0:
        return constants.density
    area: Any = 1.0
    for length in constants.column_dimensions:
        area *= min(length, 2 * radius + 1)
    return np.float32(min(0.5, constants.active_per_area / area))


@njit(cache=True)
def _inhibit(boosted: NDArray[np.float32], constants: Constants, radius: int) -> NDArray[np.int64]:
    density = _density(constants, radius)
    if constants.is_global or radius > constants.column_dimensions.max():
        return inhibit_globally(boosted, int(density * np.float32(boosted.size)), constants.stimulus_threshold)
    dimensions, wrap = constants.column_dimensions, constants.wrap
    return inhibit_locally(boosted, dimensions, radius, wrap, density, constants.stimulus_threshold)


@njit(cache=True)
def _learn(
    synapses: Synapses, duty: Duty, constants: Constants, is_on: NDArray[np.bool_], overlap: NDArray[np.float32],
    active: NDArray[np.int64],
) -> None:  # fmt: skip
    for c in active:
        connected = _adapt(synapses, constants, is_on, c)
        raise_to_threshold(synapses, c, constants.limit, constants.stimulus_threshold, connected)
    period = np.float32(min(constants.period, duty.counters[0]))
    decay, step = np.float32((period - np.float32(1)) / period), np.float32(np.float32(1) / period)
    below = np.float32(constants.connected / np.float32(10.0))
    for c in range(overlap.size):
        duty.overlap[c] *= decay
        duty.active[c] *= decay
        if overlap[c] > 0:
            duty.overlap[c] += step
    for c in active:
        duty.active[c] += step
    for c in range(overlap.size):
        if duty.overlap[c] < duty.least[c]:
            bump(synapses, c, below)
            connect_column(synapses, c, constants.limit)
    _boost(duty, constants)
    if duty.counters[0] % UPDATE_PERIOD == 0:
        duty.counters[1] = inhibition_radius(synapses, constants)
        _update_least(duty, constants)


@njit(cache=True)
def _adapt(synapses: Synapses, constants: Constants, is_on: NDArray[np.bool_], c: int) -> int:
    """Hebbian step of one winner; returns its number of connected synapses."""
    for k in range(synapses.start[c], synapses.start[c + 1]):
        change = constants.increment if is_on[synapses.inputs[k]] else -constants.decrement
        moved = np.float32(synapses.permanence[k] + change)
        synapses.permanence[k] = min(max(moved, np.float32(0.0)), np.float32(1.0))
    return connect_column(synapses, c, constants.limit)


@njit(cache=True)
def _boost(duty: Duty, constants: Constants) -> None:
    if constants.boost_strength < 1e-6:
        return
    radius = duty.counters[1]
    if constants.is_global:
        target = _density(constants, radius)
        for c in range(duty.boost.size):
            duty.boost[c] = math.exp(np.float32((target - duty.active[c]) * constants.boost_strength))
        return
    _, mean = local_extremes(duty.active, constants.column_dimensions, radius, constants.wrap)
    for c in range(duty.boost.size):
        duty.boost[c] = math.exp(np.float32((mean[c] - duty.active[c]) * constants.boost_strength))


@njit(cache=True)
def _update_least(duty: Duty, constants: Constants) -> None:
    """The overlap duty cycle below which a column is strengthened."""
    dimensions = constants.column_dimensions
    if constants.is_global or duty.counters[1] >= dimensions.max():
        duty.least[:] = constants.least_duty_cycle * duty.overlap.max()
        return
    largest, _ = local_extremes(duty.overlap, dimensions, duty.counters[1], constants.wrap)
    duty.least[:] = constants.least_duty_cycle * largest


@njit(cache=True)
def inhibition_radius(synapses: Synapses, constants: Constants) -> int:
    """How far columns compete: half the extent of connected inputs, measured in columns."""
    if constants.is_global:
        return int(constants.column_dimensions.max())
    span = connected_span(synapses, constants.input_dimensions, constants.connected)
    diameter: Any = span * np.mean(constants.column_dimensions / constants.input_dimensions)
    return int(np.floor(max(1.0, (diameter - 1.0) / 2.0) + 0.5))
