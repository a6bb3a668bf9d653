"""Branching factors of liquids on MNIST, beside the published ones.

    python -m benchmarks.branching_factors [--networks 3] [--pre-samples 50000] [--json benchmarks/results/FILE.json]

1000 neurons; 20 training images of 250 ms, driven at the rate of the training images; networks have the seeds 0, 1, ...
Published values are means of 10 networks: Ivanov & Michmizos (2021), NeurIPS 34, and their published simulations.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.machine import header, write
from neurocl import data, lsm
from neurocl.lsm.classifier import LiquidClassifier

STATIC = {0.4: 0.369, 0.8: 1.002, 1.0: 1.240}
"""Weight -> published branching factor."""
NALSM = {0.002: 1.424, 0.015: 1.246, 0.1: 0.988}
"""w_astro -> published branching factor."""
TOLERANCE = 0.08
"""Of a mean over at least three networks."""


def measure(make: Callable[[int], LiquidClassifier], images: np.ndarray, networks: int) -> dict[str, list[float]]:
    """Branching factor and spikes per ms of each network."""
    found = [lsm.record_samples(make(seed).prepare(images), images, 20) for seed in range(networks)]
    return {
        "branching_factor": [round(f.branching_factor(), 3) for f in found],
        "liquid_spikes_per_ms": [round(f.liquid_rate, 2) for f in found],
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=3)
    parser.add_argument("--pre-samples", type=int, default=50_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    images = data.mnist().flat().x_train
    cases = []
    for kind, published in (("static, weight", STATIC), ("NALSM, w_astro", NALSM)):
        for value, known in published.items():

            def make(seed: int, kind: str = kind, value: float = value) -> LiquidClassifier:
                if kind.startswith("static"):
                    return lsm.LSM(1000, value, seed=seed)
                return lsm.NALSM(1000, w_astro=value, pre_samples=asked.pre_samples, seed=seed)

            case = {"liquid": kind, "value": value, "published": known, **measure(make, images, asked.networks)}
            case["mean"] = round(float(np.mean(case["branching_factor"])), 3)
            cases.append(case)
            print(json.dumps(case), flush=True)
    if asked.json is not None:
        result = {"benchmark": "branching factors", "pre_samples": asked.pre_samples, "cases": cases, **header()}
        write(result, asked.json)


if __name__ == "__main__":
    main()
