"""Where each name of a model lives: which row of which array, or which place among the scalars.

The code generator and the memory of a simulation both ask here, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from neurocl.core.plan import ModulatorPlan, PopulationPlan, ProjectionPlan
from neurocl.engines.numba.delivery import choose_delivery

__all__ = ["Layout", "modulator_layout", "population_layout", "projection_layout"]


@dataclass(frozen=True)
class Layout:
    """Rows of the state arrays, rows of the per-neuron (or per-synapse) parameters, and places of the scalars.

    `banks` maps a bank's name to the states in its rows: "S" for neurons and modulators; "E" (one value per edge),
    "A" (per presynaptic slot) and "B" (per postsynaptic neuron) for projections. `delivery` is a projection's way to
    deliver spikes (see `neurocl.engines.numba.delivery`).
    """

    banks: dict[str, tuple[str, ...]]
    arrays: tuple[str, ...]
    scalars: tuple[str, ...]
    delivery: str = ""

    def bank_of(self, name: str) -> tuple[str, int] | None:
        """Bank and row of a state, None if `name` is no state."""
        for bank, states in self.banks.items():
            if name in states:
                return bank, states.index(name)
        return None

    def scalar_lines(self, used: Iterable[str], vector: str = "_C") -> list[str]:
        """Source lines that load the scalars among `used`."""
        return [f"{name} = {vector}[{k}]" for k, name in enumerate(self.scalars) if name in set(used)]


def _split(numbers: dict[str, object], always_arrays: Iterable[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    forced = set(always_arrays)
    arrays = tuple(k for k, v in numbers.items() if k in forced or np.ndim(v) > 0)  # type: ignore[arg-type]
    return arrays, ("dt", *(k for k in numbers if k not in arrays))


def population_layout(plan: PopulationPlan) -> Layout:
    """Layout of a population: inputs, sums over synapses and heterogeneous parameters are arrays."""
    arrays, scalars = _split({**plan.parameters, **plan.coefficients()}, (*plan.inputs, *plan.summed))
    return Layout({"S": tuple(plan.parsed.equations.states)}, arrays, scalars)


def modulator_layout(plan: ModulatorPlan) -> Layout:
    """Layout of a modulator: everything is a scalar, inputs too (they are rewritten each step)."""
    arrays, scalars = _split({**plan.parameters, **plan.coefficients()})
    return Layout({"S": tuple(plan.parsed.equations.states)}, arrays, scalars)


def projection_layout(plan: ProjectionPlan) -> Layout:
    """Layout of a projection; the weight is a bank row if it differs between edges or changes, else a scalar."""
    numbers = {**plan.parameters}
    for part in ("pre", "post", "synapse"):
        numbers.update({f"{k}@{part}": v for k, v in plan.coefficients(part).items()})
    edge_states = tuple(s for s in plan.parsed.synapse.states if s != "w")
    has_weight_row = np.ndim(plan.weight) > 0
    if not has_weight_row:
        numbers["w"] = plan.weight
    arrays, scalars = _split(numbers)
    banks = {
        "E": (("w",) if has_weight_row else ()) + edge_states,
        "A": tuple(plan.parsed.pre.states),
        "B": tuple(plan.parsed.post.states),
    }
    return Layout(banks, arrays, scalars, choose_delivery(plan))
