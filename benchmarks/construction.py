"""Time and memory of network construction: nanoseconds and bytes per synapse, for each rule and for the microcircuit.

    python -m benchmarks.construction [--edges 20000000] [--scale 1.0] [--only NAME ...] [--json FILE]

One projection per rule, every synapse with its weight and its delay (truncated normals), and the cortical microcircuit
at `scale`. Each is planned in a process of its own, after a tiny network of the same kind that loads the compiled
kernels. Bytes are the peak of resident memory above what the process held before; seconds are wall and processor time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import neurocl as ncl
from benchmarks.machine import header, write
from neurocl.core.planning import make_plan
from neurocl.networks import microcircuit

N = 20_000
"""Neurons on either side of a projection."""


def rule(name: str, n: int, edges: int) -> ncl.Rule:
    """A rule by its name that makes about `edges` synapses between n and n neurons."""
    k = edges // n
    if name.startswith("Edges"):
        rng = np.random.default_rng(1)
        pre, post = (rng.integers(0, n, edges, dtype=np.int32) for _ in range(2))
        if name == "Edges, sorted":
            order = np.lexsort((post, pre))
            pre, post = pre[order], post[order]
        return ncl.Edges(pre, post)
    made: dict[str, ncl.Rule] = {
        "FixedTotalNumber": ncl.FixedTotalNumber(edges),
        "FixedTotalNumber, distinct": ncl.FixedTotalNumber(edges, multapses=False),
        "FixedProbability": ncl.FixedProbability(k / n),
        "FixedIndegree": ncl.FixedIndegree(k),
        "FixedOutdegree": ncl.FixedOutdegree(k),
        "FixedOutdegree, distinct": ncl.FixedOutdegree(k, multapses=False),
        "AllToAll": ncl.AllToAll(),
    }
    return made[name]


RULES = (
    "FixedTotalNumber", "FixedTotalNumber, distinct", "FixedProbability", "FixedIndegree", "FixedOutdegree",
    "FixedOutdegree, distinct", "AllToAll", "Edges", "Edges, sorted",
)  # fmt: skip
PLASTIC = "FixedTotalNumber, plastic"


def network(name: str, edges: int, scale: float) -> ncl.Network:
    """What is planned under this name."""
    if name == "microcircuit":
        return microcircuit(scale)
    n = round(edges**0.5) if name == "AllToAll" else min(N, edges // 10)
    net = ncl.Network(dt=0.1)
    pre, post = net.add(ncl.models.Poisson, n, name="pre"), net.add(ncl.models.LIF, n, name="post")
    synapse = {"synapse": ncl.models.PairSTDP} if name == PLASTIC else {}
    net.connect(
        pre, post, rule("FixedTotalNumber" if name == PLASTIC else name, n, edges), target="i_syn",
        weight=ncl.normal(50.0, 5.0, low=0.0), delay=ncl.normal(1.5, 0.75, low=0.06), **synapse,
    )  # fmt: skip
    return net


def measure(name: str, edges: int, scale: float) -> dict[str, Any]:
    """Plan one network in this process."""
    make_plan(network(name, 1000, 0.01), 1, "float32")
    description = network(name, edges, scale)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    plan = make_plan(description, 1, "float32")
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    n = sum(projection.edges.n for projection in plan.projections.values())
    return {
        "name": name, "synapses": n, "wall_s": wall, "processor_s": processor, "ns_per_synapse": 1e9 * processor / n,
        "bytes_per_synapse": 1024 * (peak - before) / n, "peak_rss_gb": 1024 * peak / 1e9,
    }  # fmt: skip


def main() -> None:
    """Measure what is asked for, each in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=int, default=20_000_000)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", default=[*RULES, PLASTIC, "microcircuit"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--here", action="store_true", help="measure in this process and print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.only[0], options.edges, options.scale)))
        return
    titles = ("synapses", "wall s", "cpu s", "ns", "bytes", "peak GB")
    print(" " * 28 + "".join(f"{title:>{width}}" for title, width in zip(titles, (12, 9, 9, 7, 7, 9), strict=True)))
    found = []
    for name in options.only:
        command = [sys.executable, "-m", "benchmarks.construction", "--here", "--only", name]
        command += ["--edges", str(options.edges), "--scale", str(options.scale)]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        found.append(m := json.loads(text))
        print(
            f"{name:28}{m['synapses']:12}{m['wall_s']:9.2f}{m['processor_s']:9.2f}{m['ns_per_synapse']:7.1f}"
            f"{m['bytes_per_synapse']:7.1f}{m['peak_rss_gb']:9.2f}", flush=True,
        )  # fmt: skip
    if options.json:
        write({**header(), "measured": found}, options.json)


if __name__ == "__main__":
    main()
