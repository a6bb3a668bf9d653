"""Loss of plasticity on a long stream of permuted images, and two remedies.

    python -m benchmarks.loss_of_plasticity [--seeds 3] [--runs FOLDER] [--json FILE]

Stream      MNIST, 150 tasks of 10 000 images, each seen once; every task permutes the pixels anew, on top of the
            permutation before (`continual.loss_of_plasticity`, preset "small")
Network     784-100-100-100-10, ReLU, Kaiming-uniform weights, biases 0; mini-batches of 1, learning rate 0.01
Methods     naive: plain SGD; continual-backprop: the same with rho 1e-4, maturity 100; upgd: defaults (sigma 0.001,
            beta 0.999, weight decay 0.001)
Measure     accuracy of the prediction before each update, mean over a task; also what became of the hidden units after
            each task, such as dead units and the effective rank of the last layer (2000 samples)
Source      Dohare et al. (2024), Nature 632:768; UPGD: Elsayed & Mahmood (2024), ICLR

A run goes on from FOLDER where it was interrupted, also in the middle of a task.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.finished_runs import complete
from benchmarks.machine import header, write
from neurocl import continual
from neurocl.continual.recorders import Representation
from neurocl.continual.strategies import UPGD, ContinualBackprop

__all__ = ["METHODS", "learner", "markdown", "run", "table"]

LR = 0.01
METHODS: dict[str, list[continual.Plugin]] = {
    "naive": [],
    "continual-backprop": [ContinualBackprop(rate=1e-4)],
    "upgd": [UPGD(LR)],
}


def learner(plugins: list[continual.Plugin], hidden: int = 100, lr: float = LR) -> continual.Strategy:
    """The learner of the protocol."""
    return continual.Strategy(*plugins, model=continual.MLP((hidden,) * 3, init="kaiming"), lr=lr)


def run(method: str, seed: int, tasks: int, folder: Path | None = None) -> dict[str, Any]:
    """Online accuracy of each task, in per cent, and what became of the hidden units."""
    benchmark = continual.loss_of_plasticity("mnist", "small", tasks, seed=seed)
    place = None if folder is None else folder / method
    found = continual.run(
        benchmark, learner(METHODS[method]), [seed], folder=place, recorders=[Representation(2000)],
        progress=lambda _, done, n: print(f"{method}, seed {seed}: task {done} of {n}", flush=True),
    )  # fmt: skip
    return {
        "accuracy": [round(100.0 * float(value), 2) for value in found.online[0]],
        "records": {name: [round(float(v), 4) for v in values[0]] for name, values in found.records.items()},
    }


def table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """First and last tenth of the tasks, mean over seeds, for each method."""
    found = []
    for method in METHODS:
        curves = np.array([row["accuracy"] for row in rows if row["method"] == method])
        if not curves.size:
            continue
        n = max(1, curves.shape[1] // 10)
        first, last = curves[:, :n].mean(1), curves[:, -n:].mean(1)
        found.append({
            "method": method, "seeds": len(curves), "first_tenth": round(float(first.mean()), 2),
            "last_tenth": round(float(last.mean()), 2), "change": round(float((last - first).mean()), 2),
            "change_per_seed": np.round(last - first, 2).tolist(),
        })  # fmt: skip
    return found


def markdown(found: list[dict[str, Any]]) -> str:
    """The table for the README."""
    lines = ["| method | seeds | first tenth of the tasks | last tenth | change |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['method']} | {row['seeds']} | {row['first_tenth']:.2f} | {row['last_tenth']:.2f} |"
        f" {row['change']:+.2f} |"
        for row in found
    ]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=150)
    parser.add_argument("--runs", type=Path, help="folder of finished runs and checkpoints")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.runs:
        arguments.runs.mkdir(parents=True, exist_ok=True)
    cases = [{"method": m, "seed": seed, "tasks": arguments.tasks} for seed in range(arguments.seeds) for m in METHODS]
    file = None if arguments.runs is None else arguments.runs / "finished.jsonl"
    rows = complete(file, cases, lambda **case: run(**case, folder=arguments.runs))
    found = table(rows)
    for row in found:
        print(f"{row['method']:20} first tenth {row['first_tenth']:.2f}, last tenth {row['last_tenth']:.2f}")
    if arguments.json:
        write({"benchmark": "loss of plasticity", **header(), "table": found, "runs": rows}, arguments.json)


if __name__ == "__main__":
    main()
