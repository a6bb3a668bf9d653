"""One experience from samples of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray

from neurocl.continual.experience import Experience

__all__ = ["mixed"]


def mixed(parts: Sequence[tuple[Experience, NDArray[Any], NDArray[Any]]], index: int) -> Experience:
    """Samples of several experiences, each at a place of its own.

    Parameters
    ----------
    parts : (experience, which of its samples, their places in the whole); the places are 0 ... N - 1, each once.
    index : of the new experience.
    """
    batches = [experience.batch(torch.from_numpy(which)) for experience, which, _ in parts]
    time_major = parts[0][0].time_major
    order = torch.argsort(torch.cat([torch.from_numpy(places) for _, _, places in parts]))
    x = torch.cat([batch.x for batch in batches], int(time_major)).index_select(int(time_major), order)
    y, task = (torch.cat([batch[k] for batch in batches])[order] for k in (1, 2))
    classes = sorted({unit for experience, _, _ in parts for unit in experience.classes})
    return Experience(x, y, task, index, tuple(classes), time_major=time_major)
