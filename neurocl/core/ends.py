"""What a connection rule is and what it joins: the two ends of a projection, and the edges between them."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError


@dataclass(frozen=True, eq=False)
class Ends:
    """The neurons that a projection joins.

    Parameters
    ----------
    pre_ids, post_ids : array of int64, shapes [n_pre], [n_post]
        Indices of the selected neurons inside their populations, each at most once.
    same : bool
        Whether both ends are slices of one population; then positions a and b with pre_ids[a] == post_ids[b]
        are the same neuron.
    pre_positions, post_positions : array of float64, shapes [n_pre, 3], [n_post, 3], optional
        Where the selected neurons are; None if their population has no positions.
    where : str
        The projection in words, which begins the errors: "projection 'rec' (exc -> exc)".
    """

    pre_ids: NDArray[np.int64]
    post_ids: NDArray[np.int64]
    same: bool = False
    pre_positions: NDArray[np.float64] | None = None
    post_positions: NDArray[np.float64] | None = None
    where: str = "projection"

    @property
    def n_pre(self) -> int:
        """Number of presynaptic neurons."""
        return len(self.pre_ids)

    @property
    def n_post(self) -> int:
        """Number of postsynaptic neurons."""
        return len(self.post_ids)

    def excluded_post(self, autapses: bool) -> NDArray[np.int64]:
        """For each presynaptic position the postsynaptic one it must not reach, or -1; int64 [n_pre]."""
        return self._partner(self.pre_ids, self.post_ids, autapses)

    def excluded_pre(self, autapses: bool) -> NDArray[np.int64]:
        """For each postsynaptic position the presynaptic one it must not hear, or -1; int64 [n_post]."""
        return self._partner(self.post_ids, self.pre_ids, autapses)

    def _partner(
        self, ids: NDArray[np.int64], others: NDArray[np.int64], autapses: bool
    ) -> NDArray[np.int64]:
        """For each of `ids` its position in `others` if that pair is a forbidden autapse, otherwise -1."""
        partner = np.full(len(ids), -1, dtype=np.int64)
        if autapses or not self.same or not len(ids) or not len(others):
            return partner
        position = np.full(max(ids.max(), others.max()) + 1, -1, dtype=np.int64)
        position[others] = np.arange(len(others))
        if np.count_nonzero(position >= 0) < len(others):
            raise NeuroclError(
                f"{self.where}: autapses=False needs ends that hold each neuron once, but one end holds a "
                "neuron twice; select each neuron once."
            )
        return position[ids]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Edges in canonical order: sorted by pre, then by post, equal pairs in the order given.

    Parameters
    ----------
    counts : array of int64, shape [n_pre]
        Number of edges of each presynaptic position.
    post : array of int32, shape [number of edges]
        Postsynaptic positions, those of the first presynaptic position first.
    order : array of int64, optional
        Edge i is the one the user gave at place order[i], so that values given per edge are taken as
        given[order]. None if the places are the same, and for rules whose edges the user does not give.
    """

    counts: NDArray[np.int64]
    post: NDArray[np.int32]
    order: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of edges."""
        return len(self.post)

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Where the edges of each presynaptic position begin; int64 [n_pre + 1]."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts)])

    @property
    def pre(self) -> NDArray[np.int32]:
        """Presynaptic position of each edge; int32 [number of edges], made anew at each call."""
        return self.pre_between(0, self.n)

    def pre_between(self, first: int, end: int) -> NDArray[np.int32]:
        """Presynaptic positions of the edges `first` to `end` - 1."""
        if first >= end:
            return np.zeros(0, np.int32)
        low, high = np.searchsorted(self.start, [first, end - 1], side="right") - 1
        begin = np.clip(self.start[low : high + 2], first, end)
        return np.repeat(np.arange(low, high + 1, dtype=np.int32), np.diff(begin))


class Rule(abc.ABC):
    """What every connection rule offers: `draw`."""

    @abc.abstractmethod
    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        """Draw the edges between two ends.

        Parameters
        ----------
        ends : Ends
            The neurons of both sides.
        rng : np.random.Generator
            Source of randomness; the same state gives the same edges.

        Returns
        -------
        Drawn
            The edges in canonical order, as a count for each presynaptic position and the postsynaptic positions.

        Raises
        ------
        NeuroclError
            If the rule does not fit the ends; the sentence begins with `ends.where`.
        """
