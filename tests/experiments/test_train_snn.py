"""Training a spiking network: learns, is reproducible and resumable, and reports what it did."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments import train_snn
from tests.resuming import run_both_ways
from tests.tiny_training import ARGUMENTS, tiny

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')


def test_it_learns_and_depends_on_the_seed_alone() -> None:
    first, again, other = (train_snn.run(tiny(seed=seed)).results for seed in (1, 1, 2))
    assert first == again != other
    assert first["test_interval"][0] > 3 * first["chance"]
    losses = [epoch["loss"] for epoch in first["course"]]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("after", [1, 3])
def test_a_resumed_run_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    results, folder = run_both_ways(["train-snn", *ARGUMENTS], after, tmp_path, monkeypatch, capsys)
    rows = list(csv.DictReader((folder / "accuracy.csv").open()))
    assert [row["part"] for row in rows] == ["training, during the last epoch", "test"]
    assert float(rows[1]["accuracy"]) == results["test_accuracy"]
    assert (folder / "course.png").is_file() and (folder / "confusion.png").is_file()


@pytest.mark.parametrize(
    "wrong", [{"data": "cifar"}, {"hidden": 0}, {"learning_rate": -1.0}, {"seed": -1}, {"epochs": 0}]
)
def test_wrong_settings_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(NeuroclError, match=f"train-snn: {next(iter(wrong))}"):
        tiny(**wrong)
