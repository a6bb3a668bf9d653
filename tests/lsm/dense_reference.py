"""NALSM written down once more, densely and step by step in float64, to compare the package with.

Every neuron (liquid, then input) has one column; the age of each presynaptic spike is kept instead of a current.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.lsm import APSTDP, Liquid, Static
from neurocl.lsm.network import reaching_neurons

TRACE_DECAY = 0.9047744744744745


@dataclass
class Dense:
    """A liquid as matrices [post, pre]; `mask` tells which synapses there are, `reaches` what the astrocyte counts."""

    n: int
    n_exc: int
    weights: NDArray[np.float64]
    mask: NDArray[np.bool_]
    traces: NDArray[np.float64]
    calcium: NDArray[np.float64]
    reaches: NDArray[np.bool_]

    @classmethod
    def of(cls, liquid: Liquid) -> Dense:
        n, total = liquid.n, liquid.n + liquid.n_inputs
        weights, mask = np.zeros((n, total)), np.zeros((n, total), dtype=bool)
        for (pre, post), values, first in (
            (liquid.recurrent_synapses, liquid.weights.recurrent, 0),
            (liquid.input_synapses, liquid.weights.input, n),
        ):
            weights[post, first + pre], mask[post, first + pre] = values, True
        density, reaches = getattr(liquid.plasticity, "density", 1.0), np.zeros(total, dtype=bool)
        for name, size, first in (("liquid", n, 0), ("inp", liquid.n_inputs, n)):
            reaches[first + reaching_neurons(density, name, size, liquid.seed)] = True
        assert reaches[:n].sum() == -(-density * n // 1) and reaches[n:].sum() == -(-density * liquid.n_inputs // 1)
        return cls(n, liquid.n_exc, weights, mask, np.zeros(total), np.zeros(n), reaches)

    def flat(self, liquid: Liquid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Recurrent and input weights in the order of the liquid's synapses."""
        (pre, post), (inp, to) = liquid.recurrent_synapses, liquid.input_synapses
        return self.weights[post, pre], self.weights[to, self.n + inp]

    def run(self, events: NDArray[np.bool_], plasticity: object, decay: float) -> tuple[NDArray[np.bool_], list[float]]:
        """Show events [step, input]; returns spikes [step, neuron] and the rate of depression after each step."""
        n, total = self.mask.shape
        v, ages, left = np.zeros(total), np.full(total, 20), np.zeros(total, dtype=int)
        inhibitory = (np.arange(total) >= self.n_exc) & (np.arange(total) < n)
        low = np.where(inhibitory, -3.0, np.where(np.arange(total) < n, 0.0, -3.0))
        high = np.where(inhibitory, 0.0, 3.0)
        a_plus = a_minus = bias = getattr(plasticity, "a_plus", 0.0)
        w_astro = getattr(plasticity, "w_astro", 0.0)
        spikes, rates = np.zeros((len(events), total), dtype=bool), []
        for t, event in enumerate(events):
            s = (left <= 0) & (v >= 20)
            v[s] = 0.0
            spikes[t] = s
            self.calcium += -self.calcium / 1000 + s[:n]
            ages[s] = 0
            v = v - v / 64
            v[:n] += self.weights @ np.exp(-ages)
            v[n:] += 100.0 * event
            ages = np.minimum(ages + 1, 100)
            left = np.where(s, 2, left - 1)
            if not isinstance(plasticity, Static):
                self.learn(s, inhibitory, a_plus, a_minus, low, high, plasticity)
            self.traces = TRACE_DECAY * (self.traces + 0.1 * s)
            reaching = s * self.reaches
            a_minus += (w_astro * (reaching[:n].sum() - reaching[n:].sum()) + bias - a_minus) / 100
            a_plus, a_minus, w_astro, bias = (value * decay for value in (a_plus, a_minus, w_astro, bias))
            rates.append(a_minus)
        return spikes, rates

    def learn(
        self, s: Any, inhibitory: Any, a_plus: float, a_minus: float, low: Any, high: Any, plasticity: Any
    ) -> None:
        """Step 8: both terms, then one clip."""
        n = len(self.calcium)
        rise, fall = np.ones(n), np.ones(n)
        if isinstance(plasticity, APSTDP):
            c, th, width = self.calcium, plasticity.c_th, plasticity.c_width
            rise, fall = (th < c) & (c < th + width), (th - width < c) & (c < th)
        x, post, pre = self.traces, s[:n, None], s[None, :]
        early, late = x[None, :] * post, x[:n, None] * pre  # pre before post, post before pre
        up, down = np.where(inhibitory, late, early), np.where(inhibitory, early, late)
        change = rise[:, None] * a_plus * up - fall[:, None] * a_minus * down
        self.weights = np.where(self.mask, np.clip(self.weights + change, low, high), 0.0)
