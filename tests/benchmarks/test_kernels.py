"""Kernels are timed against bounds that exist."""

from __future__ import annotations

from benchmarks.kernels import KERNELS, bandwidth, measure, table, throughput


def test_the_machine_moves_and_computes_at_a_possible_speed() -> None:
    assert 1 < bandwidth(1e5, repeats=1) < 10_000  # bytes per ns
    assert 0.5 < throughput(repeats=1) < 1000  # multiply-adds per ns; more means that the compiler left them out


def test_kernels_have_numbers_of_their_own() -> None:
    assert len({(kernel.name, kernel.dtype, kernel.elements) for kernel in KERNELS}) == len(KERNELS)
    kernel = next(kernel for kernel in KERNELS if kernel.name == "exp")
    found = measure(kernel, repeats=1, instructions_per_ns=10.0)
    assert 0.01 < found["ns"] < 100 and found["achieved"] > 0 and found["arithmetic_bound_ns"] == 2.6
    assert found["memory_bound_ns"] > 0 and "exp" in table([found])
