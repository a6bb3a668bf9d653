from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocl as ncl
from neurocl.core import connectivity, distributions
from neurocl.core.distributions import Distribution
from neurocl.core.network import Network
from neurocl.core.plan import Plan
from neurocl.core.planning import make_plan
from neurocl.core.serialise import REGISTRY, read_network, read_value, write_network, write_value
from tests.networks import DOPAMINE, NEURON, SOURCE, STDP, Case, cases, network_of

number = st.floats(-1e3, 1e3)
positive = st.floats(1e-3, 1e3)
chance = st.floats(0, 1)
count = st.integers(0, 50)
flags = {"autapses": st.booleans(), "multapses": st.booleans()}
edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)

EXAMPLES: dict[str, st.SearchStrategy[Any]] = {
    "Uniform": st.tuples(number, number).map(lambda p: ncl.uniform(min(p), max(p))),
    "Normal": st.builds(ncl.normal, number, positive) | st.builds(ncl.normal, number, positive, low=st.just(-2e3)),
    "LogNormal": st.builds(ncl.lognormal, number, positive),
    "Exponential": st.builds(ncl.exponential, positive),
    "Gamma": st.builds(ncl.gamma, positive, positive),
    "Choice": st.lists(number, min_size=1).map(ncl.choice)
    | st.just(ncl.choice([1.0, -1.0], probabilities=[0.25, 0.75])),
    "AllToAll": st.builds(ncl.AllToAll, autapses=st.booleans()),
    "OneToOne": st.just(ncl.OneToOne()),
    "FixedProbability": st.builds(ncl.FixedProbability, chance, autapses=st.booleans()),
    "FixedIndegree": st.builds(ncl.FixedIndegree, count, **flags),
    "FixedOutdegree": st.builds(ncl.FixedOutdegree, count, **flags),
    "FixedTotalNumber": st.builds(ncl.FixedTotalNumber, count, **flags),
    "DistanceDependent": st.builds(
        ncl.DistanceDependent, chance, positive, st.sampled_from(["gaussian", "exponential"]), st.booleans()
    ),
    "Edges": edges.map(lambda pairs: ncl.Edges([p for p, _ in pairs], [p for _, p in pairs])),
    "Lattice": st.builds(
        ncl.Lattice, st.lists(st.integers(1, 9), min_size=1, max_size=3), positive, st.booleans()
    ),
    "Input": st.builds(ncl.Input, number),
    "NeuronModel": st.sampled_from([
        NEURON, SOURCE, NEURON.replace(parameters={"v_th": np.inf}), ncl.models.HodgkinHuxley,
    ]),
    "SynapseModel": st.sampled_from([STDP, ncl.models.TsodyksMarkram, ncl.models.ReducedNearestSTDP]),
    "Modulator": st.sampled_from([DOPAMINE, ncl.models.Dopamine]),
}  # fmt: skip


def through_json(network: Network) -> Network:
    description, arrays = write_network(network)
    left = {name: array.copy() for name, array in arrays.items()}
    rebuilt = read_network(json.loads(json.dumps(description, allow_nan=False)), left)
    assert not left
    return rebuilt


def assert_same(first: Any, second: Any) -> None:
    """Equal numbers, to the bit, all the way down."""
    if isinstance(first, dict):
        assert list(first) == list(second)
        for key, value in first.items():
            assert_same(value, second[key])
    elif isinstance(first, tuple):
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(first, second)


def assert_same_plan(first: Plan, second: Plan) -> None:
    assert list(first.populations) == list(second.populations)
    for name, population in first.populations.items():
        other = second.populations[name]
        for what in ("n", "parameters", "inputs", "initial", "refractory", "schedule"):
            assert_same(getattr(population, what), getattr(other, what))
    assert list(first.projections) == list(second.projections)
    for name, projection in first.projections.items():
        table = second.projections[name]
        for what in ("delays", "start", "post"):
            assert_same(getattr(projection.edges, what), getattr(table.edges, what))
        for what in ("pre", "post", "target", "weight", "parameters", "modulated", "initial"):
            assert_same(getattr(projection, what), getattr(table, what))
    for name, modulator in first.modulators.items():
        assert_same(modulator.counts, second.modulators[name].counts)
        assert_same(modulator.parameters, second.modulators[name].parameters)


def test_there_is_an_example_of_every_class_and_every_rule_and_distribution_is_registered():
    assert EXAMPLES.keys() == REGISTRY.keys()
    offered = {c for m in (connectivity, distributions) for c in vars(m).values() if isinstance(c, type)}
    own = {c for c in offered if issubclass(c, connectivity.Rule | Distribution)}
    assert own - set(REGISTRY.values()) == {connectivity.Rule, Distribution}


