"""Single-trial Sparsey on full MNIST: accuracy, and minutes on one core.

    python -m benchmarks.sparsey [--patch 5] [--cells 128] [--seed 0] [--json FILE]

The 60 000 training images are learned once, in the order of the seed, and the 10 000 test images recognised.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import header, write
from neurocl import data
from neurocl.core.random import build_generator
from neurocl.memory.sparsey_field import SparseyField

__all__ = ["main", "measure"]

LITERATURE = "Rinkus, sparsey.com: about 91 % after 200 images of each class, skeletonised to 16 x 24 (unverified here)"


def measure(dataset: Any, patch: int, cells: int, seed: int) -> dict[str, Any]:
    """Learn the training images once and recognise the test images."""
    bright = {part: getattr(dataset.flat(), part) > 0.5 for part in ("x_train", "x_test")}
    field = SparseyField(dataset.image_shape[0], dataset.n_classes, patch, n_cells=cells, seed=seed)
    compile_only = SparseyField(dataset.image_shape[0], dataset.n_classes, patch, n_cells=cells)
    compile_only.learn(bright["x_train"][:2], dataset.y_train[:2])
    compile_only.scores(bright["x_test"][:2])
    order = build_generator(seed, "sparsey", "order").permutation(len(dataset.y_train))
    start, cpu = time.perf_counter(), time.process_time()
    for part in np.array_split(order, max(1, len(order) // 1000)):
        field.learn(bright["x_train"][part], dataset.y_train[part])
    learned, learned_cpu = time.perf_counter(), time.process_time()
    found = np.concatenate([field.scores(x).argmax(axis=1) for x in np.array_split(bright["x_test"], 10)])
    return {
        "seed": seed, "patch": patch, "stride": field.stride, "columns": len(field.patches),
        "modules": field.n_modules, "cells": cells, "n_train": len(order), "n_test": len(found),
        "test_accuracy": float((found == dataset.y_test).mean()), "set_weights": float(field.weights.mean()),
        "learning_minutes": (learned - start) / 60, "learning_cpu_minutes": (learned_cpu - cpu) / 60,
        "recognition_minutes": (time.perf_counter() - learned) / 60,
        "recognition_cpu_minutes": (time.process_time() - learned_cpu) / 60,
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Single-trial Sparsey on full MNIST.")
    parser.add_argument("--patch", type=int, default=5, help="side of a patch in pixels")
    parser.add_argument("--cells", type=int, default=128, help="cells of a module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    arguments = parser.parse_args()
    with threadpool_limits(limits=1):
        result = measure(data.mnist(), arguments.patch, arguments.cells, arguments.seed)
    print(
        f"{result['test_accuracy']:.2%} of {result['n_test']} test images after {result['n_train']} images, each once,"
        f" in {result['learning_cpu_minutes']:.2f} min of one core (test {result['recognition_cpu_minutes']:.2f} min)"
    )
    print(f"compared with: {LITERATURE}")
    if arguments.json:
        write({**header(), "literature": LITERATURE, **result}, arguments.json)


if __name__ == "__main__":
    main()
