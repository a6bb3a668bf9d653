"""Every model refuses the parameters with which its equations mean nothing, and accepts what is published."""

from __future__ import annotations

from typing import Any

import pytest

import neurocl as ncl
from neurocl import models
from neurocl.core.model import NeuronModel, SynapseModel
from neurocl.experiments.validation import case_of
from neurocl.networks.brunel import NEURON as BRUNEL
from neurocl.networks.cuba import NEURON as CUBA
from neurocl.networks.diehl_cook import EXCITATORY, INHIBITORY, TRIPLET
from neurocl.networks.microcircuit import DRIVEN, PULSE
from neurocl.networks.song_abbott import NEURON as SONG_ABBOTT

CATALOGUE = models.catalogue()
OF_NETWORKS = (BRUNEL, CUBA, EXCITATORY, INHIBITORY, TRIPLET, DRIVEN, PULSE, SONG_ABBOTT)
ALL = {model.name: model for model in (*CATALOGUE.values(), *OF_NETWORKS)}
BOUNDED = [name for name, model in ALL.items() if {"w_min", "w_max"} <= set(model.parameters)]
MORE = [  # model, parameters out of range, what is told
    ("AdEx", {"delta_t": 0.0}, "delta_t > 0"),
    ("EIF", {"delta_t": -1.0}, "delta_t > 0"),
    ("ClopathAdEx", {"delta_t": 0.0}, "delta_t > 0"),
    ("HomeostaticClopathSTDP", {"u_ref2": 0.0}, "u_ref2 > 0"),
    ("EscapeNoiseLIF", {"delta_v": 0.0}, "delta_v > 0"),
    ("FoldiakUnit", {"p": 1.5}, "0 <= p <= 1"),
    ("AntiHebbian", {"p": -0.5}, "0 <= p <= 1"),
    ("GLIF", {"k1": -0.1}, "k1 >= 0"),
    ("MihalasNiebur", {"b": -0.1}, "b >= 0"),
    ("IntrinsicRateUnit", {"mu": 0.0}, "mu > 0"),
    ("IntrinsicLIF", {"rate": -1.0}, "rate >= 0"),
    ("MorrisLecar", {"v4": 0.0}, "v4 > 0"),
    ("NMDALIF", {"mg": -1.0}, "mg >= 0"),
    ("NMDASynapse", {"alpha": -0.5}, "alpha >= 0"),
    ("QIF", {"k": 0.0}, "k > 0"),
    ("SynapticScaling", {"rate": -5.0}, "rate >= 0"),
    ("TsodyksMarkram", {"U": 1.1}, "0 <= U <= 1"),
    ("SoftSTDP", {"mu": -1.0}, "mu >= 0"),
    ("EPropLIF", {"v_th": 0.0}, "v_th > 0"),
    ("TripartiteSynapse", {"u_rest": 2.0}, "0 <= u_rest <= 1"),
    ("AstrocyteGapJunction", {"i_width": 0.0}, "i_width > 0"),
    ("Astrocyte", {"omega_a": -0.6}, "omega_a >= 0"),
    ("VogelsInhibitory", {"rate": -5.0}, "rate >= 0"),
    ("brunel", {"rate_ext": -1.0}, "rate_ext >= 0"),
    ("LIFPoisson", {"k_ext": -1.0}, "k_ext >= 0"),
    ("PoissonPulse", {"rate": -1.0}, "rate >= 0"),
    ("diehl_cook_stdp", {"w_max": -1.0}, "w_max >= 0"),
]
PUBLISHED: dict[str, dict[str, dict[str, float]]] = {
    "AdEx": models.ADEX_PATTERNS, "Izhikevich": models.IZHIKEVICH_TYPES, "IzhikevichODE": models.IZHIKEVICH_TYPES,
    "MihalasNiebur": models.MIHALAS_NIEBUR_PATTERNS, "MorrisLecar": models.MORRIS_LECAR_CLASSES,
    "TsodyksMarkram": models.TSODYKS_MARKRAM_SETS, "TripletSTDP": models.TRIPLET_SETS,
    "NearestTripletSTDP": models.TRIPLET_SETS,
}  # fmt: skip


def simulator(name: str) -> ncl.Simulator:
    """A network, built and not compiled, in which an object called `name` is of this model, with its defaults."""
    if name in CATALOGUE:
        return case_of(name).network.build()
    net, model = ncl.Network(), ALL[name]
    if isinstance(model, NeuronModel):
        net.add(model, 1, name=name)
    elif isinstance(model, SynapseModel):
        cells = net.add(models.LIF, 1, name="cells")
        net.connect(cells, cells, ncl.AllToAll(), target="i_syn", weight=0.5, synapse=model, name=name)
    return net.build()


def refused(sim: ncl.Simulator, name: str, told: str, **values: Any) -> None:
    with pytest.raises(ncl.NeuroclError, match="must hold, got") as caught:
        sim.set(name, **values)
    assert told in str(caught.value) and f"'{name}'" in str(caught.value)


@pytest.mark.parametrize("name", ALL)
def test_defaults_are_accepted_and_time_constants_and_capacitances_that_are_not_positive_refused(name: str) -> None:
    sim = simulator(name)
    for key, default in ALL[name].parameters.items():
        if key.startswith("tau") or key == "c_mem":
            for value in (-default, -1e-9, 0.0):
                refused(sim, name, f"{key} > 0", **{key: value})


@pytest.mark.parametrize("name", BOUNDED)
def test_the_lower_bound_of_a_weight_is_not_above_the_upper_one(name: str) -> None:
    sim = simulator(name)
    refused(sim, name, "w_min <= w_max", w_min=2.0, w_max=1.0)
    sim.set(name, w_min=-float("inf"), w_max=float("inf"))
    sim.set(name, w_min=0.5, w_max=0.5)


@pytest.mark.parametrize(("name", "values", "told"), MORE)
def test_what_the_equations_need_besides_is_required(name: str, values: dict[str, float], told: str) -> None:
    refused(simulator(name), name, told, **values)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters_are_accepted(name: str) -> None:
    sim = simulator(name)
    for values in PUBLISHED[name].values():
        sim.set(name, **values)


@pytest.mark.parametrize("extend", [models.ensheathed, models.with_synaptic_elements])
def test_an_extended_neuron_requires_what_the_neuron_does(extend: Any) -> None:
    for values in ({"tau_mem": -1.0}, {"c_mem": 0.0}):
        net = ncl.Network()
        net.add(extend(models.LIF), 1, name="cells", **values)
        with pytest.raises(ncl.NeuroclError, match=f"population 'cells': {next(iter(values))} > 0 must hold"):
            net.build()


def test_synaptic_elements_grow_in_an_interval_of_calcium() -> None:
    net = ncl.Network()
    net.add(models.with_synaptic_elements(models.LIF), 1, name="cells", eta_axon=0.7)
    with pytest.raises(ncl.NeuroclError, match="eta_axon < eps must hold"):
        net.build()
