"""What a run is driven by: per-step parameter values and scheduled spikes, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import is_numeric
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, check_requirements
from neurocl.core.planning import schedule_steps

__all__ = ["Inputs", "parse_inputs"]


@dataclass
class Inputs:
    """Checked inputs of one run.

    Attributes
    ----------
    values : object name -> parameter -> array [step, 1 or n], step 0 being the first of the run.
    spikes : population name -> (steps, neurons), steps counted like `Simulator.step`.
    """

    values: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    spikes: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=dict)


def parse_inputs(plan: Plan, inputs: Mapping[str, Mapping[str, Any]] | None, steps: int, first_step: int) -> Inputs:
    """Check `inputs` of a run of `steps` steps that begins at `first_step`; see `Simulator.run`."""
    parsed = Inputs()
    drivable: dict[str, PopulationPlan | ModulatorPlan] = {**plan.populations, **plan.modulators}
    if inputs is not None:
        check_mapping("inputs", inputs)
    for name, given in (inputs or {}).items():
        if name not in drivable:
            raise NeuroclError(f"inputs: the network has no population or modulator '{name}'{suggest(name, drivable)}")
        target = drivable[name]
        check_mapping(f"inputs['{name}']", given)
        for key, value in given.items():
            if key == "spikes" and isinstance(target, PopulationPlan):
                parsed.spikes[name] = _spikes(target, value, steps, first_step)
            elif key not in target.inputs:
                raise NeuroclError(_not_an_input(name, key, target))
            else:
                array = _values(name, key, value, getattr(target, "n", 1), steps)
                check_requirements(target, {**target.parameters, key: array})
                parsed.values.setdefault(name, {})[key] = array
    return parsed


def check_mapping(where: str, given: Any) -> None:
    """Refuse what is no mapping."""
    if not isinstance(given, Mapping):
        raise NeuroclError(f"{where}: expected a dict such as {{'exc': {{'i_ext': array}}}}, got {shown(given)}")


def _not_an_input(name: str, key: str, target: PopulationPlan | ModulatorPlan) -> str:
    if key in target.parameters:
        return f"inputs['{name}']: '{key}' is not an Input; declare it where the population is added, {key}=Input()"
    return f"inputs['{name}']: unknown parameter '{key}'{suggest(key, target.inputs)}"


def _values(name: str, key: str, value: Any, n: int, steps: int) -> NDArray[np.float64]:
    where = f"inputs['{name}']['{key}']"
    if not is_numeric(value):
        raise NeuroclError(f"{where}: expected an array of numbers, got {shown(value)}")
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] not in (1, n) or len(array) == 0:
        raise NeuroclError(f"{where}: expected shape [step] or [step, {n}], got {list(np.shape(value))}")
    if len(array) > steps:
        raise NeuroclError(
            f"{where}: {len(array)} steps of input for a run of {steps} steps; run longer or cut the array"
        )
    if not np.isfinite(array).all():
        raise NeuroclError(f"{where}: contains NaN or infinity; give finite numbers")
    return array


def _spikes(
    target: PopulationPlan, value: Any, steps: int, first_step: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    where = f"inputs['{target.name}']['spikes']"
    if not target.is_scheduled:
        raise NeuroclError(f"{where}: the model does not use 'scheduled' in its threshold; use models.SpikeArray")
    if isinstance(value, tuple) and len(value) == 2:
        if not is_numeric(value[0]) or not is_numeric(value[1]):
            raise NeuroclError(f"{where}: times and indices must be two lists of numbers")
        times, indices = np.asarray(value[0], dtype=np.float64), np.asarray(value[1])
        if times.ndim != 1 or times.shape != indices.shape:
            raise NeuroclError(
                f"{where}: times and indices must be equally long lists, got shapes {times.shape} and {indices.shape}"
            )
        if indices.size and (
            not np.issubdtype(indices.dtype, np.integer) or indices.min() < 0 or indices.max() >= target.n
        ):
            raise NeuroclError(f"{where}: indices must be whole numbers from 0 to {target.n - 1}")
        order = np.lexsort((indices, times))
        at, neurons = schedule_steps(target.name, times[order], indices[order].astype(np.int64), target.dt)
    else:
        array = np.asarray(value if is_numeric(value) else None)
        if array.ndim != 2 or array.shape[1] != target.n or not np.isin(array, (0, 1)).all():
            raise NeuroclError(
                f"{where}: expected (times, indices) or an array [step, {target.n}] of 0 and 1,"
                f" got shape {list(array.shape)}"
            )
        at, neurons = (a.astype(np.int64) for a in np.nonzero(array))
    if at.size and at[-1] >= steps:
        raise NeuroclError(
            f"{where}: a spike at {(at[-1] + 1) * target.dt:g} ms lies beyond the run of {steps * target.dt:g} ms"
        )
    return at + first_step, neurons
