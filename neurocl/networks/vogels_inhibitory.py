"""Inhibitory plasticity balances a recurrent network: excitatory neurons converge to a target rate.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + g_e (e_e - v) + g_i (e_i - v) + 200 pA,   held while refractory
Synapses     tau_e dg_e/dt = -g_e, tau_i dg_i/dt = -g_i; a spike adds 0.3 nS to g_e; 3 nS (I -> I) or w (I -> E) to g_i
Spike        v >= -50 mV, then v <- -60 mV for 5 ms; v_leak = -60 mV
Constants    c_mem 200 pF, g_leak 10 nS (time constant 20 ms), e_e 0, e_i -80 mV, tau_e 5, tau_i 10 ms
Wiring       80 % excitatory (first), 20 % inhibitory; each ordered pair with probability 200 / n (2 % of the published
             10 000 neurons), so that neurons of smaller networks have as many synapses
Plasticity   w from 0 nS; a pre or post spike adds eta times the other side's trace, a pre spike takes 2 eta rate tau;
             tau = 20 ms, 0 <= w <= 100 nS
Result       without inhibition onto them, excitatory neurons fire fast and together; then each one's inhibition grows
             until it fires at the target rate, and all fire irregularly. The rate settles at rate / c, where c is the
             number of pairs (weighted by their distance) in units of that of independent firing: 0.87 at 2000 neurons,
             because an inhibitory spike silences its targets for a while
Units        time ms, voltage mV, conductance nS, current pA, capacitance pF, rate Hz
Source       Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569; target 5 Hz, eta as in Brian's
             example of this network.
"""

from __future__ import annotations

from neurocl.core._checks import non_negative_number, positive_number, whole_number
from neurocl.core.connectivity import FixedProbability
from neurocl.core.distributions import uniform
from neurocl.core.network import Network
from neurocl.models.conductance import ConductanceLIF
from neurocl.models.vogels import VogelsInhibitory

__all__ = ["vogels_inhibitory"]

SYNAPSES_PER_NEURON = 200
I_EXT = 200.0  # pA
WEIGHT_EXC, WEIGHT_INH = 0.3, 3.0  # nS


def vogels_inhibitory(n: int = 10_000, rate: float = 5.0, eta: float = 0.01, dt: float = 0.1) -> Network:
    """The network with one population "neurons" and projections "exc", "inh_inh" and the plastic "inh_exc".

    Parameters
    ----------
    n : number of neurons, at least 200. Default 10 000.
    rate : target of the excitatory neurons, Hz. Default 5.
    eta : weight gained by a pair at no distance, nS; 0 stops learning. Default 0.01.
    dt : time step in ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        If `n` is below 200, `rate` or `dt` is not positive, or `eta` is negative.

    Examples
    --------
    >>> sim = vogels_inhibitory(n=2000).build(seed=1)
    >>> sim.run(20_000.0)  # doctest: +SKIP
    >>> sim.run(5000.0, record={"neurons": "counts"})["neurons"].counts()[:1600].mean() / 5.0  # doctest: +SKIP
    5.0
    """
    n = whole_number("vogels_inhibitory", "n", n, at_least=SYNAPSES_PER_NEURON)
    rate = positive_number("vogels_inhibitory", "rate", rate)
    eta = non_negative_number("vogels_inhibitory", "eta", eta)
    network = Network(dt=dt)
    neurons = network.add(ConductanceLIF, n, name="neurons", i_ext=I_EXT, v=uniform(-60.0, -50.0))
    exc, inh = neurons[: round(0.8 * n)], neurons[round(0.8 * n) :]
    wiring = FixedProbability(SYNAPSES_PER_NEURON / n)
    network.connect(exc, neurons, wiring, target="g_e", weight=WEIGHT_EXC, name="exc")
    network.connect(inh, inh, wiring, target="g_i", weight=WEIGHT_INH, name="inh_inh")
    network.connect(
        inh, exc, wiring, target="g_i", weight=0.0, synapse=VogelsInhibitory, name="inh_exc", rate=rate, eta=eta
    )
    return network
