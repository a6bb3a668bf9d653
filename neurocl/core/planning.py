"""From description to plan: draw everything random and choose every scheme.

What is random comes from streams keyed by (seed, name), so that every engine starts from the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from numpy.typing import DTypeLike, NDArray

from neurocl.core.components import Input, ModulatorHandle, Population, Projection, values_of
from neurocl.core.distributions import Distribution
from neurocl.core.edges import draw_edges
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in
from neurocl.core.integrators import make_scheme
from neurocl.core.joint import join_equations
from neurocl.core.network import Network
from neurocl.core.plan import ModulatorPlan, Numbers, Plan, PopulationPlan, ProjectionPlan, check_requirements
from neurocl.core.random import build_generator
from neurocl.core.time_grid import to_steps

__all__ = ["make_plan", "refractory_steps", "schedule_steps"]


def make_plan(network: Network, seed: int, dtype: DTypeLike = np.float64) -> Plan:
    """Draw everything random and choose every scheme.

    Weights that nothing changes are kept in the engine's float type `dtype`, rounded once from float64; everything
    else is float64.

    Raises
    ------
    NeuroclError
        For what only shows with sizes and dt at hand: array lengths, delays off the grid, a wrong dt.
    """
    plan = Plan(network.dt, seed)
    for modulator in network.modulators.values():
        plan.modulators[modulator.name] = _plan_modulator(modulator, network.dt)
    for population in network.populations.values():
        plan.populations[population.name] = _plan_population(population, _summed(network, population), network.dt, seed)
    for projection in network.projections.values():
        plan.projections[projection.name] = _plan_projection(projection, plan, network.dt, seed, dtype)
    return plan


def _resolve(value: Any, n: int, where: str, rng_names: tuple[int, str, str]) -> Any:
    """A float, or a float64 array of n."""
    if isinstance(value, Distribution):
        return value.sample(n, build_generator(rng_names[0], *rng_names[1:]))
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 0:
        return float(array)
    if array.shape != (n,):
        raise NeuroclError(f"{where}: expected one number or {n} of them, got an array of shape {array.shape}")
    return array.copy()


def _summed(network: Network, population: Population) -> tuple[str, ...]:
    """Parameters of a population that are sums over synapses."""
    found = {
        entry.name
        for projection in network.projections.values()
        for entry in projection.synapse.parsed.neuron_sums
        if population is (projection.post if entry.side == "post" else projection.pre).population
    }
    return tuple(sorted(found))


def _plan_population(population: Population, summed: tuple[str, ...], dt: float, seed: int) -> PopulationPlan:
    model, parsed, name = population.model, population.model.parsed, population.name
    where = f"population '{name}'"
    if model.dt is not None and not np.isclose(model.dt, dt):
        raise NeuroclError(
            f"{where}: model '{model.name}' is defined for dt = {model.dt:g} ms only, the network has dt = {dt:g} ms"
        )
    given = values_of(population.values)
    resolved = {
        k: _resolve(v, population.n, f"{where}: '{k}'", (seed, name, k))
        for k, v in {**model.parameters, **given}.items()
    }
    parameters = {k: resolved[k] for k in model.parameters}
    inputs = tuple(k for k, v in population.values.items() if isinstance(v, Input))
    initial = {}
    for state in parsed.equations.states:
        with np.errstate(all="ignore"):
            formula = parsed.initial.get(state, sympy.Integer(0))
            value = resolved[state] if state in given else evaluate(formula, parameters)
        initial[state] = np.broadcast_to(np.asarray(value, dtype=np.float64), population.n).copy()
        if not np.isfinite(initial[state]).all():
            raise NeuroclError(
                f"{where}: the initial value of '{state}' is not finite; check the parameters it is made of"
            )
    varying = {*inputs, *summed, *(d.symbol for d in parsed.draws)}
    scheme = make_scheme(parsed.equations, f"model '{model.name}'", model.method, varying, len(parsed.draws))
    plan = PopulationPlan(
        name, parsed, population.n, scheme, parameters, inputs, summed, initial,
        refractory_steps(name, parsed.refractory, parameters, dt), _schedule_steps(population, dt), dt,
        model.requirements,
    )  # fmt: skip
    check_requirements(plan, parameters)
    return plan


def refractory_steps(name: str, expression: sympy.Basic | None, parameters: Numbers, dt: float) -> NDArray[np.int32]:
    """Refractory time of each neuron (or of all) as the number of updates for which it holds."""
    with np.errstate(all="ignore"):
        value = 0.0 if expression is None else evaluate(expression, {**parameters, "dt": dt})
    duration = np.atleast_1d(np.asarray(value, dtype=np.float64))
    is_wrong = ~((duration >= 0) & (duration / dt < 2**31))  # the updates left are counted in int32
    if is_wrong.any():
        raise NeuroclError(
            f"population '{name}': the refractory time must be zero or more milliseconds, got {duration[is_wrong][0]:g}"
        )
    return np.rint(duration / dt).astype(np.int32)


def _schedule_steps(population: Population, dt: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if population.spikes is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return schedule_steps(population.name, *population.spikes, dt)


def schedule_steps(
    name: str, times: NDArray[np.float64], indices: NDArray[np.int64], dt: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The steps in which scheduled spikes are fired: a spike stamped t is fired in the step that ends at t."""
    steps = to_steps(times, dt, f"population '{name}'", "the time of a scheduled spike") - 1
    if (steps < 0).any():
        raise NeuroclError(
            f"population '{name}': a scheduled spike at 0 ms comes too early; the first step ends at dt = {dt:g} ms"
        )
    pairs = np.stack([steps, indices])
    if pairs.shape[1] != np.unique(pairs, axis=1).shape[1]:
        raise NeuroclError(f"population '{name}': a neuron has two scheduled spikes in one step of {dt:g} ms; keep one")
    return steps, indices


