"""`neurocl run memory`: what is measured, the order of the memories, and settings that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments import memory


def test_the_command_writes_table_figures_and_report(tmp_path: Path) -> None:
    few = ["--set", "loads=2,20", "--set", "noises=0.1", "--set", "cues=5"]
    assert main(["run", "memory", *few, "--out", str(tmp_path / "run")]) == 0
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"run.json", "results.json", "accuracy.csv", "success.png", "examples.png", "report.html"}
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert len(results["table"]) == len(memory.MEMBERS)


def test_steep_energies_hold_images_that_others_do_not() -> None:
    outcome = memory.run(memory.Config(loads=(2, 20), noises=(0.0, 0.1), cues=20))
    exact = {row[0]: row[3] for row in outcome.rows}
    assert min(exact["modern"], exact["dense, exponential"], exact["key-value, softmax"]) > 0.9
    assert exact["Hopfield, projection"] > exact["Hopfield, Storkey"] >= exact["Hopfield, Hebb"]
    assert exact["cliques"] > exact["Willshaw"]
    assert exact["modern"] > exact["key-value, matrix"]
    at_two = outcome.results["against_load"]
    assert all(success[0] >= 0.5 for success in at_two.values())


@pytest.mark.parametrize("name", memory.MEMBERS)
def test_a_share_of_the_pixels_is_corrupted(name: str) -> None:
    images = memory._images(0)[:3]
    member = memory.MEMBERS[name]
    shown, _, right = member.recall(images, 2, 0.25, seed=1)
    changed = (shown != right).sum(axis=1)
    places = (right.sum(axis=1) if member.code == "binary" else np.full(2, 64)) * 0.25
    assert changed.tolist() == [round(p) for p in places]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loads": (2000,)}, "loads must be at most 1000"),
        ({"noises": (0.7,)}, "noises must be at most 0.5"),
        ({"load": 3}, r"load must be one of loads = \(2, 5"),
        ({"cues": 0}, "cues must be a whole number >= 1"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(NeuroclError, match=message):
        memory.Config(**settings)
