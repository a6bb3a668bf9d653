"""A network as a description: populations, projections and modulators, with no arrays and no state.

`Network.build` turns the description into a simulation on one of the engines.
"""

from __future__ import annotations

import importlib
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core.connectivity import Rule
from neurocl.core.distributions import Distribution
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.lattice import Lattice
from neurocl.core.model import Modulator, NeuronModel, SynapseModel

if TYPE_CHECKING:
    from neurocl.core.simulator import Simulator

__all__ = ["ENGINES", "STATIC", "Input", "ModulatorHandle", "ModulatorState", "Network", "Population", "Projection", "Slice", "Value"]

ENGINES: dict[str, str] = {}
"""Engine name -> "module:class"; filled by the package's face, so that the core knows no engine."""

STATIC = SynapseModel(name="static", doc="A constant weight: a spike adds w to the target.")

Value: TypeAlias = float | ArrayLike | Distribution
"""What a parameter, an initial state, a weight or a delay may be given as."""


@dataclass(frozen=True)
class Input:
    """Marks a parameter as driven from outside: ``sim.run(..., inputs={"exc": {"i_ext": array}})``.

    Parameters
    ----------
    value : its value (scalar) in steps without input, default 0.
    """

    value: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(self.value, numbers.Real) or not math.isfinite(self.value):
            raise NeuroclError(f"Input: value must be a finite number, got {self.value!r}")


@dataclass(eq=False)
class Population:
    """`n` neurons of one model; index or slice it to connect or record a part: ``exc[:80]``."""

    name: str
    model: NeuronModel
    n: int
    values: dict[str, Any] = field(default_factory=dict)
    positions: Lattice | None = None
    spikes: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, key: int | slice) -> Slice:
        chosen = range(self.n)[key] if isinstance(key, slice) else range(*_one(self, key))
        if len(chosen) == 0:
            raise NeuroclError(f"population '{self.name}': the slice {key} of its {self.n} neurons is empty")
        return Slice(self, chosen)

    def __repr__(self) -> str:
        return f"<Population '{self.name}': {self.n} x {self.model.name}>"


def _one(population: Population, key: int) -> tuple[int, int]:
    if not isinstance(key, numbers.Integral) or not -population.n <= key < population.n:
        raise NeuroclError(f"population '{population.name}' has neurons 0 to {population.n - 1}; index {key!r} is outside")
    index = int(key) % population.n
    return index, index + 1


@dataclass(frozen=True)
class Slice:
    """Some neurons of a population."""

    population: Population
    neurons: range

    def __len__(self) -> int:
        return len(self.neurons)


@dataclass(eq=False)
class Projection:
    """Synapses from one population (or slice) to another."""

    name: str
    pre: Slice
    post: Slice
    rule: Rule
    target: str | None
    weight: Any
    delay: Any
    synapse: SynapseModel
    values: dict[str, Any] = field(default_factory=dict)
    modulated: dict[str, ModulatorState] = field(default_factory=dict)

    def __repr__(self) -> str:
        ends = f"{self.pre.population.name} -> {self.post.population.name}"
        return f"<Projection '{self.name}': {ends}, {self.rule!r}, {self.synapse.name}>"


@dataclass(eq=False)
class ModulatorHandle:
    """A modulator in a network; ``handle["d"]`` names its state d for `Network.modulate`."""

    name: str
    model: Modulator
    values: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Slice] = field(default_factory=dict)

    def __getitem__(self, state: str) -> ModulatorState:
        known = self.model.parsed.equations.states
        if state not in known:
            raise NeuroclError(f"modulator '{self.name}' has no state '{state}'{suggest(state, known)}")
        return ModulatorState(self, state)

    def __repr__(self) -> str:
        return f"<Modulator '{self.name}': {self.model.name}>"


@dataclass(frozen=True)
class ModulatorState:
    """One state of a modulator, as the value of a parameter."""

    modulator: ModulatorHandle
    state: str