def there_and_back(made: Any) -> Any:
    """`made` out of a network that holds it and went through JSON."""
    network = Network()
    neurons = network.add(NEURON, 10, name="neurons", positions=made if isinstance(made, ncl.Lattice) else None)
    if isinstance(made, ncl.Lattice):
        return through_json(network).populations["neurons"].positions
    if isinstance(made, ncl.NeuronModel):
        network.add(made, 1, name="it")
        return through_json(network).populations["it"].model
    if isinstance(made, ncl.Modulator):
        network.add(made, name="it", **dict.fromkeys(made.counts, neurons))
        return through_json(network).modulators["it"].model
    if isinstance(made, connectivity.Rule):
        network.connect(neurons, neurons, made, target="i_syn", name="it")
        return through_json(network).projections["it"].rule
    if isinstance(made, ncl.SynapseModel):
        network.connect(neurons, neurons, ncl.OneToOne(), target="i_syn", synapse=made, name="it")
        return through_json(network).projections["it"].synapse
    network.add(NEURON, 1, name="it", v_th=made)
    return through_json(network).populations["it"].values["v_th"]


@pytest.mark.parametrize("name", EXAMPLES)
@given(data=st.data())
def test_every_description_comes_back_equal(name: str, data: st.DataObject):
    made = data.draw(EXAMPLES[name])
    back = there_and_back(made)
    assert type(back) is type(made)
    assert back == made


@given(case=cases())
def test_a_network_comes_back_with_the_same_plan(case: Case):
    network = network_of(case)
    assert_same_plan(make_plan(network, case.seed), make_plan(through_json(network), case.seed))


@given(
    value=st.floats(allow_nan=False) | st.integers(-(2**60), 2**60) | st.fractions(-10, 10)
    | st.lists(number, min_size=1) | number.map(np.float32) | st.integers(-9, 9).map(np.int16)
)  # fmt: skip
def test_a_value_comes_back_as_the_plan_reads_it(value: Any):
    arrays: dict[str, Any] = {}
    written = json.loads(json.dumps(write_value(value, "value", arrays), allow_nan=False))
    back = read_value(written, arrays)
    assert_same(np.asarray(back, dtype=np.float64), np.asarray(value, dtype=np.float64))


def test_arrays_are_stored_as_they_read_not_as_they_lie_in_memory():
    matrix = np.arange(24.0).reshape(4, 6)[::-1, ::2].T
    arrays: dict[str, Any] = {}
    back = write_value(matrix, "w", arrays)
    assert arrays["w"].flags["C_CONTIGUOUS"]
    assert not np.shares_memory(arrays["w"], matrix)
    assert_same(read_value(back, arrays), matrix)


def test_every_way_to_give_values_comes_back():
    network = Network(dt=0.05)
    line = network.add(SOURCE, 6, name="line", positions=ncl.Lattice((6,), 2.0), spikes=([0.1, 0.05, 3.0], [5, 0, 1]))
    neurons = network.add(
        NEURON, 6, name="neurons", positions=ncl.Lattice((2, 3), shuffle=True), v=[-50, -51, -52, -53, -54, -55],
        tau_mem=np.linspace(5, 20, 12)[::2], t_ref=Fraction(1, 2), v_th=np.float32(-50.1), i_ext=ncl.Input(1),
    )  # fmt: skip
    matrix = np.arange(12.0).reshape(4, 3)
    network.connect(line[::2], neurons[1:5], ncl.AllToAll(), target="i_syn", weight=matrix)
    network.connect(
        line[::-1], neurons, ncl.OneToOne(), target="i_syn", weight=np.arange(6.0), delay=np.arange(6) * 0.1, name="a"
    )  # fmt: skip
    given_edges = ncl.Edges([0, 0, 0], [1, 1, 0])
    network.connect(line[2], neurons[-2:], given_edges, target="i_syn", delay=[0.5, 0.0, 1.0], name="b")
    network.connect(line, neurons, ncl.DistanceDependent(0.9, 3.0), target="i_syn", name="c")
    network.connect(
        neurons, neurons, ncl.AllToAll(), target="i_syn", synapse=STDP, x=0.5, w_max=ncl.uniform(1, 2), name="d"
    )
    assert_same_plan(make_plan(network, 3), make_plan(through_json(network), 3))


def test_an_initial_value_keeps_the_text_it_is_read_as():
    model = NEURON.replace(initial={"v": np.float32(0.1), "i_syn": "2 * v_th"})
    network = Network()
    network.add(model, 2, name="n")
    assert_same_plan(make_plan(network, 0), make_plan(through_json(network), 0))


