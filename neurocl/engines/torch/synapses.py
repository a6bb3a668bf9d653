"""Source of one projection's step: delivery, plasticity at events, and the advance of traces and synapse states.

Functions made for a projection NAME (only those that its model needs):

    _deliver_NAME        arriving spikes add what they transmit to the target, or return it, where it depends on the
                         neurons' states: it is added when all amounts are known
    _send_NAME, _receive_NAME            the same where a spike is written ahead to the step of its arrival
    _on_pre_NAME, _on_post_NAME          statements per synapse of arriving spikes, and onto neurons that fired
    _jump_pre_NAME, _jump_post_NAME      statements on traces, once per spike
    _advance_pre_NAME, _advance_post_NAME, _advance_synapse_NAME     one step of their equations

and those of `synapse_updates`, for what happens in every step. `forms` tells the forms of delivery.
"""

from __future__ import annotations

import sympy

from neurocl.core.equations import Assign
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import names_in
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.engines.torch.folding import Constants
from neurocl.engines.torch.forms import Form, needs_buffer
from neurocl.engines.torch.layout import Layout, with_coefficients
from neurocl.engines.torch.printer import print_expression
from neurocl.engines.torch.scopes import Reader
from neurocl.engines.torch.source import KeyTable, assignment, function, numbered_draws, read_names
from neurocl.engines.torch.synapse_updates import sum_function, update_function

__all__ = ["SynapseWriter", "add_all"]

_ENDS = ("_o", "_p", "_from", "_to", "_now")


