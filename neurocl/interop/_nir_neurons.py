"""What NIR and this package can both say of a population: `Neurons`, and its node in a NIR graph.

Here alone seconds become milliseconds and back: a node has s, `Neurons` has ms.

LIF, LI          tau_mem dv/dt = v_leak - v + r (I + bias)
IF, I            dv/dt = r (I + bias)
CubaLIF, CubaLI  tau_syn di/dt = -i + w_in (I + bias),  tau_mem dv/dt = v_leak - v + r i
Spike            v > v_th, then v <- v_reset, or v <- v - (v_th - v_reset) (reset "subtract")
Source           Pedersen et al. (2024), Nat. Commun. 15:8122.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError, shown

__all__ = ["INTEGRATIONS", "MS", "NODES", "RESETS", "Neurons", "array_of", "from_node", "to_node"]

MS = 1000.0
"""Milliseconds in a second."""
INTEGRATIONS = ("euler", "exact")
RESETS = ("value", "subtract", "subtract_delayed")
NODES = {
    "LIF": {"tau": "tau_mem", "r": "r", "v_leak": "v_leak", "v_threshold": "v_th", "v_reset": "v_reset"},
    "LI": {"tau": "tau_mem", "r": "r", "v_leak": "v_leak"},
    "IF": {"r": "r", "v_threshold": "v_th", "v_reset": "v_reset"},
    "I": {"r": "r"},
    "CubaLIF": {
        "tau_syn": "tau_syn", "tau_mem": "tau_mem", "r": "r", "v_leak": "v_leak", "w_in": "w_in",
        "v_threshold": "v_th", "v_reset": "v_reset",
    },
    "CubaLI": {"tau_syn": "tau_syn", "tau_mem": "tau_mem", "r": "r", "v_leak": "v_leak", "w_in": "w_in"},
}  # fmt: skip
"""Kind of node -> its parameters and their names here."""
_TIMES = ("tau", "tau_mem", "tau_syn")


@dataclass(frozen=True, eq=False)
class Neurons:
    """One population.

    Attributes
    ----------
    kind : a key of `NODES`.
    n : number of neurons.
    values : parameters by the names used here, float64 [n]; times in ms, `r` of IF and I per ms.
    integration : "euler" or "exact".
    reset : "value", "subtract", or "subtract_delayed": snnTorch's, which subtracts after the leak of the next step.
    threshold : ">" or ">=".
    refractory : ms, float64 [n].
    initial : initial values of ``v`` and ``i_syn``, [n], where they are not the rest (v_leak or 0, and 0).
    """

    kind: str
    n: int
    values: dict[str, NDArray[np.float64]]
    integration: str = "euler"
    reset: str = "value"
    threshold: str = ">"
    refractory: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    initial: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def has_leak(self) -> bool:
        return "tau_mem" in self.values

    @property
    def has_synapse(self) -> bool:
        return "tau_syn" in self.values

    @property
    def has_spikes(self) -> bool:
        return "v_th" in self.values


def to_node(nir: Any, neurons: Neurons, dt: float) -> Any:
    """The node of `neurons` in a network of step `dt` (ms); `nir` is the package."""
    found = {}
    for theirs, ours in NODES[neurons.kind].items():
        value = np.array(np.broadcast_to(neurons.values[ours], neurons.n), dtype=np.float64)
        found[theirs] = value / MS if theirs in _TIMES else value
    if not neurons.has_leak:
        found["r"] = found["r"] * MS
    metadata: dict[str, Any] = {"dt": dt / MS, "integration": neurons.integration}
    if neurons.has_spikes:
        metadata |= {
            "reset": neurons.reset, "threshold": neurons.threshold,
            "refractory": np.array(np.broadcast_to(neurons.refractory, neurons.n)) / MS,
        }  # fmt: skip
    if neurons.initial:
        metadata["initial"] = neurons.initial
    return getattr(nir, neurons.kind)(**found, metadata=metadata)


def from_node(name: str, node: Any, integration: str | None, reset: str | None) -> Neurons:
    """What a node says; `integration` and `reset` go before its metadata, which go before "euler" and "value"."""
    kind, metadata = type(node).__name__, node.metadata or {}
    values = {ours: array_of(name, theirs, getattr(node, theirs)) for theirs, ours in NODES[kind].items()}
    shapes = {ours: value.shape for ours, value in values.items()}
    if any(shape == () for shape in shapes.values()):
        scalars = ", ".join(ours for ours, shape in shapes.items() if shape == ())
        raise NeuroclError(
            f"NIR node '{name}' ({kind}): {scalars} has no shape, so the number of neurons is not told; write it from a"
            " layer whose parameters are tensors with one value per neuron"
        )
    n = values["r"].size
    values = {ours: value.ravel() * (MS if ours.startswith("tau") else 1.0) for ours, value in values.items()}
    if "tau_mem" not in values:
        values["r"] = values["r"] / MS
    for ours in values:
        if ours.startswith("tau") and not (values[ours] > 0).all():
            raise NeuroclError(f"NIR node '{name}' ({kind}): {ours} must be > 0, got {values[ours].min():g} ms")
    return Neurons(
        kind, n, values,
        _chosen(name, metadata, "integration", integration, INTEGRATIONS),
        _chosen(name, metadata, "reset", reset, RESETS),
        _chosen(name, metadata, "threshold", None, (">", ">=")),
        np.atleast_1d(array_of(name, "refractory", metadata.get("refractory", 0.0))) * MS,
        {key: array_of(name, key, value) for key, value in dict(metadata.get("initial", {})).items()},
    )  # fmt: skip


def array_of(name: str, what: str, value: Any) -> NDArray[np.float64]:
    """A finite float64 array of what a node holds, which may be a torch tensor."""
    try:
        array = np.asarray(value, dtype=np.float64).copy()
    except (TypeError, ValueError, RuntimeError):
        raise NeuroclError(f"NIR node '{name}': {what} must be an array of numbers, got {shown(value)}") from None
    if not np.isfinite(array).all():
        raise NeuroclError(f"NIR node '{name}': {what} holds NaN or infinity; give finite numbers")
    return array


def _chosen(name: str, metadata: dict[str, Any], what: str, given: str | None, known: tuple[str, ...]) -> str:
    value = given if given is not None else metadata.get(what, known[0])
    if value not in known:
        options = ", ".join(repr(option) for option in known)
        raise NeuroclError(f"NIR node '{name}': {what} must be one of {options}, got {shown(value)}")
    return str(value)
