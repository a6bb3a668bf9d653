"""What vectorised functions need of LLVM: bits of a number, a * b + c rounded once, roots, a copy in every caller."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["as_bits", "as_float", "fma", "in_caller", "sqrt"]

# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic
_FLOATS: Any = {types.int32: (types.float32, ir.FloatType()), types.int64: (types.float64, ir.DoubleType())}
_WHOLES: Any = {types.float32: (types.int32, ir.IntType(32)), types.float64: (types.int64, ir.IntType(64))}


@_intrinsic
def as_float(context: Any, bits: Any) -> Any:
    """The float32 (float64) whose bits are those of an int32 (int64)."""
    result, kind = _FLOATS[bits]

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], kind)

    return result(bits), make


@_intrinsic
def as_bits(context: Any, number: Any) -> Any:
    """The bits of a float32 (float64) as an int32 (int64)."""
    result, kind = _WHOLES[number]

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], kind)

    return result(number), make


@_intrinsic
def fma(context: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c in float64, rounded once: one instruction on any processor with AVX2, and the same number elsewhere."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), make


@_intrinsic
def sqrt(context: Any, x: Any) -> Any:
    """Square root of a float; Numba's own is a call of the C library wherever numbers must not be reordered."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = builder.module.declare_intrinsic("llvm.sqrt", [arguments[0].type])
        return builder.call(function, arguments)

    return x(x), make


@_intrinsic
def in_caller(context: Any) -> Any:
    """Make LLVM copy the function that calls this into its callers: a loop with a call is not vectorised."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("alwaysinline")
        return context.get_dummy_value()

    return types.void(), make