class SynapseWriter:
    """Writes the functions of one projection; `constants` and `keys` say what the memory has to provide."""

    def __init__(self, plan: ProjectionPlan, network: Plan, layouts: dict[str, Layout], form: Form) -> None:
        self.plan, self.network, self.form = plan, network, form
        self.reader, self.layout = Reader(plan, layouts), layouts[plan.name]
        self.constants, self.keys = Constants(self.layout.numbers), KeyTable(plan.parsed.draws)
        self.by_lists = form.by_lists

    def functions(self) -> dict[str, list[str]]:
        """Source of all functions, by what they do."""
        parsed, plan = self.plan.parsed, self.plan
        made: dict[str, list[str]] = {}
        if plan.target is not None:
            made |= self._delivery(plan.target)
        if parsed.on_pre_synapse:
            made["on_pre"] = self._statements("on_pre", parsed.on_pre_synapse)
        if parsed.on_post_synapse:
            made["on_post"] = self._statements("on_post", parsed.on_post_synapse)
        for side, statements in (("pre", parsed.on_pre_trace), ("post", parsed.on_post_trace)):
            if statements:
                made[f"jump_{side}"] = self._jump(side, statements)
            if plan.schemes[side].statements:
                made[f"advance_{side}"] = self._advance_traces(side)
        if plan.schemes["synapse"].statements:
            made["advance_synapse"] = self._advance_synapses()
        if parsed.neuron_sums:
            made["sum"] = sum_function(self)
        if parsed.update:
            made["update"] = update_function(self)
        return made

    def function(self, what: str, body: list[str], extra: tuple[str, ...] = ()) -> list[str]:
        """The function that does `what`."""
        return function(f"_{what}_{self.plan.name}", (*_ENDS, *extra), body)

    def draws(self, used: set[str], index: str, member: str = "") -> list[str]:
        """Lines that draw for the elements `index`; `used` grows by the names that their arguments need."""
        draws, _ = numbered_draws(self.plan.parsed.draws, used)
        lines = self.keys.lines(draws, index, self.constants, member)
        for _, draw in draws:
            if draw.argument is not None:
                used |= names_in(self.constants.fold(draw.argument))
        return lines

    def _held(self, population: str, state: str) -> bool:
        return self.network.populations[population].parsed.equations.states[state].held

    def _delivery(self, target: str) -> dict[str, list[str]]:
        if self.form.is_joint:
            return {}
        transmit = self.constants.fold(self.plan.parsed.transmit)
        value, used = print_expression(transmit, self.constants.names), names_in(transmit)
        is_number, held = used <= self.constants.names, self._held(self.plan.post, target)
        if self.form.is_ahead:
            return self._ahead(target, value, used, held)
        if self.form.is_matrix:
            spikes = "_row(_from._history, (_now.step - _p._links.delays[0]) % _from._history.shape[0]).to(_F)"
            product = {"dense": f"{spikes} @ _p._matrix", "sparse": f"(_p._matrix @ {spikes}.t()).t()"}
            body = [f"_amount = {product[self.form.kind]}", *add_all(target, held)]
            return {"deliver": self.function("deliver", body, ("_arrived",))}
        draws = self.draws(used, *self._elements())
        lines, mask = [], "_arrived"
        if self.by_lists:
            lines += self.reader.events(used, ("_bj",))
            mask = "_take(_to._refractory, _bj) == 0" if held else ""
        else:
            lines += self.reader.synapses(used)
            mask += " & (_columns(_to._refractory, _p._links.post) == 0)" if held else ""
        lines += draws
        if mask:
            value = f"_where({mask}, {value}, 0.0{', _F' if is_number else ''})"
        place = f"_to.{target}"
        if needs_buffer(self.plan):
            lines.append(f"_buffer = _torch.zeros_like(_to.{target})")
            place = "_buffer"
        add = f"_add_at({place}, _bj, {value})" if self.by_lists else f"_add_columns({place}, _p._links.post, {value})"
        lines += [add, *(["return _buffer"] if needs_buffer(self.plan) else [])]
        return {"deliver": self.function("deliver", self._listed(lines), ("_arrived",))}

    def _listed(self, lines: list[str]) -> list[str]:
        return ["_events = _arrived", *lines] if self.by_lists else lines

    def _elements(self) -> tuple[str, str]:
        """Index of the drawn elements, and the members of their list."""
        return ("_e.to(_torch.int32)", "_b") if self.by_lists else ("_p._index", "")

    def _ahead(self, target: str, value: str, used: set[str], held: bool) -> dict[str, list[str]]:
        """Spikes are added, when they are fired, to the row of the step in which they arrive."""
        place = "_now.step % _p._ahead.shape[0]"
        receive = [f"_amount = _row(_p._ahead, {place})", *add_all(target, held), f"_clear_row(_p._ahead, {place})"]
        made = {"receive": self.function("receive", receive)}
        send = ["if _events is None:", "    return", *self.reader.events(used, ("_j",))]
        send.append(f"_add_at(_p._ahead, _p._links.ahead(_p._ahead, _step, _b, _e, _j), {value})")
        return made | {"send": function(f"_send_{self.plan.name}", ("_p", "_events", "_step"), send)}

    def _statements(self, what: str, given: tuple[Assign, ...]) -> list[str]:
        """Per-synapse statements at events; a neuron's held state takes nothing while refractory."""
        statements = self.constants.fold_all(given)
        names = self.constants.names
        used = read_names(statements)
        if not self.acts_in_order(given):
            used -= {s.name for s in statements if self._is_far(s.name)}
        draws = self.draws(used, *self._elements())
        lines: list[str] = []
        for statement in statements:
            if self._is_far(statement.name):
                lines += self._far_statement(statement, given)
            else:
                lines.append(assignment(statement, names))
        own = {s.name for s in statements} & set(self.layout.states["synapse"])
        if not self.by_lists:
            lines += [f"_store_where(_p.{s}, _arrived, {s})" for s in sorted(own)]
            return self.function(what, [*self.reader.synapses(used), *draws, *lines], ("_arrived",))
        lines += [f"_put_at(_p.{s}, _be, {s})" for s in sorted(own)]
        far = {"_bj" if s.name.endswith("_post") else "_bpre" for s in statements if self._is_far(s.name)}
        loads = self.reader.events(used, ("_be", *far))
        return self.function(what, self._listed([*loads, *draws, *lines]), ("_arrived",))

    @staticmethod
    def _is_far(name: str) -> bool:
        stem, _, side = name.rpartition("_")
        return bool(stem) and side in ("pre", "post")

    def acts_in_order(self, statements: tuple[Assign, ...]) -> str:
        """Side ("pre", "post" or "both") whose neurons the statements change by more than adding; empty if none."""
        sides = {s.name.rpartition("_")[2] for s in statements if self._is_far(s.name)}
        if all(_added(s, statements) is not None for s in statements if self._is_far(s.name)):
            return ""
        return sides.pop() if len(sides) == 1 else "both"

    def _far_statement(self, statement: Assign, all_statements: tuple[Assign, ...]) -> list[str]:
        """A statement on a neuron's state, which other synapses may change at the same time."""
        stem, _, side = statement.name.rpartition("_")
        end, place, index = {"pre": ("_from", "_bpre", "pre"), "post": ("_to", "_bj", "post")}[side]
        held = self._held(getattr(self.plan, side), stem)
        if self.acts_in_order(all_statements):
            if not self.by_lists:
                raise NeuroclError(
                    f"projection '{self.plan.name}': a statement on '{statement.name}' does more than adding to it, so"
                    " synapses must act one after the other; build with device='cpu' and delivery='events'"
                )
            text = assignment(statement, self.constants.names)
            if held:
                value = text.partition(" = ")[2]
                text = f"{statement.name} = _where(_take({end}._refractory, {place}) == 0, {value}, {statement.name})"
            return [text, f"_put_at({end}.{stem}, {place}, {statement.name})"]
        added = self.constants.fold(statement.expression - sympy.Symbol(statement.name))
        value, mask = print_expression(added, self.constants.names), "" if self.by_lists else "_arrived"
        if held:
            active = (
                f"_take({end}._refractory, {place}) == 0"
                if self.by_lists
                else f"(_columns({end}._refractory, _p._links.{index}) == 0)"
            )
            mask = f"{mask} & {active}" if mask else active
        if mask:
            value = f"_where({mask}, {value}, 0.0{', _F' if names_in(added) <= self.constants.names else ''})"
        if self.by_lists:
            return [f"_add_at({end}.{stem}, {place}, {value})"]
        return [f"_add_columns({end}.{stem}, _p._links.{index}, {value})"]

    def _jump(self, side: str, given: tuple[Assign, ...]) -> list[str]:
        statements = self.constants.fold_all(given)
        hit = {
            "pre": "_hit = _p._links.slots_hit(_from._history, _now.step)",
            "post": "_hit = _row(_to._history, _now.step % _to._history.shape[0])",
        }[side]
        lines = [assignment(s, self.constants.names) for s in statements]
        lines += [f"_store_where(_p.{s}, _hit, {s})" for s in dict.fromkeys(s.name for s in statements)]
        return self.function(f"jump_{side}", [hit, *self.reader.traces(read_names(statements), side), *lines])

    def _advance_traces(self, side: str) -> list[str]:
        statements = self.constants.fold_all(with_coefficients(self.plan, side))
        lines = [*self.reader.traces(read_names(statements), side)]
        lines += [assignment(s, self.constants.names) for s in statements]
        return self.function(f"advance_{side}", [*lines, *self.stores(statements, side)])

    def _advance_synapses(self) -> list[str]:
        """The synapses' equations; the traces and modulators advanced along with them are thrown away."""
        statements = self.constants.fold_all(with_coefficients(self.plan, "synapse"))
        lines = [*self.reader.synapses(read_names(statements))]
        lines += [assignment(s, self.constants.names) for s in statements]
        return self.function("advance_synapse", [*lines, *self.stores(statements, "synapse")])

    def stores(self, statements: tuple[Assign, ...], group: str) -> list[str]:
        """Lines that write the states of a group that the statements changed."""
        changed = {s.name for s in statements}
        return [f"_store(_p.{s}, {s})" for s in self.layout.states[group] if s in changed]


def add_all(target: str, held: bool) -> list[str]:
    """Lines that add `_amount`, one number for every neuron, to the target."""
    return [f"_to.{target}.add_({'_where(_to._refractory == 0, _amount, 0.0)' if held else '_amount'})"]


def _added(statement: Assign, statements: tuple[Assign, ...]) -> sympy.Expr | None:
    """What a statement adds to a neuron's state; None if it, or a statement besides it, depends on that state."""
    added = statement.expression - sympy.Symbol(statement.name)
    others = [s.expression for s in statements if s.name != statement.name]
    read: set[str] = names_in(added).union(*(names_in(e) for e in others))
    return None if statement.name in read else added
