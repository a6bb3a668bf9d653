"""What a finished run leaves: results.json, accuracy.csv, one PNG per figure, and report.html, one file with all."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from neurocl.core.versions import versions
from neurocl.experiments.experiment import Outcome, Picture
from neurocl.experiments.run_folder import RESULTS, RunFolder

__all__ = ["format_table", "render_html", "write_outcome"]

PACKAGES = ("neurocl", "numpy", "numba", "scipy", "scikit-learn")

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { padding: 0.25rem 0.9rem; border-bottom: 1px solid #ddd; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 2rem 0; } img { max-width: 100%; } figcaption { color: #555; font-size: 0.9rem; }
"""


def write_outcome(folder: RunFolder, outcome: Outcome) -> None:
    """Write all files of a finished run into `folder`, results.json last: its presence means that all are there."""
    images = {picture.name: _png(picture) for picture in outcome.pictures}
    for name, image in images.items():
        folder.write(f"{name}.png", image)
    folder.write("accuracy.csv", _csv(outcome))
    used = versions(*PACKAGES)
    folder.write("report.html", render_html(outcome, folder.description["config"], used, images))
    text = {**folder.description, "versions": used, "table": _records(outcome), **outcome.results}
    text["seconds"] = {stage: round(seconds, 3) for stage, seconds in outcome.times.items()}
    folder.write(RESULTS, json.dumps(text, indent=2, allow_nan=False) + "\n")


def format_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as text: columns aligned, numbers to the right."""
    cells = [list(columns), *([_text(value) for value in row] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(columns))]
    lines = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def render_html(
    outcome: Outcome, config: Mapping[str, Any], used: Mapping[str, str], images: Mapping[str, bytes]
) -> str:
    """The report as one HTML file that needs nothing beside it.

    Parameters
    ----------
    outcome : what the run found.
    config : its settings.
    used : versions by package.
    images : PNG files by the name of their picture.
    """
    title = html.escape(outcome.title)
    times = [(stage, f"{seconds:.1f} s") for stage, seconds in outcome.times.items()]
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>',
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
        *(f"<p>{html.escape(paragraph)}</p>" for paragraph in outcome.summary),
        _html_table(outcome.columns, outcome.rows),
        *(_figure(picture, images[picture.name]) for picture in outcome.pictures),
        "<h2>Settings</h2>",
        _html_table(("setting", "value"), list(config.items())),
        "<h2>Time and versions</h2>",
        _html_table(("stage", "wall time"), times),
        _html_table(("package", "version"), list(used.items())),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _html_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "\n".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>"


def _html_cell(value: Any) -> str:
    kind = ' class="number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    shown = f"{value:g}" if isinstance(value, float) and value == round(value, 4) else _text(value)
    return f"<td{kind}>{html.escape(shown)}</td>"


def _figure(picture: Picture, image: bytes) -> str:
    data, caption = base64.b64encode(image).decode(), html.escape(picture.caption)
    source = f'<img alt="{html.escape(picture.name)}" src="data:image/png;base64,{data}">'
    return f"<figure>{source}<figcaption>{caption}</figcaption></figure>"


def _png(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    picture.figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()


def _csv(outcome: Outcome) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(outcome.columns)
    writer.writerows(outcome.rows)
    return buffer.getvalue()


def _records(outcome: Outcome) -> list[dict[str, Any]]:
    return [dict(zip(outcome.columns, row, strict=True)) for row in outcome.rows]
