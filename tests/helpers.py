"""Shared by the tests: unconnected neurons under given input, and synapses between given spikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import neurocl as ncl
from neurocl.core.recording import GroupRecording

RECEIVER = ncl.NeuronModel(
    name="receiver",
    doc="Spikes at given times; `received` is the sum of all that has arrived.",
    equations="received : 1",
    threshold="scheduled",
)


def simulate(
    model: ncl.NeuronModel,
    duration: float,
    *,
    dt: float,
    n: int = 1,
    pulses: dict[str, tuple[Sequence[float], float]] | None = None,
    record: Sequence[str] = ("spikes",),
    dtype: str = "float64",
    **values: Any,
) -> GroupRecording:
    """Run `n` unconnected neurons.

    Parameters
    ----------
    duration, dt : ms.
    pulses : target state -> (arrival times in ms, weight), the same for all neurons.
    **values : parameters and initial states.
    """
    net = ncl.Network(dt=dt)
    neurons = net.add(model, n, name="neurons", **values)
    for target, (times, weight) in (pulses or {}).items():
        source = net.add(ncl.models.SpikeArray, 1, name=f"to_{target}", spikes=(times, [0] * len(times)))
        net.connect(source, neurons, ncl.AllToAll(), target=target, weight=weight)
    return net.build(dtype=dtype).run(duration, record={"neurons": list(record)})["neurons"]


def pair_up(
    synapse: ncl.SynapseModel,
    pre: Sequence[Sequence[float]],
    post: Sequence[Sequence[float]],
    *,
    dt: float,
    weight: float = 0.0,
    delay: float = 0.0,
    dtype: str = "float64",
    **values: Any,
) -> ncl.Simulator:
    """Synapse k, of the projection "synapses", between a neuron firing at pre[k] and one firing at post[k]."""
    net = ncl.Network(dt=dt)
    ends = [
        net.add(RECEIVER, len(trains), name=name, spikes=_flat(trains))
        for name, trains in (("pre", pre), ("post", post))
    ]
    net.connect(
        *ends, ncl.OneToOne(), target="received", synapse=synapse, weight=weight, delay=delay, name="synapses", **values
    )  # fmt: skip
    return net.build(dtype=dtype)


def _flat(trains: Sequence[Sequence[float]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    times = np.concatenate([np.asarray(train, dtype=np.float64) for train in trains])
    return times, np.repeat(np.arange(len(trains)), [len(train) for train in trains])