def _plan_modulator(modulator: ModulatorHandle, dt: float) -> ModulatorPlan:
    model, parsed = modulator.model, modulator.model.parsed
    given = values_of(modulator.values)
    parameters = {k: float(given.get(k, v)) for k, v in model.parameters.items()}
    initial = {
        s: float(given[s] if s in given else evaluate(parsed.initial.get(s, sympy.Integer(0)), parameters))
        for s in parsed.equations.states
    }
    inputs = tuple(k for k, v in modulator.values.items() if isinstance(v, Input))
    varying = {*inputs, *model.counts, *(d.symbol for d in parsed.draws)}
    scheme = make_scheme(parsed.equations, f"modulator '{model.name}'", model.method, varying, len(parsed.draws))
    counts = {k: (s.population.name, s.neurons) for k, s in modulator.counts.items()}
    plan = ModulatorPlan(modulator.name, parsed, scheme, parameters, inputs, initial, counts, dt, model.requirements)
    check_requirements(plan, parameters)
    return plan


def _plan_projection(
    projection: Projection, plan: Plan, dt: float, seed: int, dtype: DTypeLike
) -> ProjectionPlan:
    synapse, parsed, name = projection.synapse, projection.synapse.parsed, projection.name
    where = f"projection '{name}'"
    is_static = not parsed.is_plastic and not parsed.synapse.states
    edges, weight = draw_edges(projection, dt, seed, dtype if is_static else np.float64)
    if len(edges.delays) > 1 and any(entry.in_order for entry in parsed.own_sums):
        raise NeuroclError(f"{where}: a sum in order needs one delay for all synapses; connect with delay=0")
    if parsed.is_plastic and np.ndim(weight) == 0:
        weight = np.full(edges.n, weight)
    per_synapse = _per_synapse_parameters(projection)
    parameters: Numbers = {}
    for key, value in {
        **synapse.parameters,
        **{k: v for k, v in projection.values.items() if k in synapse.parameters},
    }.items():
        if key not in per_synapse and (isinstance(value, Distribution) or np.ndim(value) > 0):
            raise NeuroclError(f"{where}: '{key}' acts on traces, which neurons share; give one number")
        parameters[key] = _resolve(value, edges.n, f"{where}: '{key}'", (seed, name, key))
    modulated = {k: (m.modulator.name, m.state) for k, m in projection.modulated.items()}
    joint = join_equations(parsed, modulated, plan.modulators)
    parameters.update(joint.parameters)
    varying = {*modulated, *joint.live, *parsed.neuron_names(), "w"} - set(parsed.synapse.states)
    label = f"synapse '{synapse.name}'"
    schemes = {
        "pre": make_scheme(parsed.pre, label, synapse.method, varying),
        "post": make_scheme(parsed.post, label, synapse.method, varying),
        "synapse": make_scheme(joint.equations, label, synapse.method, varying),
    }
    sizes = {"pre": edges.n_slots, "post": edges.n_post, "synapse": edges.n}
    groups = {"pre": parsed.pre, "post": parsed.post, "synapse": parsed.synapse}
    initial: dict[str, dict[str, NDArray[np.float64]]] = {}
    for part, size in sizes.items():
        initial[part] = {}
        for state in groups[part].states:
            if state == "w":
                continue
            value = projection.values.get(state, parsed.initial.get(state, sympy.Integer(0)))
            if isinstance(value, sympy.Basic):
                value = evaluate(value, {**parameters, "w": weight})
            value = _resolve(value, size, f"{where}: '{state}'", (seed, name, state))
            initial[part][state] = np.broadcast_to(np.asarray(value, dtype=np.float64), size).copy()
    made = ProjectionPlan(
        name, parsed, projection.pre.population.name, projection.post.population.name, projection.target, edges, weight,
        parameters, modulated, joint, schemes, initial, dt, synapse.requirements,
    )  # fmt: skip
    check_requirements(made, parameters)
    return made


def _per_synapse_parameters(projection: Projection) -> set[str]:
    """Parameters that only per-synapse code reads; those may differ from synapse to synapse."""
    parsed = projection.synapse.parsed
    shared: set[str] = set()
    for part in (parsed.pre, parsed.post):
        shared |= set().union(*(names_in(s.derivative) for s in part.states.values() if s.derivative is not None))
    for statement in (*parsed.on_pre_trace, *parsed.on_post_trace):
        shared |= names_in(statement.expression)
    return set(projection.synapse.parameters) - shared
