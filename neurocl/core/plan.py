"""From description to plan: numbers and programs that an engine can run, without any engine's code.

A plan holds, for every population, projection and modulator, its programs (`Scheme`, statements) and its arrays:
parameters, initial states, edges sorted for delivery, delays in steps. `planning` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import sympy
from numpy.typing import NDArray

from neurocl.core.edges import EdgeTable
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import Draw, evaluate, names_in
from neurocl.core.integrators import Scheme
from neurocl.core.joint import JointEquations
from neurocl.core.model import ParsedNeuron, ParsedSynapse

__all__ = [
    "ModulatorPlan",
    "Numbers",
    "Plan",
    "PopulationPlan",
    "ProjectionPlan",
    "check_parameters",
    "check_requirements",
]

Numbers = dict[str, Any]
"""Parameter name -> float, or float64 array with one value per neuron (or synapse)."""
Requirements: TypeAlias = tuple[tuple[str, sympy.Basic], ...]
"""Conditions that the parameters must meet: text and symbols."""


@dataclass
class PopulationPlan:
    """One population, ready to run; `summed` are the parameters that are sums over synapses."""

    name: str
    parsed: ParsedNeuron
    n: int
    scheme: Scheme
    parameters: Numbers
    inputs: tuple[str, ...]
    summed: tuple[str, ...]
    initial: dict[str, NDArray[np.float64]]
    refractory: NDArray[np.int32]
    schedule: tuple[NDArray[np.int64], NDArray[np.int64]]
    dt: float
    requirements: Requirements = ()

    @property
    def draws(self) -> tuple[Draw, ...]:
        return (*self.parsed.draws, *self.scheme.draws)

    @property
    def is_scheduled(self) -> bool:
        return self.parsed.threshold is not None and "scheduled" in names_in(self.parsed.threshold)

    def coefficients(self) -> Numbers:
        """Numbers of the propagator for the present parameters."""
        return _coefficients(f"population '{self.name}'", self.scheme, self.parameters, self.dt)


@dataclass
class ProjectionPlan:
    """One projection, ready to run; for `joint` see `neurocl.core.joint`.

    `weight` is one number for all synapses, or one each: float64, or what the engine computes in if nothing changes
    them (see `make_plan`).
    """

    name: str
    parsed: ParsedSynapse
    pre: str
    post: str
    target: str | None
    edges: EdgeTable
    weight: float | NDArray[Any]
    parameters: Numbers
    modulated: dict[str, tuple[str, str]]
    joint: JointEquations
    schemes: dict[str, Scheme]
    initial: dict[str, dict[str, NDArray[np.float64]]]
    dt: float
    requirements: Requirements = ()

    def coefficients(self, part: str) -> Numbers:
        """Numbers of the propagator of ``"pre"``, ``"post"`` or ``"synapse"``."""
        return _coefficients(f"projection '{self.name}'", self.schemes[part], self.parameters, self.dt)

    @property
    def is_plastic(self) -> bool:
        return self.parsed.is_plastic

    @property
    def carried(self) -> dict[str, tuple[str, str]]:
        """Modulator states that the synapses' equations advance for themselves: name -> (modulator, state)."""
        return self.joint.carried

    @property
    def live(self) -> dict[str, tuple[str, str]]:
        """Modulators' inputs and counts that those equations read each step: name -> (modulator, name)."""
        return self.joint.live


@dataclass
class ModulatorPlan:
    """One modulator, ready to run."""

    name: str
    parsed: ParsedNeuron
    scheme: Scheme
    parameters: Numbers
    inputs: tuple[str, ...]
    initial: dict[str, float]
    counts: dict[str, tuple[str, range | NDArray[np.int64]]]
    dt: float
    requirements: Requirements = ()

    @property
    def draws(self) -> tuple[Draw, ...]:
        return (*self.parsed.draws, *self.scheme.draws)

    def coefficients(self) -> Numbers:
        return _coefficients(f"modulator '{self.name}'", self.scheme, self.parameters, self.dt)


@dataclass
class Plan:
    """A network, ready to run on any engine."""

    dt: float
    seed: int
    populations: dict[str, PopulationPlan] = field(default_factory=dict)
    projections: dict[str, ProjectionPlan] = field(default_factory=dict)
    modulators: dict[str, ModulatorPlan] = field(default_factory=dict)

    @cached_property
    def max_delay(self) -> int:
        """Longest delay in steps."""
        return max((int(p.edges.delays.max(initial=0)) for p in self.projections.values()), default=0)

    @property
    def objects(self) -> dict[str, PopulationPlan | ProjectionPlan | ModulatorPlan]:
        """All populations, projections and modulators by name."""
        return {**self.populations, **self.projections, **self.modulators}

    def initial(self, owner: str, state: str) -> Any:
        """A state of an object at time 0: a number, or one for each of its elements."""
        plan = self.objects[owner]
        if state == "refractory":
            return 0
        if isinstance(plan, ProjectionPlan):
            if state == "w":
                return plan.weight
            return next(values[state] for values in plan.initial.values() if state in values)
        return plan.initial[state]


def _coefficients(where: str, scheme: Scheme, parameters: Numbers, dt: float) -> Numbers:
    if scheme.propagator is None:
        return {}
    values = {**parameters, "dt": dt}
    with np.errstate(all="ignore"):  # what is not finite is told below
        for state, row in zip(scheme.propagator.states, scheme.propagator.matrix, strict=True):
            for entry in row:
                if not np.isfinite(evaluate(entry, values)).all():
                    names = ", ".join(sorted(names_in(entry)))
                    raise NeuroclError(f"{where}: d{state}/dt has a coefficient that is not finite; check {names}")
        coefficients = scheme.propagator.coefficients(values, dt)
    for key, value in coefficients.items():
        if not np.isfinite(value).all():
            raise NeuroclError(
                f"{where}: the states {', '.join(scheme.propagator.states)} grow too fast for dt = {dt:g} ms ({key});"
                " check the parameters, or use a smaller dt"
            )
    return {k: (float(v) if np.ndim(v) == 0 else v) for k, v in coefficients.items()}


def check_parameters(plan: PopulationPlan | ProjectionPlan | ModulatorPlan, parameters: Numbers) -> None:
    """Refuse parameters with which the linear equations of `plan` could not be advanced."""
    changed = replace_fields(plan, parameters=parameters)
    check_requirements(changed, parameters)
    if isinstance(changed, ProjectionPlan):
        for part in changed.schemes:
            changed.coefficients(part)
    else:
        changed.coefficients()


def check_requirements(plan: PopulationPlan | ProjectionPlan | ModulatorPlan, parameters: Numbers) -> None:
    """Refuse parameters that do not meet what the model requires; NeuroclError names the condition and the values."""
    values = {**parameters, "dt": plan.dt}
    for text, condition in plan.requirements:
        names = sorted(names_in(condition))
        *found, holds = np.broadcast_arrays(*(values[name] for name in names), evaluate(condition, values))
        if not holds.all():
            first = np.unravel_index(np.argmin(holds), holds.shape)
            given = ", ".join(f"{name} = {array[first]:g}" for name, array in zip(names, found, strict=True))
            kind = type(plan).__name__.removesuffix("Plan").lower()
            raise NeuroclError(f"{kind} '{plan.name}': {text} must hold, got {given}")
