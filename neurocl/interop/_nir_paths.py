"""The weights and delays between the units (inputs and populations) of a NIR graph.

Between two units lies a path of Linear, Affine, Scale and Delay nodes. Several paths into a unit add up; the bias of an
Affine is a path of its own that begins there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.core.errors import NeuroclError
from neurocl.interop._nir_neurons import MS, array_of

__all__ = ["TRANSFORMS", "Path", "bias_paths", "latencies", "paths_from"]

TRANSFORMS = ("Linear", "Affine", "Scale", "Delay")


@dataclass(frozen=True, eq=False)
class Path:
    """What reaches `post`: y_post = matrix (scale * x_pre), with delays in ms.

    Attributes
    ----------
    post : name of the unit (or Output) it leads to.
    scale : [n_pre].
    matrix : [n_post, n_pre]; None: one to one.
    delay_pre, delay_post : of every input and every output, [n_pre] and [n_post], ms.
    nodes : what it passes.
    """

    post: str
    scale: NDArray[np.float64]
    matrix: NDArray[np.float64] | None
    delay_pre: NDArray[np.float64]
    delay_post: NDArray[np.float64]
    nodes: tuple[str, ...] = ()

    @property
    def weight(self) -> NDArray[np.float64]:
        """[n_post, n_pre], or [n] if one to one."""
        return self.scale if self.matrix is None else self.matrix * self.scale

    @property
    def delay(self) -> NDArray[np.float64]:
        """Like `weight`."""
        return self.delay_pre + (self.delay_post if self.matrix is None else self.delay_post[:, None])


def paths_from(graph: Any, start: str, n: int) -> list[Path]:
    """The paths from the unit `start` of `n` neurons."""
    empty = Path(start, np.ones(n), None, np.zeros(n), np.zeros(n))
    return _follow(graph, start, empty)


def bias_paths(graph: Any) -> list[tuple[str, NDArray[np.float64]]]:
    """Where the biases of Affine nodes arrive: (unit, constant input)."""
    found = []
    for name, node in graph.nodes.items():
        if type(node).__name__ != "Affine":
            continue
        bias = array_of(name, "bias", node.bias).ravel()
        if not bias.any():
            continue
        for path in _follow(graph, name, Path(name, bias, None, np.zeros(bias.size), np.zeros(bias.size))):
            if path.delay.any():
                raise NeuroclError(f"NIR node '{name}' (Affine): its bias passes a Delay; put the delay before it")
            found.append((path.post, path.weight if path.matrix is None else path.weight.sum(axis=1)))
    return found


def _follow(graph: Any, name: str, path: Path) -> list[Path]:
    found = []
    for before, after in graph.edges:
        if before != name:
            continue
        node = graph.nodes[after]
        if type(node).__name__ not in TRANSFORMS:
            found.append(replace(path, post=after))
        elif after in path.nodes:
            raise NeuroclError(f"NIR node '{after}' lies in a cycle without neurons; put a population into the cycle")
        else:
            found += _follow(graph, after, replace(_passed(after, node, path), nodes=(*path.nodes, after)))
    return found


def _passed(name: str, node: Any, path: Path) -> Path:
    kind = type(node).__name__
    size = path.scale.size if path.matrix is None else len(path.matrix)
    if kind in ("Linear", "Affine"):
        weight = array_of(name, "weight", node.weight)
        if weight.ndim != 2 or weight.shape[1] != size:
            raise NeuroclError(f"NIR node '{name}' ({kind}): weight must be of shape (out, {size}), got {weight.shape}")
        if path.matrix is None:
            return replace(path, matrix=weight, delay_pre=path.delay, delay_post=np.zeros(len(weight)))
        if (path.delay_post != path.delay_post[0]).any():
            raise NeuroclError(f"NIR node '{name}' ({kind}): what it sums up has different delays; give them one delay")
        late = np.full(len(weight), path.delay_post[0])
        return replace(path, matrix=weight @ path.matrix, delay_post=late)
    what = "scale" if kind == "Scale" else "delay"
    value = array_of(name, what, getattr(node, what)).ravel()
    if value.size != size:
        raise NeuroclError(f"NIR node '{name}' ({kind}): expected {size} values, got {value.size}")
    if kind == "Delay":
        return replace(path, delay_post=path.delay_post + value * MS)
    if path.matrix is None:
        return replace(path, scale=path.scale * value)
    return replace(path, matrix=path.matrix * value[:, None])


def latencies(arrows: list[tuple[str, str]], units: list[str]) -> dict[str, int]:
    """The longest way from where the signal enters to each unit, in connections; units of one cycle have the same."""
    reach: dict[str, set[str]] = {unit: {unit} for unit in units}
    changed = True
    while changed:
        changed = False
        for before, after in arrows:
            if not reach[after] <= reach[before]:
                reach[before] |= reach[after]
                changed = True
    cycle = {unit: frozenset(other for other in reach[unit] if unit in reach[other]) for unit in units}
    level = dict.fromkeys(units, 0)
    for _ in units:  # a longest way passes no cycle twice
        for before, after in arrows:
            if cycle[before] != cycle[after]:
                reached = max(level[after], level[before] + 1)
                level.update(dict.fromkeys(cycle[after], reached))
    return level
