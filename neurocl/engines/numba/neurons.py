"""Source of one population's step: update with threshold, then reset of the neurons that fired.

The update has no branch per neuron, so that LLVM vectorises it: a refractory neuron computes like any other and a
select keeps its held states. A spike is a byte; the indices are collected afterwards, and only they are reset.
"""

from __future__ import annotations

import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import Draw, names_in
from neurocl.core.plan import PopulationPlan
from neurocl.engines.numba.hoisting import hoist
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.printer import print_expression
from neurocl.engines.numba.source import (
    Function,
    assignment,
    draw_keys,
    draw_lines,
    draws_among,
    indent,
    make_function,
    poisson_arguments,
    read_names,
)

__all__ = ["FIELDS", "draws_function", "population_arrays", "reset_function", "update_function"]

FIELDS = (
    "_S", "_P", "_C", "_refractory", "_hold", "_spiked", "_flags", "_fresh", "_fresh_n", "_history", "_history_n",
    "_parts", "_ring", "_scheduled", "_scheduled_steps", "_scheduled_indices", "_inputs", "_streams", "_spike_table",
)  # fmt: skip
"""Arrays of a population; see `neurocl.engines.numba.memory`."""


def population_arrays(name: str, suffix: str = "") -> dict[str, str]:
    """Local name of each field (with `suffix`) and its name in the time loop."""
    return {f"{field}{suffix}": f"{field}__{name}" for field in FIELDS}


def update_function(plan: PopulationPlan, layout: Layout) -> Function:
    """``_update_NAME(..., step, first, last)``: integrate, test the threshold, count down the refractory time.

    It covers the neurons from ``first`` to ``last`` - 1, the part of one thread; ``_n`` counts from its beginning.
    """
    parsed = plan.parsed
    states = layout.banks["S"]
    held = {name for name, state in parsed.equations.states.items() if state.held}
    update, advance, threshold = parsed.update, plan.scheme.statements, parsed.threshold
    used = read_names((*update, *advance)) | (set() if threshold is None else names_in(threshold))
    draws, used = draws_among(plan.draws, used)
    changed = {s.name for s in (*update, *advance)} & set(states)
    same = hoist([*(s.expression for s in (*update, *advance)), *([] if threshold is None else [threshold])],
                 set(layout.scalars) - changed)  # fmt: skip

    body = [f"{s} = _row_{s}[_n]" for s in states if s in used]
    body += [f"{p} = _array_{p}[_n]" for p in layout.arrays if p in used]
    if parsed.refractory is not None:
        body += ["_left = _count_down[_n]", "_active = _left == 0", "_count_down[_n] = _left - (_left > 0)"]
    if "i" in used:
        body.append("i = _first + _n")
    if "scheduled" in used:
        body.append("scheduled = _marks[_n]")
    row_lines, rows = _poisson_rows(layout, draws)
    body += [f"{d.symbol} = _F(_row{d.symbol}[_n])" for _, d in rows]
    body += draw_lines([entry for entry in draws if entry not in rows], "_first + _n")
    body += [assignment(_with(same, s), s.name in held) for s in update]
    body += [assignment(_with(same, s)) for s in advance]
    body += [f"_row_{s}[_n] = {s}" for s in states if s in changed]
    if threshold is not None:
        condition = print_expression(threshold.xreplace(same))
        body.append(f"_fires[_n] = {condition}" + (" & _active" if parsed.refractory is not None else ""))

    lines = [*_preamble(layout, used, draws, "[_first:_last]"), "_fires = _spiked[_first:_last]"]
    lines += ["_count_down = _refractory[_first:_last]"] if parsed.refractory is not None else []
    lines += ["_marks = _scheduled[_first:_last]"] if "scheduled" in used else []
    lines += [f"{symbol} = {print_expression(expression)}" for expression, symbol in same.items()]
    lines += row_lines
    lines += ["for _n in _range(_fires.size):", *indent(body or ["pass"])]
    return make_function(f"_update_{plan.name}", population_arrays(plan.name), ("_step", "_first", "_last"), lines)


