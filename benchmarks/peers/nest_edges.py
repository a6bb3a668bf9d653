"""Edges for NEST: read from a wiring file, or drawn with a probability, and connected in parts.

A wiring file is a NumPy archive with the arrays "exc.pre", "exc.post", "inh.pre", "inh.post" and, where wanted,
"exc.weight", "exc.delay" (ms) and so on, one for each edge or one for all; or with "pre" and "post" alone, which are
split at the first inhibitory neuron. Neurons are numbered from 0 through the whole population, excitatory ones first.
Initial states are "neurons.v", "neurons.g_e", "neurons.g_i", if there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["bernoulli_edges", "connect_edges", "read_edges", "set_states"]

Edges = Mapping[str, Any]
PROJECTIONS = ("exc", "inh")
PART = 1_000_000  # edges that are connected at once: bounds the memory beside NEST's own


def read_edges(file: Path) -> Edges:
    """The arrays of a wiring file, read when they are asked for."""
    try:
        edges = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise SystemExit(f"--adjacency: {file} cannot be read as an npz file: {error}") from error
    if not isinstance(edges, np.lib.npyio.NpzFile):
        raise SystemExit(f"--adjacency: {file} is one array, expected an npz file of several")
    named = {f"{name}.{side}" for name in PROJECTIONS for side in ("pre", "post")}
    if not ({"pre", "post"} <= edges.keys() or named <= edges.keys()):
        raise SystemExit(f"--adjacency: {file} needs the arrays {', '.join(sorted(named))}, or pre and post")
    return edges


def bernoulli_edges(n: int, p: float, seed: int) -> Edges:
    """Each ordered pair of n neurons with probability p; the gaps between edges are geometric."""
    # NEST's own rule, pairwise_bernoulli, draws once for each pair: minutes for 64 000 neurons.
    rng = np.random.default_rng(seed)
    parts, last = [], -1
    while last < n * n:
        parts.append(last + np.cumsum(rng.geometric(p, max(1, int(p * n * n / 4)))))
        last = int(parts[-1][-1])
    pairs = np.concatenate(parts)
    pre, post = np.divmod(pairs[pairs < n * n], n)
    return {"pre": pre, "post": post}


def connect_edges(nest: Any, name: str, edges: Edges, n_exc: int, n: int, delay: float) -> None:
    """Connect the projection "exc" or "inh" along its edges; its synapse model has the same name."""
    if "pre" in edges:
        pre, post = edges["pre"], edges["post"]
        here = (pre < n_exc) == (name == "exc")
        pre, post = pre[here], post[here]
    else:
        pre, post = edges[f"{name}.pre"], edges[f"{name}.post"]
    if len(pre) != len(post):
        raise SystemExit(f"--adjacency: {name} has {len(pre)} sources and {len(post)} targets")
    if len(pre) and (min(pre.min(), post.min()) < 0 or max(pre.max(), post.max()) >= n):
        raise SystemExit(f"--adjacency: the edges of {name} name neurons outside of 0 to {n - 1}")
    values = {key: edges[f"{name}.{key}"] for key in ("weight", "delay") if f"{name}.{key}" in edges}
    if "weight" in values:
        values.setdefault("delay", delay)
    values = {key: np.broadcast_to(np.asarray(value, dtype=float), pre.shape) for key, value in values.items()}
    model = "static_synapse" if "weight" in values else name
    for first in range(0, len(pre), PART):
        part = slice(first, first + PART)
        synapse = {"synapse_model": model, **{key: value[part].copy() for key, value in values.items()}}
        ids = (side[part].astype(np.int64) + 1 for side in (pre, post))  # NEST numbers neurons from 1
        nest.Connect(*ids, "one_to_one", synapse)


def set_states(neurons: Any, edges: Edges, states: Mapping[str, str]) -> None:
    """Initial values from the wiring file, for those of `states` (neurocl's name to NEST's) that it has."""
    for name, own in states.items():
        if f"neurons.{name}" in edges:
            neurons.set({own: np.broadcast_to(edges[f"neurons.{name}"], len(neurons)).astype(float).tolist()})
