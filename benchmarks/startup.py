"""How long a second process needs until a network that was compiled before has run its first millisecond.

    python -m benchmarks.startup [--repeats 7] [--json benchmarks/results/startup.json]

Each repetition is a new Python process: imports, building CUBA with 4000 neurons (320 000 synapses), loading its
compiled step from the cache, 1 ms of simulation.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.machine import header, summary, write

PROGRAM = """
from neurocl.networks import cuba
cuba(4000).build(engine="numba", seed=1).run(1.0)
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
    seconds = []
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", PROGRAM], check=True)
        seconds.append(time.perf_counter() - started)
    result = {"benchmark": "start of a second process", "seconds": summary(seconds), **header()}
    print(json.dumps(result, indent=2))
    if arguments.json:
        write(result, arguments.json)


if __name__ == "__main__":
    main()
