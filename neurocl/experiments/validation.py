"""Small networks that show each model of the library to two engines: `neurocl validate`.

Neurons      three under constant currents, with Poisson spikes to each of their synaptic states
Sources      as they are
Synapses     four scheduled sources onto three leaky integrate-and-fire neurons that fire, delays 0 and 1.5 ms
Modulators   with the synapse model that they modulate, and a reward
A model that is not in the tables below is shown with its own defaults, so a new one needs no line here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurocl import models
from neurocl.core.components import Input
from neurocl.core.connectivity import AllToAll, FixedProbability
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.model import Modulator, NeuronModel, SynapseModel
from neurocl.core.network import Network
from neurocl.engines.agreement import Agreement, compare

__all__ = ["MODELS", "Case", "case_of", "check_model", "validate"]

MODELS = [name for name in models.__all__ if isinstance(getattr(models, name), NeuronModel | SynapseModel | Modulator)]
"""Names of all models that can be compared."""

NEURONS: dict[str, dict[str, Any]] = {
    "LIF": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_syn": 200.0}},
    "LIFDelta": {"i_ext": (300.0, 400.0, 700.0), "targets": {"v": 1.0}},
    "LIFAlpha": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_rise": 100.0}},
    "ConductanceLIF": {"i_ext": (50.0, 120.0, 200.0), "targets": {"g_e": 4.0, "g_i": 8.0}},
    "AdEx": {"i_ext": (600.0, 800.0, 1000.0), "targets": {"i_syn": 100.0}, "dt": 0.05},
    "HodgkinHuxley": {"i_ext": (3.0, 8.0, 20.0), "targets": {"i_syn": 2.0}, "dt": 0.01, "duration": 50.0},
    "Izhikevich": {"i_ext": (5.0, 10.0, 15.0), "targets": {"i_syn": 4.0}, "dt": 1.0},
    "IzhikevichODE": {"i_ext": (3.0, 6.0, 10.0), "targets": {"i_syn": 2.0}},
}
"""What each neuron is given: constant input, weight of Poisson spikes by target, dt and duration (ms)."""


@dataclass(frozen=True)
class Case:
    """A network to compare, for how long (ms), and its inputs."""

    network: Network
    duration: float
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)


def check_model(name: str) -> str:
    """`name`; NeuroclError if the library has no such model."""
    if name not in MODELS:
        raise NeuroclError(f"there is no model '{name}'{suggest(name, MODELS)}")
    return name


def case_of(name: str) -> Case:
    """The network that shows the model called `name`."""
    model = getattr(models, check_model(name))
    if isinstance(model, SynapseModel):
        return _synapse(model)
    if isinstance(model, Modulator):
        return _synapse(models.RewardSTDP, model)
    return _neuron(model)


def validate(name: str) -> Agreement:
    """Run the model called `name` on the Numba engine and in Brian2, and compare.

    Raises
    ------
    NeuroclError
        If there is no such model, or Brian2 cannot be imported.
    """
    case = case_of(name)
    return compare(case.network, case.duration, inputs=case.inputs)


def _neuron(model: NeuronModel) -> Case:
    given = NEURONS.get(model.name, {})
    dt = given.get("dt", 0.1)
    network = Network(dt=dt)
    values: dict[str, Any] = {}
    if "i_ext" in given:
        values["i_ext"] = np.array(given["i_ext"])
    spikes = None
    if "scheduled" in (model.threshold or ""):
        spikes = ([1.0, 2.5, 2.5, 40.0], [0, 0, 2, 1])
    elif "rand" in (model.threshold or ""):
        values["rate"] = np.array([20.0, 80.0, 200.0])
    neurons = network.add(model, 3, name="neurons", spikes=spikes, **values)
    targets = given.get("targets", {})
    if targets:
        source = network.add(models.Poisson, 20, name="source", rate=40.0)
    for target, weight in targets.items():
        network.connect(
            source, neurons, FixedProbability(0.5), target=target, weight=weight, delay=4 * dt, name=f"to_{target}"
        )
    return Case(network, given.get("duration", 200.0))


def _synapse(model: SynapseModel, modulator: Modulator | None = None) -> Case:
    network = Network(dt=0.1)
    rng = np.random.default_rng(1)
    pairs = np.unique(np.stack([rng.integers(1, 5000, 100), rng.integers(0, 4, 100)]), axis=1)
    pre = network.add(models.SpikeArray, 4, name="pre", spikes=(pairs[0] * 0.1, pairs[1]))
    post = network.add(models.LIF, 3, name="post", i_ext=np.array([390.0, 420.0, 500.0]))
    delay = np.array([[0.0, 1.5, 0.0, 1.5]] * 3)
    projection = network.connect(
        pre, post, AllToAll(), target="i_syn", weight=0.5, delay=delay, synapse=model, name="synapses"
    )
    # A synapse with a parameter d waits for dopamine; without any, nothing would happen at it.
    modulators = [modulator] if modulator else [models.Dopamine] if "d" in model.parameters else []
    inputs: dict[str, dict[str, Any]] = {}
    for each in modulators:
        handle = network.add(each, name="modulator", reward=Input(0.0))
        network.modulate(projection, d=handle["d"])
        reward = np.zeros(5000)
        reward[500::700] = 0.2
        inputs["modulator"] = {"reward": reward}
    return Case(network, 500.0, inputs)
