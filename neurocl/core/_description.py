"""What the three kinds of description share: a name, parameters, initial values, the checks on them, and a printout."""

from __future__ import annotations

import dataclasses
import keyword
import math
import numbers
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import sympy

from neurocl.core.equations import RESERVED, Equations, check_names, split_lines
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import names_in, parse_expression, suggest

__all__ = [
    "METHODS", "Description", "FrozenDict", "check_constant", "check_name", "check_new_names", "check_no_sums",
    "describe", "noise_names",
]  # fmt: skip

METHODS: tuple[str, ...] = ("exact", "exponential_euler", "rk4", "heun", "euler", "euler_maruyama")
"""Integration schemes that a model may ask for by name; see `neurocl.core.integrators`."""

_TEXTS = ("equations", "update", "reset", "pre", "post", "on_pre", "on_post", "transmit", "require", "doc")


class FrozenDict(Mapping[str, Any]):
    """An immutable, hashable mapping with a dict's looks."""

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __repr__(self) -> str:
        return repr(self._items)


@dataclass(frozen=True)
class Description:
    """What the three descriptions share: a name, parameters, initial values, and the checks on them."""

    name: str

    kind: ClassVar[str] = "model"
    words: ClassVar[tuple[str, ...]] = ()
    """Names that mean something else where the description is used, such as ``delay`` in net.connect."""

    @property
    def where(self) -> str:
        return f"{self.kind} '{self.name}'"

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; ``parameters`` and ``initial`` are merged into the old ones."""
        known = [f.name for f in dataclasses.fields(self)]
        for key, value in changes.items():
            if key not in known:
                raise NeuroclError(f"{self.where}: no field '{key}'{suggest(key, known)}")
            if key in ("parameters", "initial"):
                changes[key] = {**getattr(self, key), **value}
        return dataclasses.replace(self, **changes)

    def _freeze(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise NeuroclError(f"a {self.kind} needs a name made of letters, digits and _, got {self.name!r}")
        self._check_types()
        for key, value in self.parameters.items():  # type: ignore[attr-defined]
            check_name(key, self.where)
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value):
                raise NeuroclError(f"{self.where}: parameter '{key}' must be a number, got {shown(value)}")
        method = getattr(self, "method", None)
        if method is not None and method not in METHODS:
            raise NeuroclError(f"{self.where}: unknown method {method!r}; known: {', '.join(METHODS)}")

    def _check_types(self) -> None:
        for key, value in vars(self).copy().items():
            if key in ("parameters", "initial"):
                if not isinstance(value, Mapping):
                    raise NeuroclError(f"{self.where}: {key} must be a dict such as {{'v': 0.0}}, got {shown(value)}")
                object.__setattr__(self, key, FrozenDict(value))
            elif key == "threshold" and value is not None and not isinstance(value, str):
                raise NeuroclError(f"{self.where}: threshold must be text such as 'v > v_th', got {shown(value)}")
            elif key in _TEXTS and not isinstance(value, str):
                raise NeuroclError(f"{self.where}: {key} must be text, got {shown(value)}")

    @cached_property
    def requirements(self) -> tuple[tuple[str, sympy.Basic], ...]:
        """The conditions of `require`: text and symbols."""
        found = []
        for text in split_lines(getattr(self, "require", "")):
            where = f"{self.where}, require '{text}'"
            condition = parse_expression(text, where)
            if isinstance(condition, sympy.Expr):
                raise NeuroclError(f"{where} is a number; write a comparison such as 'tau > 0'")
            check_names(condition, set(self.parameters), where)  # type: ignore[attr-defined]
            check_constant(condition, where, allowed=("dt",))
            found.append((text, condition))
        return tuple(found)

    def _check_words(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.words:
                raise NeuroclError(f"{self.where}: '{name}' means something else here; choose another name")

    def _parse_initial(self, states: list[str], allowed: set[str]) -> dict[str, sympy.Expr]:
        parsed: dict[str, sympy.Expr] = {}
        for key, value in self.initial.items():  # type: ignore[attr-defined]
            if key not in states:
                raise NeuroclError(f"{self.where}: initial value for '{key}', which is no state{suggest(key, states)}")
            expression = parse_expression(str(value), f"{self.where}, initial value of '{key}'")
            where = f"{self.where}, initial value of '{key}'"
            check_names(expression, allowed, where)
            check_constant(expression, where)
            parsed[key] = expression
        return parsed


def check_constant(expression: sympy.Basic, where: str, allowed: Collection[str] = ()) -> None:
    """Raise an error for an expression that is computed once, at build, but depends on time or the neuron."""
    for name in sorted(names_in(expression) & {"t", "dt", "i"} - set(allowed)):
        raise NeuroclError(f"{where}: '{name}' is not known when the network is built; use parameters and numbers")


def check_name(name: Any, where: str) -> None:
    if not isinstance(name, str):
        raise NeuroclError(f"{where}: a name must be text such as 'tau_mem', got {name!r}")
    if name in RESERVED or keyword.iskeyword(name):
        raise NeuroclError(f"{where}: '{name}' has a meaning of its own in equations; choose another name")
    if name.startswith("_") or "__" in name or not name.isidentifier():
        raise NeuroclError(f"{where}: {name!r} is no valid name; use letters, digits and single _, a letter first")
    if name.endswith(("_pre", "_post")):
        raise NeuroclError(f"{where}: '{name}' ends in _pre or _post, which name a neuron's states in a synapse")


def check_new_names(equations: Equations, parameters: Mapping[str, float], where: str, taken: set[str]) -> None:
    for name in [*equations.states, *equations.aliases]:
        check_name(name, where)
        if name in taken or (name in parameters):
            raise NeuroclError(f"{where}: '{name}' is defined twice, as a state or alias and as something else")


def check_no_sums(equations: Equations, where: str) -> None:
    """Refuse a sum over synapses where there are none."""
    for entry in equations.sums:
        raise NeuroclError(
            f"{where}, line {shown(entry.line)}: a sum over synapses belongs into the equations= of a SynapseModel"
        )


def noise_names(expression: sympy.Basic) -> set[str]:
    return {name for name in names_in(expression) if name == "xi" or name.startswith("xi_")}


def describe(model: Any, fields: tuple[str, ...]) -> str:
    """The model as a newcomer wants to read it: equations, events, parameters, source."""
    lines = [f"{type(model).__name__} '{model.name}'"]
    if model.doc:
        lines += [f"  {line.strip()}" for line in model.doc.strip().splitlines()]
    for key in fields:
        value = getattr(model, key)
        if value in ("", None, ()):
            continue
        text = [line.strip() for line in str(value).strip().splitlines() if line.strip()]
        lines.append(f"  {key:<11}" + f"\n  {'':<11}".join(text))
    if model.parameters:
        lines.append("  parameters " + ", ".join(f"{k}={v:g}" for k, v in model.parameters.items()))
    if model.initial:
        lines.append("  initial    " + ", ".join(f"{k}={v}" for k, v in model.initial.items()))
    if model.method:
        lines.append(f"  method     {model.method}")
    return "\n".join(lines)
