"""Permuted MNIST by the published protocol: its numbers, its strategies, and that it can be resumed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl import data
from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments import hlop_pmnist
from neurocl.experiments.hlop_pmnist import NEURONS, Config, permutation

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')

SETTINGS = {"tasks": 3, "hidden": 400, "n_train": 150, "n_test": 60, "batch": 30, "threads": 1}
ARGUMENTS = ["hlop-pmnist", "--set", *(f"{key}={value}" for key, value in SETTINGS.items())]


@pytest.fixture(autouse=True)
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded digits with larger pixels in the place of MNIST."""
    digits = data.digits()
    larger = [np.pad(np.kron(x, np.ones((1, 3, 3), np.float32)), ((0, 0), (2, 2), (2, 2)))
              for x in (digits.x_train, digits.x_test)]  # fmt: skip
    small = data.Dataset("mnist", larger[0], digits.y_train, larger[1], digits.y_test)
    monkeypatch.setattr(data, "mnist", lambda: small)


def test_the_permutations_are_the_published_ones() -> None:
    assert permutation(0)[:10].tolist() == [745, 491, 157, 422, 329, 168, 133, 44, 142, 542]
    seeds = [100 * r + i for i, r in enumerate(hlop_pmnist.ORDER)]
    assert seeds == [400, 701, 302, 503, 204, 605, 906, 807, 108, 9]
    orders = [permutation(task) for task in range(10)]
    assert all(sorted(order) == list(range(784)) for order in orders)
    assert not any((order == np.arange(784)).all() for order in orders)


def test_the_subspaces_have_the_published_sizes() -> None:
    assert np.array(NEURONS).sum(0).tolist() == [470, 590, 490] and len(NEURONS) == 10


def test_tasks_show_the_same_images_in_another_order() -> None:
    benchmark = hlop_pmnist.make_benchmark(Config(**SETTINGS))
    first, second = benchmark.test[0], benchmark.test[1]
    assert first.x.sort(1).values.equal(second.x.sort(1).values) and first.y.equal(second.y)
    back = np.argsort(permutation(1))
    assert first.x[:, np.argsort(permutation(0))].equal(second.x[:, back])
    assert float(first.x.min()) == pytest.approx(-0.1307 / 0.3081)


@pytest.mark.parametrize("strategy", ["hlop", "sequential", "naive", "ewc", "gpm"])
def test_every_strategy_runs(strategy: str) -> None:
    outcome = hlop_pmnist.run(Config(**SETTINGS, strategy=strategy, learning_rate=0.05))
    assert outcome.results["acc"] > 0.15 and len(outcome.rows) == 4
    rows = outcome.results["subspaces"].get("rows_0")
    assert rows == ([80, 150, 220] if strategy == "hlop" else None)


@pytest.mark.parametrize("method", ["dsr", "ottt"])
def test_a_resumed_run_ends_as_an_uninterrupted_one(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["run", *ARGUMENTS, f"method={method}"]
    assert main([*arguments, "--out", str(tmp_path / "whole")]) == 0
    advance = hlop_pmnist._advance

    def interrupted(bar: Any, done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt
        advance(bar, done)

    monkeypatch.setattr(hlop_pmnist, "_advance", interrupted)
    assert main([*arguments, "--out", str(tmp_path / "parts")]) == 130
    monkeypatch.setattr(hlop_pmnist, "_advance", advance)
    assert main(["run", "--resume", str(tmp_path / "parts")]) == 0
    whole, parts = (json.loads((tmp_path / name / "results.json").read_text()) for name in ("whole", "parts"))
    assert whole["accuracy"] == parts["accuracy"] and whole["subspaces"] == parts["subspaces"]
    rows = list(csv.DictReader((tmp_path / "parts" / "accuracy.csv").open()))
    assert [row["task"] for row in rows] == ["0", "1", "2", "mean"]
    assert float(rows[-1]["at the end"]) == pytest.approx(whole["acc"], abs=1e-4)


@pytest.mark.parametrize(
    "wrong", [{"method": "stdp"}, {"strategy": "luck"}, {"tasks": 11}, {"hidden": 0}, {"learning_rate": -1.0}]
)
def test_wrong_settings_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(NeuroclError, match=f"hlop-pmnist: {next(iter(wrong))}"):
        Config(**wrong)