@dataclass(frozen=True)
class Dice(Distribution):
    sides: int = 6

    def _draw(self, n: int, rng: np.random.Generator) -> Any:
        return rng.integers(1, self.sides, n).astype(float)


@dataclass(frozen=True)
class Nobody(connectivity.Rule):
    def draw(self, ends: connectivity.Ends, rng: np.random.Generator) -> connectivity.Drawn:
        return connectivity.Drawn(np.zeros(0, np.int32), np.zeros(0, np.int32))


class AllToAll(Nobody):
    """Has the name of one of neurocl's rules."""


def test_a_class_of_the_users_own_is_refused_with_its_name():
    for key, made in {"v_th": Dice(), "rule": Nobody(), "AllToAll": AllToAll()}.items():
        network = Network()
        neurons = network.add(NEURON, 3, name="exc", **({key: made} if key == "v_th" else {}))
        if key != "v_th":
            network.connect(neurons, neurons, made, target="i_syn", name="rec")
        with pytest.raises(ncl.NeuroclError, match=rf"'(exc|rec)' holds .* {type(made).__name__}, which cannot be"):
            write_network(network)


def change(description: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(description))
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("dt",), "fast", "the network: the field 'dt' cannot be a str"),
        (("dt",), KeyError, "the network lacks the field 'dt'"),
        (("code",), "import os", "the network has an unknown field 'code'"),
        (("populations", 0, "n"), True, "a population: the field 'n' cannot be a bool"),
        (("populations", 0, "n"), 0, "number of neurons"),
        (("populations", 0), 3, "a population must be an object with the fields name, model"),
        (("populations", 0, "model", "$type"), "os.system", "the class 'os.system' is unknown; known: AllToAll"),
        (("populations", 0, "model", "$type"), ["x"], "the class .* is unknown"),
        (("populations", 0, "model", "colour"), 1, "NeuronModel has an unknown field 'colour'"),
        (("populations", 0, "model", "equations"), KeyError, "NeuronModel lacks the field 'equations'"),
        (("populations", 0, "model", "threshold"), "__import__('os')", "unknown function '__import__'"),
        (("populations", 0, "values", "name"), 1.0, "the description is damaged"),
        (("populations", 0, "values", "v"), {"$array": "nowhere"}, "the array 'nowhere' is missing"),
        (("populations", 0, "positions"), {"$type": "Input", "value": 1.0}, "expected a Lattice, got Input"),
        (("projections", 0, "rule"), {"$type": "Input", "value": 1.0}, "expected a Rule, got Input"),
        (("projections", 0, "pre", "stop"), 10**6, "lies outside the 8 neurons of 'inp'"),
        (("projections", 0, "pre", "start"), -1, "lies outside the 8 neurons"),
        (("projections", 0, "pre", "step"), 0, "lies outside the 8 neurons"),
        (("projections", 0, "pre", "population"), "imp", "no population 'imp'; did you mean 'inp'"),
        (("projections", 1, "modulated", "gain"), ["dopamine"], "must be modulated by"),
        (("projections", 1, "modulated", "gain"), ["dopamine", "e"], "no state 'e'"),
        (("modulators", 0, "counts", "n_spikes"), KeyError, "tell which population"),
    ],
)
def test_a_changed_description_is_refused_with_one_sentence(path: tuple[Any, ...], value: Any, message: str):
    description, arrays = write_network(network_of(Case()))
    with pytest.raises(ncl.NeuroclError, match=message) as caught:
        read_network(change(description, path, value), arrays)
    assert "\n" not in str(caught.value)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [p for key, item in inner for p in [(*path, key), *paths(item, (*path, key))]]


WRITTEN, ASIDE = write_network(network_of(Case()))
junk = st.sampled_from([
    KeyError, None, True, -1, 0, 2**70, 1e308, float("nan"), "", "v", "1 +", [], [1, "x"], {}, {"a": 1},
    {"$array": "network/inp/spike_times"}, {"$array": 3}, {"$type": "Edges", "pre": [0], "post": "x"},
    {"$type": "Choice", "values": [], "probabilities": None}, {"$type": "Input", "value": "x"},
])  # fmt: skip


@given(path=st.sampled_from(paths(WRITTEN)), value=junk)
def test_whatever_is_changed_it_is_a_network_or_a_clear_error(path: tuple[Any, ...], value: Any):
    changed = change(WRITTEN, path, value)
    with contextlib.suppress(ncl.NeuroclError):
        assert isinstance(read_network(changed, dict(ASIDE)), Network)
