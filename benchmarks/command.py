"""`neurocl bench`: measure, print, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import write
from benchmarks.measuring import measure
from benchmarks.networks import ALL, QUICK, Benchmark, find
from benchmarks.simulators import chosen_peers
from benchmarks.table import as_lines
from neurocl.core._checks import whole_number

__all__ = ["run"]


def run(names: Sequence[str], dtype: str, repeats: int, peers: str, out: Path | None) -> None:
    """Run benchmarks one after the other, print each and write it to DIR/NAME.json (NAME-float64.json).

    Parameters
    ----------
    names : of `networks.BENCHMARKS`, or "all"; none: the quick ones.
    dtype : "float32" or "float64".
    repeats : timed runs of each simulator.
    peers : names of `simulators.PEERS` with commas between, or "".
    out : folder, or None.

    Raises
    ------
    NeuroclError
        For an unknown name, a number of repeats below 1, or if neurocl could not finish.
    """
    repeats = whole_number("bench", "repeats", repeats, at_least=1)
    programs = chosen_peers(peers)
    benchmarks: list[Benchmark] = list(ALL) if list(names) == ["all"] else [find(name) for name in names or QUICK]
    if out:
        out.mkdir(parents=True, exist_ok=True)
    for benchmark in benchmarks:
        result = measure(benchmark, programs, dtype, repeats)
        print("\n".join(as_lines(result)), flush=True)
        if out:
            write(result, out / f"{benchmark.name}{'' if dtype == 'float32' else f'-{dtype}'}.json")
