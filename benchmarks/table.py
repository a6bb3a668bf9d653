"""Results as text: lines per simulator for the terminal, a line per benchmark for the README.

A result is what `measuring.measure` returns. Simulators are headed by their names without the version.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["as_lines", "in_short", "markdown", "product"]

Result = dict[str, Any]


def product(name: str) -> str:
    """A simulator's name without its version: "Brian2 2.9.0 C++" is "Brian2 C++"."""
    return " ".join(word for word in name.split() if not word[0].isdigit())


def as_lines(result: Result) -> list[str]:
    """One benchmark for the terminal: each simulator with time, ratio, rate, building and memory."""
    lines = [f"{result['title']}  ({result['benchmark']}, {result['dtype']}, {in_short(result['seconds'])} s per run)"]
    for name, found in result["simulators"].items():
        factor = found["real_time_factor"]
        lines.append(
            f"  {name:18} real-time factor {in_short(factor['median']):>7}"
            f" ({in_short(factor['min'])} to {in_short(factor['max'])}){_comparison(result, name)}"
        )
        lines.append(
            f"  {'':18} rate {found['rate_hz']:.2f} Hz, built in {found['build_seconds']:.1f} s,"
            f" at most {found['peak_memory_mb']:.0f} MB"
        )
    lines += [f"  {name:18} absent: {reason}" for name, reason in result["absent"].items()]
    return lines


def _comparison(result: Result, name: str) -> str:
    """Words on how neurocl stands to its goal, or a peer to neurocl."""
    if name in result["void"]:
        return f"; not compared: {result['void'][name]}"
    if name in result["ratio"]:
        ratio = result["ratio"][name]
        return f"; {in_short(ratio['median'])} times neurocl's ({in_short(ratio['min'])} to {in_short(ratio['max'])})"
    goals = [f"{key} {result['goals'][key]:g}" for key in ("must", "aim") if result["goals"][key] is not None]
    return f"; goal: {', '.join(goals)}" if goals else ""


def markdown(results: Sequence[Result]) -> str:
    """Two tables: real-time factors with ratios, and building times with memory."""
    peers = list(dict.fromkeys(product(name) for result in results for name in list(result["simulators"])[1:]))
    speed = [["benchmark", "neurocl", "must / aim", *peers, "rate (Hz)"]]
    costs = [["benchmark", *(f"{name}: s, MB" for name in ("neurocl", *peers))]]
    for result in results:
        own, *others = result["simulators"]
        by_product = {product(name): name for name in others}
        title = result["title"] + ("" if result["dtype"] == "float32" else f", {result['dtype']}")
        rates = [found["rate_hz"] for found in result["simulators"].values()]
        speed.append([
            title, _factor(result, own), _goals(result),
            *(_factor(result, by_product[p]) if p in by_product else "" for p in peers),
            in_short(rates[0]) if len(rates) == 1 else f"{in_short(min(rates))} to {in_short(max(rates))}",
        ])  # fmt: skip
        costs.append([title, *(_costs(result, by_product.get(p)) for p in ("neurocl", *peers))])
        costs[-1][1] = _costs(result, own)
    return f"{_lay_out(speed)}\n\n{_lay_out(costs)}"


def _factor(result: Result, name: str) -> str:
    text = in_short(result["simulators"][name]["real_time_factor"]["median"])
    if name in result["ratio"]:
        ratio = {key: in_short(value) for key, value in result["ratio"][name].items()}
        return f"{text}: **{ratio['median']} x** ({ratio['min']} to {ratio['max']})"
    return f"{text}: other rate" if name in result["void"] else f"**{text}**"


def _goals(result: Result) -> str:
    must, aim, least = (result["goals"][key] for key in ("must", "aim", "least_ratio"))
    parts = [] if must is None else [f"{must:g} / {aim:g}"]
    return ", ".join([*parts, *([] if least is None else [f"{least:g} x"])])


def _costs(result: Result, name: str | None) -> str:
    if name is None:
        return ""
    found = result["simulators"][name]
    return f"{found['build_seconds']:.1f}, {found['peak_memory_mb']:.0f}"


def _lay_out(rows: list[list[str]]) -> str:
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def in_short(value: float) -> str:
    """Three digits that count."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
