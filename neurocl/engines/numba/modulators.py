"""Source of a modulator's step: statements first (events of t_k), then, after the synapses, its equations."""

from __future__ import annotations

from neurocl.core.equations import Assign
from neurocl.core.expressions import names_in
from neurocl.core.plan import ModulatorPlan
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.source import Function, assignment, draw_keys, draw_lines, make_function, read_names

__all__ = ["FIELDS", "advance_function", "events_function"]

FIELDS = ("_S", "_C", "_counted", "_inputs", "_counts", "_streams")
"""Arrays of a modulator."""


def events_function(plan: ModulatorPlan, layout: Layout) -> Function:
    """``_events_modulator_NAME(..., step)``: the update statements."""
    return _function(plan, layout, f"_events_modulator_{plan.name}", plan.parsed.update)


def advance_function(plan: ModulatorPlan, layout: Layout) -> Function:
    """``_advance_modulator_NAME(..., step)``: one step of the equations."""
    return _function(plan, layout, f"_advance_modulator_{plan.name}", plan.scheme.statements)


def _function(plan: ModulatorPlan, layout: Layout, name: str, statements: tuple[Assign, ...]) -> Function:
    states = layout.banks["S"]
    used = read_names(statements)
    draws = [(k, d) for k, d in enumerate(plan.draws) if d.symbol in used]
    used |= set().union(*(names_in(d.argument) for _, d in draws if d.argument is not None))
    changed = {s.name for s in statements} & set(states)
    body = layout.scalar_lines(used)
    body += [f"{s} = _S[{k}, 0]" for k, s in enumerate(states) if s in used]
    body += [f"{key} = _counts[{k}]" for k, key in enumerate(plan.counts) if key in used]
    if "t" in used:
        body.append("t = _F(_step * _DT)")
    if draws:
        body += ["_stream = _streams[0]", *draw_keys(draws), *draw_lines(draws, "0")]
    body += [assignment(s) for s in statements]
    body += [f"_S[{k}, 0] = {s}" for k, s in enumerate(states) if s in changed]
    arrays = {field: f"{field}__{plan.name}" for field in FIELDS}
    return make_function(name, arrays, ("_step",), body or ["pass"])
