"""Checks of `Network.connect`: whether a synapse model fits the two populations that it connects."""

from __future__ import annotations

import numpy as np

from neurocl.core.components import Population, Value
from neurocl.core.distributions import Distribution
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import names_in, suggest
from neurocl.core.model import STATIC, SynapseModel

__all__ = ["check_neuron_names", "check_spikes", "check_sums", "check_target"]


def check_spikes(where: str, population: Population) -> None:
    if population.model.threshold is None:
        raise NeuroclError(f"{where}: population '{population.name}' never spikes, its model has no threshold")


def check_target(where: str, post: Population, target: str | None, synapse: SynapseModel) -> None:
    states = post.model.parsed.equations.states
    if target is not None and target not in states:
        raise NeuroclError(
            f"{where}: target '{target}' is no state of population '{post.name}'{suggest(target, states)}"
        )
    acts = synapse.parsed.acts_without_spikes or any(n.endswith(("_post", "_pre")) for n in _assigned(synapse))
    if target is None and not acts and (states or synapse is STATIC):
        raise NeuroclError(
            f"{where}: tell which state of '{post.name}' receives the spikes with target='...'{suggest('', states)}"
        )


def check_neuron_names(where: str, pre: Population, post: Population, synapse: SynapseModel) -> None:
    for name in sorted(synapse.parsed.neuron_names()):
        stem, side = name.rsplit("_", 1)
        population = pre if side == "pre" else post
        states, assigned = population.model.parsed.equations.states, name in _assigned(synapse)
        if stem not in states and (assigned or stem not in population.model.parameters):
            raise NeuroclError(
                f"{where}: '{name}' in synapse '{synapse.name}': '{population.name}' has no state '{stem}'"
                f"{suggest(stem, states)}"
            )


def check_sums(where: str, pre: Population, post: Population, synapse: SynapseModel, delay: Value) -> None:
    for entry in synapse.parsed.synapse.sums:
        line = f"{where}, line {shown(entry.line)} of synapse '{synapse.name}'"
        instant = not isinstance(delay, Distribution) and not np.any(delay)
        if not instant and any(name.endswith("_pre") for name in names_in(entry.expression)):
            raise NeuroclError(f"{line}: a sum reads the neurons as they are now; connect with delay=0")
        if not entry.of_neurons:
            continue
        population = post if entry.side == "post" else pre
        given, known = population.values, population.model.parameters
        if entry.name not in known:
            raise NeuroclError(
                f"{line}: population '{population.name}' has no parameter '{entry.name}'{suggest(entry.name, known)}"
            )
        if entry.name in given:
            raise NeuroclError(
                f"{line}: '{entry.name}' of population '{population.name}' becomes a sum over synapses; leave out"
                f" {entry.name}={shown(given[entry.name])} where the population is added"
            )


def _assigned(synapse: SynapseModel) -> set[str]:
    parsed = synapse.parsed
    return {s.name for s in (*parsed.on_pre_synapse, *parsed.on_post_synapse)}
