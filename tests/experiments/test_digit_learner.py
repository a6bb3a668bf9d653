"""The digit learner: reproducible, resumable, better than chance, and honest about its numbers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocl.experiments import digit_learner
from neurocl.experiments.digit_learner_report import progress
from tests.resuming import run_both_ways
from tests.tiny_learner import ARGUMENTS, tiny


def numbers(config: digit_learner.Config) -> tuple[Any, Any]:
    outcome = digit_learner.run(config)
    return outcome.rows, outcome.results


def test_result_depends_on_the_seed_and_not_on_threads() -> None:
    reference = numbers(tiny())
    assert numbers(tiny(threads=3)) == reference
    assert numbers(tiny(seed=1))[1] != reference[1]


def test_training_recognises_digits_clearly_better_than_chance() -> None:
    results = digit_learner.run(tiny(n=30, n_train=150, n_test=100, duration=200.0)).results
    assert results["test_interval"][0] > 2.5 * results["chance"]


def test_every_image_is_shown_once_in_each_pass() -> None:
    order = digit_learner.schedule(tiny(epochs=3), 50).reshape(3, 50)
    assert np.array_equal(np.sort(order, axis=1), np.tile(np.arange(50), (3, 1)))
    assert len({tuple(row) for row in order}) == 3


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 12))
def test_the_images_that_label_are_those_shown_last(order: list[int], n: int) -> None:
    found = digit_learner._last(np.array(order), n).tolist()
    last_first = list(dict.fromkeys(reversed(order)))
    assert found == last_first[:n][::-1]


def test_an_image_that_evokes_too_little_is_shown_brighter() -> None:
    config = tiny(max_rate=60.0)
    data = digit_learner.load(config)
    simulator = digit_learner.diehl_cook(20, 64).build(seed=0, dtype="float64")
    spikes = digit_learner._present(config, simulator, data.x_train[0], _Bar())
    assert spikes.sum() >= digit_learner.ENOUGH
    assert simulator.time > 2 * (config.duration + config.rest)


class _Bar:
    def update(self, n: int) -> None:
        """Shows nothing."""


def test_progress_uses_labels_from_the_interval_before() -> None:
    classes = np.tile([0, 1], 300)
    responses = np.eye(2, dtype=np.uint16)[classes]
    responses[200:400] = responses[200:400, ::-1]  # the neurons change sides, and back
    assert progress(responses, classes, 2) == [(400, 0.0, 200), (600, 0.0, 200)]
    assert progress(np.eye(2, dtype=np.uint16)[classes], classes, 2) == [(400, 1.0, 200), (600, 1.0, 200)]


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_resumed_run_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    run_both_ways(["digit-learner", *ARGUMENTS], after, tmp_path, monkeypatch, capsys)


def test_files_agree_with_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from neurocl.cli import main

    assert main(["run", "digit-learner", *ARGUMENTS, "--seed", "2", "--out", str(tmp_path / "run")]) == 0
    folder, printed = tmp_path / "run", capsys.readouterr().out
    results = json.loads((folder / "results.json").read_text())
    rows = list(csv.DictReader((folder / "accuracy.csv").open()))
    assert results["config"]["seed"] == 2 and [row["part"] for row in rows] == ["images that label", "test"]
    assert float(rows[1]["accuracy"]) == results["test_accuracy"]
    assert f"{results['test_accuracy']:.4f}" in printed
    assert sum(results["neurons_by_class"]) + results["neurons_without_label"] == 20
    for name in ("learning", "receptive_fields", "confusion"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_default_run_recognises_digits() -> None:
    assert digit_learner.run(digit_learner.Config()).results["test_accuracy"] > 0.8
