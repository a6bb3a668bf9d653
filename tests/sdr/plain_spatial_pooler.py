"""The steps of the spatial pooler in plain Python and float32: the referee of the compiled one."""

from __future__ import annotations

import itertools
import math

import numpy as np

from neurocl.sdr import MersenneTwister, PoolerParameters

single = np.float32
Shape = tuple[int, ...]
EPSILON = single(1e-6)


def neighbourhood(center: int, radius: int, shape: Shape, wrap: bool) -> list[int]:
    """All places within `radius` in every dimension, in C order from -radius on; on a ring each once."""
    lines = []
    for place, length in zip(np.unravel_index(center, shape), shape, strict=True):
        line = [int(place) + offset for offset in range(-radius, radius + 1)]
        lines.append(list(dict.fromkeys(k % length for k in line)) if wrap else [k for k in line if 0 <= k < length])
    return [int(np.ravel_multi_index(place, shape)) for place in itertools.product(*lines)]


class PlainSpatialPooler:
    """Same arguments, same numbers."""

    def __init__(self, inputs: Shape, columns: Shape, parameters: PoolerParameters, seed: int) -> None:
        self.inputs, self.columns, self.p = inputs, columns, parameters
        self.n, self.m = math.prod(inputs), math.prod(columns)
        self.connected = single(parameters.connected_permanence)
        self.synapses: list[np.ndarray] = []
        self.permanence: list[np.ndarray] = []
        random = MersenneTwister(seed)
        for c in range(self.m):
            self._wire(c, random)
            self._raise(c)
        self.overlap_duty, self.active_duty, self.least_duty = np.zeros((3, self.m), dtype=single)
        self.boost, self.iteration = np.ones(self.m, dtype=single), 0
        self._update_radius()

    def _wire(self, c: int, random: MersenneTwister) -> None:
        place = np.unravel_index(c, self.columns)
        center = [int((k + 0.5) * n / m) for k, n, m in zip(place, self.inputs, self.columns, strict=True)]
        flat = int(np.ravel_multi_index(tuple(center), self.inputs))
        reach = neighbourhood(flat, min(self.p.potential_radius, self.n), self.inputs, self.p.wrap_around)
        chosen = sorted(random.sample(np.array(reach), math.floor(len(reach) * self.p.potential_fraction + 0.5)))
        limits = ((self.connected, 1.0), (0.0, self.connected))
        self.synapses.append(np.array(chosen))
        self.permanence.append(np.array([random.uniform(*limits[random.real() > 0.5]) for _ in chosen], dtype=single))

    def _change(self, c: int, change: np.ndarray | np.float32) -> None:
        self.permanence[c] = np.clip((self.permanence[c] + change).astype(single), single(0), single(1))

    def _raise(self, c: int) -> None:
        """Let a column have as many connected synapses as the stimulus threshold asks for."""
        threshold, ordered = self.p.stimulus_threshold, np.sort(self.permanence[c])[::-1]
        limit = self.connected - EPSILON
        if threshold and len(ordered) and (ordered >= limit).sum() < threshold:
            self._change(c, max(single(0), single(limit - ordered[min(threshold, len(ordered)) - 1])))

    def _update_radius(self) -> None:
        self.radius = max(self.columns)
        if self.p.global_inhibition:
            return
        spans = 0.0
        for synapses, permanence in zip(self.synapses, self.permanence, strict=True):
            on = synapses[permanence >= self.connected + EPSILON]
            spans += np.mean([k.max() - k.min() + 1 for k in np.unravel_index(on, self.inputs)]) if len(on) else 0.0
        ratio = np.mean([m / n for m, n in zip(self.columns, self.inputs, strict=True)])
        self.radius = math.floor(max(1.0, (spans / self.m * ratio - 1.0) / 2.0) + 0.5)

    def _density(self) -> np.float32:
        if not self.p.active_per_area:
            return single(self.p.density)
        area = math.prod(min(length, 2 * self.radius + 1) for length in self.columns)
        return single(min(0.5, self.p.active_per_area / area))

    def _around(self, c: int) -> list[int]:
        return neighbourhood(c, self.radius, self.columns, self.p.wrap_around)

    def _winners(self, boosted: np.ndarray) -> list[int]:
        density, least = self._density(), self.p.stimulus_threshold
        if self.p.global_inhibition or self.radius > max(self.columns):
            best = sorted(range(self.m), key=lambda c: (-boosted[c], -c))[: int(density * single(self.m))]
            return sorted(c for c in best if boosted[c] >= least)
        chosen: list[int] = []
        for c in range(self.m):
            around = self._around(c)
            better = [q for q in around if boosted[q] > boosted[c] or (boosted[q] == boosted[c] and q in chosen)]
            if boosted[c] >= least and len(better) < int(single(0.5) + density * single(len(around))):
                chosen.append(c)
        return chosen

    def compute(self, active: list[int], learn: bool) -> list[int]:
        self.iteration += 1
        on = np.isin(np.arange(self.n), active)
        limit = self.connected - EPSILON
        overlap = np.array([(on[s] & (p >= limit)).sum() for s, p in zip(self.synapses, self.permanence, strict=True)])
        boosts = self.p.boost_strength >= 1e-6
        winners = self._winners(overlap.astype(single) * (self.boost if boosts else single(1)))
        if learn:
            self._learn(on, overlap, winners)
        return winners

    def _learn(self, on: np.ndarray, overlap: np.ndarray, winners: list[int]) -> None:
        up, down = single(self.p.permanence_increment), -single(self.p.permanence_decrement)
        for c in winners:
            self._change(c, np.where(on[self.synapses[c]], up, down))
            self._raise(c)
        period = single(min(self.p.duty_cycle_period, self.iteration))
        for duty, counted in ((self.overlap_duty, overlap > 0), (self.active_duty, winners)):
            duty *= (period - single(1)) / period
            duty[counted] += single(1) / period
        for c in np.flatnonzero(self.overlap_duty < self.least_duty):
            self._change(c, self.connected / single(10))
        if self.p.boost_strength >= 1e-6:
            for c in range(self.m):
                away = single(self._target(c) - self.active_duty[c]) * single(self.p.boost_strength)
                self.boost[c] = single(math.exp(away))
        if self.iteration % 50 == 0:
            self._update_radius()
            everywhere = self.p.global_inhibition or self.radius >= max(self.columns)
            for c in range(self.m):
                around = slice(None) if everywhere else self._around(c)
                self.least_duty[c] = single(self.p.least_duty_cycle) * self.overlap_duty[around].max()

    def _target(self, c: int) -> np.float32:
        if self.p.global_inhibition:
            return self._density()
        around, total = self._around(c), single(0)
        for q in around:  # one by one, as a sum of float32 depends on its order
            total += self.active_duty[q]
        return total / single(len(around))
