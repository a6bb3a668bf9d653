"""Taking the time of the parts of a step inside the compiled loop, with the processor's own counter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["Laps", "lap", "ticks"]

# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic


@_intrinsic
def ticks(context: Any) -> Any:
    """The processor's time stamp, in units of its own."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.readcyclecounter"), [])

    return types.int64(), make


@njit(inline="always")
def lap(laps: Any, place: int, then: int) -> Any:
    """Add the time since `then` to ``laps[place]``; returns the time now."""
    now = ticks()
    laps[place, 0] += now - then
    laps[place, 1] += 1
    return now


@dataclass
class Laps:
    """What is timed: kinds of work and the objects that they are done for, in the order of the loop."""

    parts: list[tuple[str, str]] = field(default_factory=list)

    def place(self, what: str, name: str) -> int:
        """A new place for the time of a part."""
        self.parts.append((what, name))
        return len(self.parts) - 1

    def line(self, what: str, name: str) -> str:
        """Source that adds the time since the last lap to a new place."""
        return f"_then = _lap(_laps, {self.place(what, name)}, _then)"
