"""Table and figure hold what was measured."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from benchmarks import measuring
from benchmarks.networks import find
from benchmarks.report import BEGIN, END, draw, rewrite
from benchmarks.table import Result, as_lines
from neurocl import NeuroclError
from tests.benchmarks.stand_in import speaking


@pytest.fixture
def result(monkeypatch: pytest.MonkeyPatch) -> Result:
    """One benchmark with a comparable and a void peer."""
    monkeypatch.setattr(measuring, "OWN", speaking("neurocl", 0.02, 5.0))
    peers = [speaking("Slow", 0.2, 5.0), speaking("Other", 0.3, 9.0)]
    return measuring.measure(find("izhikevich-1000"), [], repeats=1) | {
        key: value
        for key, value in measuring.measure(find("izhikevich-1000"), peers, repeats=1).items()
        if key in ("simulators", "ratio", "void")
    }


def test_readme_gets_a_table_between_the_marks(result: Result) -> None:
    text = rewrite(f"before\n{BEGIN}\nold\n{END}\nafter\n", [result])
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| E1: Izhikevich, 1000 | **0.02** | 0.015 / 0.006 | 0.2: **10 x** (10 to 10) | 0.3: other rate |" in text
    assert rewrite(text, [result]) == text
    with pytest.raises(NeuroclError, match="README"):
        rewrite("no marks", [result])


def test_terminal_tells_goal_ratio_and_what_is_not_compared(result: Result) -> None:
    text = "\n".join(as_lines(result))
    assert "goal: must 0.015, aim 0.006" in text and "10 times neurocl's" in text and "not compared" in text


def test_figure_has_a_bar_for_each_simulator(result: Result) -> None:
    _, ax = plt.subplots()
    draw([result], ax)
    assert ax.get_xscale() == "log" and sorted(bar.get_width() for bar in ax.patches) == [0.02, 0.2, 0.3]
    plt.close()
