"""Whether a projection excites or inhibits, read off its weight and the equations of its target."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from neurocl.core.components import Population, Projection, values_of
from neurocl.core.distributions import Distribution
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in

SAMPLES = 101
"""Draws that estimate the mean of a distribution of weights."""


def effect_of(projection: Projection) -> int:
    """Return +1 for excitation, -1 for inhibition, 0 for a projection that adds to no state or to none that acts.

    It is the sign of the mean weight times the sign with which the target drives the state that the threshold tests,
    at the initial state of the population. So a positive conductance with a low reversal potential inhibits.
    """
    if projection.target is None:
        return 0
    try:
        weight = _mean(projection.weight, SAMPLES)
    except NeuroclError:  # a distribution that is defined for the number of synapses only
        return 0
    # Learned weights may begin at 0; they grow from there.
    sign = int(np.sign(weight)) or int(projection.synapse.parsed.is_plastic)
    return sign * _drive(projection.post.population, projection.target)


def _drive(population: Population, target: str) -> int:
    """Return the sign of the effect of `target` on the spiking state, followed through the states between them."""
    parsed = population.model.parsed
    states = parsed.equations.states
    spiking = set() if parsed.threshold is None else names_in(parsed.threshold) & set(states)
    here = _initial_values(population)
    signs, open_states = {target: 1}, [target]
    while open_states:
        cause = open_states.pop(0)
        if cause in spiking:
            return signs[cause]
        for name, rule in _rules(population):
            if name not in signs and cause in names_in(rule):
                sign = _slope(rule, cause, here)
                if sign:
                    signs[name] = signs[cause] * sign
                    open_states.append(name)
    return 1  # a target that acts in no way known here, such as a counter: the weight alone decides


def _rules(population: Population) -> list[tuple[str, sympy.Basic]]:
    """Return what changes each state: derivatives, and statements of discrete-time models."""
    parsed = population.model.parsed
    derivatives = [(s.name, s.derivative) for s in parsed.equations.states.values() if s.derivative is not None]
    return [*derivatives, *((statement.name, statement.expression) for statement in parsed.update)]


def _slope(rule: sympy.Basic, cause: str, here: dict[str, float]) -> int:
    """Return the sign of the slope of `rule` in `cause`."""
    values = {name: here.get(name, 0.0) for name in names_in(rule)}
    step = 1e-3 * max(1.0, abs(values[cause]))
    with np.errstate(all="ignore"):
        above = evaluate(rule, {**values, cause: values[cause] + step})
        difference = float(above) - float(evaluate(rule, values))
    return int(np.sign(difference)) if np.isfinite(difference) else 0


def _initial_values(population: Population) -> dict[str, float]:
    """Return parameters and initial states as one number each, the mean where neurons differ."""
    given = {name: _mean(value, population.n) for name, value in values_of(population.values).items()}
    values = {**population.model.parameters, **given}
    parsed = population.model.parsed
    initial = {name: float(evaluate(expression, values)) for name, expression in parsed.initial.items()}
    return {**initial, **values}


def _mean(value: Any, samples: int) -> float:
    if isinstance(value, Distribution):
        return float(value.sample(samples, np.random.default_rng(0)).mean())
    return float(np.mean(np.asarray(value, dtype=np.float64)))
