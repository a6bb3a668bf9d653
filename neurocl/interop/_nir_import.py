"""From a NIR graph to a network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.components import Population
from neurocl.core.connectivity import Edges, OneToOne
from neurocl.core.errors import NeuroclError
from neurocl.core.expressions import suggest
from neurocl.core.network import Network
from neurocl.interop._nir_bias import comes_in_pulses, constant_of_pulses
from neurocl.interop._nir_metadata import check_foreign, is_ours, spike_length
from neurocl.interop._nir_models import Form, make_model, model_values, target_of
from neurocl.interop._nir_neurons import NODES, Neurons, array_of, from_node
from neurocl.interop._nir_paths import TRANSFORMS, Path, bias_paths, latencies, paths_from
from neurocl.models.sources import SpikeArray

__all__ = ["check_nodes", "read_network", "size_of_input"]


def read_network(
    graph: Any, dt: float, integration: str | None, reset: str | None, currents: Sequence[str]
) -> Network:
    """The network of `graph`, see `neurocl.interop.from_nir`."""
    return _Reader(graph, dt, integration, reset, currents).read()


def check_nodes(graph: Any) -> None:
    """Refuse nodes that are not supported and edges that lead nowhere."""
    known = ("Input", "Output", *NODES, *TRANSFORMS)
    for name, node in graph.nodes.items():
        if type(node).__name__ not in known:
            raise NeuroclError(
                f"NIR node '{name}' is a {type(node).__name__}, which is not supported;"
                f" supported are {', '.join(known)}"
            )
    for edge in graph.edges:
        for name in edge:
            if name not in graph.nodes:
                raise NeuroclError(f"NIR graph: the edge {tuple(edge)} names a node '{name}' that is not there")


def size_of_input(name: str, node: Any) -> int:
    """Number of values of an Input; axes of length 1 before them, a batch, do not count."""
    shape = array_of(name, "shape", node.input_type["input"]).astype(int).ravel()
    if shape.size == 0 or (shape[:-1] != 1).any():
        raise NeuroclError(f"NIR node '{name}' (Input): expected the shape (n,), got {tuple(map(int, shape))}")
    return int(shape[-1])


class _Reader:
    def __init__(
        self, graph: Any, dt: float, integration: str | None, reset: str | None, currents: Sequence[str]
    ) -> None:
        check_nodes(graph)
        self.graph, self.dt = graph, dt
        self.spike = spike_length(graph, dt)
        self.net = Network(dt=dt)
        self.neurons: dict[str, Neurons] = {}
        for name, node in graph.nodes.items():
            if type(node).__name__ in NODES:
                self.neurons[name] = neurons = from_node(name, node, integration, reset)
                if not is_ours(graph):
                    check_foreign(name, neurons, dt, reset)
        self.inputs = {name: size_of_input(name, node) for name, node in graph.inputs.items()}
        for name in currents:
            if name not in self.inputs:
                raise NeuroclError(f"from_nir: currents: there is no Input '{name}'{suggest(name, self.inputs)}")
        self.currents = {
            name for name, node in graph.inputs.items()
            if name in currents or (node.metadata or {}).get("signal") == "current"
        }  # fmt: skip
        self.rest: dict[str, float] = {}
        self.populations: dict[str, Population] = {}
        self.targets: dict[str, tuple[str, NDArray[np.float64]]] = {}

    def read(self) -> Network:
        sizes = {**self.inputs, **{name: neurons.n for name, neurons in self.neurons.items()}}
        paths = [(name, path) for name, n in sizes.items() for path in paths_from(self.graph, name, n)]
        paths = [(name, path) for name, path in paths if not self._is_output(name, path)]
        gains = self._gains(paths)
        paths = [(name, path) for name, path in paths if name not in self.currents]
        biases = {name: np.zeros(neurons.n) for name, neurons in self.neurons.items()}
        for name, bias in bias_paths(self.graph):
            if name not in biases:
                raise NeuroclError(f"NIR graph: the bias of an Affine reaches '{name}', where no neurons are")
            biases[name] = biases[name] + bias
        for name, n in self.inputs.items():
            if name not in self.currents:
                self.populations[name] = self.net.add(SpikeArray, n, name=self._name(name))
        for name, neurons in self.neurons.items():
            self._add(name, neurons, biases[name], gains.get(name))
        late = self._late([(before, path.post) for before, path in paths])
        for name, path in paths:
            self._connect(name, path, late.get((name, path.post), 0))
        return self.net

    def _is_output(self, name: str, path: Path) -> bool:
        """Whether a path leads straight to an Output, and so is no connection; it must come from neurons."""
        if path.post not in self.graph.outputs:
            return False
        if path.nodes or name not in self.neurons:
            through = f" through '{path.nodes[-1]}'" if path.nodes else ""
            raise NeuroclError(
                f"NIR graph: Output '{path.post}' reads '{name}'{through}; a network's output is what its neurons do,"
                " put a population (LI) before the Output"
            )
        return True

    def _gains(self, paths: list[tuple[str, Path]]) -> dict[str, NDArray[np.float64]]:
        """Population -> what an i_ext of 1 is as NIR's input."""
        gains: dict[str, NDArray[np.float64]] = {}
        for name, path in paths:
            if name not in self.currents:
                continue
            if path.matrix is not None or path.delay.any() or path.post in gains:
                raise NeuroclError(
                    f"NIR node '{name}' (Input): a current goes straight, or through a Scale, to a population of its"
                    f" own; give '{path.post}' the product of weights and input, or let the input be spikes"
                )
            gains[path.post] = path.weight
            self.rest[path.post] = float((self.graph.nodes[name].metadata or {}).get("rest", 0.0))
        return gains

    def _add(self, name: str, neurons: Neurons, bias: NDArray[np.float64], gain: NDArray[np.float64] | None) -> None:
        if comes_in_pulses(self.graph, neurons):
            neurons, bias = constant_of_pulses(neurons, bias, self.dt)
        form = Form(neurons.kind, neurons.integration, neurons.reset, neurons.threshold, gain is not None)
        values = model_values(neurons, bias, gain, self.rest.get(name, 0.0))
        self.populations[name] = self.net.add(make_model(form), neurons.n, name=self._name(name), **values)
        self.targets[name] = target_of(form, neurons.values, self.spike, self.dt)

    def _connect(self, name: str, path: Path, late: int) -> None:
        where = f"NIR graph, '{name}' to '{path.post}'"
        if path.post not in self.neurons:
            raise NeuroclError(f"{where}: an Input receives nothing")
        if name in self.neurons and not self.neurons[name].has_spikes:
            kind = self.neurons[name].kind
            raise NeuroclError(f"{where}: neurons without spikes ({kind}) can only lead to an Output")
        pre, post = self.populations[name], self.populations[path.post]
        weight, delay = path.weight, path.delay + late * self.dt
        if len(weight) != post.n:
            raise NeuroclError(f"{where}: {len(weight)} values reach {post.n} neurons; their numbers must be equal")
        target, jump = self.targets[path.post]
        jump = np.broadcast_to(jump, post.n)
        if path.matrix is None:
            self.net.connect(pre, post, OneToOne(), target=target, weight=weight * jump, delay=_shared(delay))
            return
        rows, columns = np.nonzero(weight)
        delay = np.broadcast_to(delay, weight.shape)[rows, columns]
        self.net.connect(
            pre, post, Edges(columns, rows), target=target, weight=(weight * jump[:, None])[rows, columns],
            delay=_shared(delay),
        )  # fmt: skip

    def _late(self, arrows: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Steps by which connections of others' graphs are delayed, so that parallel paths stay together."""
        if (self.graph.metadata or {}).get("connection") == "one step":
            return {}
        level = latencies(arrows, [*self.inputs, *self.neurons])
        return {(a, b): max(0, level[b] - level[a] - 1) for a, b in arrows}

    def _name(self, node: str) -> str:
        """A population's name: the node's with what is no letter or digit replaced."""
        name = re.sub(r"_+", "_", re.sub(r"\W", "_", node)).strip("_")
        name = name if name[:1].isalpha() else f"node_{name}".rstrip("_")
        base, count = name, 1
        while name in self.net.populations:
            count += 1
            name = f"{base}_{count}"
        return name


def _shared(delay: NDArray[np.float64]) -> Any:
    """One number where all delays are the same."""
    return float(delay.flat[0]) if delay.size and (delay == delay.flat[0]).all() else (delay if delay.size else 0.0)
