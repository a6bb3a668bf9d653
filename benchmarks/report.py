"""Table and figure of all results: python -m benchmarks.report

It reads benchmarks/results/*.json, draws benchmarks/results/speed.png and writes the tables between the two marks in
benchmarks/README.md. Files that hold no benchmark of `networks.ALL` are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.networks import ALL
from benchmarks.table import Result, in_short, markdown, product
from neurocl import NeuroclError
from neurocl.core.files import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "load", "main", "rewrite"]

FOLDER = Path(__file__).resolve().parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
COLORS = {"neurocl": "#0072B2", "Brian2 C++": "#E69F00", "NEST": "#009E73"}
OTHER = "#595959"
NUMBER_WIDTH = 2.5  # of a number beside a bar, as a factor on the axis
BAR = 0.8  # of the distance between benchmarks, shared by the simulators


def load(folder: Path = FOLDER / "results") -> list[Result]:
    """All results in the order of the benchmarks; of one benchmark, float32 first."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    order = [benchmark.name for benchmark in ALL]
    results = [result for result in found if result.get("benchmark") in order and "simulators" in result]
    return sorted(results, key=lambda result: (order.index(result["benchmark"]), result["dtype"]))


def draw(results: Sequence[Result], ax: Axes) -> Axes:
    """Real-time factors as bars, a group for each benchmark, on a logarithmic axis; shorter is faster.

    What neurocl must reach is a black line across its bar. Hatched bars belong to simulators with another rate, which
    did other work.
    """
    simulators = list(dict.fromkeys(product(name) for result in results for name in result["simulators"]))
    height = BAR / len(simulators)
    least, largest = 1.0, 1.0
    for row, result in enumerate(results):
        for name, found in result["simulators"].items():
            simulator, factor = product(name), found["real_time_factor"]
            middle = row + (simulators.index(simulator) - (len(simulators) - 1) / 2) * height
            ax.barh(
                middle, factor["median"], 0.9 * height, color=COLORS.get(simulator, OTHER),
                hatch="////" if name in result["void"] else None, edgecolor="white", linewidth=0,
                xerr=[[factor["median"] - factor["min"]], [factor["max"] - factor["median"]]],
                error_kw={"elinewidth": 0.8, "ecolor": "#333333"},
            )  # fmt: skip
            must = result["goals"]["must"] if simulator == simulators[0] else None
            if must is not None:
                ax.plot([must, must], [middle - height / 2, middle + height / 2], color="black", linewidth=1.5)
            _write(ax, factor, middle, must)
            least, largest = min(least, factor["min"]), max(largest, factor["max"])
    titles = [result["title"] + ("" if result["dtype"] == "float32" else ", float64") for result in results]
    ax.set(xscale="log", xlim=(least / 2, largest * 3), yticks=range(len(results)), yticklabels=titles)
    ax.set_xlabel("real-time factor: wall seconds per biological second (shorter is faster)")
    ax.axvline(1.0, color=OTHER, linewidth=0.8, linestyle="--", zorder=0)
    ax.set_ylim(len(results) - 0.5, -0.5)
    ax.spines[["top", "right"]].set_visible(False)
    _explain(ax, simulators, results)
    return ax


def _write(ax: Axes, factor: dict[str, float], middle: float, must: float | None) -> None:
    """The number beside a bar, behind the goal where that is near."""
    is_near = must is not None and 1.0 <= must / factor["max"] < NUMBER_WIDTH
    ax.annotate(
        in_short(factor["median"]), (must if must is not None and is_near else factor["max"], middle), (3, 0),
        textcoords="offset points", va="center", fontsize=7,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
    )  # fmt: skip


def _explain(ax: Axes, simulators: Sequence[str], results: Sequence[Result]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [Patch(color=COLORS.get(s, OTHER), label=s) for s in simulators]
    if any(result["goals"]["must"] is not None for result in results):
        handles.append(Line2D([], [], color="black", linewidth=1.5, label="neurocl must"))
    handles.append(Line2D([], [], color=OTHER, linewidth=0.8, linestyle="--", label="real time"))
    if any(result["void"] for result in results):
        handles.append(Patch(facecolor="#BBBBBB", edgecolor="white", hatch="////", label="other rate: not compared"))
    ax.legend(handles=handles, frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)


def rewrite(text: str, results: Sequence[Result]) -> str:
    """The README's text with new tables between the marks."""
    before, mark, rest = text.partition(BEGIN)
    _, other, after = rest.partition(END)
    if not mark or not other:
        raise NeuroclError(f"benchmarks/README.md must contain the lines {BEGIN} and {END}")
    machines = sorted({f"{result['machine']} ({result['date']})" for result in results})
    return f"{before}{BEGIN}\n{markdown(results)}\n\nMeasured on: {'; '.join(machines)}.\n{END}{after}"


def main() -> None:
    """Write the figure and the README."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    results = load()
    if not results:
        raise SystemExit("there is no result yet; first run: neurocl bench all --out benchmarks/results")
    figure, ax = plt.subplots(figsize=(8, 1.2 + 0.55 * len(results)), layout="constrained")
    draw(results, ax)
    figure.savefig(FOLDER / "results" / "speed.png", dpi=150)
    readme = FOLDER / "README.md"
    write_file(readme, rewrite(readme.read_text(encoding="utf-8"), results))


if __name__ == "__main__":
    main()
