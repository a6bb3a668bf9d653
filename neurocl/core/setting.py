"""Changing parameters and states between runs: what `Simulator.set` was given, checked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan, check_parameters
from neurocl.core.planning import refractory_steps
from neurocl.core.simulator import as_array

__all__ = ["Setting", "parse_setting", "take_parameters"]

Shapes = Mapping[str, Sequence[tuple[int, ...]]]


@dataclass(frozen=True)
class Setting:
    """Checked new values of the object `name`: its states and its parameters, each one number or an array."""

    name: str
    states: dict[str, NDArray[np.float64]]
    parameters: dict[str, NDArray[np.float64]]


def parse_setting(
    plan: Plan, name: str, values: Mapping[str, ArrayLike], states: Shapes, parameters: Shapes
) -> Setting:
    """Check what `Simulator.set` was given.

    Parameters
    ----------
    plan : the network.
    name : the object to change.
    values : what the user gave.
    states : the object's states, and the shapes that an array for each may have.
    parameters : the same for its parameters that differ between elements; all others are one number.

    Raises
    ------
    NeuroclError
        For an unknown object or name, a wrong length, a NaN, a parameter that the model does not allow.
    """
    target = _object(plan, name)
    given = {key: as_array(value, f"set('{name}', {key}=...)").copy() for key, value in values.items()}
    for key, array in given.items():
        where = f"set('{name}', {key}=...)"
        _check_name(plan, name, key, where, states)
        shapes = states[key] if key in states else parameters.get(key, ())
        if array.ndim and array.shape not in shapes:
            raise NeuroclError(f"{where}: {_expected(shapes)}, got shape {list(array.shape)}")
        if key in states and not np.isfinite(array).all():
            raise NeuroclError(f"{where}: a state must be finite, got {shown(array)}")
        if key == "refractory" and ((array < 0) | (array != np.rint(array))).any():
            raise NeuroclError(f"{where}: the updates left must be whole numbers >= 0, got {shown(array)}")
    setting = Setting(
        name,
        {key: array for key, array in given.items() if key in states},
        {key: array for key, array in given.items() if key not in states},
    )
    changed = {**target.parameters, **_plain(setting)}
    check_parameters(target, changed)
    if isinstance(target, PopulationPlan):
        refractory_steps(name, target.parsed.refractory, changed, plan.dt)
    return setting


def take_parameters(plan: Plan, setting: Setting) -> list[str]:
    """Write the parameters into the plan; returns the objects whose numbers changed.

    Besides the object itself these are, for a modulator, the projections whose equations carry it along.
    """
    target, parameters = _object(plan, setting.name), _plain(setting)
    if isinstance(target, PopulationPlan):
        changed = {**target.parameters, **parameters}
        target.refractory = refractory_steps(setting.name, target.parsed.refractory, changed, plan.dt)
    target.parameters.update(parameters)
    touched = [setting.name]
    if isinstance(target, ModulatorPlan):
        carried = {f"_{setting.name}__{key}": value for key, value in parameters.items()}
        for name, projection in plan.projections.items():
            projection.parameters.update({k: v for k, v in carried.items() if k in projection.parameters})
            touched.append(name)
    return touched


def _object(plan: Plan, name: str) -> PopulationPlan | ProjectionPlan | ModulatorPlan:
    objects = plan.objects
    if name not in objects:
        raise NeuroclError(f"set: the network has no '{name}'{suggest(name, objects)}")
    return objects[name]


def _plain(setting: Setting) -> dict[str, Any]:
    return {key: array if array.ndim else float(array) for key, array in setting.parameters.items()}


def _expected(shapes: Sequence[tuple[int, ...]]) -> str:
    if not shapes:
        return "it was one number for all when the network was built; add it as an array"
    *others, last = (f"{shape[0]} of them" if len(shape) == 1 else f"{list(shape)}" for shape in shapes)
    return f"expected {', '.join(['one number', *others])} or {last}"


def _check_name(plan: Plan, name: str, key: str, where: str, states: Shapes) -> None:
    parameters = _object(plan, name).parameters
    if key not in states and (key not in parameters or key.startswith("_")):
        known = [k for k in (*parameters, *states) if not k.startswith("_")]
        if key == "w" and name in plan.projections:
            raise NeuroclError(f"{where}: the weight is one constant number; give net.connect an array of weights")
        raise NeuroclError(f"{where}: '{name}' has no parameter or state '{key}'{suggest(key, known)}")
    if key in getattr(plan.populations.get(name), "summed", ()):
        raise NeuroclError(f"{where}: '{key}' is a sum over synapses; change their weights instead")
    if key in getattr(plan.projections.get(name), "modulated", ()):
        raise NeuroclError(f"{where}: a modulator is the value of '{key}'; set the modulator's state instead")
