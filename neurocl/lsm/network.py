"""A liquid as a network of the core: populations "liquid" and "inp", projections "ee", "ei", "ie", "ii" and "input".

Sites        neurons sit on a box-shaped lattice, in random order; excitatory ones have the first numbers
Recurrent    j -> i with probability C exp(-(D / 3)^2), D = distance in sites, C = 0.2 (E -> E), 0.1 (E -> I),
             0.3 (I -> E), 0.05 (I -> I), no autapses
Input        exactly floor(0.15 n n_inputs) different pairs of input and neuron, with random signs
Weights      start at one magnitude, positive from excitatory, negative from inhibitory neurons
Source       Ivanov & Michmizos (2021), NeurIPS 34, and their published code
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Input, Population, Subset
from neurocl.core.connectivity import DistanceDependent, FixedTotalNumber
from neurocl.core.distributions import choice, uniform
from neurocl.core.lattice import Lattice
from neurocl.core.network import Network
from neurocl.core.random import build_generator
from neurocl.lsm import models
from neurocl.lsm.plasticity import APSTDP, Plasticity, Static

__all__ = [
    "LARGEST_WEIGHT", "PROBABILITIES", "RECURRENT", "default_lattice", "excitatory_neurons", "liquid_network",
    "reaching_neurons",
]  # fmt: skip

PROBABILITIES = {"ee": 0.2, "ei": 0.1, "ie": 0.3, "ii": 0.05}
"""Connection probability at distance 0, by type of the presynaptic, then of the postsynaptic neuron."""
RECURRENT = tuple(PROBABILITIES)
LENGTH = 3.0
"""Distance at which the probability has fallen to 1/e, in sites."""
LARGEST_WEIGHT = 3.0
"""Bound of the magnitude of a plastic weight."""
_PERCENT_OF_INPUTS = 15


def default_lattice(n: int) -> Lattice:
    """The smallest nearly cubic box with at least `n` sites; those that are left over stay empty."""
    side = math.ceil(n ** (1 / 3) - 1e-9)
    return Lattice((side, side, math.ceil(n / side**2)), shuffle=True)


def excitatory_neurons(n: int) -> int:
    """Number of excitatory neurons among `n`: four fifths."""
    return round(0.8 * n)


def liquid_network(
    n: int, n_inputs: int, lattice: Lattice, plasticity: Plasticity, magnitude: float, input_magnitude: float, seed: int
) -> Network:
    """The network; see the module. All weights are arrays, so that they can be set after the build.

    Parameters
    ----------
    n, n_inputs : neurons of the liquid, and inputs.
    lattice : sites, at least `n`.
    plasticity : what changes the synapses; with one seed, every choice gives the same wiring.
    magnitude, input_magnitude : of recurrent and of input weights.
    seed : draws the neurons and inputs that reach a sparse astrocyte; the wiring is drawn at the build.
    """
    network = Network(dt=models.DT)
    gates: dict[str, Any] = {}
    if isinstance(plasticity, APSTDP):
        gates = {"c_th": plasticity.c_th, "c_width": plasticity.c_width}
    neuron = models.GatedLiquidNeuron if gates else models.LiquidNeuron
    liquid = network.add(neuron, n, name="liquid", positions=lattice, **gates)
    inp = network.add(models.InputNeuron, n_inputs, name="inp", p=Input(0.0))
    n_exc = excitatory_neurons(n)
    ends = {"e": liquid[:n_exc], "i": liquid[n_exc:]}
    projections = {}
    for name, probability in PROBABILITIES.items():
        rule = DistanceDependent(probability, LENGTH)
        bounds = (0.0, LARGEST_WEIGHT) if name[0] == "e" else (-LARGEST_WEIGHT, 0.0)
        weight = magnitude if name[0] == "e" else -magnitude
        options = _synapse(plasticity, bounds, is_inhibitory=name[0] == "i")
        projections[name] = network.connect(
            ends[name[0]], ends[name[1]], rule, weight=uniform(weight, weight), name=name, **options
        )
    pairs = FixedTotalNumber(_PERCENT_OF_INPUTS * n * n_inputs // 100, multapses=False)
    signs = choice([input_magnitude, -input_magnitude])
    options = _synapse(plasticity, (-LARGEST_WEIGHT, LARGEST_WEIGHT), is_inhibitory=False)
    projections["input"] = network.connect(inp, liquid, pairs, weight=signs, name="input", **options)
    if not isinstance(plasticity, Static):
        rates: dict[str, Any] = {"a_plus": plasticity.a_plus, "a_minus": plasticity.a_plus, "bias": plasticity.a_plus}
        n_liquid, n_input = (_reaching(plasticity, population, seed) for population in (liquid, inp))
        astrocyte = network.add(
            models.ASTROCYTE, name="astrocyte", n_liquid=n_liquid, n_input=n_input, w_astro=plasticity.w_astro,
            tau_astro=plasticity.tau_astro, **rates,
        )  # fmt: skip
        for projection in projections.values():
            network.modulate(projection, a_plus=astrocyte["a_plus"], a_minus=astrocyte["a_minus"])
    return network


def reaching_neurons(density: float, name: str, n: int, seed: int) -> NDArray[np.int64]:
    """Numbers of the ceil(density n) random neurons of "liquid" or "inp" whose spikes reach a sparse astrocyte."""
    return build_generator(seed, "astrocyte", name).choice(n, math.ceil(density * n - 1e-9), replace=False)


def _reaching(plasticity: Plasticity, population: Population, seed: int) -> Population | Subset:
    """The neurons whose spikes reach the astrocyte."""
    density = getattr(plasticity, "density", 1.0)
    if density == 1.0:
        return population
    return population[reaching_neurons(density, population.name, population.n, seed)]


def _synapse(plasticity: Plasticity, bounds: tuple[float, float], is_inhibitory: bool) -> dict[str, Any]:
    """Synapse model, and its parameters."""
    if isinstance(plasticity, Static):
        return {"synapse": models.STATIC_SYNAPSE}
    if isinstance(plasticity, APSTDP):
        chosen = models.GATED_INHIBITORY_STDP if is_inhibitory else models.GATED_EXCITATORY_STDP
    else:
        chosen = models.INHIBITORY_STDP if is_inhibitory else models.EXCITATORY_STDP
    return {"synapse": chosen, "low": bounds[0], "high": bounds[1]}
