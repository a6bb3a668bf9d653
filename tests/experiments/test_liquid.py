"""The liquid experiment: reproducible, independent of threads and chunks, and honest about its numbers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurocl.core.errors import NeuroclError
from neurocl.experiments import liquid
from tests.resuming import run_both_ways
from tests.tiny_liquid import ARGUMENTS, tiny


def numbers(config: liquid.Config) -> tuple[Any, Any]:
    outcome = liquid.run(config)
    return outcome.rows, outcome.results


def test_result_depends_on_the_seed_and_not_on_threads_or_chunks() -> None:
    reference = numbers(tiny(threads=1))
    assert numbers(tiny(threads=3, chunk=7)) == reference
    assert numbers(tiny(threads=1)) == reference
    assert numbers(tiny(seed=1))[1]["activity"] != reference[1]["activity"]


def test_static_and_plastic_network_are_wired_alike() -> None:
    sims = [liquid.liquid_network(tiny(), 64, 100.0, plastic).build(seed=3) for plastic in (False, True)]
    for name in ("input", "ee", "ei", "ie", "ii"):
        assert all(map(np.array_equal, sims[0].edges(name), sims[1].edges(name)))
    assert np.array_equal(sims[0].state["ee.w"], sims[1].state["ee.w"])


def test_without_stdp_images_the_two_liquids_are_one() -> None:
    outcome = liquid.run(tiny(stdp_images=0))
    assert outcome.results["accuracy"]["static"] == outcome.results["accuracy"]["plastic"]
    assert outcome.results["only_right"] == {"static": 0, "plastic": 0, "p_value": 1.0}


def test_stdp_changes_weights_and_keeps_them_in_bounds() -> None:
    config = tiny(a_plus=0.05, a_minus=0.06, stdp_images=40, stdp_duration=100.0)
    data = liquid.load(config)
    weights = liquid._learn(config, data, liquid.input_weight(config, data))
    assert not np.array_equal(weights["before"], weights["after"])
    assert weights["after"].min() >= 0 and weights["after"].max() <= 2 * config.weight


def test_mean_input_current_spreads_over_neurons_as_asked() -> None:
    config = tiny(n=1000)
    data = liquid.load(config)
    sim = liquid.liquid_network(config, 64, liquid.input_weight(config, data), plastic=False).build()
    pre, post = sim.edges("input")
    weight = np.asarray(sim.state["input.w"], dtype=float)
    rates = config.max_rate / 1000 * data.x_train
    currents = np.zeros((len(rates), config.n))
    np.add.at(currents.T, post, (weight * liquid.TAU_SYN)[:, None] * rates[:, pre].T)
    spread = np.sqrt(np.mean(currents**2))
    assert spread == pytest.approx(config.input_current, rel=0.05)  # 9600 synapses with random signs


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"data": "cifar"}, "digits, mnist"),
        ({"n": 5}, "n must be"),
        ({"n_train": 3}, "n_train"),
        ({"duration": 0.0}, "duration"),
        ({"duration": 10.5}, "whole number of steps"),
        ({"a_plus": -1.0}, "a_plus"),
        ({"max_rate": float("nan")}, "max_rate"),
        ({"threads": 0}, "threads"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused_at_once(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(NeuroclError, match=word):
        tiny(**changes)


def test_more_images_than_there_are_is_an_error() -> None:
    with pytest.raises(NeuroclError, match="n_train must lie in"):
        liquid.load(tiny(n_train=5000))


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_resumed_run_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    run_both_ways(["liquid", *ARGUMENTS], after, tmp_path, monkeypatch, capsys)


def test_files_agree_with_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from neurocl.cli import main

    assert main(["run", "liquid", *ARGUMENTS, "--seed", "2", "--out", str(tmp_path / "run")]) == 0
    folder, printed = tmp_path / "run", capsys.readouterr().out
    results = json.loads((folder / "results.json").read_text())
    rows = list(csv.DictReader((folder / "accuracy.csv").open()))
    assert results["config"]["seed"] == 2 and len(rows) == 3
    report = (folder / "report.html").read_text()
    for row, found in zip(rows, results["accuracy"].values(), strict=True):
        assert float(row["test accuracy"]) == found["test"]
        assert f"{found['test']:.4f}" in printed and row["readout on"] in report
    for name in ("accuracy", "raster", "weights", "confusion"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert report.count("data:image/png;base64,") == 4


@pytest.mark.slow
def test_default_run_recognises_digits_in_a_healthy_regime() -> None:
    results = liquid.run(liquid.Config()).results
    assert all(results["accuracy"][name]["test"] > 0.93 for name in ("static", "plastic"))
    for activity in results["activity"].values():
        assert 5 < activity["excitatory_rate"] < 60 and activity["silent_neurons"] < 0.1
        assert activity["silent_images"] == 0
