"""Split MNIST in three scenarios beside a published table.

    python -m benchmarks.split_mnist [--seeds 3] [--runs FILE.jsonl] [--json benchmarks/results/split-mnist.json]

Protocol    5 tasks 0/1 .. 8/9; images with a border of 2 pixels, 32 x 32, pixels (x - 0.1) / 0.2752; MLP 1024-400-400,
            batch 128, 4 epochs per task, Adam 1e-3 whose state is kept; own heads (task), two outputs (domain), outputs
            of the classes seen so far (class)
EWC         one anchor per task, most probable label, all samples, lambda 100, 100, 600 without the factor 1/2
SI          xi 0.1, c 300, 3000, 600
ER          1100 samples; a batch is 64 new and 64 stored ones, as in the published rehearsal, which mixes both half and
            half in batches of 128
Joint       one training on the shuffled union of all tasks
Source      Hsu, Liu, Ramasamy & Kira (2018), arXiv:1810.12488; protocol and strengths from their public scripts. With
            plain pixels in [0, 1] and all ten outputs from the start, SI forgets less than published

A seed fixes the order of the samples, the initial weights and the noise. Runs that are in FILE are not repeated, so
that a series may be interrupted.
"""

from __future__ import annotations

import argparse
import functools
import time
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from benchmarks.finished_runs import complete
from benchmarks.machine import header, write
from neurocl import continual
from neurocl.continual.evaluation import accuracies
from neurocl.continual.metrics.statistics import interval
from neurocl.continual.samples import Samples, as_samples
from neurocl.continual.strategies import ER, EWC, SI
from neurocl.continual.strategies.joint import union

__all__ = ["PUBLISHED", "SCENARIOS", "learner", "markdown", "run", "table"]

Scenario = Literal["task", "domain", "class"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)

PUBLISHED: dict[str, dict[str, tuple[float, float, float]]] = {
    "naive": {"task": (93.46, 2.01, 4.0), "domain": (55.16, 1.38, 4.0), "class": (19.71, 0.08, 0.5)},
    "ewc": {"task": (97.70, 0.81, 2.0), "domain": (58.85, 2.59, 6.0), "class": (19.80, 0.05, 0.5)},
    "si": {"task": (98.56, 0.49, 1.5), "domain": (64.76, 3.09, 6.0), "class": (19.67, 0.09, 0.5)},
    "er": {"task": (99.40, 0.08, 0.6), "domain": (95.16, 0.49, 1.5), "class": (90.78, 0.85, 2.5)},
    "joint": {"task": (99.52, 0.16, 0.4), "domain": (98.59, 0.15, 0.6), "class": (97.53, 0.30, 0.8)},
}
"""Mean and standard deviation of 10 runs, and the tolerance of ours, in per cent: average accuracy after task 5."""

EWC_STRENGTH = {"task": 100.0, "domain": 100.0, "class": 600.0}
SI_STRENGTH = {"task": 300.0, "domain": 3000.0, "class": 600.0}


def learner(strategy: str, scenario: Scenario, hidden: tuple[int, ...] = (400, 400)) -> continual.Strategy:
    """The learner of the protocol."""
    plugins: dict[str, list[continual.Plugin]] = {
        "naive": [],
        "ewc": [EWC(EWC_STRENGTH[scenario], estimator="predicted", n_samples=None, convention="full")],
        "si": [SI(SI_STRENGTH[scenario])],
        "er": [ER(size=1100)],
        "joint": [],
    }
    return continual.Strategy(
        *plugins[strategy], model=continual.MLP(hidden), optimizer="adam", lr=1e-3, epochs=4,
        batch_size=64 if strategy == "er" else 128,
    )  # fmt: skip


@functools.cache
def padded_mnist() -> Samples:
    """Images of 32 x 32 pixels."""
    return as_samples("mnist").padded(2)


def run(strategy: str, scenario: Scenario, seed: int, data: Any = None) -> dict[str, Any]:
    """Accuracy on each task after the last, in per cent, and processor time."""
    began = time.process_time()
    benchmark = continual.split(
        padded_mnist() if data is None else data, 5, scenario, seed, fixed_class_order=True, normalise=(0.1, 0.2752)
    )
    described = learner(strategy, scenario)
    if strategy == "joint":
        started = described.start(benchmark.problem, seed)
        started.train(union(list(benchmark.train)))
        last = accuracies(started, benchmark, 5, 5)
    else:
        last = continual.run(benchmark, described, [seed]).matrix[0, -1]
    found = [round(100.0 * float(value), 3) for value in last]
    return {"accuracy": round(sum(found) / 5, 3), "tasks": found, "seconds": round(time.process_time() - began, 1)}


def table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ours beside the published value, for each strategy and scenario."""
    found = []
    for strategy, published in PUBLISHED.items():
        for scenario, (theirs, their_sd, tolerance) in published.items():
            chosen = [r["accuracy"] for r in rows if (r["strategy"], r["scenario"]) == (strategy, scenario)]
            if not chosen:
                continue
            ours = interval(chosen)
            found.append({
                "strategy": strategy, "scenario": scenario, "mean": round(ours.mean, 2),
                "sd": None if ours.n == 1 else round(ours.sd, 2), "n": ours.n, "published": theirs,
                "published_sd": their_sd, "tolerance": tolerance, "within": abs(ours.mean - theirs) <= tolerance,
            })  # fmt: skip
    return found


def markdown(found: list[dict[str, Any]]) -> str:
    """The table for the README: ours, and in parentheses the published value and the tolerance."""
    lines = ["| strategy | task | domain | class |", "|---|---|---|---|"]
    for strategy in PUBLISHED:
        cells = [
            f"**{row['mean']:.2f}** ± {row['sd']:.2f} ({row['published']:.2f} ± {row['published_sd']:.2f}, "
            f"{row['tolerance']:g}{'' if row['within'] else ': outside'})"
            for row in found
            if row["strategy"] == strategy
        ]
        lines.append(f"| {' | '.join([strategy, *cells])} |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each strategy and scenario")
    parser.add_argument("--only", nargs="*", default=list(PUBLISHED), choices=list(PUBLISHED), help="strategies")
    parser.add_argument("--runs", type=Path, help="file of finished runs, one JSON line each")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # One seed of everything comes first: what is wrong is seen early.
    cases = [
        {"strategy": strategy, "scenario": scenario, "seed": seed}
        for seed in range(arguments.seeds)
        for strategy in arguments.only
        for scenario in SCENARIOS
    ]
    rows = complete(arguments.runs, cases, run)
    found = table(rows)
    for row in found:
        mark = "" if row["within"] else "  outside"
        print(
            f"{row['strategy']:6} {row['scenario']:7} {row['mean']:6.2f} (sd {row['sd']}, n {row['n']}), published"
            f" {row['published']:.2f} +- {row['published_sd']:.2f}, tolerance {row['tolerance']:.1f}{mark}"
        )
    if arguments.json:
        write({"benchmark": "split MNIST", **header(), "table": found, "runs": rows}, arguments.json)


if __name__ == "__main__":
    main()
