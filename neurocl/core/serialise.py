"""A network description as a JSON-able dict, with its arrays aside.

    number, text, None, true or false    itself
    array, list of numbers, infinity     {"$array": name}, with the array under this name among the arrays
    tuple in a rule or distribution      a list
    parameters, initial values           {name: value}
    object of a class in `REGISTRY`      {"$type": class, field: value}

Only classes in `REGISTRY` are written and read, each through its constructor, and a network is put together by
`Network.add`, `connect` and `modulate`: a description from a file meets every check that a typed one meets, and
no name in a file is ever imported or evaluated.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core import connectivity, distributions
from neurocl.core.components import Input, ModulatorHandle, Population, Projection, Slice, Subset
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.lattice import Lattice
from neurocl.core.model import Modulator, NeuronModel, SynapseModel
from neurocl.core.network import Network

__all__ = ["REGISTRY", "Arrays", "read_network", "read_value", "take", "write_network", "write_value"]

Arrays = dict[str, NDArray[Any]]

REGISTRY: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        NeuronModel, SynapseModel, Modulator, Input, Lattice,
        connectivity.AllToAll, connectivity.OneToOne, connectivity.FixedProbability, connectivity.FixedIndegree,
        connectivity.FixedOutdegree, connectivity.FixedTotalNumber, connectivity.DistanceDependent, connectivity.Edges,
        distributions.Uniform, distributions.Normal, distributions.LogNormal, distributions.Exponential,
        distributions.Gamma, distributions.Choice,
    )
}  # fmt: skip
"""Class name -> class, of everything that a description may hold."""


def write_network(network: Network) -> tuple[dict[str, Any], Arrays]:
    """Write a network down.

    Parameters
    ----------
    network : the description.

    Returns
    -------
    dict and Arrays
        What `json.dumps` takes, and the arrays it refers to.

    Raises
    ------
    NeuroclError
        If the network holds an object whose class is not in `REGISTRY`, such as a rule of the user's own.
    """
    arrays: Arrays = {}
    description = {
        "dt": network.dt,
        "populations": [_population(p, arrays) for p in network.populations.values()],
        "modulators": [_modulator(m, arrays) for m in network.modulators.values()],
        "projections": [_projection(p, arrays) for p in network.projections.values()],
    }
    return description, arrays


def _population(population: Population, arrays: Arrays) -> dict[str, Any]:
    place = f"network/{population.name}"
    spikes = None
    if population.spikes is not None:
        names = f"{place}/spike_times", f"{place}/spike_indices"
        spikes = [_aside(*pair, arrays) for pair in zip(names, population.spikes, strict=True)]
    return {
        "name": population.name,
        "model": _write(population.model, f"{place}/model", arrays),
        "n": population.n,
        "values": {k: write_value(v, f"{place}/values/{k}", arrays) for k, v in population.values.items()},
        "positions": _write(population.positions, f"{place}/positions", arrays),
        "spikes": spikes,
    }


def _modulator(modulator: ModulatorHandle, arrays: Arrays) -> dict[str, Any]:
    place = f"network/{modulator.name}"
    return {
        "name": modulator.name,
        "model": _write(modulator.model, f"{place}/model", arrays),
        "values": {k: write_value(v, f"{place}/values/{k}", arrays) for k, v in modulator.values.items()},
        "counts": {k: _part(part, f"{place}/counts/{k}", arrays) for k, part in modulator.counts.items()},
    }


def _projection(projection: Projection, arrays: Arrays) -> dict[str, Any]:
    place = f"network/{projection.name}"
    return {
        "name": projection.name,
        "pre": _slice(projection.pre),
        "post": _slice(projection.post),
        "rule": _write(projection.rule, f"{place}/rule", arrays),
        "target": projection.target,
        "weight": write_value(projection.weight, f"{place}/weight", arrays),
        "delay": write_value(projection.delay, f"{place}/delay", arrays),
        "synapse": _write(projection.synapse, f"{place}/synapse", arrays),
        "values": {k: write_value(v, f"{place}/values/{k}", arrays) for k, v in projection.values.items()},
        "modulated": {k: [m.modulator.name, m.state] for k, m in projection.modulated.items()},
    }


def _slice(part: Slice) -> dict[str, Any]:
    chosen = part.neurons
    return {"population": part.population.name, "start": chosen.start, "stop": chosen.stop, "step": chosen.step}


def _part(part: Slice | Subset, place: str, arrays: Arrays) -> dict[str, Any]:
    if isinstance(part, Slice):
        return _slice(part)
    return {"population": part.population.name, "neurons": _aside(place, part.neurons, arrays)}


def write_value(value: Any, place: str, arrays: Arrays) -> Any:
    """The value of a parameter, state, weight or delay: a number, an array, a distribution or an `Input`."""
    if isinstance(value, distributions.Distribution | Input):
        return _write(value, place, arrays)
    array = np.asarray(value, dtype=np.float64)  # as the plan reads it
    return float(array) if array.ndim == 0 and np.isfinite(array) else _aside(place, array, arrays)


def _aside(place: str, value: Any, arrays: Arrays) -> dict[str, str]:
    # safetensors writes the buffer of an array as it lies in memory, whatever the strides.
    arrays[place] = np.array(value, order="C")
    return {"$array": place}


def _write(value: Any, place: str, arrays: Arrays) -> Any:
    """A registered object, or one of its fields."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Real):
        plain = int(value) if isinstance(value, numbers.Integral) else float(value)
        return plain if math.isfinite(plain) else _aside(place, plain, arrays)
    if isinstance(value, np.ndarray):
        return _aside(place, value, arrays)
    if isinstance(value, tuple):
        return [_write(item, f"{place}/{k}", arrays) for k, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: _write(item, f"{place}/{key}", arrays) for key, item in value.items()}
    if REGISTRY.get(type(value).__name__) is not type(value):
        raise NeuroclError(
            f"'{place.split('/')[1]}' holds an object of the class {type(value).__name__}, which cannot be written to a"
            f" file; neurocl's own classes can: {', '.join(sorted(REGISTRY))}"
        )
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if "initial" in fields:  # models read it as text, in which np.float32(0.1) is 0.1
        fields["initial"] = {k: v if isinstance(v, int | float) else str(v) for k, v in value.initial.items()}
    return {"$type": type(value).__name__} | {k: _write(v, f"{place}/{k}", arrays) for k, v in fields.items()}


