"""Networks to and from NIR, the neuromorphic intermediate representation.

    graph = to_nir(net, seed=1)                 # a nir.NIRGraph
    nir.write("net.nir", graph)
    net = from_nir(nir.read("net.nir"), dt=0.1)
    model = layers_from_nir(nir.read("net.nir"), dt=0.1)

Units        s in a graph, ms here. r = 1 (IF: 1 per s) and w_in = 1 in what is written: all gains are in the weights
Spike        a pulse of 1 that lasts one step: the writer's, where the graph tells its dt, otherwise the reader's
Connections  of a network take one step, beside their delay. In the graphs of others a spike passes through all layers
             within a step; read here, the k-th layer spikes k - 1 steps later, and paths of fewer layers are delayed so
             that they arrive together. Connections in a cycle take one step everywhere
Constant     inputs, such as the bias of an Affine, act from the first step of a run on
Metadata     of the graph: writer, version, dt, connection ("one step" or "same step"). Of a node: dt, integration
             ("exact" or "euler"), reset ("value", "subtract", "subtract_delayed"), threshold (">" or ">="),
             refractory (s), initial (values of v and i_syn, where not at rest)
Source       Pedersen et al. (2024), Nat. Commun. 15:8122; https://neuroir.org
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.errors import NeuroclError, shown
from neurocl.core.network import Network
from neurocl.core.planning import make_plan
from neurocl.core.simulator import Simulator
from neurocl.interop._nir_export import write_network
from neurocl.interop._nir_import import read_network
from neurocl.interop._nir_neurons import INTEGRATIONS, RESETS

if TYPE_CHECKING:
    from neurocl.nn import SpikingSequential

__all__ = ["from_nir", "layers_from_nir", "to_nir"]


def to_nir(
    source: Network | Simulator | Any,
    *,
    seed: int = 0,
    outputs: Sequence[str] | None = None,
    sidecar: str | Path | None = None,
    dt: float | None = None,
) -> Any:
    """Write a network as a NIR graph.

    Parameters
    ----------
    source : a `Network`; a `Simulator`, whose weights are written as they are now (all states as at time 0); or a
        `neurocl.nn.SpikingSequential`.
    seed : of what is drawn in a `Network`: connections, weights, parameters.
    outputs : populations whose spikes are the output; None: those that project to no other population.
    sidecar : file for what NIR cannot express (plasticity, modulators): the saved simulation. Only for a `Simulator`;
        the metadata ``left_out`` and ``sidecar`` tell.
    dt : time step in ms of layers that have none, which are snnTorch's.

    Returns
    -------
    nir.NIRGraph. A population of models.SpikeArray becomes an Input, and so does a driven current (``i_ext=Input()``).

    Raises
    ------
    NeuroclError
        For anything that NIR cannot express, by its name.
    """
    nir = _package()
    if dt is not None and isinstance(source, Network | Simulator):
        raise NeuroclError(f"to_nir: the network has its own dt; leave dt={dt:g} out")
    if isinstance(source, Network):
        if sidecar is not None:
            raise NeuroclError("to_nir: a sidecar keeps the state of a simulation; give what net.build returned")
        return write_network(
            nir, source, make_plan(source, whole_number("to_nir", "seed", seed)), None, outputs, None
        )
    if isinstance(source, Simulator):
        return write_network(nir, source.network, source.plan, source, outputs, sidecar)
    if type(source).__module__.startswith("neurocl.nn."):
        if outputs is not None or sidecar is not None:
            raise NeuroclError("to_nir: layers have one output and need no sidecar; leave outputs and sidecar out")
        layers = importlib.import_module("neurocl.interop._nir_layers")  # needs torch
        return layers.write_layers(nir, source, dt)
    raise NeuroclError(f"to_nir: expected a Network, a simulation or an nn.SpikingSequential, got {shown(source)}")


def from_nir(
    graph: Any,
    dt: float,
    *,
    integration: str | None = None,
    reset: str | None = None,
    currents: Sequence[str] = (),
) -> Network:
    """Read a NIR graph as a network.

    Populations have the names of their nodes (``1.lif`` becomes ``node_1_lif``). An Input becomes a population of
    models.SpikeArray, whose spikes are given with the run: ``inputs={"input": {"spikes": (times, indices)}}``.

    Parameters
    ----------
    graph : nir.NIRGraph, as from ``nir.read(path)``.
    dt : time step in ms.
    integration : "exact" (what is linear is advanced exactly) or "euler" (first order, as Norse and snnTorch compute);
        None: what the graph's metadata tells, "euler" where they do not.
    reset : "value" (to v_reset), "subtract" (takes off v_threshold - v_reset), or "subtract_delayed" (the same after
        the leak of the next step, snnTorch's default); None: what the metadata tells, "value" where they do not.
    currents : Inputs that are currents, not spikes. They go straight, or through a Scale, to one population, whose
        ``i_ext`` they become: ``inputs={"lif": {"i_ext": array}}``.

    Raises
    ------
    NeuroclError
        For a node that is not supported, a graph that says what a network cannot do, and for exports of other packages
        that are known to be wrong.

    Notes
    -----
    snnTorch's export is right for steps of 0.1 ms only and does not tell the reset. Norse's export multiplies time
    constants by its ``dt`` argument, does not tell v_reset, and writes LIFCell without the gain tau_syn / dt of its
    input; the last two cannot be seen in a file. Export with ``dt=1`` from LIFBoxCell is right.
    """
    dt = _check_reading("from_nir", graph, dt, integration, reset)
    return read_network(graph, dt, integration, reset, currents)


def layers_from_nir(
    graph: Any, dt: float, *, integration: str | None = None, reset: str | None = None, **options: Any
) -> SpikingSequential:
    """Read a NIR graph that is a chain of populations, each with or without recurrent weights, as torch layers.

    Parameters
    ----------
    graph, dt, integration, reset : as for `from_nir`.
    **options : of every `neurocl.nn.Spiking`: surrogate, learn, device, dtype, ...

    Returns
    -------
    SpikingSequential of a Linear and a spiking layer in turn.

    Raises
    ------
    NeuroclError
        As `from_nir`, and for a graph that is no chain.
    """
    dt = _check_reading("layers_from_nir", graph, dt, integration, reset)
    layers = importlib.import_module("neurocl.interop._nir_read_layers")  # needs torch
    read: SpikingSequential = layers.read_layers(graph, dt, integration, reset, options)
    return read


def _check_reading(where: str, graph: Any, dt: Any, integration: Any, reset: Any) -> float:
    """The step; NeuroclError if what is to be read, or how, is not what was expected."""
    if not isinstance(graph, _package().NIRGraph):
        raise NeuroclError(f"{where}: expected a nir.NIRGraph such as nir.read(path), got {shown(graph)}")
    for what, value, known in (("integration", integration, INTEGRATIONS), ("reset", reset, RESETS)):
        if value is not None and value not in known:
            raise NeuroclError(f"{where}: {what} must be one of {', '.join(map(repr, known))}, got {shown(value)}")
    return positive_number(where, "dt", dt)


def _package() -> Any:
    try:
        return importlib.import_module("nir")
    except ImportError:
        raise NeuroclError('to_nir and from_nir need the package nir: pip install "neurocl[nir]"') from None
