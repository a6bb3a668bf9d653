"""How close a liquid is to the edge of chaos, by five measures side by side.

Branching factor   spikes after a spike over spikes before it, along synapses (`analysis.branching_factor`); it depends
                   on the rate
MR estimate        branching parameter of the activity of the whole liquid (`analysis.mr_estimator`), 1 is critical; all
                   that lasts counts, also the reverberation of a common input
Avalanches         runs of steps with more than half of the median activity, without the first 25 steps; at criticality
                   their sizes have a power law
Lyapunov exponent  of two copies of the liquid with the weights of the sample's beginning, frozen, and the same input
                   events, per ms (`analysis.lyapunov_simulation`); above 0 is chaos. Where no spike
                   changes it is about the leak, ln(63/64) = -0.0157
One spike          is added to one of the copies: later spikes that only one copy fires, per spike of the liquid
                   (`analysis.spike_divergence`). A liquid can be stable to small displacements and part after a spike
Source             of the choice of samples: published code of Ivanov & Michmizos (2021), combra-lab/NALSM
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurocl.analysis.avalanches import Avalanches, find_avalanches
from neurocl.analysis.branching import MREstimate, mr_estimator
from neurocl.analysis.branching_factor import branching_factor
from neurocl.analysis.lyapunov import LyapunovExponent
from neurocl.analysis.twin_simulations import SpikeDivergence, lyapunov_simulation, spike_divergence
from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.recording import Spikes
from neurocl.engines.numba import NumbaSimulation
from neurocl.lsm.classifier import LiquidClassifier, need_prepared, need_samples
from neurocl.lsm.liquid import Liquid
from neurocl.lsm.network import liquid_network
from neurocl.lsm.plasticity import Static
from neurocl.lsm.running import write_weights
from neurocl.lsm.samples import sample_numbers

__all__ = [
    "Criticality", "RecordedSamples", "liquid_criticality", "liquid_divergence", "liquid_lyapunov", "record_samples"
]  # fmt: skip

BUFFER = 25
"""Steps at the beginning of a presentation that are no part of an avalanche: the liquid is filling."""


@dataclass(frozen=True, eq=False)
class RecordedSamples:
    """All spikes of a liquid during some presentations.

    Attributes
    ----------
    rasters : bool [sample, step, neuron], spikes of the liquid.
    edges : (pre, post) of the recurrent synapses.
    liquid_rate, input_rate : spikes per ms of all liquid and of all input neurons.
    a_minus : float32 [sample, step], rate of depression after each step; none if synapses did not change.
    """

    rasters: NDArray[np.bool_]
    edges: tuple[NDArray[np.int32], NDArray[np.int32]]
    liquid_rate: float
    input_rate: float
    a_minus: NDArray[np.float32] | None

    def branching_factor(self) -> float:
        """Return the mean branching factor of the samples; their `steps` must be 59 or more."""
        return branching_factor(self.rasters, self.edges)

    def activity(self) -> NDArray[np.int64]:
        """Return the spikes per step, int64 [sample, step]."""
        return self.rasters.sum(axis=2)


@dataclass(frozen=True, eq=False)
class Criticality:
    """What `liquid_criticality` measured.

    Attributes
    ----------
    branching_factor : along synapses.
    mr : branching parameter of the whole activity.
    avalanches : of all samples, one after the other.
    lyapunov : 1/ms, of the first sample.
    divergence : after one spike more, spikes that only one copy fires, per spike of the other liquid (input spikes, the
        same in both, do not count); mean over samples.
    liquid_rate, input_rate : spikes per ms of all liquid and of all input neurons.
    """

    branching_factor: float
    mr: MREstimate
    avalanches: Avalanches
    lyapunov: LyapunovExponent
    divergence: float
    liquid_rate: float
    input_rate: float

    def __str__(self) -> str:
        return (
            f"branching factor {self.branching_factor:.3f}, MR estimate {self.mr.m:.3f}, Lyapunov exponent"
            f" {self.lyapunov.exponent:.3f} per ms, {self.divergence:.2f} differing spikes per spike after one more;"
            f" {self.avalanches}; {self.liquid_rate:.1f} liquid and"
            f" {self.input_rate:.1f} input spikes per ms"
        )


def record_samples(model: LiquidClassifier, X: Any, count: int = 20) -> RecordedSamples:
    """Present `count` samples that are evenly spaced in X, and return all spikes.

    Parameters
    ----------
    model : after `prepare` or `fit`.
    X : samples.
    count : number of samples; fewer if X holds fewer.
    """
    need_prepared("record_samples", model)
    chosen = _evenly_spaced(need_samples("record_samples", X), count)
    number = len(chosen)
    found = model.present(X, chosen=chosen, record=range(number), first_sample=0)
    samples = [found.recorded[k] for k in range(number)]
    rasters = np.stack([_raster(sample.liquid, found.steps) for sample in samples])
    rates = [float(c.sum(dtype=np.int64)) / (number * found.steps) for c in (found.counts, found.input_counts)]
    traces = [sample.a_minus for sample in samples if sample.a_minus is not None]
    return RecordedSamples(
        rasters, model.liquid_.recurrent_synapses, rates[0], rates[1], np.stack(traces) if traces else None
    )


def liquid_criticality(
    model: LiquidClassifier, X: Any, count: int = 20, *, duration: float = 200.0, d0: float = 1e-8
) -> Criticality:
    """Return all five measures.

    Parameters
    ----------
    model : after `prepare` or `fit`, with `steps` of 60 or more.
    X : samples; events must last for 150 ms, and for `duration` and 50 ms more.
    count : number of samples, evenly spaced in X; fewer if X holds fewer.
    duration, d0 : see `liquid_lyapunov`.
    """
    recorded = record_samples(model, X, count)
    activity = recorded.activity()[:, BUFFER:]
    silence = np.zeros((len(activity), 1), dtype=np.int64)  # keeps the samples apart
    flat = np.concatenate([activity, silence], axis=1).ravel()
    avalanches = find_avalanches(flat, threshold=0.5 * float(np.median(activity)))
    exponent = liquid_lyapunov(model, X, duration=duration, d0=d0)
    copies = [liquid_divergence(model, X, sample, duration=100.0) for sample in _evenly_spaced(len(X), count)]
    parted = float(np.mean([found.differing[-1] / max(found.n_spikes, 1) for found in copies]))
    rates = recorded.liquid_rate, recorded.input_rate
    return Criticality(recorded.branching_factor(), mr_estimator(activity), avalanches, exponent, parted, *rates)


def liquid_lyapunov(
    model: LiquidClassifier,
    X: Any,
    sample: int = 0,
    *,
    duration: float = 200.0,
    burn_in: float = 50.0,
    d0: float = 1e-8,
) -> LyapunovExponent:
    """Return the largest Lyapunov exponent of the liquid under the input of one sample, with frozen weights.

    Parameters
    ----------
    model : after `prepare` or `fit`.
    X : samples; events must last for `burn_in` and `duration`.
    sample : number of the sample in X.
    duration, burn_in : ms of the average, and before it.
    d0 : distance of the twins. One smaller than the effect of a spike measures infinitesimal stability only.
    """
    p = _input("liquid_lyapunov", model, X, sample, burn_in, duration)
    inputs = {"inp": {"p": p}}
    return lyapunov_simulation(_frozen(model.liquid_), duration, burn_in=burn_in, d0=d0, inputs=inputs)


def liquid_divergence(
    model: LiquidClassifier, X: Any, sample: int = 0, *, duration: float = 100.0, burn_in: float = 50.0
) -> SpikeDivergence:
    """Return how far the liquid is from itself after one spike more, under the input of one sample, frozen weights.

    Parameters
    ----------
    model : after `prepare` or `fit`.
    X : samples; events must last for `burn_in` and `duration`.
    sample : number of the sample in X.
    duration, burn_in : ms from the spike on, and before it.

    Returns
    -------
    SpikeDivergence
        Its `n_spikes` are those of the liquid alone.
    """
    p = _input("liquid_divergence", model, X, sample, burn_in, duration)
    before = round(burn_in)
    sim = _frozen(model.liquid_)
    sim.run(burn_in, inputs={"inp": {"p": p[:before]}})
    later = {"inp": {"p": p[before:]}}
    found = spike_divergence(sim, duration, "liquid", inputs=later)
    spikes = sim.run(duration, record={"liquid": "spikes"}, inputs=later)["liquid"].spikes
    return replace(found, n_spikes=len(spikes))


def _input(
    owner: str, model: LiquidClassifier, X: Any, sample: int, burn_in: float, duration: float
) -> NDArray[np.float64]:
    """Input of one sample, [step, input]: the probabilities of an image, the same in every step, or events."""
    need_prepared(owner, model)
    number = whole_number(owner, "sample", sample)
    sample_numbers(owner, "sample", [number], need_samples(owner, X))
    steps = round(non_negative_number(owner, "burn_in", burn_in) + positive_number(owner, "duration", duration))
    p = np.asarray(model.encoding_.samples(X, steps, [number])[0:1], dtype=np.float64)[0]
    return np.broadcast_to(p, (steps, p.shape[-1]))


def _evenly_spaced(n_samples: int, count: int) -> list[int]:
    number = min(whole_number("criticality", "count", count, at_least=1), n_samples)
    return [round(n_samples * k / number) for k in range(number)]


def _frozen(liquid: Liquid) -> NumbaSimulation:
    """The liquid in double precision, with the weights of a sample's beginning, which do not change."""
    magnitudes = liquid.magnitude, liquid.input_magnitude
    network = liquid_network(liquid.n, liquid.n_inputs, liquid.lattice, Static(), *magnitudes, liquid.seed)
    sim = NumbaSimulation(network, seed=liquid.seed, dtype="float64")
    write_weights(sim, liquid.weights)
    return sim


def _raster(spikes: Spikes, steps: int) -> NDArray[np.bool_]:
    raster = np.zeros((steps, spikes.n), dtype=bool)
    raster[np.rint(spikes.times).astype(np.int64), spikes.indices] = True  # a spike in step t is stamped t ms
    return raster
