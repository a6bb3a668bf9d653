"""The torch engine against the Numba engine on one plan: equal spikes, states equal but for rounding."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocl as ncl
from neurocl import models
from neurocl.core.model import STATIC, NeuronModel
from neurocl.engines.agreement import Agreement, compare
from neurocl.experiments.validation import case_of, time_step

torch = pytest.importorskip("torch")

ROUNDING = 1e-9  # relative to the largest value of a state
AT_ONCE = 4  # as in tests/models/test_contract.py, so that the Numba engine compiles each network once
PLASTIC = ["PairSTDP", "TripletSTDP", "TsodyksMarkram", "RewardSTDP", "ClopathSTDP"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def compared(network: ncl.Network, duration: float, inputs: Any = None, **options: Any) -> Agreement:
    """A run of the torch engine with `options`, compared with the Numba engine's."""

    def build(engine: str, **known: Any) -> ncl.Simulator:
        return network.build(engine=engine, **known, **(options if engine == "torch" else {}))

    return compare(SimpleNamespace(build=build), duration, inputs=inputs, engine="torch", referee="numba", seed=1)


def groups() -> list[tuple[str, ...]]:
    """All models, some of one kind and one dt at a time."""
    alike: dict[tuple[bool, float], list[str]] = {}
    for name, model in models.catalogue().items():
        alike.setdefault((isinstance(model, NeuronModel), time_step(name)), []).append(name)
    return [tuple(names[k : k + AT_ONCE]) for names in alike.values() for k in range(0, len(names), AT_ONCE)]


every_group = pytest.mark.parametrize("names", groups(), ids=lambda names: f"{names[0]}..{names[-1]}")


@every_group
def test_every_model_runs_as_on_the_numba_engine(names: tuple[str, ...]) -> None:
    case = case_of(*names)
    found = compared(case.network, 800 * case.network.dt, case.inputs)
    assert found.holds(ROUNDING), str(found)


@pytest.mark.parametrize("name", PLASTIC)
def test_lists_and_masks_of_events_do_the_same(name: str) -> None:
    case = case_of(name)
    found = compared(case.network, 500 * case.network.dt, case.inputs, delivery="all")
    assert found.holds(ROUNDING) and any(found.n_spikes.values()), str(found)


def random_network(n: int, density: float, delays: Any, weight: Any, synapse: Any, held: bool) -> ncl.Network:
    """Excitatory and inhibitory neurons that drive each other, plus noise."""
    model = ncl.models.LIFDelta if held else ncl.models.LIF
    target, scale = ("v", 0.6) if held else ("i_syn", 60.0)
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.Poisson, n, name="source", rate=200.0)
    exc = net.add(model, n, name="exc", v=ncl.uniform(-65.0, -50.0), i_ext=ncl.uniform(300.0, 400.0))
    inh = net.add(model, max(n // 4, 1), name="inh", i_ext=380.0)
    rule, inwards = ncl.FixedProbability(density), {"target": target, "weight": scale}
    net.connect(source, exc, rule, delay=0.5, **inwards)
    net.connect(exc, exc, rule, target=target, weight=weight, delay=delays, synapse=synapse, name="rec")
    net.connect(exc, inh, rule, delay=delays, **inwards)
    net.connect(inh[::2], exc[: n // 2], ncl.AllToAll(), target=target, weight=-scale, delay=0.1)
    return net


# Kinds of networks are few, because the Numba engine compiles each of them.
@pytest.mark.parametrize(
    ("synapse", "held"), [(STATIC, True), (ncl.models.PairSTDP, False), (ncl.models.TsodyksMarkram, True)]
)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    n=st.integers(3, 40),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    delays=st.sampled_from([0.0, 1.5, ncl.uniform(0.1, 3.0), ncl.choice([0.1, 1.0])]),
    delivery=st.sampled_from(["auto", "events", "all"]),
)
def test_a_random_network_runs_as_on_the_numba_engine(
    synapse: Any, held: bool, n: int, density: float, delays: Any, delivery: str
) -> None:
    net = random_network(n, density, delays, ncl.uniform(0.0, 0.5), synapse, held)
    found = compared(net, 40.0, delivery=delivery)
    assert found.holds(ROUNDING), str(found)


def test_a_balanced_network_fires_the_same_spikes_for_200_ms() -> None:
    net = random_network(400, 0.1, ncl.uniform(0.5, 2.0), ncl.uniform(0.0, 80.0), STATIC, held=False)
    found = compared(net, 200.0)
    assert found.holds(ROUNDING) and found.n_spikes["exc"] > 400, str(found)


KICK = ncl.SynapseModel(
    name="kick", transmit="0", on_pre="v_post = v_post + w * (-40 - v_post)", doc="Moves the target part of the way."
)


def test_statements_that_do_more_than_adding_act_one_synapse_after_the_other() -> None:
    net = ncl.Network(dt=0.1)
    source = net.add(ncl.models.Poisson, 30, name="source", rate=500.0)
    target = net.add(ncl.models.LIF, 4, name="target", i_ext=100.0)
    net.connect(source, target, ncl.AllToAll(), target="i_syn", synapse=KICK, weight=ncl.uniform(0.0, 0.1))
    found = compared(net, 100.0)
    assert found.holds(ROUNDING), str(found)
    with pytest.raises(ncl.NeuroclError, match="one after the other"):
        net.build(engine="torch", delivery="all")


DRAWS = ncl.NeuronModel(
    name="draws",
    equations="a : 1; b : 1; c : 1; d : 1; e : 1",
    update="a = rand(); b = randn(); c = poisson(mean); d = poisson(40 * abs(a)); e = poisson(30 * rand())",
    threshold="a > 0.9",
    reset="c = c + rand()",
    parameters={"mean": 2.5},
)


@pytest.mark.parametrize("mean", [0.0, 2.5, 200.0, np.array([0.5, 17.0, 90.0])])
def test_random_numbers_are_those_of_the_numba_engine(mean: Any) -> None:
    net = ncl.Network(dt=1.0)
    net.add(DRAWS, 3, name="draws", mean=mean)
    found = compared(net, 300.0)
    assert found.holds(1e-14) and found.n_spikes["draws"] > 20, str(found)
