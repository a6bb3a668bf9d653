"""Connection rules: which neuron of one population projects to which neuron of another.

    net.connect(inp, exc, FixedProbability(0.1), target="i_syn", weight=0.5)

A rule is a frozen description. `rule.draw(ends, rng)` makes the edges as *positions* within the two ends of a
projection (an end may be a slice of a population), in canonical order: sorted by pre, then by post, equal pairs in
the order given. So the edges of a presynaptic neuron lie together, and their number says what `pre` is.

A *multapse* is a pair that occurs several times, an *autapse* joins a neuron to itself. The rules are those of Senk
et al. (2022), Connectivity concepts in neuronal network modeling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core import _edge_drawing as drawing
from neurocl.core._checks import flag, positive_number, probability, whole_number
from neurocl.core.ends import Drawn, Ends, Rule
from neurocl.core.errors import NeuroclError

__all__ = [
    "AllToAll",
    "DistanceDependent",
    "Drawn",
    "Edges",
    "Ends",
    "FixedIndegree",
    "FixedOutdegree",
    "FixedProbability",
    "FixedTotalNumber",
    "OneToOne",
    "Rule",
]


@dataclass(frozen=True)
class AllToAll(Rule):
    """Every neuron to every neuron.

    Parameters
    ----------
    autapses : bool
        Whether a neuron may project to itself. Default True.
    """

    autapses: bool = True

    def __post_init__(self) -> None:
        flag("AllToAll", "autapses", self.autapses)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        return drawing.all_pairs(self, ends, ends.excluded_post(self.autapses))


@dataclass(frozen=True)
class OneToOne(Rule):
    """The first neuron to the first, the second to the second, and so on; both ends have the same size."""

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        if ends.n_pre != ends.n_post:
            raise NeuroclError(
                f"{ends.where}: OneToOne needs as many presynaptic as postsynaptic neurons, "
                f"got {ends.n_pre} and {ends.n_post}; connect slices of equal size."
            )
        return Drawn(np.ones(ends.n_pre, dtype=np.int64), np.arange(ends.n_pre, dtype=np.int32))


@dataclass(frozen=True)
class FixedProbability(Rule):
    """Every ordered pair independently with probability `p` (no multapses).

    Parameters
    ----------
    p : float
        Connection probability, in [0, 1].
    autapses : bool
        Whether a neuron may project to itself. Default True.
    """

    p: float
    autapses: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", probability("FixedProbability", "p", self.p))
        flag("FixedProbability", "autapses", self.autapses)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        return drawing.bernoulli(self, ends, self.p, ends.excluded_post(self.autapses), rng)


@dataclass(frozen=True)
class FixedIndegree(Rule):
    """Every postsynaptic neuron receives from `k` random presynaptic neurons.

    Parameters
    ----------
    k : int
        Edges per postsynaptic neuron, >= 0.
    autapses : bool
        Whether a neuron may project to itself. Default True.
    multapses : bool
        Whether sources are drawn with replacement. Default True.
    """

    k: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        _check_counted("FixedIndegree", "k", self)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        excluded = ends.excluded_pre(self.autapses)
        return drawing.fixed_indegree(self, ends, self.k, excluded, self.multapses, rng)


@dataclass(frozen=True)
class FixedOutdegree(Rule):
    """Every presynaptic neuron projects to `k` random postsynaptic neurons.

    Parameters
    ----------
    k : int
        Edges per presynaptic neuron, >= 0.
    autapses : bool
        Whether a neuron may project to itself. Default True.
    multapses : bool
        Whether targets are drawn with replacement. Default True.
    """

    k: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        _check_counted("FixedOutdegree", "k", self)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        excluded = ends.excluded_post(self.autapses)
        return drawing.fixed_outdegree(self, ends, self.k, excluded, self.multapses, rng)


@dataclass(frozen=True)
class FixedTotalNumber(Rule):
    """`n` edges, drawn uniformly over all ordered pairs.

    Parameters
    ----------
    n : int
        Number of edges, >= 0.
    autapses : bool
        Whether a neuron may project to itself. Default True.
    multapses : bool
        Whether pairs are drawn with replacement. Default True.
    """

    n: int
    autapses: bool = True
    multapses: bool = True

    def __post_init__(self) -> None:
        _check_counted("FixedTotalNumber", "n", self)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        excluded = ends.excluded_post(self.autapses)
        draw = drawing.total_with_replacement if self.multapses else drawing.total_without_replacement
        return draw(self, ends, self.n, excluded, rng)


@dataclass(frozen=True)
class DistanceDependent(Rule):
    """Every ordered pair independently with a probability that falls with the distance D of the two neurons.

    gaussian     probability * exp(-(D / length)^2), as in liquid state machines (Maass et al. 2002)
    exponential  probability * exp(-D / length)

    Parameters
    ----------
    probability : float
        Connection probability at distance 0, in [0, 1].
    length : float
        Length over which the probability falls, > 0, in the unit of the positions.
    kernel : {"gaussian", "exponential"}
        Shape of the fall. Default "gaussian".
    autapses : bool
        Whether a neuron may project to itself. Default False.
    """

    probability: float
    length: float
    kernel: Literal["gaussian", "exponential"] = "gaussian"
    autapses: bool = False

    def __post_init__(self) -> None:
        chance = probability("DistanceDependent", "probability", self.probability)
        object.__setattr__(self, "probability", chance)
        object.__setattr__(self, "length", positive_number("DistanceDependent", "length", self.length))
        if self.kernel not in ("gaussian", "exponential"):
            raise NeuroclError(
                f"DistanceDependent: kernel must be 'gaussian' or 'exponential', got {self.kernel!r}."
            )
        flag("DistanceDependent", "autapses", self.autapses)

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        excluded = ends.excluded_post(self.autapses)
        return drawing.distance_dependent(
            self, ends, self.probability, self.length, self.kernel == "gaussian", excluded, rng
        )


@dataclass(frozen=True, eq=False, repr=False)
class Edges(Rule):
    """The edges given: neuron `pre[i]` to neuron `post[i]`; a pair may occur several times.

    Weights and delays given as arrays are in the same order as `pre` and `post`.

    Parameters
    ----------
    pre, post : array of int, shape [number of edges]
        Positions (from 0) within the two ends of the projection: within the slice, where a slice is joined.
    """

    pre: ArrayLike
    post: ArrayLike

    def __post_init__(self) -> None:
        for name in ("pre", "post"):
            object.__setattr__(self, name, _read_only_positions(name, getattr(self, name)))
        if np.size(self.pre) != np.size(self.post):
            raise NeuroclError(
                "Edges: pre and post must have the same length, "
                f"got {np.size(self.pre)} and {np.size(self.post)}."
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edges) and self._bytes() == other._bytes()

    def __hash__(self) -> int:
        return hash(self._bytes())

    def __repr__(self) -> str:
        return f"Edges(<{np.size(self.pre)} edges>)"

    def _bytes(self) -> tuple[bytes, bytes]:
        return np.asarray(self.pre).tobytes(), np.asarray(self.post).tobytes()

    def draw(self, ends: Ends, rng: np.random.Generator) -> Drawn:
        pre, post = np.asarray(self.pre), np.asarray(self.post)
        for name, positions, size in (("pre", pre, ends.n_pre), ("post", post, ends.n_post)):
            if positions.size and positions.max() >= size:
                raise NeuroclError(
                    f"{ends.where}: Edges: {name} holds the index {positions.max()}, but that end has only "
                    f"{size} neurons; indices count from 0 within the end."
                )
        order = drawing.canonical_order(pre, post, ends.n_pre, ends.n_post)
        counts = drawing.counts_of(pre, ends.n_pre)
        return Drawn(counts, post.copy() if order is None else post[order], order)


def _check_counted(owner: str, name: str, rule: Any) -> None:
    """Check the fields of a rule that has a number of edges, autapses and multapses."""
    object.__setattr__(rule, name, whole_number(owner, name, getattr(rule, name)))
    flag(owner, "autapses", rule.autapses)
    flag(owner, "multapses", rule.multapses)


def _read_only_positions(name: str, given: Any) -> NDArray[np.int32]:
    """A read-only int32 copy of a list or array of indices."""
    try:
        array = np.asarray(given)
    except ValueError:  # a ragged list
        raise NeuroclError(f"Edges: {name} must be one flat list of whole numbers, got {given!r}.") from None
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise NeuroclError(
            f"Edges: {name} must be a one-dimensional array of whole numbers (indices), "
            f"got shape {array.shape} and type {array.dtype}."
        )
    if array.size and not 0 <= array.min() <= array.max() < 2**31:
        bad = array.min() if array.min() < 0 else array.max()
        raise NeuroclError(f"Edges: {name} holds the index {bad}; indices lie between 0 and 2**31 - 1.")
    positions = array.astype(np.int32)
    positions.flags.writeable = False
    return positions