def read_network(description: Any, arrays: Arrays) -> Network:
    """The network that `write_network` wrote down; the arrays it uses are taken out of `arrays`.

    Raises
    ------
    NeuroclError
        For an unknown or missing field or class, a value of a wrong type, and all that `Network` refuses.
    """
    with _damage_is_told():
        return _read_network(description, arrays)


@contextmanager
def _damage_is_told() -> Iterator[None]:
    """Turn what a constructor raises for a value that no user can give it into one sentence."""
    try:
        yield
    except NeuroclError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise NeuroclError(f"the description is damaged ({reason}); save the simulation again") from error


def _read_network(description: Any, arrays: Arrays) -> Network:
    dt, populations, modulators, projections = take(
        description, "the network", dt=(int, float), populations=list, modulators=list, projections=list
    )
    network = Network(dt)
    for entry in populations:
        name, model, n, values, positions, spikes = take(
            entry, "a population", name=str, model=dict, n=int, values=dict, positions=(dict, type(None)),
            spikes=(list, type(None)),
        )  # fmt: skip
        network.add(
            _object(model, NeuronModel, name, arrays), n, name=name,
            positions=None if positions is None else _object(positions, Lattice, name, arrays),
            spikes=None if spikes is None else tuple(_read(s, arrays) for s in spikes),
            **_values(values, arrays),
        )  # fmt: skip
    for entry in modulators:
        name, model, values, counts = take(entry, "a modulator", name=str, model=dict, values=dict, counts=dict)
        parts: dict[str, Any] = {key: _read_part(part, network, arrays) for key, part in counts.items()}
        network.add(_object(model, Modulator, name, arrays), name=name, **_values(values, arrays) | parts)
    for entry in projections:
        _connect(network, entry, arrays)
    return network


