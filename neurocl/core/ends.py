"""What a connection rule is and what it joins: the two ends of a projection, and the edges between them."""

from __future__ import annotations

import abc
from dataclasses import dataclass

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
    pre, post : array of int32, shape [number of edges]
        Positions within the ends.
    order : array of int64, optional
        Edge i is the one the user gave at place order[i], so that values given per edge are taken as
        given[order]. None for rules whose edges the user does not give.
    """

    pre: NDArray[np.int32]
    post: NDArray[np.int32]
    order: NDArray[np.int64] | None = None


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
            Positions `pre` and `post` in canonical order.

        Raises
        ------
        NeuroclError
            If the rule does not fit the ends; the sentence begins with `ends.where`.
        """
