"""Izhikevich's network of 1000 pulse-coupled neurons, whose rhythms come and go like those of cortex.

Step         dt = 1 ms, as published: i_syn += noise N(0, 1); twice v += 0.5 (0.04 v^2 + 5 v + 140 - u + i_syn);
             u += a (b v - u); i_syn = 0; then v >= 30 is a spike: v <- c, u <- u + d
Excitatory   800 neurons, a = 0.02, b = 0.2, c = -65 + 15 r^2, d = 8 - 6 r^2, noise 5, weights uniform in [0, 0.5];
             r = 0 is regular spiking, r = 1 chattering
Inhibitory   200 neurons, a = 0.02 + 0.08 r, b = 0.25 - 0.05 r, c = -65, d = 2, noise 2, weights uniform in [-1, 0];
             r = 0 is low-threshold spiking, r = 1 fast spiking
Wiring       all to all (or each pair with probability p), autapses included; r uniform in [0, 1] per neuron. A spike
             acts in the next step
Start        v = -65, u = b v
Rate         7 to 8 Hz over the first second, in rhythms of about 10 Hz (alpha) and 40 Hz (gamma); 10 000 neurons with
             p = 0.01 (weights ten times the paper's): 20 to 22 Hz
Units        time ms, voltage mV, u, currents and weights mV/ms
Source       Izhikevich (2003), IEEE Trans. Neural Netw. 14:1569, with its program.
"""

from __future__ import annotations

from neurocl.core._checks import probability, whole_number
from neurocl.core.connectivity import AllToAll, FixedProbability
from neurocl.core.distributions import uniform
from neurocl.core.errors import NeuroclError
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network

__all__ = ["izhikevich"]

NEURON = NeuronModel(
    name="izhikevich_cortical",
    doc="Izhikevich's neuron (2003) of random type r with thalamic noise, the published 1 ms script; target i_syn.",
    equations="""
        a = a_0 + a_r * r : 1/ms
        b = b_0 + b_r * r : 1/ms
        c = c_0 + c_r * r**2 : mV
        d = d_0 + d_r * r**2 : mV/ms
        v : mV
        u : mV/ms
        i_syn : mV/ms
    """,
    update="""
        i_syn += noise * randn()
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn)
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i_syn)
        u += a * (b * v - u)
        i_syn = 0
    """,
    threshold="v >= v_peak", reset="v = c; u += d",
    parameters={
        "r": 0.0, "a_0": 0.02, "a_r": 0.0, "b_0": 0.2, "b_r": 0.0, "c_0": -65.0, "c_r": 0.0, "d_0": 8.0, "d_r": 0.0,
        "v_peak": 30.0, "noise": 0.0,
    },
    initial={"v": -65.0, "u": "(b_0 + b_r * r) * -65"}, dt=1.0,
)  # fmt: skip


def izhikevich(n: int = 1000, p: float = 1.0) -> Network:
    """The network with populations "exc" and "inh" and projections "ee", "ei", "ie" and "ii" (from, to).

    Parameters
    ----------
    n : number of neurons, at least 5, of which 80 % are excitatory. Default 1000. The weights are those of the paper
        times 1000 / (p n), so that the mean input of a neuron stays the same; there are p times n squared synapses.
    p : probability of each connection, in (0, 1]. Default 1: all to all.

    Returns
    -------
    Network
        Its time step is 1 ms.

    Raises
    ------
    NeuroclError
        If `n` is below 5, or `p` is no probability above 0.

    Examples
    --------
    >>> sim = izhikevich().build(seed=1)
    >>> out = sim.run(1000.0, record={"exc": "spikes", "inh": "spikes"})  # doctest: +SKIP
    """
    n = whole_number("izhikevich", "n", n, at_least=5)
    if not probability("izhikevich", "p", p):
        raise NeuroclError("izhikevich: p must be above 0, got 0; for a network without synapses leave them out")
    n_exc, r = round(0.8 * n), uniform(0, 1)
    network = Network(dt=1.0)
    exc = network.add(NEURON, n_exc, name="exc", r=r, c_r=15.0, d_r=-6.0, noise=5.0)
    inh = network.add(NEURON, n - n_exc, name="inh", r=r, a_r=0.08, b_0=0.25, b_r=-0.05, d_0=2.0, noise=2.0)
    rule, unit = AllToAll() if p == 1 else FixedProbability(p), 1000 / (p * n)
    for pre, weight in ((exc, uniform(0, 0.5 * unit)), (inh, uniform(-unit, 0))):
        for post in (exc, inh):
            network.connect(pre, post, rule, target="i_syn", weight=weight, name=f"{pre.name[0]}{post.name[0]}")
    return network
