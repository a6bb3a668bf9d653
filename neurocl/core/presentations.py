"""Independent presentations side by side: what drives each of them, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.inputs import Inputs, check_mapping, parse_inputs
from neurocl.core.plan import Plan, check_requirements
from neurocl.core.simulator import as_array

__all__ = ["States", "Values", "check_inputs", "check_states", "check_values"]

Values: TypeAlias = dict[str, dict[str, NDArray[np.float64]]]
"""Object name -> parameter -> array [presentation, 1 or neuron]."""
States: TypeAlias = dict[str, NDArray[np.float64]]
"""State, such as "exc.v" -> array [presentation, element]."""


def check_values(plan: Plan, values: Mapping[str, Mapping[str, ArrayLike]] | None, count: int) -> Values:
    """Constant inputs as arrays [presentation, 1 or neuron]."""
    checked: Values = {}
    drivable: dict[str, Any] = {**plan.populations, **plan.modulators}
    if values is not None:
        check_mapping("values", values)
    for name, group in (values or {}).items():
        if name not in drivable:
            raise NeuroclError(f"values: the network has no population or modulator '{name}'{suggest(name, drivable)}")
        check_mapping(f"values['{name}']", group)
        for key, value in group.items():
            where, size = f"values['{name}']['{key}']", getattr(drivable[name], "n", 1)
            if key not in drivable[name].inputs:
                raise NeuroclError(f"{where}: '{key}' is not an Input{suggest(key, drivable[name].inputs)}")
            array = as_array(value, where)
            if array.ndim not in (1, 2) or len(array) != count or (array.ndim == 2 and array.shape[1] not in (1, size)):
                raise NeuroclError(f"{where}: expected shape [{count}] or [{count}, {size}], got {list(array.shape)}")
            checked.setdefault(name, {})[key] = array.reshape(count, -1)
            check_requirements(drivable[name], {**drivable[name].parameters, key: checked[name][key]})
    return checked


def check_inputs(
    plan: Plan, inputs: Mapping[str, Mapping[str, Any]] | None, count: int, steps: int, first: int
) -> list[Inputs]:
    """Per-step inputs of each presentation."""
    if inputs is not None:
        check_mapping("inputs", inputs)
    for name, group in (inputs or {}).items():
        check_mapping(f"inputs['{name}']", group)
        for key, value in group.items():
            if not hasattr(value, "__len__") or len(value) != count:
                raise NeuroclError(
                    f"inputs['{name}']['{key}']: expected one entry for each of the {count} presentations"
                )
    return [
        parse_inputs(
            plan, {name: {key: v[k] for key, v in g.items()} for name, g in (inputs or {}).items()}, steps, first
        )
        for k in range(count)
    ]


def check_states(
    states: Mapping[str, ArrayLike] | None, sizes: Mapping[str, int], count: int
) -> States:
    """States with which presentations begin, [presentation, element]; `sizes` has all that a run may change."""
    checked: States = {}
    if states is not None:
        check_mapping("states", states)
    for name, value in (states or {}).items():
        if name not in sizes:
            raise NeuroclError(f"states: the simulation has no changing state '{name}'{suggest(str(name), sizes)}")
        checked[name] = as_array(value, f"states['{name}']")
        if checked[name].shape != (count, sizes[name]):
            raise NeuroclError(
                f"states['{name}']: expected shape [{count}, {sizes[name]}], got {list(checked[name].shape)}"
            )
    return checked
