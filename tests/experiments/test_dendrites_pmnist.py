"""The experiment on permuted images with active dendrites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from neurocl.core.errors import NeuroclError
from neurocl.experiments.dendrites_pmnist import Config, run
from neurocl.experiments.dendrites_protocol import METHODS, published
from neurocl.experiments.run_folder import RunFolder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def test_dendrites_keep_more_than_the_same_network_without_them() -> None:
    config = Config(n_tasks=5, epochs=5, hidden=100, lr=0.01, batch_size=128, methods=("sparse", "dendrites"))
    outcome = run(config)
    last = {row[0]: row[3] for row in outcome.rows if "last" in row[1]}
    assert last["dendrites"] > last["sparse"] + 0.05


def test_testing_once_gives_the_last_row_of_testing_each_time_also_when_resumed(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"n_tasks": 2, "epochs": 2, "hidden": 50, "methods": ("dendrites+si", "xdg")}
    folder = RunFolder.begin(tmp_path / "run", {"experiment": "dendrites-pmnist", "config": {}, "neurocl": ""})
    found = [
        run(Config(evaluate=evaluate, **settings), place).results["accuracy_after_the_last_task"]
        for evaluate, place in (("each", None), ("last", folder), ("last", folder))
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("context", ["inferred", "one-hot"])
def test_other_contexts_run(context: Any) -> None:
    outcome = run(Config(n_tasks=2, methods=("dendrites",), epochs=1, hidden=50, context=context, evaluate="last"))
    assert len(outcome.rows) == 1


def test_published_settings_are_those_of_the_table() -> None:
    config = Config(data="mnist", n_tasks=10)
    shown = {name: METHODS[name].chosen(config).described() for name in ("dendrites", "dendrites+si", "xdg")}
    assert shown["dendrites"] == {
        "hidden": 2048, "epochs": 3, "lr": 5e-4, "batch_size": 256, "context": "prototype", "n_segments": 10,
    }  # fmt: skip
    assert (shown["dendrites+si"]["hidden"], shown["dendrites+si"]["epochs"]) == (2000, 20)
    assert (shown["xdg"]["hidden"], shown["xdg"]["lr"]) == (2000, 1e-3)
    low, high = published(config, "dendrites+si") or (0.0, 0.0)
    assert (low + high) / 2 == pytest.approx(0.97231)
    assert published(Config(data="mnist", lr=0.1), "dendrites") is None
    fixed = Config(data="mnist", n_tasks=25, n_segments=10)
    chosen = METHODS["dendrites"].chosen(fixed)
    assert (chosen.n_segments, chosen.epochs, chosen.lr, chosen.context_density) == (10, 5, 3e-4, 0.05)
    assert published(fixed, "dendrites") == pytest.approx((0.90311, 0.92311))


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"methods": ("dendrite",)}, "did you mean"),
        ({"methods": ()}, "at least one"),
        ({"n_segments": 0}, "n_segments"),
        ({"lr": -1.0}, "lr"),
        ({"context": "proto"}, "context must be one of prototype, inferred, one-hot, got 'proto'"),
        ({"data": "cifar"}, "data must be one of mnist, fashion_mnist, digits"),
        ({"evaluate": "never"}, "evaluate must be one of last, each"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        run(Config(**settings))
