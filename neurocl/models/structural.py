"""Structural plasticity between runs: synapses are removed, and new ones grow where there were none.

Use          sim.run(100.0); replace_weakest(sim, "rec", 0.3, rng): one projection changes, at the time that the
             simulation has reached
Weakest      replace_weakest, sparse evolutionary training: a fraction of the synapses, the smallest |w|, is replaced
Negative     replace_negative, DEEP R: synapses whose weight has changed its sign are replaced; the learning rule must
             let weights cross 0, with noise
SORN         grow_and_prune: synapses with w <= 0 go, and with probability p one new synapse comes
Places       new synapses lie between neurons that the projection connects and that have no synapse in it yet, each pair
             as likely as any other; no neuron gets a synapse onto itself. The first two keep the number of synapses.
Units        w as in the projection
Source       Mocanu et al. (2018), Nat. Commun. 9:2383; Bellec, Kappel, Maass & Legenstein (2018), ICLR (DEEP R);
             Zheng, Dimitrakakis & Triesch (2013), PLoS Comput. Biol. 9:e1002848 (SORN, p = 0.1 and w = 0.001 per step).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.core._checks import finite_number, probability
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.simulator import Simulator
from neurocl.models._between_runs import check_rewiring

__all__ = ["grow_and_prune", "replace_negative", "replace_weakest"]


def replace_weakest(
    sim: Simulator, projection: str, fraction: float, rng: np.random.Generator, weight: float = 0.0
) -> int:
    """Replace the `fraction` of the synapses with the smallest |w| by as many new ones (Mocanu et al. 2018).

    Parameters
    ----------
    sim : a simulation on the Numba engine, between two runs.
    projection : its name; its synapses must have weights of their own.
    fraction : 0 to 1, rounded down to whole synapses.
    rng : draws the places of the new synapses.
    weight : of the new synapses, in the unit of the projection's target.

    Returns
    -------
    int
        The number of synapses replaced.

    Raises
    ------
    NeuroclError
        For an unknown projection, a value outside its range, or too few free places.
    """
    check_rewiring("replace_weakest", sim, projection, rng)
    share = probability("replace_weakest", "fraction", fraction)
    w = _weights(sim, projection)
    order = np.argsort(np.abs(w), kind="stable")
    return _replace(sim, projection, order[: int(share * w.size)], rng, weight)


def replace_negative(
    sim: Simulator, projection: str, rng: np.random.Generator, weight: float = 0.0, sign: int = 1
) -> int:
    """Replace the synapses whose weight has left its `sign` by as many new ones (DEEP R, Bellec et al. 2018).

    Parameters
    ----------
    sim, projection, rng, weight : as in `replace_weakest`.
    sign : 1 for excitatory synapses (w < 0 are replaced), -1 for inhibitory ones.

    Returns
    -------
    int
        The number of synapses replaced.

    Raises
    ------
    NeuroclError
        For an unknown projection, another `sign`, or too few free places.
    """
    check_rewiring("replace_negative", sim, projection, rng)
    if sign not in (1, -1):
        raise NeuroclError(f"replace_negative: sign must be 1 or -1, got {shown(sign)}")
    return _replace(sim, projection, np.flatnonzero(sign * _weights(sim, projection) < 0), rng, weight)


def grow_and_prune(
    sim: Simulator, projection: str, rng: np.random.Generator, p: float = 0.1, weight: float = 0.001
) -> int:
    """Remove all synapses with w <= 0, and with probability `p` add one (SORN, Zheng et al. 2013).

    Parameters
    ----------
    sim, projection, rng : as in `replace_weakest`.
    p : probability of a new synapse in this call; in the source, per step.
    weight : of the new synapse.

    Returns
    -------
    int
        The change in the number of synapses.

    Raises
    ------
    NeuroclError
        For an unknown projection, a value outside its range, or if every place is taken.
    """
    check_rewiring("grow_and_prune", sim, projection, rng)
    chance = probability("grow_and_prune", "p", p)
    remove = np.flatnonzero(_weights(sim, projection) <= 0)
    count = int(rng.random() < chance)
    pre, post = _free_places(sim, projection, count, remove, rng)
    delay = rng.choice(sim.delays(projection), count) if count and sim.edges(projection)[0].size else None
    sim.rewire(projection, remove=remove, pre=pre, post=post, delay=delay, weight=weight if count else None)
    return count - len(remove)


def _weights(sim: Simulator, projection: str) -> NDArray[np.float64]:
    w = sim.state.get(f"{projection}.w")
    if w is None or np.ndim(w) == 0 or len(w) != len(sim.edges(projection)[0]):
        raise NeuroclError(
            f"projection '{projection}': its synapses share one weight, so none can be chosen by weight; connect it"
            " with a plastic synapse, or with a weight that differs between synapses"
        )
    return np.asarray(w, dtype=np.float64)


def _replace(
    sim: Simulator, projection: str, remove: NDArray[np.int64], rng: np.random.Generator, weight: float
) -> int:
    finite_number("new synapses", "weight", weight)
    if len(remove) == 0:
        return 0
    pre, post = _free_places(sim, projection, len(remove), remove, rng)
    # A new synapse takes the delay of one that it replaces, so that the distribution of delays stays.
    delay = sim.delays(projection)[remove]
    sim.rewire(projection, remove=remove, pre=pre, post=post, delay=delay, weight=weight)
    return len(remove)


def _free_places(
    sim: Simulator, projection: str, count: int, remove: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`count` different pairs of neurons without a synapse (after `remove`), each as likely as any other."""
    ends = sim.network.projections[projection]
    n_pre, n_post = len(ends.pre), len(ends.post)
    pre, post = sim.edges(projection)
    # Places are numbered row by row within the neurons that the projection connects.
    rows = np.delete((pre - ends.pre.neurons.start) // ends.pre.neurons.step, remove).astype(np.int64)
    columns = np.delete((post - ends.post.neurons.start) // ends.post.neurons.step, remove)
    taken = np.unique(rows * n_post + columns)
    if ends.pre.population is ends.post.population:
        _, row, column = np.intersect1d(ends.pre.neurons, ends.post.neurons, return_indices=True)
        taken = np.union1d(taken, row.astype(np.int64) * n_post + column)
    free = n_pre * n_post - len(taken)
    if count > free:
        raise NeuroclError(
            f"projection '{projection}': {count} new synapses need as many free places, there are {free}; connect it"
            " more sparsely"
        )
    chosen = np.sort(rng.choice(free, count, replace=False))
    # The k-th free place is k plus the number of taken places before it.
    place = chosen + np.searchsorted(taken - np.arange(len(taken)), chosen, side="right")
    place = rng.permutation(place)
    return np.asarray(ends.pre.neurons)[place // n_post], np.asarray(ends.post.neurons)[place % n_post]
