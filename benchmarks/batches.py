"""One network many times over on the CPU: the torch engine beside the Numba engine.

    python -m benchmarks.batches [NETWORK ...] [--repeats 5] [--threads 1] [--json benchmarks/results/batches.json]

izhikevich    Izhikevich (2003), 1000 neurons all to all, with noise of each copy's own: 200 ms
cuba          CUBA, 4000 neurons: 20 ms

torch runs the copies side by side as one batch, Numba one after the other (`run_batch`); they draw the same random
numbers and must fire the same number of spikes, within 2 %. The engines take turns in one process; seconds are those of
the processor, so that other programs count little, and ratios are made within a turn. float32, spikes counted, not
stored.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.machine import header, summary, write
from neurocl import Network
from neurocl.networks import cuba, izhikevich

__all__ = ["NETWORKS", "measure", "table"]

NETWORKS: dict[str, tuple[Callable[[], Network], float]] = {
    "izhikevich": (lambda: izhikevich(1000), 200.0), "cuba": (lambda: cuba(4000), 20.0),
}  # fmt: skip
"""Network and duration in ms, by name."""
BATCHES = (1, 32, 256)
TOLERANCE = 0.02


def measure(
    make: Callable[[], Network], duration: float, batch: int, repeats: int, threads: int = 1
) -> dict[str, Any]:
    """Processor seconds of both engines, and their ratio in each turn.

    Parameters
    ----------
    make : gives the network.
    duration : ms.
    batch : number of copies.
    repeats : turns.
    threads : of each engine.
    """
    network = make()
    record = dict.fromkeys((name for name, p in network.populations.items()), "counts")
    options = {"threads": threads} if threads > 1 else {}
    loop: Any = network.build(engine="numba", seed=1, dtype="float32", **options)
    tensors: Any = network.build(engine="torch", seed=1, dtype="float32", batch=batch)

    def run_numba() -> list[Any]:
        found: list[Any] = loop.run_batch(duration, batch, record=record, first_trial=0)
        return found

    def run_torch() -> list[Any]:
        tensors.reset()
        out = tensors.run(duration, record=record)
        return out if batch > 1 else [out]

    counts = [sum(int(out[name].counts().sum()) for out in run() for name in record) for run in (run_numba, run_torch)]
    if abs(counts[1] - counts[0]) > TOLERANCE * counts[0]:
        raise SystemExit(f"the engines fired different numbers of spikes, so their times cannot be compared: {counts}")
    seconds = [(_seconds(run_numba), _seconds(run_torch)) for _ in range(repeats)]
    return {
        "batch": batch, "milliseconds": duration, "spikes": dict(zip(("numba", "torch"), counts, strict=True)),
        "numba": summary([a for a, _ in seconds]), "torch": summary([b for _, b in seconds]),
        "ratio": summary([b / a for a, b in seconds]),
    }  # fmt: skip


def _seconds(function: Callable[[], Any]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def table(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The results as lines of Markdown: seconds per copy and biological second, and torch's over Numba's."""
    lines = ["| network, copies | Numba | torch | torch / Numba |", "| --- | --- | --- | --- |"]
    for name, results in found.items():
        for result in results:
            per = result["batch"] * result["milliseconds"] / 1000
            numba, tensors = (result[engine]["median"] / per for engine in ("numba", "torch"))
            ratio = result["ratio"]
            spread = f"**{ratio['median']:.3g}** ({ratio['min']:.3g} to {ratio['max']:.3g})"
            lines.append(f"| {name}, {result['batch']} | {numba:.3g} | {tensors:.3g} | {spread} |")
    return lines


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=[], metavar="NETWORK", help=f"of {', '.join(NETWORKS)}")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    for name in arguments.networks:
        if name not in NETWORKS:
            parser.error(f"there is no network '{name}'; choose from {', '.join(NETWORKS)}")
    torch.set_num_threads(arguments.threads)
    found = {
        name: [measure(*NETWORKS[name], batch, arguments.repeats, arguments.threads) for batch in BATCHES]
        for name in arguments.networks or NETWORKS
    }
    print("\n".join(table(found)))
    if arguments.json:
        versions = {"torch": torch.__version__}
        result = {"benchmark": "batches", "threads": arguments.threads, "networks": found, "versions": versions}
        write({**result, **header()}, arguments.json)


if __name__ == "__main__":
    main()
