"""Random numbers of a run: the same as in every engine, written into Brian2 variables at each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core import random
from neurocl.core.expressions import Draw, evaluate

__all__ = ["DrawWriter"]


class DrawWriter:
    """Writes the draws of one population, projection or modulator.

    Parameters
    ----------
    draws : pairs (call number, draw).
    stream : key of the object's numbers.
    arrays : Brian2's array behind each draw's symbol.
    read : gives the values that the mean of a Poisson draw is made of, at the moment of drawing.
    """

    def __init__(
        self,
        draws: Iterable[tuple[int, Draw]],
        stream: int,
        arrays: Mapping[str, NDArray[np.float64]],
        read: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._draws, self._stream, self._arrays, self._read = tuple(draws), stream, arrays, read

    def write(self, step: int) -> None:
        """Draw the numbers of `step`."""
        for call, draw in self._draws:
            array = self._arrays[draw.symbol]
            index = np.arange(array.size, dtype=np.uint32)
            if draw.kind == "poisson":
                mean = np.asarray(evaluate(draw.argument, self._read()), dtype=np.float64)
                array[:] = random.poisson(index, mean, self._stream, step, call)
            else:
                generate = random.uniform if draw.kind == "rand" else random.normal
                array[:] = generate(index, self._stream, step, call)
