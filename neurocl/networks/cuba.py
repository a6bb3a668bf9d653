"""CUBA: a balanced random network with current-based synapses.

Membrane     tau_mem dv/dt = v_leak - v + g_e + g_i,   held while refractory
Synapses     tau_e dg_e/dt = -g_e, tau_i dg_i/dt = -g_i; a spike adds 1.62 mV to g_e or -9 mV to g_i
Spike        v > -50 mV, then v <- -60 mV for 5 ms; v_leak = -49 mV lies above threshold, so no input is needed
Wiring       80 % excitatory (first), 20 % inhibitory; each ordered pair with probability 80 / n, autapses included
Rate         5.4 to 5.8 Hz over the first second
Units        time ms, voltage mV
Source       Vogels & Abbott (2005), J. Neurosci. 25:10786; benchmark 2 of Brette et al. (2007), J. Comput.
             Neurosci. 23:349.
"""

from __future__ import annotations

from neurocl.core._checks import whole_number
from neurocl.core.connectivity import FixedProbability
from neurocl.core.distributions import uniform
from neurocl.core.model import NeuronModel
from neurocl.core.network import Network

__all__ = ["cuba"]

SYNAPSES_PER_NEURON = 80

NEURON = NeuronModel(
    name="cuba",
    doc="Leaky integrate-and-fire neuron of the CUBA benchmark (Brette et al. 2007); targets g_e and g_i, mV.",
    equations="""
        dv/dt   = (v_leak - v + g_e + g_i) / tau_mem : mV (unless refractory)
        dg_e/dt = -g_e / tau_e                       : mV
        dg_i/dt = -g_i / tau_i                       : mV
    """,
    threshold="v > v_th", reset="v = v_reset", refractory="t_ref",
    parameters={
        "tau_mem": 20.0, "tau_e": 5.0, "tau_i": 10.0, "v_leak": -49.0, "v_th": -50.0, "v_reset": -60.0, "t_ref": 5.0,
    },
    require="tau_mem > 0; tau_e > 0; tau_i > 0",
)  # fmt: skip


def cuba(n: int = 4000, dt: float = 0.1) -> Network:
    """The CUBA network with one population "neurons" and projections "exc" and "inh".

    Parameters
    ----------
    n : number of neurons, at least 80 (each receives 80 synapses on average). Default 4000.
    dt : time step in ms. Default 0.1.

    Returns
    -------
    Network

    Raises
    ------
    NeuroclError
        If `n` is below 80, or `dt` is not positive.

    Examples
    --------
    >>> sim = cuba().build(seed=1)
    >>> sim.run(1000.0, record={"neurons": "spikes"})["neurons"].spikes.mean_rate()  # doctest: +SKIP
    5.6
    """
    n = whole_number("cuba", "n", n, at_least=SYNAPSES_PER_NEURON)
    network = Network(dt=dt)
    neurons = network.add(NEURON, n, name="neurons", v=uniform(-60, -50))
    n_exc = round(0.8 * n)
    wiring = FixedProbability(SYNAPSES_PER_NEURON / n)
    network.connect(neurons[:n_exc], neurons, wiring, target="g_e", weight=1.62, name="exc")
    network.connect(neurons[n_exc:], neurons, wiring, target="g_i", weight=-9.0, name="inh")
    return network
