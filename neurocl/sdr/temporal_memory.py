"""The temporal memory: a high-order sequence memory of columns, cells and dendritic segments.

Predict     a cell is predicted if one of its segments has `activation_threshold` connected synapses on active cells
Activate    of an active column the predicted cells fire; where none is predicted, all fire (the column bursts)
Anomaly     fraction of active columns that burst
Learn       segments that predicted rightly strengthen synapses from cells that were active, weaken the others and
            grow to cells that won before; a bursting column teaches its best segment, or a new one
Source      Hawkins & Ahmad (2016), Front. Neural Circuits 10:23; steps, order of random numbers and float32
            arithmetic are those of the library htm.core, so that both can be compared step by step
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import flag
from neurocl.core.errors import NeuroclError
from neurocl.sdr._checks import batch_of_size, dimensions_of, parameters_of, sdr_of_size
from neurocl.sdr._memory_kernels import IS_FRESH, N_ACTIVE, N_MATCHING, N_WINNERS, Cells, dendrites, run
from neurocl.sdr._memory_learning import Constants
from neurocl.sdr._saving import Saved
from neurocl.sdr._segments import EPSILON, N_ALIVE, N_SYNAPSES, Segments, empty_segments, with_more_room
from neurocl.sdr.batch import SDRBatch
from neurocl.sdr.memory_parameters import MemoryParameters
from neurocl.sdr.mersenne import MersenneTwister
from neurocl.sdr.sdr import SDR

__all__ = ["TemporalMemory"]

_NO_CONTEXT = np.zeros(0, dtype=np.int64)


class TemporalMemory(Saved):
    """A temporal memory.

    Parameters
    ----------
    columns : dimensions of the columns.
    parameters : default those of `MemoryParameters`.
    seed : of the random choices during learning.

    Attributes
    ----------
    anomaly : of the latest step, 0 (all predicted) to 1 (nothing predicted).
    active_cells, winner_cells, predictive_cells : SDRs of columns x cells; cell i of column c is c * cells + i.
    n_segments, n_synapses : numbers now.

    Examples
    --------
    >>> memory = TemporalMemory(100, MemoryParameters(cells_per_column=4, activation_threshold=5, min_threshold=3))
    >>> a, b = SDR(100, range(10)), SDR(100, range(50, 60))
    >>> for _ in range(10):
    ...     memory.reset()
    ...     surprise = [memory.compute(a), memory.compute(b)]
    >>> surprise
    [1.0, 0.0]
    """

    def __init__(
        self, columns: int | Sequence[int], parameters: MemoryParameters | None = None, *, seed: int = 42
    ) -> None:
        self.column_dimensions = dimensions_of("TemporalMemory", "columns", columns)
        self.parameters = parameters_of("TemporalMemory", parameters, MemoryParameters)
        n = self.n_cells + self.parameters.context_size
        if n >= 2**30:
            raise NeuroclError(f"TemporalMemory: {n} cells and context bits are too many; the most is {2**30 - 1}.")
        self.anomaly = 0.0
        self._constants = _constants(self.parameters)
        self._segments = empty_segments(self.n_cells, n)
        self._cells = _silent(n, self._segments.cell.size, MersenneTwister(seed).state)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return math.prod(self.column_dimensions) * self.parameters.cells_per_column

    def compute(self, columns: SDR, learn: bool = True, context: SDR | None = None) -> float:
        """Take the next active columns and return the anomaly.

        Parameters
        ----------
        columns : active columns.
        learn : whether segments change.
        context : bits that predict cells beside the cells active before; an SDR of `context_size` bits.
        """
        given = sdr_of_size("TemporalMemory.compute", "columns", columns, math.prod(self.column_dimensions))
        self._advance(SDRBatch.of([given]), flag("TemporalMemory.compute", "learn", learn), self._context(context))
        return self.anomaly

    def run(self, sequence: SDRBatch, learn: bool = True) -> NDArray[np.float64]:
        """Take the rows of a batch one after the other; returns the anomaly of each."""
        batch_of_size("TemporalMemory.run", "sequence", sequence, math.prod(self.column_dimensions))
        return self._advance(sequence, flag("TemporalMemory.run", "learn", learn), _NO_CONTEXT)

    def activate_dendrites(self, context: SDR | None = None) -> None:
        """Predict the next cells from those active now and from `context`; the next step uses this prediction."""
        bits = self._context(context)
        if not self._cells.sizes[IS_FRESH]:
            dendrites(self._segments, self._cells, bits, self._constants)

    def reset(self) -> None:
        """Forget what was active, as before a new sequence; what was learned stays."""
        cells = self._cells
        cells.is_active[:] = False
        cells.overlap[:] = 0
        cells.sizes[:] = 0
        self.anomaly = 0.0

    @property
    def active_cells(self) -> SDR:
        """Cells that fired in the latest step."""
        return self._as_sdr(self._cells.active[: self._cells.sizes[N_ACTIVE]])

    @property
    def winner_cells(self) -> SDR:
        """One learning cell, or more where several were predicted, of each active column."""
        return self._as_sdr(self._cells.winners[: self._cells.sizes[N_WINNERS]])

    @property
    def predictive_cells(self) -> SDR:
        """Cells that are predicted for the next step; without `activate_dendrites` before, without a context."""
        self.activate_dendrites()
        found = self._cells.matching[: self._cells.sizes[N_MATCHING]]
        active = found[(self._cells.overlap[found] >> 32) >= self.parameters.activation_threshold]
        return self._as_sdr(np.unique(self._segments.cell[active]))

    @property
    def predicted_columns(self) -> SDR:
        """Columns with a predicted cell."""
        cells = self.predictive_cells.indices
        return SDR(self.column_dimensions, np.unique(cells // self.parameters.cells_per_column))

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self._segments.counters[N_ALIVE])

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return int(self._segments.counters[N_SYNAPSES])

    def _advance(self, rows: SDRBatch, learn: bool, context: NDArray[np.int64]) -> NDArray[np.float64]:
        anomaly, room, row = np.zeros(len(rows)), np.zeros(3, dtype=np.int64), 0
        while row < len(rows):
            row = run(
                self._segments, self._cells, self._constants, rows.start, rows.indices, context, learn, row, anomaly,
                room,
            )  # fmt: skip
            if row < len(rows):
                self._segments = with_more_room(self._segments, *(int(number) for number in room))
                self._cells = _with_segments(self._cells, self._segments.cell.size)
        if len(rows):
            self.anomaly = float(anomaly[-1])
        return anomaly

    def _context(self, context: SDR | None) -> NDArray[np.int64]:
        if context is None:
            return _NO_CONTEXT
        if self._cells.sizes[IS_FRESH]:
            raise NeuroclError(
                "TemporalMemory: the next cells are predicted already, without this context; give it to"
                " activate_dendrites before reading predictive_cells."
            )
        given = sdr_of_size("TemporalMemory", "context", context, self.parameters.context_size)
        return given.indices.astype(np.int64) + self.n_cells

    def _as_sdr(self, cells: NDArray[Any]) -> SDR:
        own = cells[cells < self.n_cells]
        return SDR((*self.column_dimensions, self.parameters.cells_per_column), own)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        text = {"columns": list(self.column_dimensions), "parameters": dataclasses.asdict(self.parameters)}
        arrays = {f"segments_{name}": array for name, array in self._segments._asdict().items()}
        arrays |= {f"cells_{name}": array for name, array in self._cells._asdict().items()}
        return {**text, "anomaly": self.anomaly}, arrays

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TemporalMemory:
        memory = cls(text["columns"], MemoryParameters(**text["parameters"]))
        memory.anomaly = float(text["anomaly"])
        memory._segments = Segments(*(arrays[f"segments_{name}"] for name in Segments._fields))
        memory._cells = Cells(*(arrays[f"cells_{name}"] for name in Cells._fields))
        if (
            memory._segments.first.shape != (memory.n_cells,)
            or memory._cells.overlap.size != memory._segments.cell.size
        ):
            raise ValueError("the segments do not fit the cells")
        return memory


def _constants(p: MemoryParameters) -> Constants:
    single = np.float32
    return Constants(
        p.cells_per_column, p.activation_threshold, p.min_threshold, p.max_new_synapses, single(p.initial_permanence),
        single(p.connected_permanence) - EPSILON, single(p.permanence_increment), single(p.permanence_decrement),
        single(p.predicted_segment_decrement), p.max_segments_per_cell, p.max_synapses_per_segment,
    )  # fmt: skip


def _silent(n: int, n_segments: int, random: NDArray[np.uint32]) -> Cells:
    return Cells(
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n_segments, np.int64), np.zeros(n_segments, np.int64),
        np.zeros(n, np.bool_), np.full(n, -1, np.int32), np.zeros(4, np.int64), random,
    )  # fmt: skip


def _with_segments(cells: Cells, n_segments: int) -> Cells:
    """The same with room for so many segments."""
    more = n_segments - cells.overlap.size
    return cells._replace(matching=np.pad(cells.matching, (0, more)), overlap=np.pad(cells.overlap, (0, more)))
