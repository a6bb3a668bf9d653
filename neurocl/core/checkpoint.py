"""A simulation as one safetensors file, from which it goes on as if it had not been interrupted.

The file's metadata holds, under the key "neurocl simulation", a JSON text: version, engine, its options, seed, dtype,
step, trial, the kind of Gaussian numbers, the network (see `serialise`), the parameters changed by `set`, and a
fingerprint of each population and projection. The tensors are

    network/...                      arrays of the description: parameters, edges, weight matrices, scheduled spikes
    changes/OWNER.PARAMETER          arrays given to `set`
    state/OWNER.STATE                every state; not a static weight that still is as it was drawn
    spikes/POPULATION/steps, neurons     spikes that may not have arrived everywhere yet; neuron + member * n in a batch
    rewired/PROJECTION/pre, post, delay, values.NAME      synapses that `rewire` changed: all of them

What is drawn at the build (connectivity, weights, distributions) is drawn again from the seed; the fingerprints make
sure that it came out the same. Nothing in a file is executed, imported or unpickled.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.files import read_arrays, write_arrays
from neurocl.core.network import Network
from neurocl.core.plan import PopulationPlan, ProjectionPlan
from neurocl.core.serialise import Arrays, read_network, read_value, take, write_network, write_value
from neurocl.core.simulator import Simulator

__all__ = ["KIND", "VERSION", "load", "save"]

KIND = "neurocl simulation"
VERSION = 1


def save(simulator: Simulator, path: Path) -> None:
    """Write `simulator` to `path`; see `Simulator.save`.

    Raises
    ------
    NeuroclError
        If the engine cannot save, the network holds a class of the user's own, or the file cannot be written.
    """
    recent = simulator._recent_spikes()
    network, arrays = write_network(_as_built(simulator))
    changes = [
        {"owner": owner, "parameter": key, "value": write_value(value, f"changes/{owner}.{key}", arrays)}
        for (owner, key), value in simulator.changes.items()
    ]
    for name in sorted(simulator.rewired):
        arrays |= {f"rewired/{name}/{key}": np.ascontiguousarray(a) for key, a in _synapses(simulator, name).items()}
    redrawn = _weights_as_drawn(simulator)
    states = simulator._host_state()
    arrays |= {f"state/{name}": np.ascontiguousarray(a) for name, a in states.items() if name not in redrawn}
    for name, (steps, neurons) in recent.items():
        arrays |= {f"spikes/{name}/steps": steps, f"spikes/{name}/neurons": neurons}
    text = {
        "engine": simulator.engine, "seed": simulator.seed,
        "dtype": simulator.dtype, "step": simulator.step, "trial": simulator.trial,
        "options": simulator.options, "network": network, "changes": changes,
        "fingerprints": _fingerprints(simulator), "numpy": np.__version__,
    }  # fmt: skip
    write_arrays(path, KIND, VERSION, text, arrays)


def load(path: Path, options: Mapping[str, Any]) -> Simulator:
    """The simulation in the file `path`; see `Simulator.load`.

    Raises
    ------
    NeuroclError
        For a file that is missing, cut short, of another format or version, or changed by hand into nonsense.
    """
    text, arrays = read_arrays(path, KIND, VERSION)
    try:
        return _restore(text, arrays, options)
    except NeuroclError as error:
        raise NeuroclError(f"{path}: {error}") from None
    except MemoryError:
        raise NeuroclError(f"{path}: the network does not fit into the memory of this machine") from None


def _as_built(simulator: Simulator) -> Network:
    """The description as it was when the simulation was built, without what was added to the network later."""
    plan, source = simulator.plan, simulator.network
    network = Network(plan.dt)
    network.populations = {name: source.populations[name] for name in plan.populations}
    network.modulators = {name: source.modulators[name] for name in plan.modulators}
    for name, projection in plan.projections.items():
        modulated = {key: source.modulators[owner][state] for key, (owner, state) in projection.modulated.items()}
        network.projections[name] = dataclasses.replace(source.projections[name], modulated=modulated)
    return network


def _synapses(simulator: Simulator, name: str) -> Arrays:
    """All synapses of a projection: ends, delays in ms, and the numbers that differ between them."""
    plan = simulator.plan.projections[name]
    values = {"w": plan.weight, **plan.parameters, **plan.initial["synapse"]}
    pre, post = simulator.edges(name)
    own = {f"values.{key}": np.asarray(value) for key, value in values.items() if np.ndim(value)}
    return {"pre": pre, "post": post, "delay": simulator.delays(name), **own}


def _rewire(simulator: Simulator, arrays: Arrays) -> None:
    """Change synapses as in the saved simulation, taking them out of `arrays`."""
    for name, plan in simulator.plan.projections.items():
        prefix = f"rewired/{name}/"
        given = {key.removeprefix(prefix): arrays.pop(key) for key in list(arrays) if key.startswith(prefix)}
        if given:
            values = {k.removeprefix("values."): a for k, a in given.items() if k.startswith("values.")}
            missing = {"pre", "post", "delay"} - given.keys()
            if missing or len(given) != 3 + len(values):
                raise NeuroclError(f"the synapses of '{name}' are incomplete; save the simulation again")
            everything, weight = np.arange(plan.edges.n), values.pop("w", None)
            simulator.rewire(
                name, remove=everything, pre=given["pre"], post=given["post"], delay=given["delay"], weight=weight,
                **values,
            )  # fmt: skip


def _static_weights(simulator: Simulator) -> dict[str, NDArray[np.float64]]:
    """Weights drawn at the build that no plasticity changes, by the name of their state."""
    plans = simulator.plan.projections
    return {f"{name}.w": np.asarray(p.weight) for name, p in plans.items() if np.ndim(p.weight) and not p.is_plastic}


def _weights_as_drawn(simulator: Simulator) -> set[str]:
    """Names of the static weights that nobody overwrote."""
    state, drawn = simulator._host_state(), _static_weights(simulator)
    return {name for name, w in drawn.items() if np.array_equal(state[name], w.astype(state[name].dtype, copy=False))}


def _fingerprints(simulator: Simulator) -> dict[str, str]:
    plans: dict[str, PopulationPlan | ProjectionPlan] = {**simulator.plan.populations, **simulator.plan.projections}
    return {name: _fingerprint(plan) for name, plan in plans.items()}


def _fingerprint(plan: PopulationPlan | ProjectionPlan) -> str:
    """A number for all that was drawn: equal for equal edges, delays, weights, parameters and initial states."""
    digest = hashlib.blake2b(digest_size=16)
    drawn: list[Any] = [v for v in plan.parameters.values() if np.ndim(v)]
    if isinstance(plan, PopulationPlan):
        drawn += plan.initial.values()
    else:
        edges = plan.edges
        for array in (edges.delays, edges.start, edges.post, edges.steps):
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        drawn += [plan.weight, *(v for states in plan.initial.values() for v in states.values())]
    with np.errstate(over="ignore"):
        for numbers in drawn:
            # In single precision, because another machine's log and exp may differ in the last digit.
            digest.update(np.ascontiguousarray(numbers, dtype=np.float32).data)
    return digest.hexdigest()


def _restore(text: Any, arrays: Arrays, options: Mapping[str, Any]) -> Simulator:
    engine, seed, dtype, step, trial, saved, description, changes, fingerprints, numpy_version = take(
        text, "the file", engine=str, seed=int, dtype=str, step=int, trial=int,
        options=dict, network=dict, changes=list, fingerprints=dict, numpy=str,
    )  # fmt: skip
    if min(step, trial) < 0 or step >= 2**53:
        raise NeuroclError(f"step and trial must be whole numbers from 0, got {step} and {trial}")
    network = read_network(description, arrays)
    changed = {(owner, key): read_value(value, arrays) for owner, key, value in map(_change, changes)}
    simulator = network.build(engine=engine, seed=seed, dtype=dtype, **{**saved, **options})
    states = {name.removeprefix("state/"): arrays.pop(name) for name in list(arrays) if name.startswith("state/")}
    _rewire(simulator, arrays)
    simulator._restore(step, trial, changed)
    spikes = _spikes(simulator, step, arrays)
    for name, digest in _fingerprints(simulator).items():
        if fingerprints.get(name) != digest:
            raise NeuroclError(
                f"'{name}' comes out of the seed otherwise than in the saved simulation: its arrays were changed after"
                f" the build, or NumPy {np.__version__} draws other numbers than {numpy_version}, which saved it"
            )
    _restore_states(simulator, states)
    simulator._restore_spikes(spikes)
    for name in (*arrays, *states):
        raise NeuroclError(f"the file holds the array '{name}', which belongs to nothing; save the simulation again")
    return simulator


def _change(entry: Any) -> list[Any]:
    return take(entry, "a change", owner=str, parameter=str, value=(int, float, dict))


def _restore_states(simulator: Simulator, states: Arrays) -> None:
    """Write the saved states into the simulation, taking them out of `states`."""
    static = _static_weights(simulator)
    for name, target in simulator._host_state().items():
        if name not in states and name in static:
            continue
        if name not in states:
            raise NeuroclError(f"the state '{name}' is missing; save the simulation again")
        given = states.pop(name)
        if given.shape != target.shape or given.dtype != target.dtype:
            found, expected = (f"{a.dtype} {list(a.shape)}" for a in (given, target))
            raise NeuroclError(f"the state '{name}' is {found} where the network has {expected}")
        simulator._write_state(name, given)


def _spikes(simulator: Simulator, step: int, arrays: Arrays) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The spikes under way, taken out of `arrays` and checked, for compiled code will use them as indices."""
    found = {}
    oldest = step - simulator.plan.max_delay
    for name in simulator._recent_spikes():
        pair = [arrays.pop(f"spikes/{name}/{what}", np.zeros((0, 0))) for what in ("steps", "neurons")]
        steps, neurons = pair
        if any(a.dtype != np.int64 or a.ndim != 1 or a.shape != steps.shape for a in pair):
            raise NeuroclError(f"the spikes under way of '{name}' must be two equally long lists of whole numbers")
        in_order = (np.diff(steps) > 0) | ((np.diff(steps) == 0) & (np.diff(neurons) > 0))
        n = simulator.plan.populations[name].n * simulator.batch
        recent = not steps.size or (oldest <= steps[0] and steps[-1] <= step)
        if not in_order.all() or not recent or not np.isin(neurons, np.arange(n)).all():
            raise NeuroclError(f"the spikes under way of '{name}' do not fit its {n} neurons and the longest delay")
        found[name] = steps, neurons
    return found