def draws_function(plan: PopulationPlan, layout: Layout) -> Function:
    """``_draw_NAME(..., step, first, last)``: the random numbers of an update and nothing else, to take their time."""
    used = read_names((*plan.parsed.update, *plan.scheme.statements))
    used |= set() if plan.parsed.threshold is None else names_in(plan.parsed.threshold)
    draws, used = draws_among(plan.draws, used)
    needed = set().union(*(names_in(d.argument) for _, d in draws if d.argument is not None))
    row_lines, rows = _poisson_rows(layout, draws)
    body = [f"{s} = _row_{s}[_n]" for s in layout.banks["S"] if s in needed]
    body += [f"{p} = _array_{p}[_n]" for p in layout.arrays if p in needed]
    body += ["i = _first + _n"] if "i" in needed else []
    body += [f"{d.symbol} = _F(_row{d.symbol}[_n])" for _, d in rows]
    body += draw_lines([entry for entry in draws if entry not in rows], "_first + _n")
    body.append("_drawn[_n] = " + " + ".join(d.symbol for _, d in draws))
    lines = [*_preamble(layout, needed, draws, "[_first:_last]"), "_fires = _spiked[_first:_last]", *row_lines]
    lines += ["_drawn = _empty(_fires.size, _F)", "for _n in _range(_fires.size):", *indent(body)]
    lines.append("return _drawn[0] + _drawn[_drawn.size - 1]")
    return make_function(f"_draw_{plan.name}", population_arrays(plan.name), ("_step", "_first", "_last"), lines)


def reset_function(plan: PopulationPlan, layout: Layout) -> Function:
    """``_reset_NAME(..., step, spikes, count)``: reset statements and the start of the refractory time."""
    parsed = plan.parsed
    states = layout.banks["S"]
    draws, used = draws_among(plan.draws, read_names(parsed.reset))
    changed = {s.name for s in parsed.reset}
    body = ["i = _spikes[_k]"]
    body += [f"{s} = _row_{s}[i]" for s in states if s in used]
    body += [f"{p} = _array_{p}[i]" for p in layout.arrays if p in used]
    body += draw_lines(draws, "i")
    body += [assignment(s) for s in parsed.reset]
    body += [f"_row_{s}[i] = {s}" for s in states if s in changed]
    if parsed.refractory is not None:
        body.append("_refractory[i] = _hold[i if _hold.size > 1 else 0]")
    lines = [*_preamble(layout, used, draws), "for _k in _range(_count):", *indent(body)]
    return make_function(f"_reset_{plan.name}", population_arrays(plan.name), ("_step", "_spikes", "_count"), lines)


def _poisson_rows(layout: Layout, draws: list[tuple[int, Draw]]) -> tuple[list[str], list[tuple[int, Draw]]]:
    """Lines that draw Poisson numbers of all neurons before the loop over them, and the draws for which this is done.

    It is done where the mean is made of what the neurons have at the beginning of the step, and of no other draw.
    """
    lines, rows = [], []
    for k, draw in draws:
        if draw.argument is None:
            continue
        names = names_in(draw.argument)
        if names <= set(layout.scalars):
            lines.append(f"_row{draw.symbol} = _poisson_row({poisson_arguments('_first, _last', k, draw)})")
        elif names <= {*layout.scalars, *layout.arrays, *layout.banks["S"], "i", "t"}:
            means = f"_means{draw.symbol}"
            body = ["i = _first + _n"] if "i" in names else []
            body += [f"{s} = _row_{s}[_n]" for s in layout.banks["S"] if s in names]
            body += [f"{p} = _array_{p}[_n]" for p in layout.arrays if p in names]
            body.append(f"{means}[_n] = {print_expression(draw.argument)}")
            lines += [f"{means} = _empty(_fires.size, _float64)", "for _n in _range(_fires.size):", *indent(body)]
            lines.append(f"_row{draw.symbol} = _poisson_each(_first, {means}, _stream, _step, {k})")
        else:
            continue
        rows.append((k, draw))
    return lines, rows


def _with(same: dict[sympy.Basic, sympy.Symbol], statement: Assign) -> Assign:
    return Assign(statement.name, statement.expression.xreplace(same))


def _preamble(layout: Layout, used: set[str], draws: list[tuple[int, Draw]], part: str = "") -> list[str]:
    lines = layout.scalar_lines(used)
    lines += [f"_row_{s} = _S[{k}]{part}" for k, s in enumerate(layout.banks["S"]) if s in used]
    lines += [f"_array_{p} = _P[{k}]{part}" for k, p in enumerate(layout.arrays) if p in used]
    if draws:
        lines += ["_stream = _streams[0]", *draw_keys(draws)]
    if "t" in used:
        lines.append("t = _F(_step * _DT)")
    return lines
