"""The steps of the temporal memory in plain Python, with lists and dictionaries: the referee of the compiled one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neurocl.sdr import MemoryParameters, MersenneTwister
from neurocl.sdr.mersenne import shuffle

single = np.float32


@dataclass
class Synapse:
    """One synapse; numbers are used again, the last freed first."""

    source: int
    permanence: np.float32
    number: int


@dataclass
class Segment:
    """One segment of a cell."""

    cell: int
    number: int
    synapses: list[Synapse] = field(default_factory=list)


class PlainTemporalMemory:
    """Same arguments, same numbers."""

    def __init__(self, columns: int, parameters: MemoryParameters, seed: int) -> None:
        self.p, self.n_cells = parameters, columns * parameters.cells_per_column
        self.random = MersenneTwister(seed)
        self.segments: dict[int, Segment] = {}
        self.free_segments: list[int] = []
        self.free_synapses: list[int] = []
        self.n_segments = self.n_synapses = 0
        self.limit = single(parameters.connected_permanence) - single(1e-6)
        self.reset()

    def reset(self) -> None:
        self.active: list[int] = []
        self.winners: list[int] = []

    def synapses(self) -> list[tuple[int, list[tuple[int, float]]]]:
        return sorted(
            (s.cell, sorted((y.source, float(y.permanence)) for y in s.synapses)) for s in self.segments.values()
        )

    def counts(self, active: set[int]) -> list[tuple[Segment, int, int]]:
        """Segments by cell and number, with their connected and all active synapses."""
        found = []
        for s in sorted(self.segments.values(), key=lambda s: (s.cell, s.number)):
            on = [y for y in s.synapses if y.source in active]
            found.append((s, sum(bool(y.permanence >= self.limit) for y in on), len(on)))
        return found

    def predictive(self) -> list[int]:
        counted = self.counts(set(self.active))
        return sorted({s.cell for s, n, _ in counted if n >= self.p.activation_threshold})

    def compute(self, columns: list[int], context: list[int]) -> float:
        p, k = self.p, self.p.cells_per_column
        extra = [self.n_cells + bit for bit in context]
        was_active, winners = set(self.active + extra), self.winners + extra
        counted = self.counts(was_active)
        strong = [s for s, n, _ in counted if n >= p.activation_threshold]
        matching = [(s, n) for s, _, n in counted if n >= p.min_threshold]
        active_columns = set(columns)
        self.active, self.winners = [], []
        surprises = 0
        for column in sorted(active_columns | {s.cell // k for s in strong} | {s.cell // k for s, _ in matching}):
            own = [s for s in strong if s.cell // k == column]
            near = [(s, n) for s, n in matching if s.cell // k == column]
            if column not in active_columns:
                if p.predicted_segment_decrement > 0:
                    for s, _ in near:
                        self.adapt(s, was_active, -single(p.predicted_segment_decrement), single(0))
            elif own:
                for cell in sorted({s.cell for s in own}):
                    self.active.append(cell)
                    self.winners.append(cell)
                for s in own:
                    self.learn(s, dict((id(a), n) for a, n in near)[id(s)], was_active, winners)
            else:
                surprises += 1
                self.burst(column, near, was_active, winners)
        return surprises / len(columns) if columns else 0.0

    def burst(self, column: int, near: list[tuple[Segment, int]], was_active: set[int], winners: list[int]) -> None:
        p, k = self.p, self.p.cells_per_column
        cells = list(range(column * k, (column + 1) * k))
        self.active += cells
        if near:
            s, n = max(near, key=lambda pair: pair[1])
            self.winners.append(s.cell)
            self.learn(s, n, was_active, winners)
            return
        before = [cell for cell in winners if cell // k == column]
        if k == 1 or before:
            cell = before[0] if before else column
        else:
            self.shuffled(cells)
            cell = min(cells, key=lambda c: (sum(s.cell == c for s in self.segments.values()), c))
        self.winners.append(cell)
        if winners:
            self.grow(self.new_segment(cell), winners, p.max_new_synapses)

    def learn(self, s: Segment, n: int, was_active: set[int], winners: list[int]) -> None:
        p = self.p
        self.adapt(s, was_active, single(p.permanence_increment), single(p.permanence_decrement))
        if p.max_new_synapses - n > 0:
            self.grow(s, winners, p.max_new_synapses - n)

    def adapt(self, s: Segment, was_active: set[int], up: np.float32, down: np.float32) -> None:
        faded = []
        for y in s.synapses:
            changed = single(y.permanence + (up if y.source in was_active else -down))
            if changed < single(1e-6):
                faded.append(y)
            else:
                y.permanence = min(changed, single(1))
        for y in faded:
            self.drop(s, y)
        if len(s.synapses) < self.p.min_threshold:
            self.remove(s)

    def grow(self, s: Segment, winners: list[int], n_new: int) -> None:
        n = min(n_new, len(winners))
        for _ in range(len(s.synapses) + n - self.p.max_synapses_per_segment):
            spared = [y for y in s.synapses if y.source not in winners]
            if spared:
                self.drop(s, min(spared, key=lambda y: (y.permanence, y.number)))
        wanted = len(s.synapses) + min(n, self.p.max_synapses_per_segment - len(s.synapses))
        candidates = self.shuffled(winners) if n_new < len(winners) else winners
        for cell in candidates:
            if len(s.synapses) == wanted:
                break
            there = [y for y in s.synapses if y.source == cell]
            if there:
                there[0].permanence = max(there[0].permanence, single(self.p.initial_permanence))
            else:
                number = self.free_synapses.pop() if self.free_synapses else self.n_synapses
                self.n_synapses += number == self.n_synapses
                s.synapses.append(Synapse(cell, single(self.p.initial_permanence), number))

    def new_segment(self, cell: int) -> Segment:
        while len(own := [s for s in self.segments.values() if s.cell == cell]) >= self.p.max_segments_per_cell:
            self.remove(min(own, key=lambda s: (self.strength(s), s.number)))
        number = self.free_segments.pop() if self.free_segments else self.n_segments
        self.n_segments += number == self.n_segments
        self.segments[number] = Segment(cell, number)
        return self.segments[number]

    def strength(self, s: Segment) -> np.float32:
        total = single(0)
        for y in s.synapses:
            total = single(total + single(y.permanence * y.permanence))
        return total

    def drop(self, s: Segment, y: Synapse) -> None:
        place = next(k for k, other in enumerate(s.synapses) if other is y)
        s.synapses[place] = s.synapses[-1]
        s.synapses.pop()
        self.free_synapses.append(y.number)

    def remove(self, s: Segment) -> None:
        while s.synapses:
            self.drop(s, s.synapses[-1])
        del self.segments[s.number]
        self.free_segments.append(s.number)

    def shuffled(self, cells: list[int]) -> list[int]:
        array = np.array(cells, dtype=np.int64)
        shuffle(self.random.state, array)
        return array.tolist()
