"""The parts of a network description: populations and their slices, projections, modulators, driven inputs."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import finite_number
from neurocl.core.connectivity import Rule
from neurocl.core.distributions import Distribution
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.expressions import suggest
from neurocl.core.lattice import Lattice
from neurocl.core.model import Modulator, NeuronModel, SynapseModel

__all__ = [
    "Input", "ModulatorHandle", "ModulatorState", "Population", "Projection", "Slice", "Subset", "Value",
    "check_schedule", "check_value", "is_numeric", "values_of",
]  # fmt: skip

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
        object.__setattr__(self, "value", finite_number("Input", "value", self.value))


@dataclass(eq=False)
class Population:
    """`n` neurons of one model; index or slice it to connect or record a part: ``exc[:80]``.

    What counts spikes, a modulator, also takes any neurons: ``exc[[3, 5, 7]]``.
    """

    name: str
    model: NeuronModel
    n: int
    values: dict[str, Any] = field(default_factory=dict)
    positions: Lattice | None = None
    spikes: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self.n

    @overload
    def __getitem__(self, key: int | slice) -> Slice: ...

    @overload
    def __getitem__(self, key: Sequence[int] | NDArray[np.integer[Any]]) -> Subset: ...

    def __getitem__(self, key: Any) -> Slice | Subset:
        if isinstance(key, list | tuple | np.ndarray) and np.ndim(key) > 0:
            return Subset(self, _several(self, key))
        try:
            chosen = range(self.n)[key] if isinstance(key, slice) else range(*_one(self, key))
        except (TypeError, ValueError) as error:
            if isinstance(error, NeuroclError):
                raise
            raise NeuroclError(f"population '{self.name}': {key} is no slice of whole numbers ({error})") from None
        if len(chosen) == 0:
            raise NeuroclError(f"population '{self.name}': the slice {key} of its {self.n} neurons is empty")
        return Slice(self, chosen)

    def __repr__(self) -> str:
        return f"<Population '{self.name}': {self.n} x {self.model.name}>"


def _several(population: Population, key: ArrayLike) -> NDArray[np.int64]:
    """Neurons of a list of numbers, in rising order."""
    where, given = f"population '{population.name}'", np.asarray(key)
    if given.ndim != 1 or given.size == 0 or not np.issubdtype(given.dtype, np.integer):
        raise NeuroclError(f"{where}: expected the numbers of one or more neurons, such as [3, 5, 7], got {shown(key)}")
    if given.min() < -population.n or given.max() >= population.n:
        raise NeuroclError(f"{where} has neurons 0 to {population.n - 1}; {shown(key)} holds others")
    chosen = np.unique(given.astype(np.int64) % population.n)
    if chosen.size < given.size:
        raise NeuroclError(f"{where}: {shown(key)} names a neuron twice; give each once")
    return chosen


def _one(population: Population, key: Any) -> tuple[int, int]:
    if not isinstance(key, int | np.integer):
        raise NeuroclError(
            f"population '{population.name}': expected a neuron's number or a slice such as [:80], got {shown(key)}"
        )
    if not -population.n <= key < population.n:
        raise NeuroclError(
            f"population '{population.name}' has neurons 0 to {population.n - 1}; index {key!r} is outside"
        )
    index = int(key) % population.n
    return index, index + 1


@dataclass(frozen=True)
class Slice:
    """Some neurons of a population."""

    population: Population
    neurons: range

    def __len__(self) -> int:
        return len(self.neurons)


@dataclass(frozen=True, eq=False)
class Subset:
    """Any neurons of a population, in rising order, for a modulator that counts their spikes."""

    population: Population
    neurons: NDArray[np.int64]

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
    counts: dict[str, Slice | Subset] = field(default_factory=dict)

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


def is_numeric(value: Any) -> bool:
    """Whether a value is a real number or an array (list) of them; text such as "5" is none."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return False
    if array.dtype.kind == "O":  # fractions and the like
        return all(isinstance(entry, numbers.Real) for entry in array.flat)
    return array.dtype.kind in "biuf"


def check_value(value: Any, where: str) -> None:
    """A number, an array of numbers or a distribution, without NaN."""
    if isinstance(value, Distribution | Input):
        return
    if not is_numeric(value):
        raise NeuroclError(f"{where} must be a number, an array or a distribution, got {shown(value)}")
    if np.isnan(np.asarray(value, dtype=np.float64)).any():
        raise NeuroclError(f"{where} is NaN; give finite numbers")


def check_schedule(
    population: Population, times: ArrayLike, indices: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scheduled spikes as sorted arrays; errors name the population."""
    where = f"population '{population.name}', scheduled spikes"
    threshold = population.model.parsed.threshold
    if threshold is None or "scheduled" not in {str(s) for s in threshold.free_symbols}:
        raise NeuroclError(
            f"{where}: model '{population.model.name}' does not use 'scheduled' in its threshold; use models.SpikeArray"
        )
    if not is_numeric(times) or not is_numeric(indices):
        raise NeuroclError(f"{where}: times and indices must be two lists of numbers")
    t, i = np.asarray(times, dtype=np.float64), np.asarray(indices)
    if t.ndim != 1 or t.shape != i.shape:
        raise NeuroclError(
            f"{where}: times and indices must be two lists of equal length, got shapes {t.shape} and {i.shape}"
        )
    if i.size and (not np.issubdtype(i.dtype, np.integer) or i.min() < 0 or i.max() >= population.n):
        raise NeuroclError(f"{where}: indices must be whole numbers from 0 to {population.n - 1}")
    if not np.isfinite(t).all():
        raise NeuroclError(f"{where}: times must be finite numbers of milliseconds")
    order = np.lexsort((i, t))
    return t[order], i[order].astype(np.int64)


def values_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of a population's keyword arguments, with `Input` replaced by its resting value."""
    return {key: value.value if isinstance(value, Input) else value for key, value in mapping.items()}
