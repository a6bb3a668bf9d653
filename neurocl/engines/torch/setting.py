"""Changing parameters and states between runs, checked before anything changes; and synapses in new places."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from neurocl.core.rewiring import Rewiring
from neurocl.core.setting import parse_setting, take_parameters
from neurocl.engines.torch.memory import Memory

__all__ = ["rearranged", "set_values"]


def set_values(memory: Memory, name: str, values: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float64]]:
    """Change what `Simulator.set` was given for the object `name`; returns the parameters that changed."""
    plan, layouts = memory.build.plan, memory.build.layouts
    states = {k.split(".")[1]: s for k, s in memory.states().items() if k.startswith(f"{name}.")}
    shapes = {key: list(dict.fromkeys([tuple(s.shape[-1:]), tuple(s.shape)])) for key, s in states.items()}
    arrays = (*layouts[name].arrays, *layouts[name].driven) if name in layouts else ()
    setting = parse_setting(plan, name, values, shapes, {key: [(len(memory.objects[name]._index),)] for key in arrays})
    for key, array in setting.states.items():
        states[key].copy_(memory.tensor(array, states[key].dtype))
    for touched in take_parameters(plan, setting):
        memory.refresh(touched)
    memory.rest_inputs()
    return setting.parameters


def rearranged(change: Rewiring, name: str, old: torch.Tensor) -> torch.Tensor:
    """A state of the synapses, [member, synapse] or [synapse], in the order that they have after a rewiring."""
    source = torch.from_numpy(change.source.copy()).to(old.device)
    new = torch.as_tensor(change.values[name], dtype=old.dtype, device=old.device)
    return torch.cat([old, new.expand(*old.shape[:-1], -1)], dim=-1).index_select(-1, source)
