"""Numbers below 1e-38 (float32) or 1e-308 (float64) as zero, while the time loop runs.

A state that decays and is not driven, such as a silent synapse's current, ends at the smallest number there is and
would stay there for ever, rounded up again in each step. A processor computes with such denormal numbers up to a
hundred times slower.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["flush_denormals", "restore_denormals"]

_HAS_MXCSR = platform.machine().lower() in ("x86_64", "amd64")
_FLUSH = 0x8040
"""The bits "flush to zero" and "denormals are zero" of the control register MXCSR."""
# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic


def _call(builder: Any, name: str, pointer: Any) -> None:
    """Call the LLVM intrinsic that stores MXCSR to, or loads it from, a pointer."""
    text = ir.IntType(8).as_pointer()
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [text]), name)
    builder.call(function, [builder.bitcast(pointer, text)])


@_intrinsic
def flush_denormals(context: Any) -> Any:
    """Switch to zeros, on a processor of the x86-64 kind; returns the mode that was on."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if not _HAS_MXCSR:
            return context.get_constant(types.uint32, 0)
        place = cgutils.alloca_once(builder, ir.IntType(32))
        _call(builder, "llvm.x86.sse.stmxcsr", place)
        mode = builder.load(place)
        builder.store(builder.or_(mode, ir.Constant(ir.IntType(32), _FLUSH)), place)
        _call(builder, "llvm.x86.sse.ldmxcsr", place)
        return mode

    return types.uint32(), make


@_intrinsic
def restore_denormals(context: Any, mode: Any) -> Any:
    """Switch back to `mode`."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _HAS_MXCSR:
            place = cgutils.alloca_once(builder, ir.IntType(32))
            builder.store(arguments[0], place)
            _call(builder, "llvm.x86.sse.ldmxcsr", place)
        return context.get_dummy_value()

    return types.void(types.uint32), make
