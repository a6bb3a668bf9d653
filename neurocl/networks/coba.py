"""COBA: a balanced random network with conductance-based synapses.

Membrane     c_mem dv/dt = g_leak (v_leak - v) + g_e (e_e - v) + g_i (e_i - v) + i_ext,   held while refractory
Synapses     tau_e dg_e/dt = -g_e, tau_i dg_i/dt = -g_i; a spike adds 6 nS to g_e or 67 nS to g_i
Spike        v >= -50 mV, then v <- -60 mV for 5 ms; v_leak = -60 mV
Constants    c_mem 200 pF, g_leak 10 nS (time constant 20 ms), e_e 0, e_i -80 mV, tau_e 5, tau_i 10 ms
Start        v from N(-55, 5) mV, g_e from N(40, 15) and g_i from N(200, 120) nS, both not below 0
Wiring       80 % excitatory (first), 20 % inhibitory; each ordered pair with probability 80 / n, autapses included
Drive        i_ext = 200 pA (20 mV across the leak), so that activity cannot die out; without it, whether the network
             keeps firing depends on the start
Rate         19 to 22 Hz over the first second, with the drive; single wirings differ by 1.3 Hz (standard deviation)
Units        time ms, voltage mV, conductance nS, current pA, capacitance pF
Source       Vogels & Abbott (2005), J. Neurosci. 25:10786; benchmark 1 of Brette et al. (2007), J. Comput.
             Neurosci. 23:349.
"""

from __future__ import annotations

from neurocl.core._checks import finite_number, whole_number
from neurocl.core.connectivity import FixedProbability
from neurocl.core.distributions import normal
from neurocl.core.network import Network
from neurocl.models.conductance import ConductanceLIF

__all__ = ["coba"]

SYNAPSES_PER_NEURON = 80


def coba(n: int = 4000, i_ext: float = 200.0, dt: float = 0.1) -> Network:
    """The COBA network with one population "neurons" and projections "exc" and "inh".

    Parameters
    ----------
    n : number of neurons, at least 80 (each receives 80 synapses on average). Default 4000.
    i_ext : constant current into every neuron, pA. Default 200.
    dt : time step in ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        If `n` is below 80, `dt` is not positive, or `i_ext` is not finite.

    Examples
    --------
    >>> sim = coba().build(seed=1)
    >>> sim.run(1000.0, record={"neurons": "spikes"})["neurons"].spikes.mean_rate()  # doctest: +SKIP
    20.5
    """
    n = whole_number("coba", "n", n, at_least=SYNAPSES_PER_NEURON)
    network = Network(dt=dt)
    neurons = network.add(
        ConductanceLIF, n, name="neurons", i_ext=finite_number("coba", "i_ext", i_ext), v=normal(-55, 5),
        g_e=normal(40, 15, low=0), g_i=normal(200, 120, low=0),
    )  # fmt: skip
    n_exc = round(0.8 * n)
    wiring = FixedProbability(SYNAPSES_PER_NEURON / n)
    network.connect(neurons[:n_exc], neurons, wiring, target="g_e", weight=6.0, name="exc")
    network.connect(neurons[n_exc:], neurons, wiring, target="g_i", weight=67.0, name="inh")
    return network
