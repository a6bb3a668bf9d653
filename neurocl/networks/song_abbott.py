"""Spike-timing dependent plasticity onto one neuron: competition of its inputs, and a rate that regulates itself.

Neuron       tau_mem dv/dt = v_leak - v + g_e (e_e - v),   spike at v > -54 mV, then v <- -60 mV
Synapse      tau_e dg_e/dt = -g_e,   g_e += w at an input spike; g_e and w in units of the leak conductance
Inputs       1000 independent Poisson trains of 15 Hz
Plasticity   pair STDP, all-to-all, tau_plus = tau_minus = 20 ms; a_plus = 0.01 w_max, a_minus = 1.05 a_plus;
             0 <= w <= w_max = 0.01, at the start uniform in [0, w_max]
Result       the rate falls (from 26 to 36 Hz over the first 20 s, depending on the initial weights, to below 20 Hz
             after 200 s), and the weights gather at 0 and at w_max. Faster inputs end with fewer strong weights, so
             that the rate hardly follows them. Of inputs that answer the same events, the earlier ones win.
Units        time ms, voltage mV, rate Hz
Source       Song, Miller & Abbott (2000), Nat. Neurosci. 3:919, in the form without inhibition that simulators use as a
             benchmark (v_leak = -74 mV, tau_mem = 10 ms).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocl.core._checks import positive_number, whole_number
from neurocl.core.connectivity import AllToAll
from neurocl.core.distributions import uniform
from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network
from neurocl.models.sources import Poisson, SpikeArray
from neurocl.models.stdp import PairSTDP

__all__ = ["W_MAX", "latency_spikes", "song_abbott"]

W_MAX = 0.01
"""Largest weight, in units of the leak conductance."""

NEURON = NeuronModel(
    name="song_abbott",
    doc="Integrate-and-fire neuron with one excitatory conductance g_e in units of the leak (Song et al. 2000).",
    equations="""
        dv/dt   = (v_leak - v + g_e * (e_e - v)) / tau_mem : mV
        dg_e/dt = -g_e / tau_e                             : 1
    """,
    threshold="v > v_th", reset="v = v_reset",
    parameters={"tau_mem": 10.0, "tau_e": 5.0, "v_leak": -74.0, "e_e": 0.0, "v_th": -54.0, "v_reset": -60.0},
    require="tau_mem > 0; tau_e > 0",
    initial={"v": "v_leak"},
)  # fmt: skip


def song_abbott(
    n: int = 1000,
    rate: float = 15.0,
    spikes: tuple[ArrayLike, ArrayLike] | None = None,
    a_plus: float = 0.01,
    ratio: float = 1.05,
    dt: float = 0.1,
) -> Network:
    """The network: populations "inputs" and "neuron", projection "stdp" from one to the other.

    Parameters
    ----------
    n : number of inputs. Default 1000. The largest weight is 0.01 for 1000 inputs, and 10 / n in general, so that the
        largest mean input stays the same.
    rate : of each input, Hz. Default 15.
    spikes : times (ms) and inputs of given spikes, instead of Poisson trains. Default none.
    a_plus : weight gained by a pair at no distance, in units of the largest weight. Default 0.01.
    ratio : a_minus / a_plus. Default 1.05; above 1, independent inputs lose.
    dt : time step in ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        If a number is not positive, or the spikes do not fit.

    Examples
    --------
    >>> sim = song_abbott().build(seed=1)
    >>> sim.run(20_000.0, record={"neuron": "counts"})["neuron"].counts() / 20.0  # doctest: +SKIP
    array([29.9])
    """
    n = whole_number("song_abbott", "n", n, at_least=1)
    a_plus, ratio = positive_number("song_abbott", "a_plus", a_plus), positive_number("song_abbott", "ratio", ratio)
    network = Network(dt=dt)
    if spikes is None:
        inputs = network.add(Poisson, n, name="inputs", rate=positive_number("song_abbott", "rate", rate))
    else:
        inputs = network.add(SpikeArray, n, name="inputs", spikes=spikes)
    neuron = network.add(NEURON, 1, name="neuron")
    w_max = W_MAX * 1000 / n
    network.connect(
        inputs, neuron, AllToAll(), target="g_e", weight=uniform(0.0, w_max), synapse=PairSTDP, name="stdp",
        w_max=w_max, a_plus=a_plus * w_max, a_minus=ratio * a_plus * w_max,
    )  # fmt: skip
    return network


def latency_spikes(
    latencies: ArrayLike, duration: float, rng: np.random.Generator, event_rate: float = 10.0, dt: float = 0.1
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Spikes of inputs that all answer the same events, each with its own latency, for `song_abbott(spikes=...)`.

    Parameters
    ----------
    latencies : of each input, ms, >= 0.
    duration : ms.
    rng : draws the events, a Poisson process.
    event_rate : Hz. Default 10.
    dt : time step of the network, ms; spikes are rounded to it. Default 0.1.

    Returns
    -------
    times : float array [spikes], ms.
    indices : int array [spikes].
    """
    delays = np.asarray(latencies, dtype=np.float64)
    if delays.ndim != 1 or not np.isfinite(delays).all() or (delays < 0).any():
        raise NeuroclError("latency_spikes: latencies must be a list of finite numbers of ms, none below 0.")
    duration = positive_number("latency_spikes", "duration", duration)
    dt = positive_number("latency_spikes", "dt", dt)
    rate = positive_number("latency_spikes", "event_rate", event_rate)
    events = rng.uniform(0.0, duration, rng.poisson(rate * duration / 1000))
    steps = np.rint((events[:, None] + delays) / dt).astype(np.int64) + 1
    inputs = np.broadcast_to(np.arange(len(delays)), steps.shape)
    within = steps <= round(duration / dt)
    steps, inputs = np.unique(np.stack([steps[within], inputs[within]]), axis=1)
    return steps * dt, inputs