class Network:
    """A network description.

    Parameters
    ----------
    dt : time step in ms, default 0.1.

    Examples
    --------
    >>> net = Network(dt=0.1)
    >>> exc = net.add(lif, 80, name="exc", v=uniform(-60, -50))
    >>> net.connect(exc, exc, FixedProbability(0.1), target="i_syn", weight=0.5, delay=1.5)
    >>> out = net.build(engine="numba", seed=1).run(100.0, record={"exc": ["spikes"]})
    """

    def __init__(self, dt: float = 0.1) -> None:
        if isinstance(dt, bool) or not isinstance(dt, numbers.Real) or not (math.isfinite(dt) and dt > 0):
            raise NeuroclError(f"Network: dt must be a positive number of milliseconds, got {dt!r}")
        self.dt = float(dt)
        self.populations: dict[str, Population] = {}
        self.projections: dict[str, Projection] = {}
        self.modulators: dict[str, ModulatorHandle] = {}

    def add(
        self,
        model: NeuronModel | Modulator,
        n: int | None = None,
        *,
        name: str | None = None,
        positions: Lattice | None = None,
        spikes: tuple[ArrayLike, ArrayLike] | None = None,
        **values: Any,
    ) -> Any:
        """Add a population of `n` neurons, or a modulator.

        Parameters
        ----------
        model : `NeuronModel` or `Modulator`.
        n : number of neurons; not given for a modulator.
        name : unique name, default the model's.
        positions : places of the neurons, for `DistanceDependent`.
        spikes : times (ms) and neuron indices of scheduled spikes, for a model whose threshold uses ``scheduled``.
        **values : parameters and initial states, each a scalar, an array of n, a distribution or (parameters)
            `Input`; for a modulator also the populations behind its ``counts``.

        Returns
        -------
        Population or ModulatorHandle

        Raises
        ------
        NeuroclError
            For an unknown name, an empty population, a name used twice, a NaN.
        """
        if not isinstance(model, NeuronModel | Modulator):
            raise NeuroclError(f"net.add: expected a NeuronModel or a Modulator, got {type(model).__name__}")
        name = self._new_name(name or model.name, "name=")
        if isinstance(model, Modulator):
            if n not in (None, 1):
                raise NeuroclError(f"modulator '{name}' is one pooled state; leave out n={n}")
            return self._add_modulator(model, name, values)
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
            raise NeuroclError(f"population '{name}': the number of neurons must be a whole number of at least 1, got {n!r}")
        where = f"population '{name}'"
        known = {*model.parameters, *model.parsed.equations.states}
        for key, value in values.items():
            if key not in known:
                raise NeuroclError(f"{where}: model '{model.name}' has no parameter or state '{key}'{suggest(key, known)}")
            if isinstance(value, Input) and key not in model.parameters:
                raise NeuroclError(f"{where}: '{key}' is a state; only a parameter can be an Input")
            _check_value(value, f"{where}: '{key}'")
        population = Population(name, model, int(n), values, positions)
        if spikes is not None:
            population.spikes = check_schedule(population, *spikes)
        self.populations[name] = population
        return population

    def _add_modulator(self, model: Modulator, name: str, values: dict[str, Any]) -> ModulatorHandle:
        where = f"modulator '{name}'"
        known = {*model.parameters, *model.parsed.equations.states, *model.counts}
        counts = {}
        for key, value in list(values.items()):
            if key not in known:
                raise NeuroclError(f"{where}: model '{model.name}' has no parameter, state or count '{key}'{suggest(key, known)}")
            if key in model.counts:
                counts[key] = self._ends(values.pop(key), f"{where}, {key}")
                continue
            if isinstance(value, Distribution):
                raise NeuroclError(f"{where}: '{key}' must be one number, a modulator is one pooled state")
            _check_value(value, f"{where}: '{key}'")
            if not isinstance(value, Input) and np.ndim(value) != 0:
                raise NeuroclError(f"{where}: '{key}' must be one number, got an array of shape {np.shape(value)}")
        for key in model.counts:
            if key not in counts:
                raise NeuroclError(f"{where}: tell which population's spikes '{key}' counts: net.add(..., {key}=population)")
        self.modulators[name] = ModulatorHandle(name, model, values, counts)
        return self.modulators[name]

    def connect(
        self,
        pre: Population | Slice,
        post: Population | Slice,
        rule: Rule,
        *,
        target: str | None = None,
        weight: Value = 1.0,
        delay: Value = 0.0,
        synapse: SynapseModel = STATIC,
        name: str | None = None,
        **values: Any,
    ) -> Projection:
        """Connect two populations (or slices).

        Parameters
        ----------
        pre, post : where the synapses come from and go to.
        rule : a connection rule, for instance ``FixedProbability(0.1)``.
        target : state of `post` to which an arriving spike adds what the synapse transmits (default its weight);
            None if the synapse model's statements do that themselves.
        weight : scalar, distribution, array [post, pre], or (`Edges`, `OneToOne`) one number per edge.
        delay : ms, like `weight`; scalars and arrays must be whole multiples of dt, distributions are rounded to dt.
            A spike with delay d arrives d after its time stamp; 0 is allowed.
        synapse : synapse model, default a constant weight.
        name : unique name, default "pre_post".
        **values : parameters and initial values of the synapse model: scalars; per-synapse ones also distributions.

        Raises
        ------
        NeuroclError
            For an unknown target, rule, parameter, a negative delay, a NaN.
        """
        name = self._new_name(name or self._default_projection_name(pre, post), "name=")
        where = f"projection '{name}'"
        source, destination = self._ends(pre, f"{where}, pre"), self._ends(post, f"{where}, post")
        if not isinstance(rule, Rule):
            raise NeuroclError(f"{where}: expected a connection rule such as FixedProbability(0.1), got {rule!r}")
        if not isinstance(synapse, SynapseModel):
            raise NeuroclError(f"{where}: synapse must be a SynapseModel, got {type(synapse).__name__}")
        self._check_target(where, destination.population, target, synapse)
        self._check_neuron_names(where, source.population, destination.population, synapse)
        known = {*synapse.parameters, *synapse.parsed.pre.states, *synapse.parsed.post.states, *synapse.parsed.synapse.states} - {"w"}
        for key, value in values.items():
            if key not in known:
                raise NeuroclError(f"{where}: synapse '{synapse.name}' has no parameter or state '{key}'{suggest(key, known)}")
            if isinstance(value, Input):
                raise NeuroclError(f"{where}: '{key}' cannot be an Input; drive it by a Modulator and net.modulate")
            _check_value(value, f"{where}: '{key}'")
        _check_value(weight, f"{where}: weight")
        _check_value(delay, f"{where}: delay")
        self.projections[name] = Projection(name, source, destination, rule, target, weight, delay, synapse, values)
        return self.projections[name]

    def modulate(self, projection: Projection, **parameters: ModulatorState) -> None:
        """Let a modulator's state be the value of a parameter of `projection`: ``net.modulate(rec, d=dopamine["d"])``."""
        if not isinstance(projection, Projection) or self.projections.get(projection.name) is not projection:
            raise NeuroclError(f"net.modulate: expected a projection of this network, got {projection!r}")
        for key, value in parameters.items():
            where = f"projection '{projection.name}'"
            if key not in projection.synapse.parameters:
                raise NeuroclError(
                    f"{where}: synapse '{projection.synapse.name}' has no parameter '{key}'{suggest(key, projection.synapse.parameters)}"
                )
            if not isinstance(value, ModulatorState) or self.modulators.get(value.modulator.name) is not value.modulator:
                raise NeuroclError(f"{where}: '{key}' must be a modulator's state such as dopamine['d'], got {value!r}")
            projection.modulated[key] = value

    def build(self, engine: str = "numba", seed: int = 0, dtype: str = "float32", **options: Any) -> Simulator:
        """Make the arrays and the code, and return a simulation at time 0.

        Parameters
        ----------
        engine : "numba" or "brian2".
        seed : whole number; the same seed gives the same network and the same run on every engine.
        dtype : "float32" or "float64" (the Brian2 engine always computes in float64).
        **options : options of the engine.
        """
        if engine not in ENGINES:
            raise NeuroclError(f"net.build: unknown engine {engine!r}{suggest(str(engine), ENGINES)}")
        if dtype not in ("float32", "float64"):
            raise NeuroclError(f"net.build: dtype must be 'float32' or 'float64', got {dtype!r}")
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
            raise NeuroclError(f"net.build: seed must be a whole number, got {seed!r}")
        if not self.populations:
            raise NeuroclError("net.build: the network is empty; add a population first: net.add(model, n)")
        module, _, cls = ENGINES[engine].partition(":")
        simulation: Simulator = getattr(importlib.import_module(module), cls)(self, seed=int(seed), dtype=dtype, **options)
        return simulation

    def _new_name(self, name: str, hint: str) -> str:
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            raise NeuroclError(f"{name!r} is no valid name; use letters, digits and _, starting with a letter")
        if name in {*self.populations, *self.projections, *self.modulators}:
            raise NeuroclError(f"the network already has something named '{name}'; give another name with {hint}")
        return name

    def _default_projection_name(self, pre: Any, post: Any) -> str:
        parts = [(p.population if isinstance(p, Slice) else p) for p in (pre, post)]
        base = name = "_".join(getattr(p, "name", "x") for p in parts)
        count = 1
        while name in {*self.populations, *self.projections, *self.modulators}:
            count += 1
            name = f"{base}_{count}"
        return name

    def _ends(self, end: Any, where: str) -> Slice:
        part = Slice(end, range(end.n)) if isinstance(end, Population) else end
        if not isinstance(part, Slice) or self.populations.get(part.population.name) is not part.population:
            raise NeuroclError(f"{where}: expected a population (or a slice) of this network, got {end!r}")
        return part

    def _check_target(self, where: str, post: Population, target: str | None, synapse: SynapseModel) -> None:
        states = post.model.parsed.equations.states
        if target is not None and target not in states:
            raise NeuroclError(f"{where}: target '{target}' is no state of population '{post.name}'{suggest(target, states)}")
        acts = any(n.endswith(("_post", "_pre")) for n in _assigned(synapse))
        if target is None and not acts:
            raise NeuroclError(
                f"{where}: tell which state of '{post.name}' receives the spikes with target='...'{suggest('', states)}"
            )

    def _check_neuron_names(self, where: str, pre: Population, post: Population, synapse: SynapseModel) -> None:
        for name in sorted(synapse.parsed.neuron_names()):
            stem, side = name.rsplit("_", 1)
            population = pre if side == "pre" else post
            states, assigned = population.model.parsed.equations.states, name in _assigned(synapse)
            if stem not in states and (assigned or stem not in population.model.parameters):
                raise NeuroclError(
                    f"{where}: '{name}' in synapse '{synapse.name}': population '{population.name}' has no state '{stem}'{suggest(stem, states)}"
                )


