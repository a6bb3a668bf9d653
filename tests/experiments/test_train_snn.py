"""Training a spiking network: learns, is reproducible and resumable, and reports what it did."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments import train_snn
from neurocl.experiments.run_folder import RunFolder
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
    from neurocl.cli import main

    keep, done = RunFolder.keep, 0

    def interrupted(self: RunFolder, name: str, compute: Any) -> Any:
        nonlocal done
        if done == after:
            raise KeyboardInterrupt
        done += 1
        return keep(self, name, compute)

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "keep", interrupted)
        assert main(["run", "train-snn", *ARGUMENTS, "--out", str(parts)]) == 130
    assert f"--resume {parts}" in capsys.readouterr().err
    assert main(["run", "--resume", str(parts)]) == 0
    assert main(["run", "train-snn", *ARGUMENTS, "--out", str(whole)]) == 0
    results = [json.loads((folder / "results.json").read_text()) for folder in (parts, whole)]
    for result in results:
        del result["seconds"]
    assert results[0] == results[1]
    rows = list(csv.DictReader((whole / "accuracy.csv").open()))
    assert [row["part"] for row in rows] == ["training, during the last epoch", "test"]
    assert float(rows[1]["accuracy"]) == results[1]["test_accuracy"]
    assert (whole / "course.png").is_file() and (whole / "confusion.png").is_file()


@pytest.mark.parametrize(
    "wrong", [{"data": "cifar"}, {"hidden": 0}, {"learning_rate": -1.0}, {"seed": -1}, {"epochs": 0}]
)
def test_wrong_settings_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(NeuroclError, match=f"train-snn: {next(iter(wrong))}"):
        tiny(**wrong)
