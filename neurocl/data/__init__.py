"""Data sets, the files they come in, and encoders that turn numbers into spikes.

Everything is local: nothing is ever downloaded. Arrays of spikes are time-major, ``[time, ..., neuron]``.
"""

from __future__ import annotations

from neurocl.data.cifar100 import cifar100
from neurocl.data.dataset import Dataset
from neurocl.data.digits import digits
from neurocl.data.encoders import (
    ImageEncoder,
    decode_delta,
    encode_delta,
    encode_latency,
    encode_population,
    encode_rate,
    latency_times,
    noisy_images,
    noisy_probabilities,
    population_responses,
    shift_events,
    spikes_to_times,
    times_to_spikes,
)
from neurocl.data.idx import read_idx
from neurocl.data.mnist import fashion_mnist, mnist
from neurocl.data.nmnist import Events, NMNISTSplit, nmnist, read_events

__all__ = [
    "Dataset",
    "Events",
    "ImageEncoder",
    "NMNISTSplit",
    "cifar100",
    "decode_delta",
    "digits",
    "encode_delta",
    "encode_latency",
    "encode_population",
    "encode_rate",
    "fashion_mnist",
    "latency_times",
    "mnist",
    "nmnist",
    "noisy_images",
    "noisy_probabilities",
    "population_responses",
    "read_events",
    "read_idx",
    "shift_events",
    "spikes_to_times",
    "times_to_spikes",
]
