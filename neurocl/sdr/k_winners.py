"""k winners take all: of each row of activations the k largest stay, rarely active units being helped.

Boost       x exp(-beta d) decides who wins; d is a unit's duty cycle. The output is x itself
Threshold   all that reach the k-th largest stay, so ties may give more than k; or exactly k (`break_ties`)
Duty        over the last `period` samples, of which B are new: d <- (d (P - B) + number of outputs > 0) / P, where
            P = min(period, samples so far)
Source      Ahmad & Scheinkman (2019), arXiv:1903.11257
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import flag, non_negative_number, probability, whole_number
from neurocl.core.errors import NeuroclError
from neurocl.sdr._checks import number_array
from neurocl.sdr._saving import Saved

__all__ = ["KWinners", "duty_cycle_entropy", "k_winners"]


def k_winners(
    x: ArrayLike, k: int, *, duty_cycle: ArrayLike = 0.0, boost_strength: float = 0.0, break_ties: bool = False,
    relu: bool = False,
) -> NDArray[np.float64]:  # fmt: skip
    """Keep the `k` largest boosted activations of each row, and set the others to 0.

    Parameters
    ----------
    x : activations, [batch, unit].
    k : winners in a row, at most the units.
    duty_cycle : of each unit. Default 0.
    boost_strength : beta. Default 0: the activations themselves decide.
    break_ties : exactly `k` win, of equals the first. Default False: all equals win.
    relu : what is not positive does not win. Default False.
    """
    rows = _rows("k_winners", x)
    n_units = rows.shape[1]
    if whole_number("k_winners", "k", k) > n_units:
        raise NeuroclError(f"k_winners: k must be at most the {n_units} units, got {k}.")
    beta = non_negative_number("k_winners", "boost_strength", boost_strength)
    duty = number_array("k_winners", "duty_cycle", duty_cycle)
    if duty.shape not in ((), (n_units,)):
        raise NeuroclError(f"k_winners: duty_cycle must have one number for each of {n_units} units, got {duty.size}.")
    boosted = rows * np.exp(-beta * duty) if beta > 0 else rows
    if k == 0:
        return np.zeros_like(rows)
    if break_ties:
        kept = np.zeros(rows.shape, dtype=np.bool_)
        best = np.argsort(-boosted, axis=1, kind="stable")[:, :k]
        np.put_along_axis(kept, best, True, axis=1)
        kept &= (boosted > 0) if relu else True
    else:
        limit = np.partition(boosted, n_units - k, axis=1)[:, n_units - k, None]
        kept = boosted >= (np.maximum(limit, 0.0) if relu else limit)
    return np.where(kept, rows, 0.0)


class KWinners(Saved):
    """k winners with boosting by duty cycles.

    Parameters
    ----------
    n : units.
    percent_on : k / n during training; k is rounded, halves to the even number.
    k_inference_factor : k is multiplied by it outside training. Default 1.5.
    boost_strength, boost_strength_factor : beta, and its factor for each epoch. Defaults 1.0 and 0.9.
    duty_cycle_period : samples. Default 1000.
    break_ties, relu : as in `k_winners`.

    Attributes
    ----------
    duty_cycle : of each unit, float64 [unit].
    """

    def __init__(
        self, n: int, percent_on: float, *, k_inference_factor: float = 1.5, boost_strength: float = 1.0,
        boost_strength_factor: float = 0.9, duty_cycle_period: int = 1000, break_ties: bool = False, relu: bool = False,
    ) -> None:  # fmt: skip
        owner = "KWinners"
        self.n = whole_number(owner, "n", n, at_least=1)
        self.percent_on = probability(owner, "percent_on", percent_on)
        self.k_inference_factor = non_negative_number(owner, "k_inference_factor", k_inference_factor)
        self.k = round(self.n * self.percent_on)
        self.k_inference = int(self.k * self.k_inference_factor)
        if self.k_inference > self.n:
            raise NeuroclError(f"{owner}: k_inference_factor makes k = {self.k_inference}, more than the {n} units.")
        self.boost_strength = non_negative_number(owner, "boost_strength", boost_strength)
        self.boost_strength_factor = non_negative_number(owner, "boost_strength_factor", boost_strength_factor)
        self.duty_cycle_period = whole_number(owner, "duty_cycle_period", duty_cycle_period, at_least=1)
        self.break_ties, self.relu = flag(owner, "break_ties", break_ties), flag(owner, "relu", relu)
        self.duty_cycle: NDArray[np.float64] = np.zeros(self.n)
        self._n_seen = 0

    def __call__(self, x: ArrayLike, training: bool = False) -> NDArray[np.float64]:
        """The winners of each row [batch, unit]; in training the duty cycles follow."""
        rows = _rows("KWinners", x)
        if rows.shape[1] != self.n:
            raise NeuroclError(f"KWinners: expected [batch, {self.n}], got {list(rows.shape)}.")
        winners = k_winners(
            rows, self.k if training else self.k_inference, duty_cycle=self.duty_cycle,
            boost_strength=self.boost_strength, break_ties=self.break_ties, relu=self.relu,
        )  # fmt: skip
        if training:
            self._update(winners)
        return winners

    def end_epoch(self) -> None:
        """Weaken the boosting."""
        self.boost_strength *= self.boost_strength_factor

    @property
    def entropy(self) -> float:
        """Entropy of the duty cycles in bits; the most possible is n H(k / n)."""
        return duty_cycle_entropy(self.duty_cycle)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        names = ("n", "percent_on", "k_inference_factor", "boost_strength", "boost_strength_factor",
                 "duty_cycle_period", "break_ties", "relu")  # fmt: skip
        settings = {name: getattr(self, name) for name in names}
        return {"settings": settings, "n_seen": self._n_seen}, {"duty_cycle": self.duty_cycle}

    @classmethod
    def _from_file(cls, text: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> KWinners:
        layer = cls(**text["settings"])
        layer.duty_cycle, layer._n_seen = arrays["duty_cycle"], text["n_seen"]
        if layer.duty_cycle.shape != (layer.n,):
            raise ValueError("the duty cycles do not fit the units")
        return layer

    def _update(self, winners: NDArray[np.float64]) -> None:
        batch = winners.shape[0]
        if batch > self.duty_cycle_period:
            raise NeuroclError(f"KWinners: a batch of {batch} is longer than duty_cycle_period, use a longer period.")
        self._n_seen += batch
        period = min(self.duty_cycle_period, self._n_seen)
        self.duty_cycle = (self.duty_cycle * (period - batch) + (winners > 0).sum(axis=0)) / period


def duty_cycle_entropy(duty_cycle: ArrayLike) -> float:
    """Sum over units of the binary entropy of their duty cycles, in bits."""
    d = np.asarray(duty_cycle, dtype=np.float64)
    d = d[(d > 0.0) & (d < 1.0)]
    return float(-(d * np.log2(d) + (1.0 - d) * np.log2(1.0 - d)).sum())


def _rows(owner: str, x: ArrayLike) -> NDArray[np.float64]:
    rows = number_array(owner, "activations", x)
    if rows.ndim != 2 or not rows.shape[1]:
        raise NeuroclError(f"{owner}: expected [batch, unit], got {list(rows.shape)}; one row is x[None].")
    return rows
