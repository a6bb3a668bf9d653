"""The file that gives every simulator the same network: what neurocl draws from the seed, as a NumPy archive (.npz).

    python -m benchmarks.wiring FILE cuba --n 4000 --seed 1

    POPULATION.n                 number of neurons; populations are in the order of the network
    POPULATION.NAME              every parameter and initial state: one number, or one per neuron
    PROJECTION.from, .to         names of its populations
    PROJECTION.pre, .post        int32 [synapse], indices in these populations
    PROJECTION.weight, .delay    float32 [synapse], where they differ between synapses; delay in ms
    PROJECTION.NAME              every parameter of the synapse model: one number
    populations, projections     their names

It is written by a process of its own, so that its memory counts for no simulator.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Wiring", "write_wiring"]


class Wiring:
    """A wiring file, read lazily; what is asked for over several populations is in one numbering of all neurons."""

    def __init__(self, file: Path) -> None:
        self.arrays = np.load(file, allow_pickle=False)
        self.populations = [str(name) for name in self.arrays["populations"]]
        self.projections = [str(name) for name in self.arrays["projections"]]
        sizes = [int(self.arrays[f"{name}.n"]) for name in self.populations]
        self.first = dict(zip(self.populations, np.cumsum([0, *sizes]).tolist(), strict=False))
        self.sizes = dict(zip(self.populations, sizes, strict=True))
        self.n = sum(sizes)

    def number(self, key: str) -> float:
        """The one number `key`, for instance "ee.w_max"."""
        return float(self.arrays[key])

    def values(self, name: str, *populations: str) -> NDArray[Any]:
        """A parameter or initial state of every neuron; default of all populations."""
        chosen = populations or tuple(self.populations)
        return np.concatenate([np.broadcast_to(self.arrays[f"{p}.{name}"], self.sizes[p]) for p in chosen])

    def edges(self, *projections: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pre- and postsynaptic neuron of each synapse, numbered through all populations; default all projections."""
        found = []
        for side, end in (("pre", "from"), ("post", "to")):
            parts = [self.arrays[f"{p}.{side}"] + self.first[str(self.arrays[f"{p}.{end}"])]
                     for p in projections or self.projections]  # fmt: skip
            found.append(np.concatenate(parts).astype(np.int32))
        return found[0], found[1]

    def synapses(self, name: str, *projections: str) -> NDArray[Any]:
        """ "weight" or "delay" of each synapse, in the order of `edges`."""
        chosen = projections or tuple(self.projections)
        return np.concatenate([self.arrays[f"{projection}.{name}"] for projection in chosen])


def write_wiring(simulation: Any, file: Path) -> None:
    """Write the network of `simulation`, at time 0, to `file`."""
    plan = simulation.plan
    arrays: dict[str, Any] = {"populations": list(plan.populations), "projections": list(plan.projections)}
    for name, population in plan.populations.items():
        arrays[f"{name}.n"] = population.n
        arrays |= {f"{name}.{key}": value for key, value in {**population.parameters, **population.initial}.items()}
    for name, projection in plan.projections.items():
        pre, post = simulation.edges(name)
        arrays |= {f"{name}.from": projection.pre, f"{name}.to": projection.post}
        arrays |= {f"{name}.pre": pre, f"{name}.post": post}
        arrays |= {f"{name}.{key}": value for key, value in projection.parameters.items()}
        if np.ndim(projection.weight):
            arrays[f"{name}.weight"] = np.asarray(projection.weight, dtype=np.float32)
        if len(projection.edges.delays) > 1:
            arrays[f"{name}.delay"] = simulation.delays(name).astype(np.float32)
    np.savez(file, **arrays)


def main() -> None:
    """Command line."""
    from benchmarks.networks import NETWORKS
    from benchmarks.peers.serving import add_size, size

    parser = argparse.ArgumentParser(description="Write the wiring of a benchmark's network.")
    parser.add_argument("file", type=Path)
    parser.add_argument("network", choices=NETWORKS)
    add_size(parser)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_wiring(NETWORKS[arguments.network].make(**size(arguments)).build(seed=arguments.seed), arguments.file)


if __name__ == "__main__":
    main()
