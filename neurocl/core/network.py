"""A network as a description: populations, projections and modulators, with no arrays and no state.

`Network.build` turns the description into a simulation on one of the engines.
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from neurocl.core._checks import positive_number, whole_number
from neurocl.core._connection_checks import check_neuron_names, check_spikes, check_sums, check_target
from neurocl.core.components import (
    Input,
    ModulatorHandle,
    ModulatorState,
    Population,
    Projection,
    Slice,
    Subset,
    Value,
    check_schedule,
    check_value,
)
from neurocl.core.connectivity import Rule
from neurocl.core.distributions import Distribution
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.lattice import Lattice
from neurocl.core.model import STATIC, Modulator, NeuronModel, SynapseModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurocl.core.simulator import Simulator

__all__ = ["ENGINES", "STATIC", "Network"]

ENGINES: dict[str, str] = {}
"""Engine name -> "module:class"; filled by the package's face, so that the core knows no engine."""


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
        self.dt = positive_number("Network", "dt", dt)
        self.populations: dict[str, Population] = {}
        self.projections: dict[str, Projection] = {}
        self.modulators: dict[str, ModulatorHandle] = {}

    def add(
        self,
        model: NeuronModel | Modulator,
        n: int | None = None,
        /,
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
        where = f"population '{name}'"
        size = whole_number(where, "the number of neurons", n, at_least=1)
        known = {*model.parameters, *model.parsed.equations.states}
        for key, value in values.items():
            if key not in known:
                raise NeuroclError(
                    f"{where}: model '{model.name}' has no parameter or state '{key}'{suggest(key, known)}"
                )
            if isinstance(value, Input) and key not in model.parameters:
                raise NeuroclError(f"{where}: '{key}' is a state; only a parameter can be an Input")
            check_value(value, f"{where}: '{key}'")
        population = Population(name, model, size, values, positions)
        if positions is not None and not isinstance(positions, Lattice):
            raise NeuroclError(f"{where}: positions must be a Lattice, got {shown(positions)}")
        if spikes is not None:
            if not isinstance(spikes, tuple | list) or len(spikes) != 2:
                raise NeuroclError(f"{where}: spikes must be (times, indices), got {shown(spikes)}")
            population.spikes = check_schedule(population, *spikes)
        self.populations[name] = population
        return population

    def _add_modulator(self, model: Modulator, name: str, values: dict[str, Any]) -> ModulatorHandle:
        where = f"modulator '{name}'"
        known = {*model.parameters, *model.parsed.equations.states, *model.counts}
        counts = {}
        for key, value in list(values.items()):
            if key not in known:
                raise NeuroclError(
                    f"{where}: model '{model.name}' has no parameter, state or count '{key}'{suggest(key, known)}"
                )
            if key in model.counts:
                counts[key] = self._part(values.pop(key), f"{where}, {key}")
                check_spikes(f"{where}, {key}", counts[key].population)
                continue
            if isinstance(value, Distribution):
                raise NeuroclError(f"{where}: '{key}' must be one number, a modulator is one pooled state")
            check_value(value, f"{where}: '{key}'")
            if not isinstance(value, Input) and np.ndim(value) != 0:
                raise NeuroclError(f"{where}: '{key}' must be one number, got an array of shape {np.shape(value)}")
        for key in model.counts:
            if key not in counts:
                raise NeuroclError(
                    f"{where}: tell which population's spikes '{key}' counts: net.add(..., {key}=population)"
                )
        self.modulators[name] = ModulatorHandle(name, model, values, counts)
        return self.modulators[name]

    def connect(
        self,
        pre: Population | Slice,
        post: Population | Slice,
        rule: Rule,
        /,
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
            None if the synapse model's statements do that themselves, or if `post` is a source without states and
            only the weight is of interest.
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
        if target is not None or synapse.on_pre or not synapse.parsed.acts_without_spikes:
            check_spikes(where, source.population)
        if synapse.on_post:
            check_spikes(where, destination.population)
        check_target(where, destination.population, target, synapse)
        check_neuron_names(where, source.population, destination.population, synapse)
        check_sums(where, source.population, destination.population, synapse, delay)
        known = {
            *synapse.parameters,
            *synapse.parsed.pre.states,
            *synapse.parsed.post.states,
            *synapse.parsed.synapse.states,
        } - {"w"}
        for key, value in values.items():
            if key not in known:
                raise NeuroclError(
                    f"{where}: synapse '{synapse.name}' has no parameter or state '{key}'{suggest(key, known)}"
                )
            if isinstance(value, Input):
                raise NeuroclError(f"{where}: '{key}' cannot be an Input; drive it by a Modulator and net.modulate")
            check_value(value, f"{where}: '{key}'")
        for key, value in (("weight", weight), ("delay", delay)):
            if isinstance(value, Input):
                raise NeuroclError(f"{where}: {key} cannot be an Input; only a population's parameter can")
            check_value(value, f"{where}: {key}")
        self.projections[name] = Projection(name, source, destination, rule, target, weight, delay, synapse, values)
        return self.projections[name]

    def modulate(self, projection: Projection, /, **parameters: ModulatorState) -> None:
        """Let a modulator's state be a parameter of `projection`: ``net.modulate(rec, d=dopamine["d"])``."""
        if not isinstance(projection, Projection) or self.projections.get(projection.name) is not projection:
            raise NeuroclError(f"net.modulate: expected a projection of this network, got {projection!r}")
        for key, value in parameters.items():
            where = f"projection '{projection.name}'"
            if key not in projection.synapse.parameters:
                raise NeuroclError(
                    f"{where}: synapse '{projection.synapse.name}' has no parameter '{key}'"
                    f"{suggest(key, projection.synapse.parameters)}"
                )
            if (
                not isinstance(value, ModulatorState)
                or self.modulators.get(value.modulator.name) is not value.modulator
            ):
                raise NeuroclError(f"{where}: '{key}' must be a modulator's state such as dopamine['d'], got {value!r}")
            given = projection.values.get(key, 0.0)
            if isinstance(given, Distribution) or np.ndim(given) > 0:
                raise NeuroclError(f"{where}: '{key}' differs between synapses, so no modulator can be its value")
            projection.modulated[key] = value

    def build(self, engine: str = "numba", seed: int = 0, dtype: str = "float32", **options: Any) -> Simulator:
        """Make the arrays and the code, and return a simulation at time 0.

        Parameters
        ----------
        engine : "numba", "torch" or "brian2".
        seed : whole number; the same seed gives the same network and the same run on every engine.
        dtype : "float32" or "float64" (the Brian2 engine always computes in float64).
        **options : of the engine: `threads` and `gaussian` of "numba"; `device`, `batch` and `delivery` of "torch".
        """
        if engine not in ENGINES:
            raise NeuroclError(f"net.build: unknown engine {engine!r}{suggest(str(engine), ENGINES)}")
        if dtype not in ("float32", "float64"):
            raise NeuroclError(f"net.build: dtype must be 'float32' or 'float64', got {dtype!r}")
        seed = whole_number("net.build", "seed", seed)
        if not self.populations:
            raise NeuroclError("net.build: the network is empty; add a population first: net.add(model, n)")
        module, _, name = ENGINES[engine].partition(":")
        simulation: type[Simulator] = getattr(importlib.import_module(module), name)
        known = set(inspect.signature(simulation).parameters) - {"network", "seed", "dtype"}
        for option in options:
            if option not in known:
                raise NeuroclError(f"net.build: engine '{engine}' has no option '{option}'{suggest(option, known)}")
        try:
            return simulation(self, seed=seed, dtype=dtype, **options)
        except MemoryError as error:
            raise NeuroclError(f"net.build: the network does not fit into memory ({error}); make it smaller") from None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw populations, projections and modulators; see `neurocl.plots.network`."""
        plots = importlib.import_module("neurocl.plots")  # by name, so that the core knows no other package
        axes: Axes = plots.network(self, ax=ax)
        return axes

    def __str__(self) -> str:
        """Every population, projection and modulator, a line each."""
        parts = [*self.populations.values(), *self.projections.values(), *self.modulators.values()]
        return "\n".join([f"Network: dt = {self.dt:g} ms", *(f"  {part!r}" for part in parts)])

    def _new_name(self, name: str, hint: str) -> str:
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_") or "__" in name:
            raise NeuroclError(f"{name!r} is no valid name; use letters, digits and single _, starting with a letter")
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
        part = self._part(end, where)
        if isinstance(part, Subset):
            raise NeuroclError(f"{where}: expected a slice such as exc[:80] of '{part.population.name}', got a list")
        return part

    def _part(self, given: Any, where: str) -> Slice | Subset:
        part = Slice(given, range(given.n)) if isinstance(given, Population) else given
        is_part = isinstance(part, Slice | Subset)
        if not is_part or self.populations.get(part.population.name) is not part.population:
            raise NeuroclError(f"{where}: expected a population (or a part) of this network, got {given!r}")
        return part
