"""The NALSM experiment: reproducible, resumable, and what it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from neurocl.core.errors import NeuroclError
from neurocl.experiments import nalsm
from tests.resuming import run_both_ways
from tests.tiny_nalsm import ARGUMENTS, tiny


def test_results_do_not_depend_on_threads_or_chunks() -> None:
    first, second = (nalsm.run(tiny(threads=threads, chunk=chunk)) for threads, chunk in ((1, 40), (2, 7)))
    assert first.rows == second.rows and first.results == second.results


def test_a_resumed_run_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*ARGUMENTS, "save_counts=true", "models=lsm,nalsm"]
    results, folder = run_both_ways(arguments, 8, tmp_path, monkeypatch, capsys)
    assert set(results["models"]) == {"lsm", "nalsm"}
    counts = load_file(folder / "counts-nalsm.safetensors")
    assert counts["train"].shape == (60, 40) and counts["test"].shape == (20, 40)
    for name in ("accuracy", "raster", "tuning", "branching_factor", "confusion"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_tells_of_each_model_and_of_the_sweep() -> None:
    outcome = nalsm.run(tiny())
    assert [row[0] for row in outcome.rows] == ["LSM", "LSM+STDP", "LSM+AP-STDP", "NALSM"]
    assert [point["w_astro"] for point in outcome.results["sweep"]] == [0.01, 0.1]
    assert outcome.results["starts"][0]["samples"] == [0, 30]
    assert all(0.0 <= model["test"] <= 1.0 for model in outcome.results["models"].values())


def test_a_silent_liquid_is_told_as_such() -> None:
    outcome = nalsm.run(tiny(models=("lsm",), magnitude=0.01, sweep=(), starts=()))
    found = outcome.results["models"]["lsm"]
    assert found["branching_factor"] is None and found["silent_test_images"] == 1.0
    assert [picture.name for picture in outcome.pictures] == ["accuracy", "raster", "confusion"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"data": "cifar"}, "digits, mnist"),
        ({"models": ("lsm", "lsm")}, "each once"),
        ({"models": ("snn",)}, "lsm, lsm\\+stdp"),
        ({"n": 5}, "n must be"),
        ({"steps": 50}, "steps must be"),
        ({"w_astro": -1.0}, "w_astro"),
        ({"models": (["lsm"],)}, "lsm, lsm\\+stdp"),
        ({"sweep": (0.1, -1.0)}, "sweep"),
        ({"sweep": 0.1}, "sweep must be a tuple"),
        ({"starts": None}, "starts must be a tuple"),
        ({"starts": (3.0, 5.0)}, "starts must be at most 3"),
        ({"plastic_stdp": "yes"}, "plastic_stdp must be True or False"),
        ({"save_counts": 3}, "save_counts must be True or False"),
        ({"n_test": 3}, "n_test"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused_at_once(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        tiny(**changes)


@pytest.mark.slow
def test_digits_are_recognised_by_default() -> None:
    models = nalsm.run(nalsm.Config()).results["models"]
    assert all(np.isfinite(found["branching_factor"]) and found["test"] > 0.93 for found in models.values())
