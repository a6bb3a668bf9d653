"""The experiment that compares strategies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from neurocl.core.errors import NeuroclError
from neurocl.experiments.compare import Config, make_benchmark, make_strategy, run
from neurocl.experiments.run_folder import RunFolder

SMALL: dict[str, Any] = {"n_seeds": 2, "epochs": 2, "hidden": (30,)}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def test_replay_forgets_less_than_naive_training_and_joint_training_least() -> None:
    outcome = run(Config(strategies=("naive", "er", "joint"), n_seeds=2, lr=0.005, epochs=5))
    accuracy = {row[0]: row[1] for row in outcome.rows}
    assert accuracy["naive"] < 0.25 < accuracy["er"] < accuracy["joint"]
    assert outcome.rows[1][6] == pytest.approx(accuracy["er"] - accuracy["naive"])


def test_a_run_from_its_checkpoints_gives_the_same_numbers(tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"benchmark": "permuted-digits", "scenario": "domain", "strategies": ("naive", "er")}
    config = Config(n_experiences=2, **chosen, **SMALL)
    folder = RunFolder.begin(tmp_path / "run", {"experiment": "compare", "config": {}, "neurocl": ""})
    first, second = run(config, folder), run(config, folder)
    assert [row[:9] for row in first.rows] == [row[:9] for row in second.rows]


def test_settings_of_a_method_are_given_after_colons() -> None:
    assert make_strategy(Config(), "er:size=37").plugins[0].size == 37  # type: ignore[attr-defined]


def test_sparse_networks_are_compared_on_a_stream_without_boundaries() -> None:
    one_layer = (f"{name}:hidden=40" for name in ("elephant", "ash", "hard-ash", "k-winners"))
    networks = (*one_layer, "pairwise:active=0.2")
    config = Config(benchmark="fuzzy-split-digits", strategies=("naive", *networks), online=20, n_seeds=1, hidden=(30,))
    assert not make_benchmark(config).problem.boundary_known and make_benchmark(config).train[0].online == 20
    outcome = run(config)
    assert [row[0] for row in outcome.rows] == list(config.strategies)
    assert len({row[1] for row in outcome.rows}) > 3


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"strategies": ("naive", "ewcc")}, "ewcc"),
        ({"strategies": ("er:sise=3",)}, "sise"),
        ({"strategies": ()}, "at least one"),
        ({"benchmark": "split-digit"}, "digit"),
        ({"strategies": ("xdg",), "scenario": "class"}, "task label"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        run(Config(**settings))
