"""Encoders: numbers in, spikes out. One file each; all arrays are time-major."""

from __future__ import annotations

from neurocl.data.encoders.delta import decode_delta, encode_delta
from neurocl.data.encoders.image import ImageEncoder
from neurocl.data.encoders.latency import encode_latency, latency_times
from neurocl.data.encoders.noise import noisy_images, noisy_probabilities, shift_events
from neurocl.data.encoders.population import encode_population, population_responses
from neurocl.data.encoders.rate import encode_rate
from neurocl.data.encoders.spike_times import spikes_to_times, times_to_spikes

__all__ = [
    "ImageEncoder",
    "decode_delta",
    "encode_delta",
    "encode_latency",
    "encode_population",
    "encode_rate",
    "latency_times",
    "noisy_images",
    "noisy_probabilities",
    "shift_events",
    "population_responses",
    "spikes_to_times",
    "times_to_spikes",
]
