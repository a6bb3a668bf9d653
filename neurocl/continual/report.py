"""One HTML file with the results of a method: it needs nothing beside it."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurocl.continual.results import Results

__all__ = ["render"]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: 0.25rem 0.9rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; } img { max-width: 100%; } figcaption { color: #555; }
"""


def render(results: Results) -> str:
    """The report's text."""
    title = html.escape(f"{results.name} on {results.benchmark} (scenario {results.scenario})")
    seeds = ", ".join(map(str, results.seeds))
    rows = "\n".join(
        f"<tr><td>{html.escape(key)}</td><td>{_number(s.mean)}</td><td>{_number(s.low)}</td><td>{_number(s.high)}</td></tr>"
        for key, s in results.summary().items()
    )
    figures = [_figure(results.plot, "Accuracy on each task (column) after each experience (row), mean over seeds.")]
    figures.append(_figure(results.plot_curves, "Accuracy over the experiences, with 95 % intervals over seeds."))
    if results.trace.size:
        figures.append(_figure(results.plot_stability, "Accuracy on each task during training."))
    spec = html.escape(", ".join(f"{key} = {value}" for key, value in results.spec.items()))
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
            f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
            f"<p>Seeds {seeds}; mean and 95 % interval (Student's t) over seeds.</p>",
            f"<table>\n<tr><th>metric</th><th>mean</th><th>from</th><th>to</th></tr>\n{rows}\n</table>",
            *figures,
            f"<p>Benchmark: {spec}</p>\n</body>\n</html>\n",
        ]
    )


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.4f}"


def _figure(draw: Callable[[Axes], Any], caption: str) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 3.6), layout="constrained")
    draw(figure.subplots())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<figure><img alt="" src="data:image/png;base64,{data}"><figcaption>{caption}</figcaption></figure>'