def _assigned(synapse: SynapseModel) -> set[str]:
    parsed = synapse.parsed
    return {s.name for s in (*parsed.on_pre_synapse, *parsed.on_post_synapse)}


def _check_value(value: Any, where: str) -> None:
    """A number, an array of numbers or a distribution, without NaN."""
    if isinstance(value, Distribution | Input):
        return
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise NeuroclError(f"{where} must be a number, an array or a distribution, got {value!r}") from None
    if np.isnan(array).any():
        raise NeuroclError(f"{where} is NaN; give finite numbers")


def check_schedule(population: Population, times: ArrayLike, indices: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scheduled spikes as sorted arrays; errors name the population."""
    where = f"population '{population.name}', scheduled spikes"
    threshold = population.model.parsed.threshold
    if threshold is None or "scheduled" not in {str(s) for s in threshold.free_symbols}:
        raise NeuroclError(f"{where}: model '{population.model.name}' does not use 'scheduled' in its threshold; use models.SpikeArray")
    t, i = np.asarray(times, dtype=np.float64), np.asarray(indices)
    if t.ndim != 1 or t.shape != i.shape:
        raise NeuroclError(f"{where}: times and indices must be two lists of equal length, got shapes {t.shape} and {i.shape}")
    if i.size and (not np.issubdtype(i.dtype, np.integer) or i.min() < 0 or i.max() >= population.n):
        raise NeuroclError(f"{where}: indices must be whole numbers from 0 to {population.n - 1}")
    if not np.isfinite(t).all():
        raise NeuroclError(f"{where}: times must be finite numbers of milliseconds")
    order = np.lexsort((i, t))
    return t[order], i[order].astype(np.int64)


def values_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a population's keyword arguments, with `Input` replaced by its resting value."""
    return {key: value.value if isinstance(value, Input) else value for key, value in mapping.items()}
