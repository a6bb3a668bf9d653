"""The cortical microcircuit: the network under 1 mm² of early sensory cortex, at full or reduced size.

Neuron       LIF with exponential currents: c_mem 250 pF, tau_mem 10, tau_syn 0.5, t_ref 2 ms, v_th -50, v_reset and
             v_leak -65 mV
Wiring       layers 2/3, 4, 5, 6 with E and I each; K = ln(1 - p) / ln(1 - 1 / (N_pre N_post)) synapses, rounded down,
             over uniformly drawn pairs, multapses and autapses included
Weights      w = 87.8 pA, which makes a PSP of 0.15 mV; -4 w from I, 2 w from L4E to L23E; normal, relative standard
             deviation 0.1, sign kept
Delays       normal, rounded to dt, at least dt: 1.5 +- 0.75 ms from E, 0.75 +- 0.375 ms from I
Background   K_ext spikes at 8 Hz per neuron, as their mean current ("dc") or as Poisson numbers of weight w ("poisson")
Scaling      N by `scale`; K and K_ext by `k_scale`, weights by 1 / sqrt(k_scale), and the mean current this takes away,
             0.001 tau_syn (1 - sqrt(k_scale)) sum_j w_ij K_ij r_j (and likewise the background's), given back as DC
Rates        Hz at full size, "dc": L23E 0.903, L23I 2.965, L4E 4.414, L4I 5.876, L5E 7.569, L5I 8.633, L6E 1.105,
             L6I 7.829
Units        time ms, voltage mV, current pA, capacitance pF
Source       Potjans & Diesmann (2014), Cereb. Cortex 24:785; constants and initial values of the reference
             implementation in NEST; scaling: van Albada, Helias & Diesmann (2015), PLoS Comput. Biol. 11:e1004490.

Down-scaling keeps the mean and the variance of a neuron's input, so it keeps the rates as far as many weak inputs act
like Gaussian noise. The statement that rates are preserved, correlations not, does not hold at scale = k_scale = 0.1:
with a constant background the network falls silent. Measured rates in units of the published ones (seeds x s of
biological time after 500 ms; "all" is the mean over all neurons):

    scale  k_scale  drive    L23E  L23I   L4E   L4I   L5E   L5I   L6E   L6I   all
    0.05   0.1      dc          0     0     0     0     0     0     0  0.44  0.04   1 x 2
    0.1    0.1      dc          0     0     0     0     0     0     0  0.44  0.04   1 x 2
    0.05   0.2      dc       1.16  0.97  0.85  0.88  1.07  0.96  0.81  0.92  0.92   8 x 10
    0.1    0.2      dc       0.81  0.81  0.85  0.84  0.97  0.90  0.75  0.88  0.86   4 x 5
    0.2    0.2      dc       0.71  0.74  0.85  0.83  0.88  0.88  0.75  0.86  0.83   1 x 3
    0.1    0.5      dc       1.19  1.05  0.92  0.96  1.08  1.01  0.95  0.98  0.99   2 x 5
    0.2    0.5      dc       1.01  0.96  0.93  0.94  1.00  0.97  0.90  0.95  0.95   1 x 3
    0.05   0.05     poisson  0.29  0.44  0.72  0.65  0.70  0.76  0.49  0.77  0.65   2 x 2
    0.1    0.1      poisson  0.52  0.71  0.90  0.85  0.88  0.90  0.78  0.89  0.84   2 x 2
    0.05   0.2      poisson  0.82  0.92  0.96  0.96  0.99  1.02  0.95  0.98  0.95   4 x 2
    0.1    0.2      poisson  0.75  0.87  0.97  0.95  0.93  0.98  0.91  0.96  0.93   1 x 2

So k_scale is 0.2 at least unless another is asked for. Over the eight seeds at 0.05 and 0.2 ("dc") the values spread
(standard deviation) by 0.11 in L23E, 0.08 in L5E and L6E, and 0.03 or less in the others. Correlations are not kept:
their mean in bins of 2 ms is 0.004 to 0.05 there, below 0.02 at full size.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from neurocl.core._checks import finite_number, flag
from neurocl.core.components import Population
from neurocl.core.connectivity import FixedTotalNumber
from neurocl.core.distributions import normal
from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network
from neurocl.models.lif import LIF

__all__ = ["POPULATIONS", "RATES", "microcircuit", "sizes"]

POPULATIONS = {
    "L23E": 20683, "L23I": 5834, "L4E": 21915, "L4I": 5479, "L5E": 4850, "L5I": 1065, "L6E": 14395, "L6I": 2948,
}  # fmt: skip
"""Neurons of each population at full size."""

RATES = {
    "L23E": 0.903, "L23I": 2.965, "L4E": 4.414, "L4I": 5.876, "L5E": 7.569, "L5I": 8.633, "L6E": 1.105, "L6I": 7.829,
}  # fmt: skip
"""Mean rates at full size with DC background, Hz (one run of the reference implementation)."""

PROBABILITIES = {  # onto each population, from all in the order of POPULATIONS
    "L23E": (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    "L23I": (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    "L4E": (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    "L4I": (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    "L5E": (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    "L5I": (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    "L6E": (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    "L6I": (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
}
K_EXT = {"L23E": 1600, "L23I": 1500, "L4E": 2100, "L4I": 1900, "L5E": 2000, "L5I": 1900, "L6E": 2900, "L6I": 2100}
RATE_EXT = 8.0  # Hz
OPTIMIZED = {  # mean and standard deviation of v at the start, mV: those of the running network
    "L23E": (-68.28, 5.36), "L23I": (-63.16, 4.57), "L4E": (-63.33, 4.74), "L4I": (-63.45, 4.94),
    "L5E": (-63.11, 4.94), "L5I": (-61.66, 4.55), "L6E": (-66.72, 5.46), "L6I": (-61.43, 4.48),
}  # fmt: skip
ORIGINAL = (-58.0, 10.0)

C_MEM, TAU_MEM, TAU_SYN = 250.0, 10.0, 0.5
NEURON = {
    "c_mem": C_MEM, "tau_mem": TAU_MEM, "tau_syn": TAU_SYN, "v_leak": -65.0, "v_th": -50.0, "v_reset": -65.0,
    "t_ref": 2.0,
}  # fmt: skip
PSP = 0.15  # mV
INHIBITION = -4.0
SPREAD = 0.1  # relative standard deviation of the weights
LEAST_K_SCALE = 0.2  # default for smaller networks; see the table above
DELAYS = {"E": (1.5, 0.75), "I": (0.75, 0.375)}  # ms

N_THALAMUS = 902
THALAMIC = {"L4E": 0.0983, "L4I": 0.0619, "L6E": 0.0512, "L6I": 0.0196}

DRIVEN = NeuronModel(
    name="LIFPoisson",
    doc="LIF neuron whose i_syn receives k_ext Poisson trains of rate rate_ext (Hz) and weight w_ext (pA). They are one"
    " number per step; their delay is left out, because a shifted Poisson process is the same process.",
    equations=LIF.equations,
    update="i_syn += w_ext * poisson(k_ext * rate_ext * dt / 1000)",
    threshold=LIF.threshold, reset=LIF.reset, refractory=LIF.refractory,
    parameters={**LIF.parameters, "w_ext": 0.0, "k_ext": 0.0, "rate_ext": RATE_EXT},
    require=f"{LIF.require}; k_ext >= 0; rate_ext >= 0", initial=LIF.initial,
)  # fmt: skip

PULSE = NeuronModel(
    name="PoissonPulse",
    doc="Poisson source of `rate` Hz that is active from t_on for t_pulse ms.",
    equations="elapsed : 1",
    update="elapsed += 1",
    threshold="elapsed * dt > t_on and elapsed * dt < t_on + t_pulse + dt / 2 and rand() < -expm1(-rate * dt / 1000)",
    parameters={"rate": 120.0, "t_on": 700.0, "t_pulse": 10.0},
    require="rate >= 0",
)


def microcircuit(
    scale: float = 1.0,
    k_scale: float | None = None,
    drive: Literal["dc", "poisson"] = "dc",
    initial: Literal["optimized", "original"] = "optimized",
    thalamic: bool = False,
    dt: float = 0.1,
) -> Network:
    """The microcircuit: eight populations L23E, L23I, L4E, L4I, L5E, L5I, L6E, L6I.

    The projection from L4E to L23E is named "L4E_L23E"; there are 55 of them, one for each probability above zero.

    Parameters
    ----------
    scale : numbers of neurons in units of the full size (77 169), in (0, 1]. Default 1.
    k_scale : synapses per neuron in units of the full size, in (0, 1]. Default: the larger of `scale` and 0.2, below
        which the rates are not kept (see above). At scale = k_scale = 1 there are 3e8 synapses.
    drive : background as a constant current ("dc", default) or as Poisson spikes ("poisson").
    initial : v at the start: normal with the mean and spread that each population has later ("optimized", default),
        or normal around -58 mV, standard deviation 10 mV ("original"), which begins with a burst.
    thalamic : whether a population "thalamus" of 902 neurons fires at 120 Hz from 700 to 710 ms, onto L4 and L6.
        Default False.
    dt : time step in ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        For an argument that is none of these, or a `scale` that leaves a population without neurons.

    Examples
    --------
    >>> sim = microcircuit(scale=0.05).build(seed=1)
    >>> out = sim.run(1500.0, record={name: "spikes" for name in POPULATIONS})  # doctest: +SKIP
    >>> out["L4E"].spikes.between(500.0, 1500.0).mean_rate()  # doctest: +SKIP
    3.7
    """
    n = sizes(scale)
    k_scale = max(scale, LEAST_K_SCALE) if k_scale is None else _fraction("k_scale", k_scale)
    for name, value, known in (("drive", drive, ("dc", "poisson")), ("initial", initial, ("optimized", "original"))):
        if value not in known:
            raise NeuroclError(f"microcircuit: {name} must be '{known[0]}' or '{known[1]}', got {value!r}.")
    network = Network(dt=dt)
    neurons = {name: _add_neurons(network, name, n[name], k_scale, drive, initial) for name in n}
    sources = list(neurons.values())
    if flag("microcircuit", "thalamic", thalamic):
        sources.append(network.add(PULSE, _size("thalamus", N_THALAMUS, scale), name="thalamus"))
    for pre in sources:
        for post in neurons.values():
            full = full_number(pre.name, post.name)
            if full:
                _connect(network, pre, post, int(full * scale * k_scale), k_scale)
    return network


def sizes(scale: float = 1.0) -> dict[str, int]:
    """Neurons of each population, in their order; NeuroclError for a `scale` that leaves one without any."""
    scale = _fraction("scale", scale)
    return {name: _size(name, full, scale) for name, full in POPULATIONS.items()}


def unit_weight() -> float:
    """The current amplitude w in pA whose postsynaptic potential has a peak of 0.15 mV."""
    ratio, difference = TAU_MEM / TAU_SYN, TAU_MEM - TAU_SYN
    peak = ratio ** (-TAU_MEM / difference) - ratio ** (-TAU_SYN / difference)
    return PSP / (TAU_MEM * TAU_SYN / (C_MEM * (TAU_SYN - TAU_MEM)) * peak)


def mean_weight(pre: str, post: str) -> float:
    """Mean weight in pA from one population (or "thalamus") to another at full size."""
    if pre.endswith("I"):
        return INHIBITION * unit_weight()
    return (2.0 if (pre, post) == ("L4E", "L23E") else 1.0) * unit_weight()


def full_number(pre: str, post: str) -> int:
    """Synapses from one population (or "thalamus") to another at full size: pairs are joined with probability p."""
    if pre == "thalamus":
        p, n_pre = THALAMIC.get(post, 0.0), N_THALAMUS
    else:
        p, n_pre = PROBABILITIES[post][list(POPULATIONS).index(pre)], POPULATIONS[pre]
    return int(math.log1p(-p) / math.log1p(-1.0 / (n_pre * POPULATIONS[post])))


def mean_current(name: str, k_scale: float, drive: str) -> float:
    """Constant current in pA into a population: the DC background and what down-scaling of K takes away."""
    recurrent = sum(
        mean_weight(pre, name) * full_number(pre, name) / POPULATIONS[name] * rate for pre, rate in RATES.items()
    )
    background = unit_weight() * K_EXT[name] * RATE_EXT
    missing = 1.0 - math.sqrt(k_scale)
    # The DC background is not scaled, so nothing of it is missing.
    return 0.001 * TAU_SYN * (missing * recurrent + (background if drive == "dc" else missing * background))


def _add_neurons(network: Network, name: str, n: int, k_scale: float, drive: str, initial: str) -> Population:
    values: dict[str, Any] = {**NEURON, "i_ext": mean_current(name, k_scale, drive)}
    if drive == "poisson":
        values |= {"w_ext": unit_weight() / math.sqrt(k_scale), "k_ext": K_EXT[name] * k_scale}
    v = normal(*(OPTIMIZED[name] if initial == "optimized" else ORIGINAL))
    population: Population = network.add(LIF if drive == "dc" else DRIVEN, n, name=name, v=v, **values)
    return population


def _connect(network: Network, pre: Population, post: Population, number: int, k_scale: float) -> None:
    weight = mean_weight(pre.name, post.name) / math.sqrt(k_scale)
    bound = {"low": 0.0} if weight > 0 else {"high": 0.0}
    mean, std = DELAYS["I" if pre.name.endswith("I") else "E"]
    network.connect(
        pre, post, FixedTotalNumber(number), target="i_syn", name=f"{pre.name}_{post.name}",
        weight=normal(weight, SPREAD * abs(weight), **bound),
        delay=normal(mean, std, low=math.nextafter(network.dt / 2, math.inf)),  # rounds to dt at least
    )  # fmt: skip


def _size(name: str, full: int, scale: float) -> int:
    size = round(full * scale)
    if not size:
        raise NeuroclError(f"microcircuit: scale = {scale:g} leaves {name} without neurons; choose a larger one.")
    return size


def _fraction(name: str, value: Any) -> float:
    number = finite_number("microcircuit", name, value)
    if not 0.0 < number <= 1.0:
        raise NeuroclError(f"microcircuit: {name} must lie in (0, 1], got {value!r}.")
    return number
