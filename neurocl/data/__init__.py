"""Data sets, the files they come in, and encoders that turn numbers into spikes.

Everything is local: nothing is ever downloaded. Arrays of spikes are time-major, ``[time, ..., neuron]``.
"""

from __future__ import annotations

from neurocl.data.dataset import Dataset
from neurocl.data.digits import digits
from neurocl.data.encoders import (
    decode_delta,
    encode_delta,
    encode_latency,
    encode_population,
    encode_rate,
    latency_times,
    population_responses,
    spikes_to_times,
    times_to_spikes,
)
from neurocl.data.idx import read_idx
from neurocl.data.mnist import fashion_mnist, mnist

__all__ = [
    "Dataset",
    "decode_delta",
    "digits",
    "encode_delta",
    "encode_latency",
    "encode_population",
    "encode_rate",
    "fashion_mnist",
    "latency_times",
    "mnist",
    "population_responses",
    "read_idx",
    "spikes_to_times",
    "times_to_spikes",
]
