"""Compiled building blocks that every generated network uses: random numbers, spike lists, recording, functions.

The random numbers are those of `neurocl.core.random`: uniform ones to the bit in float64, Gaussian ones to 1e-14.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from neurocl.core.random import CALL, GOLDEN

_U32, _U64 = np.uint32, np.uint64
_GOLDEN, _CALL = np.uint64(GOLDEN), np.uint64(CALL)

# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic
# Called from compiled code only: without a wrapper for Python they compile faster. They are not cached apart, because
# the loop is a quarter slower when LLVM meets them as finished code (CUBA).
_INNER: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@_intrinsic
def keep_apart(context: Any) -> Any:
    """Forbid LLVM to copy the function that calls this into its callers."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), make


@_intrinsic
def as_pointer(context: Any, address: Any) -> Any:
    """A whole number as the pointer that it is."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.int64), make


@_intrinsic
def _prefetch(context: Any, array: Any, index: Any) -> Any:
    """Tell the processor that element `index` of a one-dimensional array will be read soon."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        text = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [text, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        place = builder.bitcast(builder.gep(data, [arguments[1]]), text)
        builder.call(function, [place, ir.Constant(number, 0), ir.Constant(number, 3), ir.Constant(number, 1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), make


@njit(inline="always")
def prefetch(array: Any, first: int, last: int) -> None:
    """Have elements `first` to `last` - 1 of an array fetched while the processor works on something else."""
    for k in range(first, last, 64 // array.itemsize):
        _prefetch(array, k)


@njit(inline="always")
def step_keys(stream: Any, step: int, call: int) -> Any:
    """Two 32-bit keys for one call in one step."""
    z = stream + _U64(step + 1) * _GOLDEN + _U64(call + 1) * _CALL
    z = (z ^ (z >> _U64(30))) * _U64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> _U64(27))) * _U64(0x94D049BB133111EB)
    z = z ^ (z >> _U64(31))
    return _U32(z & _U64(0xFFFFFFFF)), _U32(z >> _U64(32))


@njit(inline="always")
def hash_index(index: int, key0: Any, key1: Any) -> Any:
    """Keyed 32-bit hash; every intermediate is cast, for Numba would widen it to 64 bits."""
    x = _U32(_U32(index) + key0)
    x = _U32(x ^ _U32(x >> _U32(17)))
    x = _U32(x * _U32(0xED5AD4BB))
    x = _U32(x + key1)
    x = _U32(x ^ _U32(x >> _U32(11)))
    x = _U32(x * _U32(0xAC4C1B51))
    x = _U32(x ^ _U32(x >> _U32(15)))
    x = _U32(x * _U32(0x31848BAB))
    return _U32(x ^ _U32(x >> _U32(14)))


@njit(inline="always")
def uniform64(index: int, key0: Any, key1: Any) -> float:
    """Uniform in (0, 1), float64."""
    return (np.float64(hash_index(index, key0, key1)) + 0.5) * 2.0**-32


@njit(inline="always")
def uniform32(index: int, key0: Any, key1: Any) -> Any:
    """Uniform in (0, 1), float32."""
    high = _U32(hash_index(index, key0, key1) >> _U32(9))
    return (np.float32(np.int32(high)) + np.float32(0.5)) * np.float32(2.0**-23)


@njit(inline="always")
def power2(x: Any) -> Any:
    return x * x


@njit(inline="always")
def power3(x: Any) -> Any:
    return x * x * x


@njit(inline="always")
def power4(x: Any) -> Any:
    return (x * x) * (x * x)


@njit(inline="always")
def select(condition: bool, yes: Any, no: Any) -> Any:
    """`yes` or `no`, both computed: a loop with a computation that only some neurons need is not vectorised."""
    return yes if condition else no


@njit(inline="always")
def clip(x: Any, low: Any, high: Any) -> Any:
    """x bounded to [low, high]; NaN stays NaN."""
    x = low if x < low else x
    return high if x > high else x


@njit(inline="always")
def smaller(a: Any, b: Any) -> Any:
    return b if b < a or b != b else a


@njit(inline="always")
def larger(a: Any, b: Any) -> Any:
    return b if b > a or b != b else a


@njit(inline="always")
def sign32(x: Any) -> Any:
    """-1, 0 or 1 in float32; NaN stays NaN. A bare number here would turn all that follows into float64."""
    side = np.float32(1.0) if x > 0 else (np.float32(-1.0) if x < 0 else np.float32(0.0))
    return side if x == x else np.float32(x)


@njit(inline="always")
def sign64(x: Any) -> Any:
    """-1, 0 or 1 in float64; NaN stays NaN."""
    side = 1.0 if x > 0 else (-1.0 if x < 0 else 0.0)
    return side if x == x else np.float64(x)


@njit(inline="always")
def mod(x: Any, y: Any) -> Any:
    """Remainder with the sign of y, as in Python and NumPy."""
    return x - np.floor(x / y) * y


@njit(**_INNER)
def collect(flags: NDArray[np.uint64], first: int, out: NDArray[np.int32]) -> int:
    """Neurons whose byte of `flags` is 1, not 0 (eight to a word, the first is neuron `first`); returns how many.

    Eight words are tested at once, for most hold no spike; unsigned indices are not checked for being negative.
    """
    count, word, end = 0, _U64(0), _U64(flags.size)
    while word + _U64(8) <= end:
        low = flags[word] | flags[word + _U64(1)] | flags[word + _U64(2)] | flags[word + _U64(3)]
        high = flags[word + _U64(4)] | flags[word + _U64(5)] | flags[word + _U64(6)] | flags[word + _U64(7)]
        if low | high != _U64(0):
            for k in range(8):
                count = _list_bytes(flags[word + _U64(k)], first + 8 * k, out, count)
        word += _U64(8)
        first += 64
    while word < end:
        count = _list_bytes(flags[word], first, out, count)
        word += _U64(1)
        first += 8
    return count


@njit(inline="always")
def _list_bytes(flags: Any, first: int, out: Any, count: int) -> int:
    """Append to the `count` neurons in `out` those of one word of flags; returns how many there are then."""
    while flags != _U64(0):
        neuron, rest = first, flags
        while rest & _U64(0xFF) == _U64(0):
            rest >>= _U64(8)
            neuron += 1
        out[count] = neuron
        count += 1
        flags &= flags - _U64(1)
    return count


@njit(**_INNER)
def gather(fresh: Any, counts: Any, parts: Any, out: Any) -> int:
    """Join the lists of spikes of all parts of a population, in order; returns how many spikes there are."""
    total = 0
    for part in range(counts.size):
        for k in range(counts[part]):
            out[total + k] = fresh[parts[part] + k]
        total += counts[part]
    return total


@njit(**_INNER)
def record_states(table: Any, first: int, step: int) -> None:
    """Copy the asked states at the end of `step` into the table's output; see `tables.state_table`."""
    keep_apart()
    address, every, sel_start, sel, out_start, out = table
    for request in range(address.size):
        if (step + 1) % every[request] == 0:
            begin, end = sel_start[request], sel_start[request + 1]
            values = carray(as_pointer(address[request]), sel[end - 1] + 1, out.dtype)
            line = (step + 1) // every[request] - first // every[request] - 1
            to = out_start[request] + line * (end - begin)
            for k in range(end - begin):
                out[to + k] = values[sel[begin + k]]


@njit(**_INNER)
def record_spikes(spikes: Any, count: int, table: Any, step: int) -> None:
    """Append this step's spikes of the chosen neurons to the table."""
    mask, steps, indices, filled, counts = table
    if mask.size > 0:
        at = filled[0]
        for k in range(count):
            if mask[spikes[k]]:
                steps[at] = step + 1
                indices[at] = spikes[k]
                at += 1
        filled[0] = at
    if counts.size > 0:
        for k in range(count):
            counts[spikes[k]] += 1


@njit(**_INNER)
def has_room(table: Any, n: int) -> bool:
    """Whether the spike table can take a step in which all n neurons fire."""
    mask, steps, _, filled, _ = table
    return mask.size == 0 or filled[0] + n <= steps.size


@njit(**_INNER)
def drive(values: Any, row: int, parameter: Any, first: int, last: int) -> None:
    """Write one step of an input array, [step, neuron] or [step, 1], into neurons `first` to `last` - 1 of a parameter.

    Its last row stays.
    """
    if values.shape[0] > 0:
        row = min(row, values.shape[0] - 1)
        if values.shape[1] == 1:
            for i in range(first, last):
                parameter[i] = values[row, 0]
        else:
            for i in range(first, last):
                parameter[i] = values[row, i]


@njit(**_INNER)
def schedule(steps: Any, indices: Any, cursor: int, step: int, flags: Any, first: int, last: int) -> int:
    """Mark what is scheduled for `step` among neurons `first` to `last` - 1; returns the place of the next one."""
    while cursor < steps.size and steps[cursor] < step:
        cursor += 1
    while cursor < steps.size and steps[cursor] == step:
        if first <= indices[cursor] < last:
            flags[indices[cursor]] = 1
        cursor += 1
    return cursor


@njit(**_INNER)
def unschedule(steps: Any, indices: Any, cursor: int, step: int, flags: Any, first: int, last: int) -> None:
    """Clear the marks that `schedule` made for `step`."""
    cursor -= 1
    while cursor >= 0 and steps[cursor] == step:
        if first <= indices[cursor] < last:
            flags[indices[cursor]] = 0
        cursor -= 1


@njit(**_INNER)
def count_spikes(spikes: Any, count: int, counted: Any) -> int:
    """How many of the spikes belong to neurons that are marked."""
    total = 0
    for k in range(count):
        i = spikes[k]
        if i < counted.size and counted[i]:
            total += 1
    return total