def _connect(network: Network, entry: Any, arrays: Arrays) -> None:
    number = (int, float, dict)
    name, pre, post, rule, target, weight, delay, synapse, values, modulated = take(
        entry, "a projection", name=str, pre=dict, post=dict, rule=dict, target=(str, type(None)), weight=number,
        delay=number, synapse=dict, values=dict, modulated=dict,
    )  # fmt: skip
    projection = network.connect(
        _read_slice(pre, network), _read_slice(post, network), _object(rule, connectivity.Rule, name, arrays),
        target=target, weight=_read(weight, arrays), delay=_read(delay, arrays),
        synapse=_object(synapse, SynapseModel, name, arrays), name=name, **_values(values, arrays),
    )  # fmt: skip
    for key, pair in modulated.items():
        if not isinstance(pair, list) or len(pair) != 2 or pair[0] not in network.modulators:
            raise NeuroclError(f"projection '{name}': '{key}' must be modulated by [modulator, state], got {pair!r}")
        network.modulate(projection, **{key: network.modulators[pair[0]][pair[1]]})


def take(source: Any, what: str, **kinds: type | tuple[type, ...]) -> list[Any]:
    """The fields of a JSON object in the order of `kinds`; NeuroclError unless it has just these, of these types."""
    if not isinstance(source, dict):
        raise NeuroclError(f"{what} must be an object with the fields {', '.join(kinds)}, got {type(source).__name__}")
    for key in source:
        if key not in kinds:
            raise NeuroclError(f"{what} has an unknown field '{key}'{suggest(key, kinds)}")
    for key, kind in kinds.items():
        if key not in source:
            raise NeuroclError(f"{what} lacks the field '{key}'")
        # True is an int for Python, but no number of neurons.
        if not isinstance(source[key], kind) or (isinstance(source[key], bool) and kind is not object):
            raise NeuroclError(f"{what}: the field '{key}' cannot be a {type(source[key]).__name__}")
    return [source[key] for key in kinds]


def read_value(value: Any, arrays: Arrays) -> Any:
    """What `write_value` wrote; NeuroclError if it is damaged."""
    with _damage_is_told():
        return _read(value, arrays)


def _read(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, list):
        return tuple(_read(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "$array" in value:
        (name,) = take(value, "a reference to an array", **{"$array": str})
        if name not in arrays:
            raise NeuroclError(f"the array '{name}' is missing")
        array = arrays.pop(name)
        return array if array.ndim else array.item()
    if "$type" not in value:
        return {key: _read(item, arrays) for key, item in value.items()}
    cls = REGISTRY.get(value["$type"]) if isinstance(value["$type"], str) else None
    if cls is None:
        raise NeuroclError(f"the class {value['$type']!r} is unknown; known: {', '.join(sorted(REGISTRY))}")
    names = [f.name for f in dataclasses.fields(cls)]
    given = {key: _read(item, arrays) for key, item in value.items() if key != "$type"}
    take(given, f"an object of the class {cls.__name__}", **dict.fromkeys(names, object))
    return cls(**given)


def _values(values: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    return {key: _read(value, arrays) for key, value in values.items()}


def _object(value: Any, kind: type[Any], owner: str, arrays: Arrays) -> Any:
    made = _read(value, arrays)
    if not isinstance(made, kind):
        raise NeuroclError(f"'{owner}': expected a {kind.__name__}, got {type(made).__name__}")
    return made


def _read_part(value: Any, network: Network, arrays: Arrays) -> Slice | Subset:
    if not isinstance(value, dict) or "neurons" not in value:
        return _read_slice(value, network)
    name, neurons = take(value, "a part", population=str, neurons=dict)
    return _named(name, network)[np.atleast_1d(_read(neurons, arrays))]


def _named(name: str, network: Network) -> Population:
    if name not in network.populations:
        raise NeuroclError(f"the network has no population '{name}'{suggest(name, network.populations)}")
    return network.populations[name]


def _read_slice(value: Any, network: Network) -> Slice:
    name, start, stop, step = take(value, "a slice", population=str, start=int, stop=int, step=int)
    population = _named(name, network)
    chosen = range(start, stop, step) if step else range(0)
    if not chosen or min(chosen[0], chosen[-1]) < 0 or max(chosen[0], chosen[-1]) >= population.n:
        raise NeuroclError(f"the slice {start}:{stop}:{step} lies outside the {population.n} neurons of '{name}'")
    return Slice(population, chosen)
