"""The benchmarks of continual learning do what they say, on small cases."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
import torch

from benchmarks import continual_learning, digits_anchors, loss_of_plasticity, split_mnist
from benchmarks.finished_runs import complete
from neurocl import continual, data
from neurocl.continual.strategies import UPGD, ContinualBackprop

ANCHORS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "digits-anchors.json"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_overhead_is_given_as_ratios() -> None:
    cases = [
        *continual_learning.loop(256, (8,)),
        *continual_learning.buffer(500, 50, 2),
        *continual_learning.fisher(256, (8,)),
    ]
    for case in cases:
        found = continual_learning.measure(case, 2)
        assert 0 < found["ratio"]["min"] <= found["ratio"]["max"]
    assert len(cases) == 6


def test_finished_runs_are_not_repeated(tmp_path: Path) -> None:
    calls, cases = [], [{"name": "a", "seed": 0}, {"name": "a", "seed": 1}]

    def run(name: str, seed: int) -> dict[str, Any]:
        calls.append(seed)
        return {"found": 10 * seed}

    first = complete(tmp_path / "runs", cases[:1], run)
    with (tmp_path / "runs").open("a") as stream:
        stream.write('{"name": "a", "se')  # a process that was killed while it wrote
    assert complete(tmp_path / "runs", cases, run) == [*first, {"name": "a", "seed": 1, "found": 10}]
    assert complete(tmp_path / "runs", cases, run)[1]["found"] == 10
    assert calls == [0, 1]


@pytest.mark.parametrize("strategy", split_mnist.PUBLISHED)
def test_every_entry_of_the_split_mnist_table_runs(strategy: str) -> None:
    digits = data.digits()
    chosen = slice(0, 200)
    small = (digits.x_train[chosen], digits.y_train[chosen], digits.x_test, digits.y_test)
    rows = []
    for scenario in split_mnist.SCENARIOS:
        case = {"strategy": strategy, "scenario": scenario, "seed": 0}
        rows.append({**case, **split_mnist.run(**case, data=small)})
        assert len(rows[-1]["tasks"]) == 5 and rows[-1]["accuracy"] > 10.0
    assert [row["n"] for row in split_mnist.table(rows)] == [1, 1, 1]


@pytest.mark.parametrize("method", ["naive", "er-200", "owm"])
def test_digits_are_learned_as_they_were(method: str) -> None:
    anchor, n = json.loads(ANCHORS.read_text())["anchors"]["split"][method], 2
    found = [digits_anchors.run("split", method, seed)["accuracy"] for seed in range(n)]
    assert sum(found) / n == pytest.approx(anchor["mean"], abs=digits_anchors.tolerance(anchor, n))


@pytest.mark.slow
@pytest.mark.parametrize("stream", digits_anchors.STREAMS)
@pytest.mark.parametrize("method", digits_anchors.LEARNERS)
def test_every_anchor_holds(stream: str, method: str) -> None:
    anchor, n = json.loads(ANCHORS.read_text())["anchors"][stream][method], 3
    found = [digits_anchors.run(stream, method, seed)["accuracy"] for seed in range(n)]
    assert sum(found) / n == pytest.approx(anchor["mean"], abs=digits_anchors.tolerance(anchor, n))


@pytest.mark.slow
def test_plain_gradient_descent_loses_plasticity_and_the_remedies_keep_it() -> None:
    benchmark, lr, late = continual.loss_of_plasticity("digits", n_experiences=20), 0.02, {}
    for plugin in (None, ContinualBackprop(rate=1e-4), UPGD(lr)):
        learner = loss_of_plasticity.learner([plugin] if plugin else [], hidden=30, lr=lr)
        online = continual.run(benchmark, learner, [0]).online[0]
        late[learner.name] = online[-5:].mean()
        if plugin is None:
            assert online[-5:].mean() < online[:5].mean() - 0.04
        else:
            assert online[-5:].mean() > online[:5].mean() - 0.03
    assert late["naive"] + 0.05 < min(late["ContinualBackprop"], late["UPGD"])


def test_the_command_prints_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(continual_learning.CASES, "loop", lambda: continual_learning.loop(256, (8,)))
    file = tmp_path / "found.json"
    monkeypatch.setattr(sys, "argv", ["continual_learning", "loop", "--repeats", "2", "--json", str(file)])
    continual_learning.main()
    assert "written by hand" in capsys.readouterr().out
    assert json.loads(file.read_text())["cases"][0]["goal"] == 1.03


def test_the_table_in_the_readme_is_the_recorded_one() -> None:
    recorded = json.loads((ANCHORS.parent / "split-mnist.json").read_text())
    assert split_mnist.table(recorded["runs"]) == recorded["table"]
    assert split_mnist.markdown(recorded["table"]) in (ANCHORS.parents[1] / "README.md").read_text()
    assert all(row["within"] and row["n"] >= 3 for row in recorded["table"])
    in_class = {row["strategy"]: row["mean"] for row in recorded["table"] if row["scenario"] == "class"}
    assert max(in_class[name] for name in ("naive", "si", "ewc")) + 50 < in_class["er"] < in_class["joint"]
