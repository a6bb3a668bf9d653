"""The numbers of a layer: what is learned, what is fixed, and what follows from both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy
import torch
from torch import Tensor, nn

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in, suggest
from neurocl.core.plan import PopulationPlan
from neurocl.nn.constraints import find_bounds
from neurocl.nn.linear_form import LinearForm
from neurocl.nn.program import Program
from neurocl.nn.propagation import Propagation
from neurocl.nn.tensors import ONE, tensor_function

__all__ = ["ROWS_OF_LOOP", "LayerValues"]

ROWS_OF_LOOP = "_rows"
"""Name of the coefficients of the compiled loop among the constants of a layer that learns no parameter."""


class LayerValues(nn.Module):
    """Parameters, initial states and constants of a layer; learned ones are torch parameters, the others buffers.

    Parameters
    ----------
    plan, program : the neurons and their step.
    form : what the compiled loop computes, None if it does not know the neurons.
    target : what receives the input.
    learn, shared : parameters learned per neuron, and for the layer.
    given : values that the user gave.
    like : device and dtype.

    Raises
    ------
    NeuroclError
        If a parameter cannot be learned, or starts outside of what the model requires.
    """

    hold: Tensor
    one: Tensor
    index: Tensor

    def __init__(
        self, plan: PopulationPlan, program: Program, form: LinearForm | None, target: str, learn: tuple[str, ...],
        shared: tuple[str, ...], given: dict[str, Any], like: dict[str, Any],
    ) -> None:  # fmt: skip
        super().__init__()
        self.where = f"layer of model '{plan.name}'"
        self.dt = plan.dt
        _check_learned(self.where, plan, target, (*learn, *shared))
        self.bounds = {name: find_bounds(name, plan.requirements) for name in (*learn, *shared)}
        self.raw = nn.ParameterDict()
        for name, bounds in self.bounds.items():
            value = np.asarray(plan.parameters[name])
            if name in shared and value.ndim:
                raise NeuroclError(f"{self.where}: '{name}' is shared by the layer; give one number, got {value.size}")
            wide = _wide(value if name in shared else np.broadcast_to(value, plan.n))
            self.raw[name] = nn.Parameter(bounds.release(wide, f"{self.where}: '{name}'").to(**like))
        fixed = {name: v for name, v in plan.parameters.items() if name not in self.raw and name != target}
        self.fixed = _buffers(fixed, like)
        self._register_derived(plan, program, form, like)
        self._register_initial(plan, given, like)
        hold = torch.as_tensor(np.broadcast_to(plan.refractory, plan.n).copy(), device=like["device"])
        self.register_buffer("hold", hold, persistent=False)
        self.register_buffer("one", torch.ones((), **like), persistent=False)
        self.register_buffer("index", torch.arange(plan.n, **like), persistent=False)

    def _register_derived(
        self, plan: PopulationPlan, program: Program, form: LinearForm | None, like: dict[str, Any]
    ) -> None:
        """What does not depend on a learned parameter is computed here, in float64, and then rounded."""
        propagator, coefficients = plan.scheme.propagator, plan.coefficients()
        entries = () if propagator is None else (entry for row in propagator.matrix for entry in row)
        self._propagation: Propagation | None = None
        if propagator is not None and set().union(*(names_in(entry) for entry in entries)) & set(self.raw):
            self._propagation, coefficients = Propagation(propagator, program.names, plan.dt), {}
        known = {name: value for name, value in plan.parameters.items() if name not in self.raw}
        known |= {"dt": plan.dt, **coefficients}
        derived = {name: value for name, value in coefficients.items() if name in program.names}
        self._formulas = {}
        for name, formula in program.constants.items():
            if names_in(formula) <= set(known):
                derived[name] = evaluate(formula, known)
            else:
                self._formulas[name] = tensor_function(formula)
        if form is not None and not self.raw:
            derived[ROWS_OF_LOOP] = np.stack([np.broadcast_to(evaluate(row, known), plan.n) for row in form.rows])
        self.derived = _buffers(derived, like)

    def _register_initial(self, plan: PopulationPlan, given: dict[str, Any], like: dict[str, Any]) -> None:
        """Initial states that depend on a learned parameter stay formulas."""
        formulas = {name: plan.parsed.initial.get(name, sympy.Integer(0)) for name in plan.initial if name not in given}
        self._initial = {n: tensor_function(f) for n, f in formulas.items() if names_in(f) & set(self.raw)}
        self.start = _buffers({n: v for n, v in plan.initial.items() if n not in self._initial}, like)

    def value(self, name: str) -> Tensor:
        """A parameter in its own unit; NeuroclError if there is none of that name."""
        if name in self.raw:
            return self.bounds[name].constrain(self.raw[name])
        if name not in self.fixed._buffers:
            known = [*self.raw, *self.fixed._buffers]
            raise NeuroclError(f"{self.where}: there is no parameter '{name}'{suggest(name, known)}")
        found: Tensor = getattr(self.fixed, name)
        return found

    def constants(self) -> dict[str, Any]:
        """Parameters, coefficients of the exact step, and what is made of them, by name."""
        values: dict[str, Any] = {ONE: self.one, "dt": self.dt, "i": self.index, **self.fixed._buffers}
        for name in self.raw:
            values[name] = self.value(name)
        values.update(self.derived._buffers)
        if self._propagation is not None:
            values.update(self._propagation.coefficients(values))
        for name, function in self._formulas.items():
            values[name] = function(values)
        return values

    def initial(self) -> dict[str, Any]:
        """Initial states by name, numbers or [n]."""
        constants = self.constants() if self._initial else {}
        return {**self.start._buffers, **{name: formula(constants) for name, formula in self._initial.items()}}


def _check_learned(where: str, plan: PopulationPlan, target: str, names: Sequence[str]) -> None:
    rounded = set() if plan.parsed.refractory is None else names_in(plan.parsed.refractory)
    for name in names:
        if name not in plan.parameters:
            raise NeuroclError(f"{where}: '{name}' is no parameter{suggest(name, plan.parameters)}")
        if name == target or names.count(name) > 1:
            why = "it receives the input" if name == target else "it is named twice"
            raise NeuroclError(f"{where}: '{name}' cannot be learned: {why}; leave it out of learn= or shared=")
        if name in rounded:
            raise NeuroclError(
                f"{where}: '{name}' cannot be learned, for a refractory time is a whole number of steps and has no"
                " gradient; leave it out of learn="
            )


def _wide(value: Any) -> Tensor:
    """A number or an array in float64, copied."""
    return torch.tensor(np.asarray(value, dtype=np.float64))


def _buffers(values: dict[str, Any], like: dict[str, Any]) -> nn.Module:
    """A module that holds numbers and arrays, so that they are saved and moved with the layer."""
    module = nn.Module()
    for name, value in values.items():
        module.register_buffer(name, _wide(value).to(**like))
    return module
