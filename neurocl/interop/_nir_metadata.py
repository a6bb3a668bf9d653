"""What a file of ours says beside NIR's own words, and what files of others get wrong."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from neurocl.core.errors import NeuroclError
from neurocl.interop._nir_neurons import MS, Neurons

__all__ = ["check_foreign", "graph_metadata", "is_ours", "spike_length"]

_SNNTORCH_STEP = 0.1
"""ms; what snnTorch's export takes for a step, whatever the step was."""


def graph_metadata(dt: float, connection: str, left_out: list[str], sidecar: str) -> dict[str, Any]:
    """Metadata of a graph: writer, version, step in s, and what the graph lacks.

    `connection` is "one step" where a spike takes a step from layer to layer, "same step" where it takes none.
    """
    try:
        release = version("neurocl")
    except PackageNotFoundError:
        release = "unknown"
    metadata: dict[str, Any] = {"writer": "neurocl", "version": release, "dt": dt / MS, "connection": connection}
    if left_out:
        metadata |= {"left_out": "; ".join(left_out), "sidecar": sidecar}
    return metadata


def is_ours(graph: Any) -> bool:
    """Whether `to_nir` made the graph."""
    return (graph.metadata or {}).get("writer") == "neurocl"


def spike_length(graph: Any, dt: float) -> float:
    """Length of the pulse that a spike is, ms: the writer's step where told, otherwise the reader's."""
    return float(graph.metadata["dt"]) * MS if is_ours(graph) else dt


def check_foreign(name: str, neurons: Neurons, dt: float, reset: str | None) -> None:
    """Refuse what another package's export got wrong, as far as its numbers tell."""
    where = f"NIR node '{name}' ({neurons.kind})"
    if _is_snntorch(neurons):
        if not np.isclose(dt, _SNNTORCH_STEP):
            raise NeuroclError(
                f"{where}: it was written by snnTorch, whose export takes every step to be {_SNNTORCH_STEP:g} ms; its"
                f" time constants and gains are right at dt={_SNNTORCH_STEP:g} only, got dt={dt:g}"
            )
        if reset is None:
            raise NeuroclError(
                f"{where}: it was written by snnTorch, whose export does not tell the reset; say"
                " reset='subtract_delayed' (snnTorch's default), 'subtract' (its reset_delay=False) or, for Leaky,"
                " 'value' (its reset_mechanism='zero')"
            )
        if reset == "value" and neurons.has_synapse:
            raise NeuroclError(
                f"{where}: it was written by snnTorch, whose Synaptic with reset_mechanism='zero' also empties the"
                " synapse, which NIR cannot express; train with another reset"
            )
    if neurons.reset == "subtract_delayed" and neurons.has_leak and (neurons.values["tau_mem"] <= dt).any():
        raise NeuroclError(f"{where}: a membrane that forgets within a step has nothing left for 'subtract_delayed'")
    for what in ("tau_mem", "tau_syn"):
        tau = neurons.values.get(what)
        if tau is not None and neurons.integration == "euler" and (tau < dt * (1 - 1e-6)).any():
            raise NeuroclError(
                f"{where}: {what} = {tau.min():g} ms is shorter than the step dt = {dt:g} ms; use a smaller dt, or, if"
                " Norse wrote the file, write it again with dt=1: its export multiplies time constants by its dt"
            )


def _is_snntorch(neurons: Neurons) -> bool:
    """Whether the gains are snnTorch's: r = tau_mem / 0.1 ms, and w_in = tau_syn / 0.1 ms; and v_leak = v_reset = 0."""
    values = neurons.values
    if not neurons.has_leak or not neurons.has_spikes or np.any(values["v_leak"]) or np.any(values["v_reset"]):
        return False
    gains = [("r", "tau_mem"), *([("w_in", "tau_syn")] if neurons.has_synapse else [])]
    return all(np.allclose(values[gain], values[tau] / _SNNTORCH_STEP, rtol=1e-4) for gain, tau in gains)
