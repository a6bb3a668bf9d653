"""A run that was stopped in the middle of an experience goes on from its folder to the same result, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from neurocl import continual
from neurocl.continual.strategies import METHODS, ElephantMLP, PairwiseMLP, SparseMLP
from neurocl.models import Leaky
from tests.continual.strategies.test_resuming import SETTINGS

MODELS: dict[str, Callable] = {
    "mlp": continual.MLP((8,)),
    "cnn": continual.CNN((2,), (6,)),
    "spiking": continual.SpikingMLP(Leaky, (8,), n_steps=3),
}
SPARSE: dict[str, Callable] = {
    "elephant": ElephantMLP(20),
    "hard-ash": SparseMLP(20),
    "pairwise": PairwiseMLP(20, n_weights=60),
}


class Interruption(BaseException):
    """Stands for a kill."""


class Stopping(continual.Strategy):
    """Is killed after 11 updates, of which the first experience takes 8."""

    def steps(self, experience: continual.Experience) -> Iterator[Any]:
        for step in super().steps(experience):
            yield step
            if self.step_count == 11:
                raise Interruption


Stopping.__name__ = "Strategy"  # as far as the checkpoint knows


def images() -> continual.Benchmark:
    """Two tasks of 32 small images each, in the scenario in which every method can learn."""
    numbers = torch.Generator().manual_seed(0)
    y = torch.arange(64) % 4
    x = (torch.rand(64, 4, 4, generator=numbers) + torch.eye(4)[y][:, None, :]).float()
    return continual.split((x, y, x, y), 2, scenario="task", fixed_class_order=True)


def check(method: str, model: Callable, folder: Path) -> None:
    settings: dict[str, Any] = {"model": model, "lr": 0.05, "batch_size": 8, "epochs": 2}
    plugin = METHODS[method](**SETTINGS.get(method, {}))
    benchmark, options = images(), {"seeds": [3], "evaluate_every": 1, "checkpoint_every": 1}
    whole = continual.run(benchmark, continual.Strategy(plugin, **settings), **options)
    with pytest.raises(Interruption):
        continual.run(benchmark, Stopping(plugin, **settings), folder=folder, **options)
    torch.manual_seed(99)
    resumed = continual.run(benchmark, continual.Strategy(plugin, **settings), folder=folder, **options)
    assert whole.ends[0, 0] == 8 and whole.ends[0, 1] >= 16
    for name in ("matrix", "baseline", "trace", "ends"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_resumed_exactly(method: str, model: str, tmp_path: Path) -> None:
    check(method, MODELS[model], tmp_path)


@pytest.mark.parametrize("model", SPARSE)
def test_every_sparse_network_is_resumed_exactly(model: str, tmp_path: Path) -> None:
    check("naive", SPARSE[model], tmp_path)
