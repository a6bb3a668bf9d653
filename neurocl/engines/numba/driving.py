"""Before and after a run: put its inputs where the compiled loop reads them, take them away, check the result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.inputs import Inputs
from neurocl.engines.numba.memory import Memory

__all__ = ["check_finite", "feed", "rest"]


def feed(memory: Memory, inputs: Inputs, steps: int) -> None:
    """Write the inputs of a run of `steps` steps into the memory."""
    plans: dict[str, Any] = {**memory.plan.populations, **memory.plan.modulators}
    for name, group in inputs.values.items():
        none = np.zeros((0, 1), dtype=memory.dtype)
        memory.objects[name]["_inputs"] = tuple(
            _with_rest(group[key], plans[name].parameters[key], steps, memory.dtype) if key in group else none
            for key in plans[name].inputs
        )
    for name, (at, neurons) in inputs.spikes.items():
        memory.objects[name].update(_scheduled_steps=at, _scheduled_indices=neurons)


def _with_rest(array: NDArray[np.float64], resting: Any, steps: int, dtype: Any) -> NDArray[Any]:
    """`array`, with a row of resting values behind its end if the run is longer."""
    if len(array) == steps:
        return np.ascontiguousarray(array, dtype=dtype)
    row = np.atleast_1d(np.asarray(resting, dtype=np.float64))[None]
    width = max(array.shape[1], row.shape[1])
    parts = [np.broadcast_to(part, (len(part), width)) for part in (array, row)]
    return np.concatenate(parts).astype(dtype)


def rest(memory: Memory) -> None:
    """Take the inputs of a run away again."""
    memory.rest_inputs()
    for name, plan in memory.plan.populations.items():
        memory.objects[name].update(_scheduled_steps=plan.schedule[0], _scheduled_indices=plan.schedule[1])


def check_finite(memory: Memory, time_now: float) -> None:
    """Raise an error that names the first state with NaN or infinity."""
    for name, array in memory.states().items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            owner, state = name.split(".")
            index = int(np.argmin(np.isfinite(array)))
            raise NeuroclError(
                f"'{owner}': state '{state}' of element {index} became {array[index]} before {time_now:g} ms;"
                " check the parameters, or use a smaller dt"
            )
