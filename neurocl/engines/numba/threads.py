"""One network on several threads: every thread owns a part of each population and all synapses onto it.

The threads run the same time loop and meet once per step, when all have listed the spikes of their parts. Each adds to
its own neurons only, in the order in which one thread would, so results do not depend on the number of threads.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.numba.bitmap import BLOCK
from neurocl.engines.numba.delivery import needs_buffer

__all__ = ["Team", "default_threads", "is_splittable", "meet", "new_barrier", "part_bounds"]

LEAST_NEURONS = 32_000
"""Neurons of a network from which on a second thread saves more than meeting it costs."""
NEURONS_PER_THREAD = 16_000
_IS_X86 = platform.machine().lower() in ("x86_64", "amd64")
_CAN_YIELD = sys.platform != "win32"
_SPINS = 2_000
"""Turns of waiting, some 50 microseconds, before the processor is offered to others."""
# mypy does not know that an intrinsic is called without its context.
_intrinsic: Any = intrinsic
_INNER: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def is_splittable(plan: Plan) -> bool:
    """Whether several threads can run the network: its synapses only transmit, and read no state of a neuron."""
    return not plan.modulators and all(_only_transmits(p) for p in plan.projections.values())


def _only_transmits(plan: ProjectionPlan) -> bool:
    parsed = plan.parsed
    acts = (
        *parsed.on_pre_synapse, *parsed.on_pre_trace, *parsed.on_post_synapse, *parsed.on_post_trace, *parsed.update,
        *parsed.synapse.sums, *parsed.pre.states, *parsed.post.states, *parsed.synapse.states,
    )  # fmt: skip
    return not acts and not needs_buffer(plan)


def default_threads(plan: Plan) -> int:
    """One thread for a network that is small or cannot be split, else as many as pay and the machine has."""
    n = sum(population.n for population in plan.populations.values())
    if n < LEAST_NEURONS or not is_splittable(plan):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, n // NEURONS_PER_THREAD))


def part_bounds(n: int, threads: int) -> NDArray[np.int64]:
    """First neuron of each thread's part, and n: int64 [threads + 1]; parts share no cache line of any array."""
    bounds = np.round(np.arange(threads + 1) * n / threads / BLOCK).astype(np.int64) * BLOCK
    bounds[-1] = n
    return np.minimum(bounds, n)


def new_barrier() -> NDArray[np.int64]:
    """What threads meet at: how many have come and, a cache line further, how often all have met."""
    return np.zeros(16, dtype=np.int64)


def _pointer(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, ir.IntType(64).as_pointer())


@_intrinsic
def _add(context: Any, address: Any, amount: Any) -> Any:
    """Add to the number at an address, for all threads at once; returns what it was."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", _pointer(builder, arguments[0]), arguments[1], "seq_cst")

    return types.int64(types.int64, types.int64), make


@_intrinsic
def _read(context: Any, address: Any) -> Any:
    """The number at an address as all threads see it."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_pointer(builder, arguments[0]), "seq_cst", 8)

    return types.int64(types.int64), make


@_intrinsic
def _rest(context: Any) -> Any:
    """Tell the processor that this is a loop of waiting."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _IS_X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), make


@_intrinsic
def _yield_processor(context: Any) -> Any:
    """Let another thread have the processor, where there are more threads than processors."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _CAN_YIELD:
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), make


@njit(**_INNER)
def meet(barrier: int, threads: int) -> None:
    """Wait until all threads are here; `barrier` is the address of a `new_barrier`."""
    if threads == 1:
        return
    round_now = _read(barrier + 64)
    if _add(barrier, 1) == threads - 1:
        _add(barrier, -threads)
        _add(barrier + 64, 1)
        return
    spins = 0
    while _read(barrier + 64) == round_now:
        _rest()
        spins += 1
        if spins > _SPINS:
            _yield_processor()


class Team:
    """Threads that stay for the life of a simulation; they end with it."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="neurocl") if threads > 1 else None
        self._alone = threading.Lock()

    def run(self, work: Callable[[int], int]) -> int:
        """Let thread k do ``work(k)``, all at the same time; returns what thread 0 returns."""
        if self._pool is None:
            return work(0)
        pool = self._pool
        # Ctrl-C only ever interrupts the main thread, so it cannot strike when half of the threads have started.
        first: Future[int] = pool.submit(self._together, work)
        try:
            return first.result()
        except KeyboardInterrupt:
            wait([first])
            raise

    def _together(self, work: Callable[[int], int]) -> int:
        assert self._pool is not None
        with self._alone:
            others = [self._pool.submit(work, k) for k in range(1, self.threads)]
            result = work(0)
            wait(others)
        for other in others:
            other.result()
        return result
