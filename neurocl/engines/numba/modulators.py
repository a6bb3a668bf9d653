"""Source of a modulator's step: statements first (events of t_k), then, after the synapses, its equations."""

from __future__ import annotations

from neurocl.core.equations import Assign
from neurocl.core.expressions import names_in
from neurocl.core.plan import ModulatorPlan
from neurocl.engines.numba.layout import Layout
from neurocl.engines.numba.source import assignment, draw_keys, draw_lines, indent, read_names

__all__ = ["advance_source", "events_source"]

FIELDS = ("_S", "_C", "_counted", "_inputs", "_streams", "_table")
"""What the tuple of a modulator holds, in order."""


def events_source(plan: ModulatorPlan, layout: Layout) -> list[str]:
    """``_events_modulator_NAME(modulator, step, counts...)``: the update statements."""
    return _source(
        plan, layout, f"_events_modulator_{plan.name}", plan.parsed.update, [f"_{name}" for name in plan.counts]
    )


def advance_source(plan: ModulatorPlan, layout: Layout) -> list[str]:
    """``_advance_modulator_NAME(modulator, step, counts...)``: one step of the equations."""
    return _source(
        plan, layout, f"_advance_modulator_{plan.name}", plan.scheme.statements, [f"_{name}" for name in plan.counts]
    )


def _source(
    plan: ModulatorPlan, layout: Layout, function: str, statements: tuple[Assign, ...], counts: list[str]
) -> list[str]:
    states = layout.banks["S"]
    used = read_names(statements)
    draws = [(k, d) for k, d in enumerate(plan.draws) if d.symbol in used]
    used |= set().union(*(names_in(d.argument) for _, d in draws if d.argument is not None))
    changed = {s.name for s in statements} & set(states)
    body = [", ".join(FIELDS) + " = _modulator", *layout.scalar_lines(used)]
    body += [f"{s} = _S[{k}, 0]" for k, s in enumerate(states) if s in used]
    body += [f"{name[1:]} = _F({name})" for name in counts if name[1:] in used]
    if "t" in used:
        body.append("t = _F(_step * _DT)")
    if draws:
        body += ["_stream = _streams[0]", *draw_keys(draws), *draw_lines(draws, "0")]
    body += [assignment(s) for s in statements]
    body += [f"_S[{k}, 0] = {s}" for k, s in enumerate(states) if s in changed]
    return [f"def {function}({', '.join(['_modulator', '_step', *counts])}):", *indent(body)]
