"""Small networks that show each model of the library to two engines: `neurocl validate`.

Neurons      three under constant input, with Poisson spikes to each of their synaptic states
Sources      as they are
Synapses     four neurons onto three. They are scheduled sources and leaky integrate-and-fire neurons that fire, or
             rate units, or the first model that has the states and parameters that the synapse reads
Modulators   with the synapse model that they modulate, and a reward
A model that is not in the tables below is shown with its own defaults, so a new one needs no line here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurocl import models
from neurocl.core.components import Input, Population
from neurocl.core.connectivity import AllToAll, FixedProbability
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import names_in, suggest
from neurocl.core.model import Modulator, NeuronModel, SynapseModel
from neurocl.core.network import Network
from neurocl.engines.agreement import Agreement, compare

__all__ = ["MODELS", "Case", "case_of", "check_model", "time_step", "validate"]

MODELS = [
    name
    for name, model in models.catalogue().items()
    if not isinstance(model, SynapseModel) or not any(entry.in_order for entry in model.parsed.synapse.sums)
]
"""Names of all models that can be compared; Brian2 has no sum in order."""

NEURONS: dict[str, dict[str, Any]] = {
    "ALIF": {"i_ext": (1.2, 2.0, 4.0), "targets": {"i_syn": 4.0}, "dt": 1.0},
    "Astrocyte": {"f_ex": 2.0, "i_bias": (0.5, 1.0, 1.5), "g_a": 0.01, "dt": 1.0, "duration": 5000.0},
    "AdEx": {"i_ext": (600.0, 800.0, 1000.0), "targets": {"i_syn": 100.0}, "dt": 0.05},
    "AdaptiveThresholdLIF": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_syn": 200.0}},
    "ClopathAdEx": {"i_ext": (600.0, 800.0, 1000.0), "targets": {"i_syn": 100.0}, "dt": 0.05},
    "ColoredNoiseLIF": {"i_ext": (250.0, 350.0, 450.0), "targets": {"i_syn": 200.0}},
    "ConductanceLIF": {"i_ext": (120.0, 200.0, 400.0), "targets": {"g_e": 4.0, "g_i": 8.0}},
    "ConductanceLIFAlpha": {"i_ext": (120.0, 200.0, 400.0), "targets": {"rise_e": 2.0, "rise_i": 4.0}},
    "ConductanceLIFDoubleExponential": {"i_ext": (120.0, 200.0, 400.0), "targets": {"rise_e": 2.0, "rise_i": 4.0}},
    "DendriticLIF": {"i_ext": (400.0, 500.0, 800.0), "plateau": (0.0, 0.5, 1.0), "targets": {"i_syn": 200.0}},
    "EIF": {"i_ext": (20.0, 50.0, 200.0), "targets": {"i_syn": 20.0}, "dt": 0.05},
    "EPropLIF": {"targets": {"v": 0.4}, "dt": 1.0},
    "EPropReadout": {"y_target": (-1.0, 0.0, 1.0), "targets": {"y": 1.0}, "dt": 1.0},
    "EnsheathedLIF": {"i_ext": (300.0, 400.0, 700.0), "y_cleft": (0.1, 0.2, 0.4)},
    "EscapeNoiseLIF": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_syn": 200.0}},
    "FitzHughNagumo": {"i_ext": (0.2, 0.5, 1.0), "targets": {"i_syn": 0.2}},
    "FoldiakUnit": {"i_syn": (0.4, 0.6, 0.8), "dt": 1.0},
    "GLIF": {"i_ext": (200.0, 400.0, 800.0), "targets": {"i_syn": 100.0}},
    "GapJunctionLIF": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_syn": 200.0}},
    "HodgkinHuxley": {"i_ext": (3.0, 8.0, 20.0), "targets": {"i_syn": 2.0}, "dt": 0.01, "duration": 50.0},
    "InputUnit": {"r": (-1.0, 0.5, 2.0)},
    "IntrinsicLIF": {"i_ext": (300.0, 500.0, 800.0), "targets": {"i_syn": 200.0}},
    "IntrinsicRateUnit": {"i_ext": (-1.0, 0.5, 2.0), "dt": 1.0},
    "Izhikevich": {"i_ext": (5.0, 10.0, 15.0), "targets": {"i_syn": 4.0}, "dt": 1.0},
    "IzhikevichODE": {"i_ext": (3.0, 6.0, 10.0), "targets": {"i_syn": 2.0}},
    "LIF": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_syn": 200.0}},
    "LIFAlpha": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_rise": 100.0}},
    "LIFDelta": {"i_ext": (300.0, 400.0, 700.0), "targets": {"v": 1.0}},
    "LIFDoubleExponential": {"i_ext": (300.0, 400.0, 700.0), "targets": {"i_rise": 100.0}},
    "Leaky": {"i_ext": (0.12, 0.2, 0.4), "targets": {"v": 0.3}, "dt": 1.0},
    "LeakyIntegrator": {"i_ext": (-100.0, 0.0, 500.0), "targets": {"i_syn": 200.0}},
    "LinearRateUnit": {"i_ext": (-1.0, 0.5, 2.0)},
    "LinearUnit": {"i_ext": (-1.0, 0.5, 2.0)},
    "MihalasNiebur": {"i_ext": (120.0, 150.0, 200.0), "targets": {"i_syn": 50.0}},
    "MorrisLecar": {"i_ext": (60.0, 95.0, 150.0), "targets": {"i_syn": 10.0}},
    "NMDALIF": {"i_ext": (300.0, 500.0, 700.0), "s_nmda": (0.5, 1.0, 0.0), "targets": {"g_e": 10.0, "g_i": 10.0}},
    "NMDASegment": {"u": (13.0, 5.0, 14.0), "targets": {"u": 5.0}},
    "Poisson": {"rate": (20.0, 80.0, 200.0)},
    "PoissonDeadTime": {"rate": (20.0, 80.0, 200.0)},
    "QIF": {"i_ext": (60.0, 100.0, 300.0), "targets": {"i_syn": 50.0}},
    "ReLURateUnit": {"i_ext": (-1.0, 0.5, 2.0)},
    "SigmoidRateUnit": {"i_ext": (-1.0, 0.5, 2.0)},
    "StochasticLIF": {"i_ext": (250.0, 350.0, 450.0), "targets": {"i_syn": 200.0}},
    "TanhRateUnit": {"i_ext": (-1.0, 0.5, 2.0)},
    "ThetaNeuron": {"i_ext": (-0.5, 0.5, 2.0), "targets": {"i_syn": 1.0}},
}
"""What each neuron is given: parameters, weight of Poisson spikes by target, dt and duration (ms)."""

ENDS: dict[str, tuple[str, str]] = {
    "AntiHebbian": ("FoldiakUnit", "FoldiakUnit"),
    "ClopathSTDP": ("SpikeArray", "ClopathAdEx"),
    "DendriticGate": ("NMDASegment", "DendriticLIF"),
    "FoldiakFeedforward": ("InputUnit", "FoldiakUnit"),
    "HomeostaticClopathSTDP": ("SpikeArray", "ClopathAdEx"),
    "TripartiteSynapse": ("SpikeArray", "EnsheathedLIF"),
}
"""Models before and after a synapse that makes sense only between these."""

DT, DURATION = 0.1, 200.0


@dataclass(frozen=True)
class Case:
    """A network to compare, for how long (ms), and its inputs."""

    network: Network
    duration: float
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)


def check_model(name: str) -> str:
    """`name`; NeuroclError if the library has no such model, or Brian2 cannot express it."""
    _model(name)
    if name not in MODELS:
        raise NeuroclError(f"model '{name}' sums over synapses in order, which Brian2 cannot; there is no referee")
    return name


def _model(name: str) -> NeuronModel | SynapseModel | Modulator:
    catalogue = models.catalogue()
    if name not in catalogue:
        raise NeuroclError(f"there is no model '{name}'{suggest(name, catalogue)}")
    return catalogue[name]


def time_step(name: str) -> float:
    """dt in ms at which the model called `name` is shown."""
    model = _model(name)
    shown = [name] if isinstance(model, NeuronModel) else [end.name for end in _ends(_synapse_of(model))]
    return min(float(NEURONS.get(each, {}).get("dt", DT)) for each in shown)


def case_of(*names: str) -> Case:
    """The network that shows the models called `names`, all of one `time_step`; each is an object with its own name."""
    network = Network(dt=time_step(names[0]))
    inputs: dict[str, dict[str, Any]] = {}
    for name in names:
        model = _model(name)
        if isinstance(model, NeuronModel):
            _add_neurons(network, name, model)
        elif isinstance(model, SynapseModel):
            _add_synapse(network, name, model, inputs)
        else:
            _add_synapse(network, f"{name}_synapse", _synapse_of(model), inputs, model)
    return Case(network, max(_duration(name) for name in names), inputs)


def validate(name: str) -> Agreement:
    """Run the model called `name` on the Numba engine and in Brian2, and compare.

    Raises
    ------
    NeuroclError
        If there is no such model, or Brian2 cannot express it or be imported.
    """
    case = case_of(check_model(name))
    return compare(case.network, case.duration, inputs=case.inputs)


def _duration(name: str) -> float:
    if isinstance(_model(name), NeuronModel):
        return float(NEURONS.get(name, {}).get("duration", DURATION))
    return 5000 * time_step(name)


def _synapse_of(model: SynapseModel | Modulator) -> SynapseModel:
    """The synapse that shows `model`: itself, or one that a modulator modulates."""
    return model if isinstance(model, SynapseModel) else models.RewardSTDP


def _values(model: NeuronModel, n: int, left_out: Collection[str] = ()) -> dict[str, Any]:
    """Parameters and initial states of `n` neurons that show `model`."""
    given = NEURONS.get(model.name, {})
    names = [key for key in given if key not in ("targets", "dt", "duration", *left_out)]
    return {key: np.resize(given[key], n) for key in names}


def _add_neurons(network: Network, name: str, model: NeuronModel) -> None:
    spikes = ([1.0, 2.5, 2.5, 40.0], [0, 0, 2, 1]) if "scheduled" in (model.threshold or "") else None
    neurons = network.add(model, 3, name=name, spikes=spikes, **_values(model, 3))
    targets = NEURONS.get(name, {}).get("targets", {})
    if targets and "source" not in network.populations:
        network.add(models.Poisson, 20, name="source", rate=40.0)
    for target, weight in targets.items():
        network.connect(
            network.populations["source"], neurons, FixedProbability(0.5), target=target, weight=weight,
            delay=4 * network.dt, name=f"{name}_{target}",
        )  # fmt: skip


def _add_synapse(
    network: Network, name: str, model: SynapseModel, inputs: dict[str, Any], modulator: Modulator | None = None
) -> None:
    ends = _ends(model)
    pre, post = (_end(network, side, end, model) for side, end in zip(("pre", "post"), ends, strict=True))
    reads_pre = any(n.endswith("_pre") for entry in model.parsed.synapse.sums for n in names_in(entry.expression))
    only_sums = bool(model.parsed.neuron_sums) and model.transmit == "w"
    targets = [] if only_sums else [key for key in ("i_syn", "v") if key in ends[1].parsed.equations.states]
    projection = network.connect(
        pre, post, AllToAll(), target=targets[0] if targets else None, weight=0.5,
        delay=0.0 if reads_pre else np.array([[0.0, 1.5, 0.0, 1.5]] * 3), synapse=model, name=name,
    )  # fmt: skip
    # A synapse with a parameter d waits for dopamine; without any, nothing would happen at it.
    if modulator is None and "d" not in model.parameters:
        return
    label = modulator.name if modulator else f"{name}_dopamine"
    handle = network.add(modulator or models.Dopamine, name=label, reward=Input(0.0))
    network.modulate(projection, d=handle["d"])
    reward = np.zeros(400)
    reward[100::140] = 0.2
    inputs[label] = {"reward": reward}


def _ends(model: SynapseModel) -> tuple[NeuronModel, NeuronModel]:
    """Neuron models before and after a synapse."""
    neurons = [m for m in (*models.catalogue().values(), models.ensheathed(models.LIF)) if isinstance(m, NeuronModel)]
    if model.name in ENDS:
        before, after = ({m.name: m for m in neurons}[name] for name in ENDS[model.name])
        return before, after
    parsed, found = model.parsed, []
    for side, usual in (("pre", models.SpikeArray), ("post", models.LIF)):
        read = {n.removesuffix(f"_{side}") for n in parsed.neuron_names() if n.endswith(f"_{side}")}
        spikes = bool(model.on_post if side == "post" else model.on_pre or not parsed.acts_without_spikes)
        fitting = [
            m
            for m in (usual, models.LIF, models.TanhRateUnit, *neurons)
            if _summed(model, side) <= set(m.parameters)
            and read <= {*m.parameters, *m.parsed.equations.states}
            and (m.threshold is not None or not spikes)
        ]
        if not fitting:
            raise NeuroclError(f"no neuron of the library has what synapse '{model.name}' reads of the {side} side")
        found.append(fitting[0])
    return found[0], found[1]


def _summed(model: SynapseModel, side: str) -> set[str]:
    """Parameters of the neurons on one side that are sums over the synapses."""
    return {entry.name for entry in model.parsed.neuron_sums if entry.side == side}


def _end(network: Network, side: str, model: NeuronModel, synapse: SynapseModel) -> Population:
    """The neurons on one side of a synapse, shared by all synapses between such neurons."""
    sums = _summed(synapse, side) & set(NEURONS.get(model.name, {}))
    name, n = "_".join((side, model.name, *sorted(sums))), 4 if side == "pre" else 3
    if name in network.populations:
        return network.populations[name]
    if model is models.SpikeArray:
        rng = np.random.default_rng(1)
        steps, neurons = np.unique(np.stack([rng.integers(1, 5000, 250), rng.integers(0, n, 250)]), axis=1)
        return network.add(model, n, name=name, spikes=(steps * 0.1, neurons))
    return network.add(model, n, name=name, **_values(model, n, sums))
