"""Accuracy of ten methods on three streams of digits: numbers to compare a later version with.

    python -m benchmarks.digits_anchors [--seeds 5] [--json benchmarks/results/digits-anchors.json]

Streams     split: 5 tasks of two digits in the scenario "class"; permuted: 5 tasks; rotated: by 0, 90, 180 and 270
            degrees; both in the scenario "domain"
Network     64-100-100-10; with hard-ash and elephant their own network of one hidden layer of 1000 units
Training    batch 16, 5 epochs per task, Adam 0.001; owm and continual-backprop: SGD 0.1; upgd: its own steps, 0.05;
            hard-ash: Adagrad 0.01. Methods have their default settings; nothing was tuned, and this is no ranking
Measure     mean accuracy on all tasks after the last, per cent
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from benchmarks.finished_runs import complete
from benchmarks.machine import header, write
from neurocl import continual
from neurocl.continual.metrics.statistics import interval
from neurocl.continual.strategies import ER, EWC, OWM, SI, UPGD, ContinualBackprop, ElephantMLP, Joint, SparseMLP

__all__ = ["LEARNERS", "STREAMS", "anchors", "run", "tolerance"]

STREAMS: dict[str, Callable[[int], continual.Benchmark]] = {
    "split": lambda seed: continual.split("digits", 5, "class", seed),
    "permuted": lambda seed: continual.permuted("digits", 5, "domain", seed),
    "rotated": lambda seed: continual.rotated("digits", 4, "domain", seed, angles=(0.0, 90.0, 180.0, 270.0)),
}


def _learner(*plugins: continual.Plugin, **settings: Any) -> continual.Strategy:
    values = {"model": continual.MLP((100, 100)), "optimizer": "adam", "lr": 0.001, **settings}
    return continual.Strategy(*plugins, epochs=5, batch_size=16, **values)


LEARNERS: dict[str, continual.Strategy] = {
    "naive": _learner(),
    "joint": _learner(Joint()),
    "er-200": _learner(ER(200)),
    "ewc": _learner(EWC()),
    "si": _learner(SI()),
    "owm": _learner(OWM(), optimizer="sgd", lr=0.1),
    "hard-ash": _learner(model=SparseMLP(), optimizer="adagrad", lr=0.01),
    "elephant": _learner(model=ElephantMLP()),
    "upgd": _learner(UPGD(0.05)),
    "continual-backprop": _learner(ContinualBackprop(), optimizer="sgd", lr=0.1),
}


def run(stream: str, method: str, seed: int) -> dict[str, Any]:
    """Mean accuracy after the last task, per cent, and processor time."""
    began = time.process_time()
    found = continual.run(STREAMS[stream](seed), LEARNERS[method], [seed])
    accuracy = 100.0 * float(found.matrix[0, -1].mean())
    return {"accuracy": round(accuracy, 3), "seconds": round(time.process_time() - began, 2)}


def anchors(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Mean, standard deviation and number of runs, by stream and method."""
    values: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        values.setdefault((row["stream"], row["method"]), []).append(row["accuracy"])
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (stream, method), accuracies in values.items():
        mean, sd, n, *_ = interval(accuracies)
        found.setdefault(stream, {})[method] = {"mean": round(mean, 2), "sd": round(sd, 2), "n": n}
    return found


def tolerance(anchor: dict[str, Any], n: int) -> float:
    """How far the mean of `n` runs may be from an anchor: 3 sd / sqrt n + 1 point."""
    return float(3.0 * anchor["sd"] / math.sqrt(n) + 1.0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", type=Path, help="file of finished runs, one JSON line each")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cases = [
        {"stream": stream, "method": method, "seed": seed}
        for seed in range(arguments.seeds)
        for stream in STREAMS
        for method in LEARNERS
    ]
    rows = complete(arguments.runs, cases, run)
    found = anchors(rows)
    for stream, methods in found.items():
        for method, anchor in methods.items():
            print(f"{stream:9} {method:19} {anchor['mean']:6.2f}, sd {anchor['sd']:.2f}, n {anchor['n']}")
    seconds = round(sum(row["seconds"] for row in rows), 1)
    if arguments.json:
        write({"benchmark": "digits anchors", **header(), "seconds": seconds, "anchors": found}, arguments.json)


if __name__ == "__main__":
    main()
