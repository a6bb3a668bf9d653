"""`neurocl run cuba`, `coba`, `brunel` and `izhikevich`: tables, figures, verdicts, and settings that are refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import neurocl as ncl
from neurocl.cli import main
from neurocl.experiments import EXPERIMENTS, Outcome, brunel, coba, cuba, izhikevich


def measured(outcome: Outcome, where: str, quantity: str) -> tuple[float, str]:
    """The number in the table, and its verdict."""
    row = next(row for row in outcome.rows if row[:2] == (where, quantity))
    return row[3], row[-1]


def test_the_command_writes_table_figure_and_report(tmp_path: Path) -> None:
    assert main(["run", "cuba", "--out", str(tmp_path / "run")]) == 0
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files == {"run.json", "results.json", "accuracy.csv", "activity.png", "report.html"}
    table = json.loads((tmp_path / "run" / "results.json").read_text())["table"]
    assert table[0]["quantity"] == "rate, first second" and table[0]["verdict"] == "agrees"
    with (tmp_path / "run" / "accuracy.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["measured"]) == table[0]["measured"] and rows[0]["verdict"] == "agrees"


def test_coba_has_its_known_rate_and_irregular_neurons() -> None:
    outcome = coba.run(coba.Config(duration=1000.0))
    assert measured(outcome, "all neurons", "rate, first second")[1] == "agrees"
    assert measured(outcome, "all neurons", "CV of intervals")[0] > 1.0


def test_izhikevich_has_its_known_rate_and_rhythms() -> None:
    outcome = izhikevich.run(izhikevich.Config())
    assert measured(outcome, "all neurons", "rate, first second")[1] == "agrees"
    assert measured(outcome, "alpha rhythm", "frequency")[1] == "agrees"
    assert measured(outcome, "gamma rhythm", "frequency")[1] == "agrees"
    assert [picture.name for picture in outcome.pictures] == ["activity", "spectrum"]
    parts = [measured(outcome, name, "mean rate")[0] for name in ("all neurons", "excitatory", "inhibitory")]
    assert parts[0] == pytest.approx(0.8 * parts[1] + 0.2 * parts[2])


def test_brunel_tells_its_regimes_apart() -> None:
    outcome = brunel.run(brunel.Config(n=1250, duration=400.0, discard=80.0))
    rate = {name: measured(outcome, name, "mean rate")[0] for name in brunel.KNOWN}
    assert rate["SR"] > 300 > 80 > rate["SI fast"] > rate["AI fast"] > 30 > 15 > rate["AI slow"] > rate["SI slow"]
    assert measured(outcome, "SR", "CV of intervals")[1] == measured(outcome, "SR", "mean rate")[1] == "agrees"
    assert all(measured(outcome, name, "CV of intervals")[0] > 0.35 for name in ("SI fast", "AI fast"))
    assert len(outcome.pictures[0].figure.axes) == 2 * len(brunel.KNOWN)
    assert outcome.results["mean_field_rate"]["AI fast"] == pytest.approx(38.0, abs=0.1)


@pytest.mark.slow
def test_brunel_meets_all_known_values() -> None:
    outcome = brunel.run(brunel.Config())
    assert outcome.summary[0].startswith("All 13"), outcome.summary[0]


def test_where_nothing_is_known_nothing_is_judged() -> None:
    outcome = cuba.run(cuba.Config(n=400, duration=100.0))
    assert {row[-1] for row in outcome.rows} == {"-"}
    assert outcome.summary[0].startswith("Nothing is known")


@pytest.mark.parametrize("name", ["cuba", "coba", "brunel", "izhikevich"])
def test_the_list_names_them(name: str) -> None:
    assert EXPERIMENTS[name].name == name


@pytest.mark.parametrize(
    ("config", "settings", "words"),
    [
        (cuba.Config, {"n": 10}, "cuba: n must be"),
        (cuba.Config, {"dt": -1.0}, "dt must be"),
        (coba.Config, {"duration": 0.0}, "coba: duration must be"),
        (brunel.Config, {"n": 1000}, "brunel: n must be at least 1250"),
        (brunel.Config, {"duration": 100.0, "discard": 0.0}, "brunel: duration must be at least 400"),
        (izhikevich.Config, {"n": 2}, "izhikevich: n must be"),
        (izhikevich.Config, {"seed": -2}, "izhikevich: seed must be"),
    ],
)
def test_bad_settings_are_named(config: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ncl.NeuroclError, match=words):
        config(**settings)


def test_a_duration_between_two_steps_leaves_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "izhikevich", "--set", "duration=100.5", "--out", str(tmp_path / "run")]) == 2
    assert "100.5" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
