"""Synaptic elements that grow and retract with the activity of their neuron, and pair to synapses.

Calcium      dca/dt = -ca / tau_ca, ca += beta_ca at each spike of the neuron
Elements     dz/dt = nu (2 exp(-((ca - xi) / zeta)^2) - 1), xi = (eta + eps) / 2, zeta = (eps - eta) / (2 sqrt(ln 2)),
             not below 0: growth between eta and eps, retraction outside; z_axon with eta_axon, z_dendrite with
             eta_dendrite
Synapses     update_synapses: a neuron with more synapses than whole elements loses the surplus at random; then vacant
             axonal and dendritic elements pair at random
Result       calcium, hence the rate, comes to rest at eps: elements stop to grow there
Units        time ms; ca and z dimensionless, nu per ms. A steady rate f in Hz gives ca = beta_ca tau_ca f / 1000.
Source       Butz & van Ooyen (2013), PLoS Comput. Biol. 9:e1003259. tau_ca, beta_ca and nu are our choice: ca = 0.7 at
             7 Hz, and an element in 10 s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.model import NeuronModel
from neurocl.core.simulator import Simulator
from neurocl.models._between_runs import check_rewiring

__all__ = ["update_synapses", "with_synaptic_elements"]

_GROWTH = "nu * (2 * exp(-((ca - (eta_{0} + eps) / 2) / ((eps - eta_{0}) / (2 * sqrt(log(2)))))**2) - 1)"


def with_synaptic_elements(model: NeuronModel) -> NeuronModel:
    """A neuron model with calcium and synaptic elements.

    Parameters
    ----------
    model : a neuron that spikes; it must not have the names ca, z_axon, z_dendrite and those of the parameters above.

    Returns
    -------
    NeuronModel
        The same neuron with these states and parameters.

    Raises
    ------
    NeuroclError
        If it is no neuron model, has no threshold, or uses one of the names.
    """
    if not isinstance(model, NeuronModel):
        raise NeuroclError(f"with_synaptic_elements: expected a NeuronModel, got {shown(model)}")
    if model.threshold is None:
        raise NeuroclError(f"{model.where}: it never spikes, so its calcium would not tell its activity")
    return model.replace(
        name=f"{model.name}WithElements",
        equations=f"""{model.equations}
        dca/dt         = -ca / tau_ca : 1
        dz_axon/dt     = {_GROWTH.format("axon")} : 1
        dz_dendrite/dt = {_GROWTH.format("dendrite")} : 1
        """,
        update=f"{model.update}\nz_axon = max(z_axon, 0); z_dendrite = max(z_dendrite, 0)",
        reset=f"{model.reset}\nca += beta_ca",
        parameters={
            "tau_ca": 10_000.0, "beta_ca": 0.01, "nu": 1e-4, "eps": 0.7, "eta_axon": 0.0, "eta_dendrite": 0.0,
        },
        require=f"{model.require}\ntau_ca > 0; eta_axon < eps; eta_dendrite < eps",
    )  # fmt: skip


def update_synapses(
    sim: Simulator, projection: str, rng: np.random.Generator, weight: float | None = None
) -> tuple[int, int]:
    """Let the synapses of a projection follow the elements of its neurons, between two runs.

    Parameters
    ----------
    sim : a simulation on the Numba engine.
    projection : its name; both populations have synaptic elements, and all its synapses have one delay.
    rng : draws what breaks and what pairs.
    weight : of the new synapses; None where all synapses share one weight.

    Returns
    -------
    broken, formed : numbers of synapses.

    Raises
    ------
    NeuroclError
        For an unknown projection, or a population without synaptic elements.
    """
    check_rewiring("update_synapses", sim, projection, rng)
    ends = sim.network.projections[projection]
    pre, post = (edges.astype(np.int64) for edges in sim.edges(projection))
    axonal, dendritic = (
        _elements(sim, end.population.name, name, np.asarray(end.neurons))
        for end, name in ((ends.pre, "z_axon"), (ends.post, "z_dendrite"))
    )
    broken = _surplus(pre, axonal, rng)
    # A break on one side frees the partner's element, so the other side is counted without it.
    kept = np.delete(np.arange(pre.size), broken)
    broken = np.concatenate([broken, kept[_surplus(post[kept], dendritic, rng)]])
    kept = np.delete(np.arange(pre.size), broken)
    sources, targets = (
        rng.permutation(np.repeat(np.arange(n.size), n - np.bincount(bound, minlength=n.size)))
        for n, bound in ((axonal, pre[kept]), (dendritic, post[kept]))
    )
    pairs = min(sources.size, targets.size)
    sources, targets = sources[:pairs], targets[:pairs]
    if ends.pre.population is ends.post.population:
        is_autapse = sources == targets
        sources, targets = sources[~is_autapse], targets[~is_autapse]
    sim.rewire(projection, remove=broken, pre=sources, post=targets, weight=weight if sources.size else None)
    return len(broken), sources.size


def _elements(sim: Simulator, population: str, name: str, neurons: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole elements of each neuron of a population, 0 for those that the projection does not connect."""
    z = sim.state.get(f"{population}.{name}")
    if z is None:
        raise NeuroclError(f"population '{population}' has no '{name}'; add it with with_synaptic_elements(model)")
    whole = np.zeros(z.size, dtype=np.int64)
    whole[neurons] = np.maximum(np.floor(z[neurons]), 0)
    return whole


def _surplus(end: NDArray[np.int64], elements: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Synapses that must go, so that neuron k has at most elements[k]: the last ones in a random order."""
    order = rng.permutation(end.size)
    order = order[np.argsort(end[order], kind="stable")]
    first = np.searchsorted(end[order], end[order], side="left")
    rank = np.arange(end.size) - first
    return np.sort(order[rank >= elements[end[order]]])
