"""Source of a modulator's step: statements first (events of t_k), then, after the synapses, its equations.

    _events_NAME(_p, _now)      counts, inputs, update statements
    _advance_NAME(_p, _now)     one step of the equations
"""

from __future__ import annotations

from neurocl.core.equations import Assign
from neurocl.core.expressions import names_in
from neurocl.core.plan import ModulatorPlan
from neurocl.engines.torch.folding import Constants
from neurocl.engines.torch.layout import Layout
from neurocl.engines.torch.source import KeyTable, assignment, function, numbered_draws, read_names

__all__ = ["ModulatorWriter"]


class ModulatorWriter:
    """Writes the functions of one modulator; `constants` and `keys` say what the memory has to provide."""

    def __init__(self, plan: ModulatorPlan, layout: Layout) -> None:
        self.plan, self.layout = plan, layout
        self.constants, self.keys = Constants(layout.numbers), KeyTable(plan.draws)

    def functions(self) -> list[list[str]]:
        """Source of all functions."""
        counts = []
        for key, (population, _) in self.plan.counts.items():
            spikes = f"_row(_o[{population!r}]._history, _now.step % _o[{population!r}]._history.shape[0])"
            counts.append(f"_p._count_{key}.copy_({spikes}[:, _p._counted_{key}].sum(1, keepdim=True))")
        events = [*counts, *self._body(self.plan.parsed.update)]
        return [
            function(f"_events_{self.plan.name}", ("_o", "_p", "_now"), events),
            function(f"_advance_{self.plan.name}", ("_p", "_now"), self._body(self.plan.scheme.statements)),
        ]

    def _body(self, given: tuple[Assign, ...]) -> list[str]:
        fold, states = self.constants, self.layout.states["own"]
        statements = fold.fold_all(given)
        used = read_names(statements)
        changed = {s.name for s in statements} & set(states)
        draws, _ = numbered_draws(self.plan.draws, used)
        drawn = self.keys.lines(draws, "_p._index", fold)
        used |= set().union(*(names_in(fold.fold(d.argument)) for _, d in draws if d.argument is not None))
        known = (*states, *self.layout.driven, *self.layout.arrays, *sorted(fold.names))
        lines = [f"{name} = _p.{name}" for name in known if name in used]
        lines += [f"{key} = _p._count_{key}" for key in self.plan.counts if key in used]
        if "t" in used:
            lines.append("t = _now.t")
        lines += [*drawn, *(assignment(s, fold.names) for s in statements)]
        return lines + [f"_store(_p.{s}, {s})" for s in states if s in changed]
