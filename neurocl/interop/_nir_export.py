"""From the plan of a network to a NIR graph.

A population is a node of its own name, or, where its spikes come from outside, an Input. A projection is a Linear node
of its name between them, one for each of its delays, after a Delay node.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import evaluate, names_in, suggest
from neurocl.core.network import Network
from neurocl.core.plan import Plan, ProjectionPlan
from neurocl.core.simulator import Simulator
from neurocl.interop._nir_equations import Expressed, express
from neurocl.interop._nir_metadata import graph_metadata
from neurocl.interop._nir_neurons import MS, to_node

__all__ = ["Builder", "write_network"]


class Builder:
    """Nodes and edges of a graph in the making."""

    def __init__(self, nir: Any) -> None:
        self.nir = nir
        self.nodes: dict[str, Any] = {}
        self.edges: list[tuple[str, str]] = []

    def add(self, name: str, node: Any, after: str | None = None) -> str:
        """Add a node under `name`, or one with a number behind it if there is one already, behind the node `after`."""
        base, count = name, 1
        while name in self.nodes:
            count += 1
            name = f"{base}_{count}"
        self.nodes[name] = node
        if after is not None:
            self.edges.append((after, name))
        return name

    def weights(self, name: str, after: str, matrix: NDArray[np.float64], bias: NDArray[np.float64] | None) -> str:
        """Add a Linear, or with a bias an Affine, of shape (post, pre)."""
        if bias is None or not bias.any():
            return self.add(name, self.nir.Linear(matrix), after)
        full = np.array(np.broadcast_to(bias, len(matrix)), dtype=np.float64)
        return self.add(name, self.nir.Affine(matrix, full), after)

    def output(self, after: str, n: int, name: str = "output") -> None:
        """Add an Output of `n` values behind `after`."""
        self.add(name, self.nir.Output(output_type={"output": np.array([n])}), after)

    def graph(self, metadata: dict[str, Any]) -> Any:
        """The graph, checked."""
        if not any(isinstance(self.nodes[before], self.nir.Input) for before, _ in self.edges):
            raise NeuroclError(
                "to_nir: nothing enters the network, and a NIR graph needs an Input; connect a population"
                " of models.SpikeArray, or declare a current as Input()"
            )
        return self.nir.NIRGraph(self.nodes, self.edges, metadata)


def write_network(
    nir: Any, network: Network, plan: Plan, simulator: Simulator | None, outputs: Sequence[str] | None, sidecar: Any
) -> Any:
    """The graph of `network`, see `neurocl.interop.to_nir`."""
    left_out = _left_out(network, plan, simulator if sidecar is not None else None)
    builder = Builder(nir)
    expressed = _add_populations(builder, network, plan)
    biases = {name: entry.bias for name, entry in expressed.items()}
    for name, projection in plan.projections.items():
        weight = projection.weight
        if simulator is not None and projection.is_plastic:
            weight = np.asarray(simulator.state[f"{name}.w"], dtype=np.float64)
        _add_projection(builder, name, projection, expressed, weight, biases)
    for name, bias in biases.items():
        if np.any(bias):
            raise NeuroclError(
                f"to_nir: population '{name}' has a constant input, which in NIR is the bias of an Affine before it;"
                " connect something to it, a weight of 0 will do"
            )
    chosen = _outputs(plan, outputs, expressed)
    for name in chosen:
        builder.output(name, plan.populations[name].n, "output" if len(chosen) == 1 else f"output_{name}")
    if simulator is not None and left_out:
        simulator.save(sidecar)
    return builder.graph(graph_metadata(plan.dt, "one step", left_out, "" if sidecar is None else str(sidecar)))


def _add_populations(builder: Builder, network: Network, plan: Plan) -> dict[str, Expressed]:
    """A node for every population, and what NIR says of those that are no Input."""
    expressed = {}
    for name, population in plan.populations.items():
        if population.is_scheduled and not population.parsed.equations.states:
            node = builder.nir.Input(input_type={"input": np.array([population.n])})
            node.metadata = {"signal": "spikes"}
        else:
            expressed[name] = express(population, network.populations[name].model)
            node = to_node(builder.nir, expressed[name].neurons, plan.dt)
        builder.add(name, node)
    for name, entry in expressed.items():
        _add_currents(builder, name, entry, plan)
    return expressed


def _left_out(network: Network, plan: Plan, kept: Simulator | None) -> list[str]:
    """What NIR cannot express and the sidecar of `kept` holds; NeuroclError if there is such and no sidecar."""
    found = [f"modulator '{name}' ({m.model.name})" for name, m in network.modulators.items()]
    for name, projection in network.projections.items():
        parsed = projection.synapse.parsed
        if parsed.is_plastic or parsed.synapse.states or projection.modulated or parsed.on_pre_synapse:
            found.append(f"plasticity of projection '{name}' ({projection.synapse.name})")
    if found and kept is None:
        raise NeuroclError(
            f"to_nir: NIR cannot express the {found[0]}; write the weights as they are, with the rest beside them, by"
            " to_nir(sim, sidecar='rest.safetensors'), sim being the simulation that was built"
        )
    return found


def _add_currents(builder: Builder, name: str, entry: Expressed, plan: Plan) -> None:
    """An Input, and a Scale if its gain is not 1, for every driven parameter."""
    for parameter, gain in entry.currents.items():
        node = builder.nir.Input(input_type={"input": np.array([entry.neurons.n])})
        node.metadata = {"signal": "current", "rest": float(np.mean(plan.populations[name].parameters[parameter]))}
        before = builder.add(f"{name}_{parameter}", node)
        if np.any(gain != 1):
            scale = builder.nir.Scale(np.array(np.broadcast_to(gain, entry.neurons.n), dtype=np.float64))
            before = builder.add(f"{before}_gain", scale, before)
        builder.edges.append((before, name))


def _add_projection(
    builder: Builder,
    name: str,
    projection: ProjectionPlan,
    expressed: dict[str, Expressed],
    weight: Any,
    biases: dict[str, NDArray[np.float64]],
) -> None:
    """Delay and Linear for each delay of a projection; the first into a population takes its bias, out of `biases`."""
    parsed, where = projection.parsed, f"to_nir: projection '{name}'"
    if projection.post not in expressed:
        raise NeuroclError(f"{where}: '{projection.post}' is an Input in NIR, nothing can be connected to it")
    entry = expressed[projection.post]
    if projection.target != entry.target:
        raise NeuroclError(
            f"{where}: its target is {projection.target!r}, but NIR adds spikes to '{entry.target}' of"
            f" '{projection.post}' only"
        )
    if parsed.neuron_sums or not names_in(parsed.transmit) <= {"w", *projection.parameters}:
        raise NeuroclError(f"{where}: NIR cannot express what its synapses transmit ({parsed.transmit})")
    transmitted = evaluate(parsed.transmit, {**projection.parameters, "w": weight})
    edges = projection.edges
    transmitted = np.broadcast_to(np.asarray(transmitted, dtype=np.float64), edges.n)
    for delay in edges.delays if edges.n else []:
        chosen = edges.delay == delay
        matrix = np.zeros((edges.n_post, edges.n_pre))
        np.add.at(matrix, (edges.post[chosen], edges.pre[chosen]), transmitted[chosen])
        before = projection.pre
        if delay:
            node = builder.nir.Delay(np.full(edges.n_pre, delay * projection.dt / MS))
            before = builder.add(f"{name}_delay", node, before)
        matrix *= np.broadcast_to(entry.factor, edges.n_post)[:, None]
        before = builder.weights(name, before, matrix, biases.pop(projection.post, None))
        builder.edges.append((before, projection.post))


def _outputs(plan: Plan, outputs: Sequence[str] | None, expressed: dict[str, Expressed]) -> list[str]:
    """Populations with an Output: those named, else those that project to no other, else all."""
    if outputs is not None:
        for name in outputs:
            if name not in expressed:
                raise NeuroclError(f"to_nir: outputs: there is no population '{name}'{suggest(name, expressed)}")
        return list(outputs)
    projecting = {projection.pre for projection in plan.projections.values() if projection.pre != projection.post}
    return [name for name in expressed if name not in projecting] or list(expressed)
