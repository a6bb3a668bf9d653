"""Changing parameters and states between runs, checked before anything changes; and synapses in new places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.plan import Plan, check_parameters
from neurocl.core.planning import refractory_steps
from neurocl.core.rewiring import Rewiring
from neurocl.core.simulator import as_array
from neurocl.engines.torch.memory import Memory

__all__ = ["rearranged", "set_values"]


def set_values(memory: Memory, name: str, values: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float64]]:
    """Change what `Simulator.set` was given for the object `name`; returns the parameters that changed."""
    plan = memory.build.plan
    objects: dict[str, Any] = {**plan.populations, **plan.projections, **plan.modulators}
    if name not in objects:
        raise NeuroclError(f"set: the network has no '{name}'{suggest(name, objects)}")
    target = objects[name]
    states = {k.split(".")[1]: s for k, s in memory.states().items() if k.startswith(f"{name}.")}
    given = {key: as_array(value, f"set('{name}', {key}=...)").copy() for key, value in values.items()}
    for key, array in given.items():
        _check(memory, name, key, array, states, target.parameters)
    parameters = {k: array if array.ndim else float(array) for k, array in given.items() if k not in states}
    check_parameters(target, {**target.parameters, **parameters})  # refuses before anything has changed
    if name in plan.populations:
        changed = {**target.parameters, **parameters}
        target.refractory = refractory_steps(name, target.parsed.refractory, changed, plan.dt)
    for key in given.keys() & states.keys():
        states[key].copy_(memory.tensor(given[key], states[key].dtype))
    target.parameters.update(parameters)
    if name in plan.modulators:
        _tell_synapses(memory, plan, name, parameters)
    memory.refresh(name)
    memory.rest_inputs()
    return {key: given[key] for key in parameters}


def _tell_synapses(memory: Memory, plan: Plan, name: str, parameters: Mapping[str, Any]) -> None:
    """Projections whose equations carry a modulator along have copies of its parameters."""
    for projection in plan.projections.values():
        carried = {f"_{name}__{key}": value for key, value in parameters.items()}
        projection.parameters.update({k: v for k, v in carried.items() if k in projection.parameters})
        memory.refresh(projection.name)


def _check(
    memory: Memory, name: str, key: str, array: NDArray[np.float64], states: Mapping[str, torch.Tensor],
    parameters: Mapping[str, Any],
) -> None:  # fmt: skip
    where, layout, plan = f"set('{name}', {key}=...)", memory.build.layouts[name], memory.build.plan
    if key not in states and (key not in parameters or key.startswith("_")):
        known = [k for k in (*parameters, *states) if not k.startswith("_")]
        if key == "w" and name in plan.projections:
            raise NeuroclError(f"{where}: the weight is one constant number; give net.connect an array of weights")
        raise NeuroclError(f"{where}: '{name}' has no parameter or state '{key}'{suggest(key, known)}")
    if key in getattr(plan.populations.get(name), "summed", ()):
        raise NeuroclError(f"{where}: '{key}' is a sum over synapses; change their weights instead")
    if key in getattr(plan.projections.get(name), "modulated", ()):
        raise NeuroclError(f"{where}: a modulator is the value of '{key}'; set the modulator's state instead")
    if key in states:
        shapes = [(), tuple(states[key].shape[-1:]), tuple(states[key].shape)]
        hint = f"expected one number, {shapes[1][0]} of them" + (f" or {list(shapes[2])}" if memory.batch > 1 else "")
    elif key in (*layout.arrays, *layout.driven):
        size = len(memory.objects[name]._index)
        shapes, hint = [(), (size,)], f"expected one number or {size} of them"
    else:
        shapes, hint = [()], "it was one number for all when the network was built; add it as an array"
    if array.shape not in shapes:
        raise NeuroclError(f"{where}: {hint}, got shape {list(array.shape)}")
    if key in states and not np.isfinite(array).all():
        raise NeuroclError(f"{where}: a state must be finite, got {shown(array)}")
    if key == "refractory" and ((array < 0) | (array != np.rint(array))).any():
        raise NeuroclError(f"{where}: the updates left must be whole numbers >= 0, got {shown(array)}")


def rearranged(change: Rewiring, name: str, old: torch.Tensor) -> torch.Tensor:
    """A state of the synapses, [member, synapse] or [synapse], in the order that they have after a rewiring."""
    source = torch.from_numpy(change.source.copy()).to(old.device)
    new = torch.as_tensor(change.values[name], dtype=old.dtype, device=old.device)
    return torch.cat([old, new.expand(*old.shape[:-1], -1)], dim=-1).index_select(-1, source)
