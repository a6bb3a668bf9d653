"""CIFAR-100 in tasks: the whole way from bytes of an archive to the report, at a small size."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')

from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments.hlop_cifar100 import Config, learning_rate_factor, make_benchmark, make_learner, run
from tests.data.cifar_bytes import records, write_archive

cifar = importlib.import_module("neurocl.data.cifar100")
TINY = ["tasks=4", "channels=4,6", "first=6,8", "further=2,4", "n_steps=4", "epochs=1", "device=cpu"]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive with two training images and a test image of each class."""
    import torch

    torch.set_num_threads(1)
    labels = np.arange(100).astype(np.uint8)
    members = {"train.bin": records(np.tile(labels, 2), 0, True), "test.bin": records(labels, 1, True)}
    monkeypatch.setattr(cifar, "_MD5", write_archive(tmp_path / "data" / "cifar100" / cifar.ARCHIVE, members))
    monkeypatch.setenv("NEUROCL_DATA", str(tmp_path / "data"))


@pytest.mark.usefixtures("archive")
def test_a_run_goes_from_the_archive_to_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(["run", "hlop-cifar100", "--set", *TINY, "--out", str(out)]) == 0
    found = json.loads((out / "results.json").read_text())["strategies"]
    for strategy in ("sequential", "hlop"):
        matrix = np.array(found[strategy]["matrix"], dtype=float)
        assert matrix.shape == (1, 4, 4)
        assert np.isfinite(matrix).all()
        assert 0 <= np.diagonal(matrix[0]).mean() <= 1
    assert "BWT" in capsys.readouterr().out
    assert (out / "report.html").is_file()


@pytest.mark.usefixtures("archive")
def test_each_task_has_its_classes_and_its_head() -> None:
    benchmark = make_benchmark(Config())
    assert benchmark.problem.heads[3] == tuple(range(30, 40))
    experience = benchmark.train[3]
    assert set(experience.y.tolist()) == set(range(30, 40))
    assert experience.x.shape == (20, 3, 32, 32)
    # a white pixel and a black one, in the deviations of each colour
    raw = cifar.cifar100().x_train[30]
    np.testing.assert_allclose(
        experience.x[0, 1], (raw[1] - np.float32(123.0 / 255)) / np.float32(62.1 / 255), rtol=1e-5
    )


@pytest.mark.filterwarnings("ignore::neurocl.hlop.StabilityWarning")
@pytest.mark.usefixtures("archive")
def test_subspace_neurons_grow_as_in_the_protocol() -> None:
    config = Config(epochs=1, n_steps=2, channels=(4, 6, 8), first=(6, 10, 12), further=(2, 3, 4), device="cpu")
    benchmark = make_benchmark(config)
    learner = make_learner(config, "hlop").start(benchmark.problem)
    for index in range(3):
        learner.train(benchmark.train[index])
    sizes = [len(layer.subspace.H) for layer in learner.model.layers[:-1]]
    assert sizes == [6 + 2 * 2, 10 + 2 * 3, 12 + 2 * 4]
    assert learner.model.layers[-1].subspace is None


def test_the_rate_rises_over_five_passes_and_falls_along_a_cosine() -> None:
    factors = [learning_rate_factor(epoch, 200) for epoch in range(200)]
    np.testing.assert_allclose(factors[:6], [0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert factors[5:] == sorted(factors[5:], reverse=True)
    assert learning_rate_factor(5 + 195 // 3, 200) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"strategies": ("hlpo",)}, "strategies must be different ones of hlop, sequential, naive, got hlpo"),
        ({"epochs": 0}, "epochs must be a whole number >= 1"),
        ({"device": "gpu"}, "device 'gpu' cannot be used"),
        ({"tasks": 7}, "100 classes cannot be dealt evenly"),
    ],
)
@pytest.mark.usefixtures("archive")
def test_wrong_settings_are_told(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        run(Config(**settings))


def test_missing_data_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROCL_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NeuroclError, match=r"no folder holds cifar-100-binary\.tar\.gz"):
        run(Config(device="cpu"))
