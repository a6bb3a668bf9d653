"""The default experiment: HLOP beside naive training, EWC and joint training on permuted digits."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason='needs PyTorch: pip install "neurocl[torch]"')

from neurocl.cli import main
from neurocl.core.errors import NeuroclError
from neurocl.experiments import DEFAULT
from neurocl.experiments.hlop import Config, make_benchmark, run

TINY: dict[str, Any] = {
    "n_experiences": 2, "hidden": (20,), "first": (10, 5), "further": (5, 5), "epochs": 1, "n_seeds": 2
}  # fmt: skip
ARGUMENTS = ["--set", "n_experiences=2", "hidden=20", "first=10,5", "further=5,5", "epochs=1", "n_seeds=2"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def test_hlop_forgets_less_than_naive_training_and_is_right_more_often() -> None:
    outcome = run(Config(methods=("naive", "hlop"), n_experiences=4, n_seeds=1, epochs=4))
    (_, naive, _, _, naive_bwt, *_), (_, hlop, _, _, hlop_bwt, _, difference, *_) = outcome.rows
    assert naive_bwt < -0.1 < -0.03 < hlop_bwt
    assert hlop > naive + 0.08
    assert difference == pytest.approx(hlop - naive)
    assert np.min(outcome.results["methods"]["hlop"]["records"]["captured"]) > 0.9
    assert outcome.results["methods"]["naive"]["records"] == {}


def test_every_pixel_becomes_nine_and_every_task_has_its_own_order() -> None:
    benchmark = make_benchmark(Config(n_experiences=2))
    first, second = (benchmark.train[index].x.flatten(1) for index in (0, 1))
    assert first.shape[1] == 576
    np.testing.assert_array_equal(first.sort(1).values, second.sort(1).values)
    assert not np.array_equal(first, second)
    values = first[0].unique(return_counts=True)[1]
    assert (values % 9 == 0).all()


def test_it_runs_when_no_name_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert DEFAULT == "hlop"
    assert main(["run", *ARGUMENTS, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    for name in ("naive", "ewc", "hlop", "joint"):
        assert f"{name}: " in printed
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"results.json", "accuracy.csv", "report.html", "curves.png", "matrices.png"} <= files
    table = json.loads((tmp_path / "run" / "results.json").read_text())["table"]
    assert [row["strategy"] for row in table] == ["naive", "ewc", "hlop", "joint"]


def test_a_resumed_run_ends_as_an_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from neurocl.experiments import hlop

    seen, captured = [], hlop.captured

    @functools.wraps(captured)  # a recorder of another name would be another run
    def interrupted(learner: Any, experience: Any) -> dict[str, float]:
        seen.append(experience)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return captured(learner, experience)

    whole, parts, chosen = tmp_path / "whole", tmp_path / "parts", ["methods=hlop"]
    with monkeypatch.context() as patched:
        patched.setattr(hlop, "captured", interrupted)
        assert main(["run", *ARGUMENTS, *chosen, "--out", str(parts)]) == 130
    assert main(["run", "--resume", str(parts)]) == 0
    assert main(["run", *ARGUMENTS, *chosen, "--out", str(whole)]) == 0
    results = [json.loads((folder / "results.json").read_text())["methods"]["hlop"] for folder in (parts, whole)]
    assert results[0]["matrix"] == results[1]["matrix"]
    assert results[0]["records"] == results[1]["records"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"methods": ("naive", "hlpo")}, "naive, ewc, hlop, joint, got naive,hlpo"),
        ({"methods": ()}, "got none"),
        ({"training": "stdp"}, "bptt, dsr, ottt, got 'stdp'"),
        ({"n_seeds": 0}, "n_seeds must be a whole number >= 1"),
        ({**TINY, "further": (5, 30)}, "give layer 1 35 subspace neurons in 2 tasks where it has 20 inputs"),
        ({"first": (1000,)}, "give layer 0 1120 subspace neurons in 5 tasks where it has 576 inputs"),
        ({"first": ()}, "first must be a whole number"),
    ],
)
def test_wrong_settings_are_told(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(NeuroclError, match=words):
        run(Config(**settings))
