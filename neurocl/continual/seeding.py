"""Five independent random streams from one seed, so that methods can be compared on the same numbers.

    0 class order, 1 permutations and angles, 2 sample order, 3 initial weights, 4 noise of the method

Stream k of seed s is NumPy's ``SeedSequence(s).spawn(5)[k]`` with PCG64; what is drawn per experience or epoch comes
from children of it, so that any one can be drawn without those before it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

__all__ = ["generator", "torch_seed"]

Stream = Literal["classes", "transforms", "order", "weights", "noise"]
STREAMS: tuple[Stream, ...] = ("classes", "transforms", "order", "weights", "noise")


def generator(seed: int, stream: Stream, *path: int) -> np.random.Generator:
    """The generator of a stream.

    Parameters
    ----------
    seed : of the run.
    stream : "classes", "transforms", "order", "weights" or "noise".
    *path : which child, for instance experience and epoch; none: the stream itself.
    """
    return np.random.Generator(np.random.PCG64(_sequence(seed, stream, *path)))


def torch_seed(seed: int, stream: Stream, *path: int) -> int:
    """A seed of 63 bits for a torch generator; arguments as those of `generator`."""
    return int(_sequence(seed, stream, *path).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _sequence(seed: int, stream: Stream, *path: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(STREAMS.index(stream), *path))
