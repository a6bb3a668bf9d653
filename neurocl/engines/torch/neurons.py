"""Source of one population's step: update with threshold, then reset of the neurons that fired.

    _update_NAME(_p, _now)      integrates, counts the refractory time down, writes `_p._spiked`
    _reset_NAME(_p, _now)       reset statements where a neuron fired; keeps the spikes in the history

All neurons compute alike; a mask keeps the held states of those that are refractory, and resets those that fired.
"""

from __future__ import annotations

from neurocl.core.expressions import names_in
from neurocl.core.plan import PopulationPlan
from neurocl.engines.torch.folding import Constants
from neurocl.engines.torch.layout import Layout
from neurocl.engines.torch.printer import print_condition
from neurocl.engines.torch.source import KeyTable, assignment, function, numbered_draws, read_names

__all__ = ["NeuronWriter"]


class NeuronWriter:
    """Writes the functions of one population; `constants` and `keys` say what the memory has to provide.

    With `by_lists` the numbers of the neurons that fired are kept, too, for the projections that want them.
    """

    def __init__(self, plan: PopulationPlan, layout: Layout, by_lists: bool) -> None:
        self.plan, self.layout, self.by_lists = plan, layout, by_lists
        self.constants, self.keys = Constants(layout.numbers), KeyTable(plan.draws)

    def functions(self) -> list[list[str]]:
        """Source of all functions."""
        made = [self._update()]
        if self.plan.parsed.threshold is not None:
            made.append(self._reset())
        return made

    def _update(self) -> list[str]:
        parsed, fold = self.plan.parsed, self.constants
        held = {name for name, state in parsed.equations.states.items() if state.held}
        update, advance = fold.fold_all(parsed.update), fold.fold_all(self.plan.scheme.statements)
        threshold = None if parsed.threshold is None else fold.fold(parsed.threshold)
        used = read_names((*update, *advance)) | (set() if threshold is None else names_in(threshold))
        changed = {s.name for s in (*update, *advance)} & set(self.layout.states["own"])
        body = []
        if parsed.refractory is not None:
            body += ["_active = _p._refractory == 0", "_p._refractory.sub_(1).clamp_(min=0)"]
        if "scheduled" in used:
            body.append("scheduled = _row(_p._scheduled, _now.k)")
        body += self._draws(used)
        body += [assignment(s, fold.names, s.name in held) for s in update]
        body += [assignment(s, fold.names) for s in advance]
        if threshold is not None:
            condition = print_condition(threshold, fold.names)
            body.append(f"_fired = {condition}" + (" & _active" if parsed.refractory is not None else ""))
        body += [f"_store(_p.{s}, {s})" for s in self.layout.states["own"] if s in changed]
        if threshold is not None:
            body.append("_store(_p._spiked, _fired)")
        return function(f"_update_{self.plan.name}", ("_p", "_now"), [*self._loads(used), *body])

    def _reset(self) -> list[str]:
        parsed, fold = self.plan.parsed, self.constants
        reset = fold.fold_all(parsed.reset)
        used = read_names(reset)
        body = self._draws(used)
        body += [assignment(s, fold.names) for s in reset]
        body += [f"_store_where(_p.{s}, _p._spiked, {s})" for s in dict.fromkeys(s.name for s in reset)]
        if parsed.refractory is not None:
            body.append("_store_where(_p._refractory, _p._spiked, _p._hold)")
        body.append("_put_row(_p._history, (_now.step + 1) % _p._history.shape[0], _p._spiked)")
        if self.by_lists:
            body.append("_p._fired[(_now.step + 1) % len(_p._fired)] = _p._spiked.view(-1).nonzero().view(-1)")
        return function(f"_reset_{self.plan.name}", ("_p", "_now"), [*self._loads(used), *body])

    def _draws(self, used: set[str]) -> list[str]:
        """Lines that draw; `used` grows by the names that their arguments need."""
        draws, _ = numbered_draws(self.plan.draws, used)
        lines = self.keys.lines(draws, "_p._index", self.constants)
        for _, draw in draws:
            if draw.argument is not None:
                used |= names_in(self.constants.fold(draw.argument))
        return lines

    def _loads(self, used: set[str]) -> list[str]:
        known = (*self.layout.states["own"], *self.layout.driven, *self.layout.arrays, *sorted(self.constants.names))
        lines = [f"{name} = _p.{name}" for name in known if name in used]
        if "i" in used:
            lines.append("i = _p._index.to(_F)")
        if "t" in used:
            lines.append("t = _now.t")
        return lines
