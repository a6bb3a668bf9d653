"""Many projections of one structure, such as those between the layers of a cortex, delivered by one function.

A function that takes the arrays of every projection would have thousands of arguments, and LLVM would need minutes for
it. So the arrays of a group's members are handed over as one table of addresses and sizes, and a loop runs over them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.engines.numba.laps import Laps
from neurocl.engines.numba.source import Function, indent

__all__ = ["Group", "arrivals", "member_table"]

_TYPES = {
    "_begin": ("_int64", 1), "_end": ("_int64", 1), "_post": ("_uint32", 1), "_delays": ("_int32", 1),
    "_n_pre": ("_int64", 1),
    "_history": ("_int32", 2), "_history_n": ("_int64", 1), "_refractory": ("_int32", 1), "_streams": ("_uint64", 1),
    "_E": ("_F", 2), "_A": ("_F", 2), "_B": ("_F", 2), "_S": ("_F", 2), "_P": ("_F", 2), "_C": ("_F", 1),
    "_buffer": ("_F", 1), "_ring": ("_F", 3),
}  # fmt: skip
"""Type and number of dimensions of each field that a delivery can use."""
_COLUMNS = 4  # of an array in a member's row: address, and up to three sizes


@dataclass(frozen=True)
class Group:
    """Projections that share one function for their delivery.

    Attributes
    ----------
    name : name of the table of members, and of the function that runs over it.
    function : the delivery.
    members : for each, the arrays of the call and the extra arrays that finding its spikes needs.
    steps : type of the members' delays per synapse, where they have such.
    """

    name: str
    function: Function
    members: tuple[tuple[str, ...], ...]
    steps: str = ""

    def lines(self, is_timed: bool = False) -> tuple[str, ...]:
        """Source: deliver, for every member and delay, the spikes that arrive in this step."""
        fields = [name.partition("__")[0] for name in self.members[0]]
        loads = []
        for k, field in enumerate(fields):
            kind, dimensions = (f"_{self.steps}", 1) if field == "_steps" else _TYPES[field]
            address, *sizes = (f"_members[_m, {_COLUMNS * k + c}]" for c in range(1 + dimensions))
            shape = sizes[0] if dimensions == 1 else f"({', '.join(sizes)})"
            loads.append(f"_{k} = _carray(_as_pointer({address}), {shape}, {kind})")
        delays, n_pre, history, counts = (f"_{len(fields) - 4 + k}" for k in range(4))
        arguments = [f"_{k}" for k in range(len(fields) - 4)]
        extra = [f"{history}[_at]", f"{counts}[_at]", f"_g * {n_pre}[0]", "_step"]
        loop = [
            *arrivals(delays, counts), f"    if {counts}[_at] > 0:",
            f"        {self.function.name}({', '.join([*arguments, *extra])})",
        ]  # fmt: skip
        lap = ["_then = _lap(_laps, _first_lap + _m, _then)"] if is_timed else []
        body = ["_keep_apart()", "for _m in _range(_members.shape[0]):", *indent([*loads, *loop, *lap])]
        body += ["return _then"] if is_timed else []
        own = ", _laps, _first_lap, _then" if is_timed else ""
        return (f"def {self.name}_deliver(_members, _step{own}):", *indent(body))

    @property
    def projections(self) -> tuple[str, ...]:
        """Names of the members."""
        return tuple(names[0].rpartition("__")[2] for names in self.members)

    def call(self, laps: Laps | None) -> str:
        """Source of the call in the time loop."""
        if laps is None:
            return f"{self.name}_deliver({self.name}, _step)"
        first, *_ = [laps.place("delivery", name) for name in self.projections]
        return f"_then = {self.name}_deliver({self.name}, _step, _laps, {first}, _then)"


def arrivals(delays: str, counts: str) -> list[str]:
    """Lines of a loop over delays that find the row of the history ``_at`` of the spikes that arrive now.

    A division for each delay would take longer than all else where many projections have many delays.
    """
    return [
        f"_now = _step % {counts}.size", f"for _g in _range({delays}.size):", f"    _at = _now - {delays}[_g]",
        "    if _at < 0:", f"        _at += {counts}.size",
    ]  # fmt: skip


def member_table(members: tuple[tuple[str, ...], ...], array_of: Callable[[str], Any]) -> NDArray[np.int64]:
    """The table of a group: a row for each member with address and sizes of its arrays."""
    table = np.zeros((len(members), _COLUMNS * len(members[0])), dtype=np.int64)
    for row, names in zip(table, members, strict=True):
        for k, name in enumerate(names):
            array = array_of(name)
            row[_COLUMNS * k] = array.ctypes.data
            row[_COLUMNS * k + 1 : _COLUMNS * k + 1 + array.ndim] = array.shape
    return table
