"""Which names of an object are states, arrays and plain numbers; the code generator and the memory both ask here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from neurocl.core.equations import Assign
from neurocl.core.expressions import names_in
from neurocl.core.plan import ModulatorPlan, Plan, PopulationPlan, ProjectionPlan

__all__ = ["Layout", "coefficient_names", "make_layouts", "with_coefficients"]


@dataclass(frozen=True)
class Layout:
    """Names of one object.

    Attributes
    ----------
    states : group -> its states. Neurons and modulators have the group "own"; projections "synapse" (one value per
        synapse), "pre" (per presynaptic slot) and "post" (per postsynaptic neuron).
    driven : parameters that differ between members of a batch: inputs and sums over synapses.
    arrays : parameters and coefficients with one value per neuron (or synapse), the same for all members.
    numbers : parameters and coefficients that are one number for all.
    """

    states: dict[str, tuple[str, ...]]
    driven: tuple[str, ...]
    arrays: tuple[str, ...]
    numbers: tuple[str, ...]

    def group_of(self, name: str) -> str | None:
        """Group of a state, None if `name` is no state."""
        return next((group for group, states in self.states.items() if name in states), None)


def make_layouts(plan: Plan) -> dict[str, Layout]:
    """Layout of every object of the plan, by name."""
    layouts = {name: _neurons(p) for name, p in plan.populations.items()}
    layouts |= {name: _modulator(m) for name, m in plan.modulators.items()}
    for name, projection in plan.projections.items():
        layouts[name] = _projection(projection, layouts)
    return layouts


def _split(
    states: dict[str, tuple[str, ...]], values: dict[str, Any], driven: Iterable[str], more: Iterable[str] = ()
) -> Layout:
    own = {key: value for key, value in values.items() if key not in set(driven)}
    arrays = tuple(key for key, value in own.items() if np.ndim(value) > 0)
    return Layout(states, tuple(driven), arrays, ("dt", *(key for key in own if key not in arrays), *more))


def _neurons(plan: PopulationPlan) -> Layout:
    states = {"own": tuple(plan.parsed.equations.states)}
    return _split(states, {**plan.parameters, **plan.coefficients()}, (*plan.inputs, *plan.summed))


def _modulator(plan: ModulatorPlan) -> Layout:
    states = {"own": tuple(plan.parsed.equations.states)}
    return _split(states, {**plan.parameters, **plan.coefficients()}, plan.inputs)


def _projection(plan: ProjectionPlan, layouts: dict[str, Layout]) -> Layout:
    """A weight that is one number is a number; so are the numbers of the connected neurons, ``tau_post``."""
    values = {**plan.parameters}
    for part in plan.schemes:
        values |= coefficient_names(plan, part)
    values = {key: value for key, value in values.items() if key not in plan.modulated}
    weight = ("w",) if np.ndim(plan.weight) else ()
    if not weight:
        values["w"] = plan.weight
    states = {
        "synapse": (*weight, *(s for s in plan.parsed.synapse.states if s != "w")),
        "pre": tuple(plan.parsed.pre.states),
        "post": tuple(plan.parsed.post.states),
    }
    ends = {"pre": plan.pre, "post": plan.post}
    far = [
        name
        for name in sorted(plan.parsed.neuron_names())
        for stem, _, side in [name.rpartition("_")]
        if side in ends and stem in layouts[ends[side]].numbers
    ]
    return _split(states, values, (), far)


def coefficient_names(plan: ProjectionPlan, part: str) -> dict[str, Any]:
    """The propagator's numbers of ``"pre"``, ``"post"`` or ``"synapse"``, by names that differ between the three."""
    return {f"_{part}{key}": value for key, value in plan.coefficients(part).items()}


def with_coefficients(plan: ProjectionPlan, part: str) -> tuple[Assign, ...]:
    """The statements of a part's scheme with the names of `coefficient_names`."""
    known = plan.coefficients(part)
    statements = plan.schemes[part].statements
    used: set[str] = set().union(*(names_in(s.expression) for s in statements))
    renamed = {sympy.Symbol(key): sympy.Symbol(f"_{part}{key}") for key in known if key in used}
    return tuple(Assign(s.name, s.expression.xreplace(renamed)) for s in statements)
