"""One step of a liquid state machine, with and without plasticity.

    python -m benchmarks.nalsm_step [--quick] [--samples 60] [--json benchmarks/results/nalsm-step.json]

The liquid of `neurocl.lsm` is shown MNIST images as the published code encodes them, 250 steps of 1 ms each:
p = pixel / (sum of pixels) / (the largest such share of the training images), 19.9 events per ms. Plastic liquids have
first gone through a pre-phase, whose time per step is given too; it includes the handling of 20-step samples. Times are
process times of one thread, in microseconds per step, so that other programs on the machine count little; compiling and
a first run are not counted. The profile tells where the time of a step of 1000 plastic neurons goes.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import header, write
from neurocl import data, lsm
from neurocl.lsm.plasticity import Plasticity

STEPS = 250
FEWEST = 4
"""Presentations to time, at least, of large liquids."""


@dataclass(frozen=True)
class Case:
    """A liquid to time: `must` and `aim` are goals in microseconds per step."""

    name: str
    n: int
    plasticity: Plasticity
    magnitude: float | None = None
    pre_phase: int = 0
    must: float | None = None
    aim: float | None = None


CASES = (
    Case("1000, inputs only", 1000, lsm.Static(), 0.01),
    Case("1000, static, w = 0.9", 1000, lsm.Static(), 0.9),
    Case("1000, NALSM", 1000, lsm.Astrocyte(), None, 1000, 60.0, 25.0),
    Case("8000, static, w = 0.9", 8000, lsm.Static(), 0.9),
    Case("8000, NALSM", 8000, lsm.Astrocyte(w_astro=0.0075), None, 400, 700.0),
)


def probabilities() -> NDArray[np.float64]:
    """Encoded training images of MNIST, [image, pixel]."""
    images = data.mnist().flat().x_train.astype(np.float64)
    shares = images / images.sum(axis=1, keepdims=True)
    return np.asarray(shares / shares.max())


def microseconds(work: Any, steps: int) -> float:
    """Process time per step."""
    started = time.process_time()
    work()
    return 1e6 * (time.process_time() - started) / steps


def measure(case: Case, shown: NDArray[np.float64], samples: int, repeats: int = 3) -> dict[str, Any]:
    """Times and rates of one liquid."""
    liquid = lsm.Liquid(case.n, plasticity=case.plasticity, magnitude=case.magnitude)
    result: dict[str, Any] = {"name": case.name, "must": case.must, "aim": case.aim}
    if case.pre_phase:
        start = liquid.weights
        liquid.pre_phase(shown[:2])  # compiles
        liquid.weights, used = start, shown[: case.pre_phase]
        result["pre_phase"] = round(microseconds(lambda: liquid.pre_phase(used), 20 * len(used)), 1)
    liquid.present(shown[:1], STEPS, threads=1)
    few = shown[-max(samples * 1000 // case.n, FEWEST) :]
    times = [microseconds(lambda: liquid.present(few, STEPS, threads=1), STEPS * len(few)) for _ in range(repeats)]
    found = liquid.present(few[:FEWEST], STEPS)
    rates = {"liquid": found.counts.sum() / FEWEST / STEPS, "input": found.input_counts.sum() / FEWEST / STEPS}
    result |= {"samples": len(few), "microseconds": [round(t, 1) for t in times]}
    result["spikes_per_ms"] = {name: round(float(rate), 1) for name, rate in rates.items()}
    if case.aim:
        result |= both_cores(liquid, few)
        result["profile"] = profile(liquid, few[:10])
    return result


def profile(liquid: lsm.Liquid, shown: NDArray[np.float64]) -> dict[str, float]:
    """Microseconds per step of each part of a step, in the least disturbed of some presentations."""
    found = min((liquid.profile(sample, STEPS) for sample in shown), key=lambda p: p.seconds)
    return {" ".join(part).strip(): round(1e6 * seconds / STEPS, 2) for part, seconds in found.parts.items()}


def both_cores(liquid: lsm.Liquid, shown: NDArray[np.float64]) -> dict[str, Any]:
    """Wall seconds of the same presentations on one and on two threads."""
    seconds = {}
    for threads in (1, 2):
        started = time.perf_counter()
        liquid.present(shown, STEPS, threads=threads)
        seconds[str(threads)] = round(time.perf_counter() - started, 3)
    return {"wall_seconds_by_threads": seconds}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the liquids of 1000 neurons")
    parser.add_argument("--samples", type=int, default=60, help="presentations to time, of a liquid of 1000 neurons")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    shown = probabilities()
    cases = []
    for case in CASES:
        if arguments.quick and case.n > 1000:
            continue
        cases.append(measure(case, shown, arguments.samples))
        print(json.dumps(cases[-1]), flush=True)
    if arguments.json:
        write({"benchmark": "NALSM step", "steps": STEPS, "seed": 0, "cases": cases, **header()}, arguments.json)


if __name__ == "__main__":
    main()
